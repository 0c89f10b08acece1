"""An engine that asks another server: the same answers and ends, over HTTP."""

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from time import monotonic, sleep
from typing import Any

import httpx

from inference.engine.backends.openai.address import checked, resolve
from inference.engine.backends.openai.reading import Reading, lines
from inference.engine.errors import (
    EngineClosed,
    EngineError,
    InvalidRequest,
    UpstreamFailed,
    UpstreamRefused,
)
from inference.engine.sequence import Chunk, Ended, Request, Timings, Usage

logger = logging.getLogger(__name__)

CONNECT_S = 5.0
SILENCE_S = 30.0
PAUSES_S = (0.3, 1.0)
BUSY = (429, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class Upstream:
    """A server and one of its models; the key is shown to nobody but the server."""

    base: str
    model: str
    key: str = ""
    allow_private: bool = False

    def __repr__(self) -> str:
        return f"Upstream({self.base}, {self.model})"


class UpstreamAnswer:
    """The reader's side of one request, fed by a thread of its own."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.is_stopped = threading.Event()
        self.ended: Ended | None = None
        self._inbox: SimpleQueue[Chunk | Ended] = SimpleQueue()

    def get(self, timeout: float) -> Chunk | Ended | None:
        """See Answer.get."""
        if self.ended is not None:
            return self.ended
        try:
            event = self._inbox.get(timeout=timeout)
        except Empty:
            return None
        if isinstance(event, Ended):
            self.ended = event
        return event

    def __iter__(self) -> Iterator[Chunk]:
        while not isinstance(event := self.get(timeout=1.0), Ended):
            if event is not None:
                yield event

    def stop(self) -> None:
        """Close the connection at the next piece; servers stop computing then."""
        self.is_stopped.set()

    def put(self, event: Chunk | Ended) -> None:
        """Called by the thread that reads."""
        self._inbox.put(event)


class UpstreamEngine:
    """Asks `slots` questions at a time; further ones wait."""

    def __init__(self, upstream: Upstream, slots: int) -> None:
        base = checked(upstream.base, allow_private=upstream.allow_private)
        self.upstream = replace(upstream, base=base)
        self._slots = threading.BoundedSemaphore(slots)
        self._lock = threading.Lock()
        self._running = self._waiting = 0
        self._is_closed = False

    @property
    def load(self) -> tuple[int, int]:
        return self._running, self._waiting

    @property
    def is_alive(self) -> bool:
        return not self._is_closed

    def ask(self, request: Request) -> UpstreamAnswer:
        """Send a question; whatever goes wrong is the end of its answer, in words."""
        if self._is_closed:
            raise EngineClosed
        if request.generated:
            raise InvalidRequest(
                "This model runs on another server, which cannot continue from a token. Ask anew."
            )
        answer = UpstreamAnswer(request)
        threading.Thread(target=self._answer, args=(answer,), daemon=True).start()
        return answer

    def close(self, timeout: float = 10.0) -> None:
        """Take no more questions."""
        self._is_closed = True

    def _answer(self, answer: UpstreamAnswer) -> None:
        asked_at = monotonic()
        self._count(0, 1)
        with self._slots:
            self._count(1, -1)
            conversation = Conversation(self.upstream, answer, asked_at)
            try:
                reason, error = conversation.run(), ""
            except EngineError as failure:
                reason, error = "failed", str(failure)
            except Exception:
                logger.exception("Asking the model server failed.")
                reason, error = "failed", "The model server could not be asked. Try again later."
            self._count(-1, 0)
        answer.put(Ended(reason, conversation.usage, conversation.timings, error))

    def _count(self, running: int, waiting: int) -> None:
        with self._lock:
            self._running += running
            self._waiting += waiting


class Conversation:
    """One request to the server, tried again only while nothing of an answer has arrived."""

    def __init__(self, upstream: Upstream, answer: UpstreamAnswer, asked_at: float) -> None:
        self._upstream = upstream
        self._answer = answer
        self._asked_at = asked_at
        self._began_at = monotonic()
        self._first_at = 0.0
        self._reading = Reading()

    def run(self) -> str:
        """How it ended: stop, length, stopped or deadline; raises UpstreamFailed in words."""
        for pause in (*PAUSES_S, None):
            try:
                return self._once()
            except httpx.HTTPError as error:
                why: EngineError = UpstreamFailed(_sentence(error))
            except UpstreamBusy as error:
                why = error
            if pause is None or self._first_at or self._is_over():
                raise why
            sleep(pause)
        raise AssertionError

    def _once(self) -> str:
        upstream = self._upstream
        target = resolve(upstream.base, "/chat/completions", allow_private=upstream.allow_private)
        headers = {
            "Host": target.host,
            "Accept": "text/event-stream",
            "Accept-Encoding": "identity",
        }
        if upstream.key:
            headers["Authorization"] = f"Bearer {upstream.key}"
        timeout = httpx.Timeout(min(SILENCE_S, self._left()), connect=CONNECT_S)
        with (
            httpx.Client(follow_redirects=False, trust_env=False, timeout=timeout) as client,
            client.stream(
                "POST",
                target.url,
                json=body_of(self._answer.request, upstream.model),
                headers=headers,
                extensions={"sni_hostname": target.name},
            ) as response,
        ):
            _check(response)
            return self._read(response.iter_raw())

    def _read(self, pieces: Iterator[bytes]) -> str:
        for data in lines(self._watched(pieces)):
            if data == "[DONE]":
                break
            chunk = self._reading.take(data)
            if chunk is not None:
                self._first_at = self._first_at or monotonic()
                self._answer.put(chunk)
        if self._answer.is_stopped.is_set():
            return "stopped"
        if self._left() <= 0:
            return "deadline"
        if not self._reading.reason:
            raise UpstreamFailed("The model server broke off in the middle of the answer.")
        return self._reading.reason

    def _watched(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The pieces until the reader stops or the time is over."""
        for piece in pieces:
            if self._is_over():
                return
            yield piece

    def _is_over(self) -> bool:
        return self._answer.is_stopped.is_set() or self._left() <= 0

    def _left(self) -> float:
        return self._asked_at + self._answer.request.deadline_s - monotonic()

    @property
    def usage(self) -> Usage:
        reading = self._reading
        return Usage(reading.prompt_tokens, reading.completion_tokens, reading.cached_tokens)

    @property
    def timings(self) -> Timings:
        now, first, count = monotonic(), self._first_at, self._reading.completion_tokens
        writing = now - first if first else 0.0
        return Timings(
            queue_s=self._began_at - self._asked_at,
            prefill_s=first - self._began_at if first else 0.0,
            first_token_s=first - self._asked_at if first else 0.0,
            total_s=now - self._asked_at,
            tokens_per_second=(count - 1) / writing if writing > 0 and count > 1 else 0.0,
        )


class UpstreamBusy(UpstreamFailed):
    """Asking again a little later may help."""


def body_of(request: Request, model: str) -> dict[str, Any]:
    """A request for the chat API; what not every server knows is sent only if it matters."""
    settings = request.settings
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": one.role, "content": one.content} for one in request.messages],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": settings.temperature,
        "top_p": settings.top_p,
        "max_tokens": settings.max_tokens,
        "seed": settings.seed % 2**31,
    }
    optional = {
        "stop": list(settings.stop),
        "logprobs": settings.top_logprobs > 0,
        "top_logprobs": settings.top_logprobs,
        "frequency_penalty": settings.frequency_penalty,
        "presence_penalty": settings.presence_penalty,
        "top_k": settings.top_k,
        "min_p": settings.min_p,
        "repetition_penalty": settings.repetition_penalty - 1 and settings.repetition_penalty,
        "ignore_eos": settings.ignore_eos,
        "logit_bias": {str(token): bias for token, bias in settings.logit_bias},
    }
    return body | {name: value for name, value in optional.items() if value}


def _check(response: httpx.Response) -> None:
    """Raise UpstreamFailed unless an answer follows."""
    status = response.status_code
    if status in BUSY:
        raise UpstreamBusy(f"The model server is busy or starting (status {status}). Try later.")
    if status in (401, 403):
        raise UpstreamRefused("The model server does not accept our key. Tell the operator.")
    if 300 <= status < 400:
        raise UpstreamRefused("The model server points elsewhere, which is not followed.")
    if status == 404:
        raise UpstreamRefused("The model server does not have this model. Tell the operator.")
    if status != 200:
        raise UpstreamFailed(f"The model server refused the question (status {status}).")
    if "event-stream" not in response.headers.get("Content-Type", ""):
        raise UpstreamFailed("The model server did not answer with a stream.")


def _sentence(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return "The model server cannot be reached. Try again later."
    if isinstance(error, httpx.TimeoutException):
        return "The model server fell silent. Try again later."
    return "The connection to the model server broke. Try again."
