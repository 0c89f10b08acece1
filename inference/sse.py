"""The event stream of a run: a small ASGI app in front of Django, one Redis reader per open tab."""

import asyncio
import logging
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any, Final
from urllib.parse import parse_qs

import redis.asyncio
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections

from inference import tickets
from inference.events import DELTA, RESET, Event
from inference.models import Run
from inference.streams import events_key

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

logger = logging.getLogger(__name__)

PATH: Final = re.compile(r"/runs/(?P<run_id>[0-9a-f]{32})/events")
LAST_ID: Final = re.compile(r"\d{1,6}-\d{1,9}")
BLOCK_MS: Final = 3000
SEND_PATIENCE_S: Final = 20.0
"""A reader that takes nothing for this long is cut off; it resumes with its last id."""
HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]

_open_streams: Counter[str] = Counter()
_clients: dict[asyncio.AbstractEventLoop, redis.asyncio.Redis] = {}


def _client() -> redis.asyncio.Redis:
    """One connection pool per event loop, large enough for every allowed stream to block in."""
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        _clients[loop] = redis.asyncio.Redis.from_url(
            settings.CELERY_BROKER_URL,
            max_connections=settings.MAX_STREAMS + 8,
            socket_connect_timeout=1,
            socket_timeout=BLOCK_MS / 1000 + 2,
        )
    return _clients[loop]


async def close() -> None:
    """Gives the connections of this event loop back."""
    client = _clients.pop(asyncio.get_running_loop(), None)
    if client is not None:
        await client.aclose()


def _stored_events(run_id: str) -> list[Event] | None:
    """A finished run as events made from its row; None while it has not ended."""
    try:
        run = Run.objects.filter(id=run_id).first()
    finally:
        connections.close_all()
    if run is None:
        return []
    if not run.is_ended:
        return None
    return [
        Event(RESET, {"attempt": run.attempt}),
        Event(DELTA, {"text": run.text, "tokens": run.tokens}),
        run.last_event(),
    ]


async def _replayed(run_id: str) -> list[bytes] | None:
    events = await sync_to_async(_stored_events, thread_sensitive=False)(run_id)
    return None if events is None else [event.as_sse() for event in events]


async def relay(run_id: str, last: str) -> AsyncIterator[bytes]:
    """Blocks of text/event-stream after the entry `last`, until the last event or a lost Redis."""
    yield b"retry: 1000\n\n"
    key, block = events_key(run_id), None
    while True:
        try:
            reply: Any = await _client().xread({key: last}, count=256, block=block)
        except (redis.RedisError, OSError) as error:
            logger.info("run %s: stream not readable: %s", run_id, error)
            for part in await _replayed(run_id) or []:
                yield part
            return
        entries = _entries(reply)
        for entry_id, fields in entries:
            last = entry_id.decode()
            event = Event.from_fields(fields)
            yield event.as_sse(last)
            if event.is_final:
                return
        if not entries:
            # Nothing new. The stream may be gone while the row knows the end.
            stored = await _replayed(run_id)
            if stored is not None:
                for part in stored:
                    yield part
                return
            yield b": still here\n\n"
        block = BLOCK_MS


def _entries(reply: Any) -> list[tuple[bytes, dict[bytes, bytes]]]:
    """The entries of an XREAD on one stream, in either protocol's shape."""
    if not reply:
        return []
    streams = next(iter(reply.values())) if isinstance(reply, dict) else reply[0][1]
    # RESP3 nests one list deeper than RESP2.
    return streams[0] if streams and isinstance(streams[0], list) else streams


def _header(scope: Scope, name: bytes) -> str:
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return ""


def _start_after(scope: Scope, query: dict[str, list[str]]) -> str:
    asked = _header(scope, b"last-event-id") or query.get("last", [""])[0]
    return asked if LAST_ID.fullmatch(asked) else "0-0"


async def _answer(send: Send, status: int, body: bytes, *extra: tuple[bytes, bytes]) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *extra]})
    await send({"type": "http.response.body", "body": body})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


async def _pump(run_id: str, last: str, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    async for part in relay(run_id, last):
        body = {"type": "http.response.body", "body": part, "more_body": True}
        await asyncio.wait_for(send(body), SEND_PATIENCE_S)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """GET /runs/<id>/events?ticket=…[&last=…]; the ticket proves that one may see the run."""
    match = PATH.fullmatch(scope["path"])
    query = parse_qs(scope["query_string"].decode("latin-1"))
    if _header(scope, b"sec-fetch-site") not in ("", "same-origin", "none"):
        return await _answer(send, 403, b"Only this site's own pages may read the stream.")
    if match is None or not tickets.is_valid(match["run_id"], query.get("ticket", [""])[0]):
        return await _answer(send, 404, b"There is no such stream.")
    if scope["method"] != "GET":
        return await _answer(send, 405, b"Use GET.", (b"allow", b"GET"))
    address = (scope.get("client") or ("unknown",))[0]
    if _open_streams.total() >= settings.MAX_STREAMS:
        return await _answer(send, 503, b"Too many open streams.", (b"retry-after", b"5"))
    if _open_streams[address] >= settings.MAX_STREAMS_PER_ADDRESS:
        return await _answer(send, 429, b"Too many open tabs.", (b"retry-after", b"5"))
    _open_streams[address] += 1
    try:
        await _serve(match["run_id"], _start_after(scope, query), receive, send)
    finally:
        _open_streams[address] -= 1
        if not _open_streams[address]:
            del _open_streams[address]


async def _serve(run_id: str, last: str, receive: Receive, send: Send) -> None:
    """Pumps until the end, a closed tab, or a reader that stopped reading."""
    pump = asyncio.create_task(_pump(run_id, last, send))
    gone = asyncio.create_task(_disconnected(receive))
    await asyncio.wait({pump, gone}, return_when=asyncio.FIRST_COMPLETED)
    for task in (pump, gone):
        task.cancel()
    results = await asyncio.gather(pump, gone, return_exceptions=True)
    for error in results:
        if isinstance(error, Exception) and not isinstance(error, TimeoutError | OSError):
            logger.error("run %s: stream broke", run_id, exc_info=error)
