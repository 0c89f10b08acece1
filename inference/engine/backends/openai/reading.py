"""Reads the event stream of a chat completion: text, log-probabilities, usage, end."""

import codecs
import json
import math
from collections.abc import Iterable, Iterator
from typing import Any

from inference.engine.errors import UpstreamFailed
from inference.engine.sequence import Alternative, Chunk, Token

MOST_LINE = 2**20
MOST_BYTES = 2**24
NONSENSE = "The model server answered with something that is no chat completion."
UNKNOWN = -1  # the ids of tokens stay on the server


def lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """The data of each event (WHATWG HTML, 9.2); raises UpstreamFailed beyond the caps."""
    rest, total = b"", 0
    for piece in pieces:
        total += len(piece)
        rest += piece
        *whole, rest = rest.split(b"\n")
        if total > MOST_BYTES or len(rest) > MOST_LINE:
            raise UpstreamFailed("The model server sent more than an answer can be long.")
        for line in whole:
            key, _, value = line.strip(b"\r").partition(b":")
            if key == b"data":
                yield value.strip().decode("utf-8", errors="replace")


class Reading:
    """One answer as it arrives."""

    def __init__(self) -> None:
        self.reason = ""
        self.prompt_tokens = 0
        self.cached_tokens = 0
        self.completion_tokens = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def take(self, data: str) -> Chunk | None:
        """What an event adds to the answer; raises UpstreamFailed if it makes no sense."""
        try:
            event = json.loads(data)
            return self._taken(event)
        except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
            raise UpstreamFailed(NONSENSE) from error

    def _taken(self, event: dict[str, Any]) -> Chunk | None:
        if event.get("error"):
            raise UpstreamFailed("The model server broke the answer off with an error.")
        if usage := event.get("usage"):
            self._count(usage)
        choices = event.get("choices") or []
        if not choices:
            return None
        choice = choices[0]
        if reason := choice.get("finish_reason"):
            self.reason = "length" if reason == "length" else "stop"
        text = (choice.get("delta") or {}).get("content") or choice.get("text") or ""
        if not isinstance(text, str):
            raise UpstreamFailed(NONSENSE)
        tokens = tuple(self._tokens((choice.get("logprobs") or {}).get("content") or []))
        if text and not usage:
            self.completion_tokens += max(1, len(tokens))
        if "".join(token.text for token in tokens) != text:
            tokens = ()  # what does not spell the text would mislead
        return Chunk(text, tokens) if text or tokens else None

    def _count(self, usage: dict[str, Any]) -> None:
        self.prompt_tokens = int(usage.get("prompt_tokens") or 0)
        self.completion_tokens = int(usage.get("completion_tokens") or 0)
        details = usage.get("prompt_tokens_details") or {}
        self.cached_tokens = int(details.get("cached_tokens") or 0)

    def _tokens(self, content: list[dict[str, Any]]) -> Iterator[Token]:
        for one in content:
            raw = one.get("bytes")
            text = self._decoder.decode(bytes(raw)) if raw is not None else one["token"]
            logprob = _number(one["logprob"])
            top = tuple(
                Alternative(UNKNOWN, str(other["token"]), _number(other["logprob"]))
                for other in one.get("top_logprobs") or []
            )
            yield Token(UNKNOWN, text, logprob, _rank(logprob, top), top)


def _number(value: Any) -> float:
    number = float(value)
    return number if math.isfinite(number) else -99.0


def _rank(logprob: float, top: tuple[Alternative, ...]) -> int:
    """Its place among the alternatives; behind them all if it is none of them."""
    return 1 + sum(other.logprob > logprob for other in top)
