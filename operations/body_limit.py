"""Refuses bodies that are too large before anything reads them, whatever they say of their size."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class BodyLimit:
    """ASGI middleware: `most` bytes for every path, less for the prefixes in `tighter`."""

    def __init__(self, app: App, most: int, tighter: dict[str, int]) -> None:
        self.app = app
        self.most = most
        self.tighter = tighter

    def limit_for(self, path: str) -> int:
        return next((n for prefix, n in self.tighter.items() if path.startswith(prefix)), self.most)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        limit = self.limit_for(scope["path"])
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > limit:
            return await refuse(send, limit)
        await _Counted(limit, receive, send).run(self.app, scope)


class _Counted:
    """One request whose body is counted as it arrives (chunked, or with an understated length)."""

    def __init__(self, limit: int, receive: Receive, send: Send) -> None:
        self.left = limit
        self.limit = limit
        self.receive = receive
        self.send = send
        self.is_refused = False
        self.has_started = False

    async def run(self, app: App, scope: Scope) -> None:
        await app(scope, self._receive, self._send)

    async def _receive(self) -> Message:
        message = await self.receive()
        if message["type"] == "http.request":
            self.left -= len(message.get("body", b""))
            if self.left < 0:
                if not self.has_started and not self.is_refused:
                    self.is_refused = True
                    await refuse(self.send, self.limit)
                return {"type": "http.disconnect"}
        return message

    async def _send(self, message: Message) -> None:
        if not self.is_refused:
            self.has_started = True
            await self.send(message)


async def refuse(send: Send, limit: int) -> None:
    """413 as JSON, in the shape of every other error."""
    sentence = f"That is too large: {limit // 1024} KB is the most that is read here."
    error = {"code": "too_large", "message": sentence, "field": "", "retry_after": None}
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps({"error": error}).encode()})
