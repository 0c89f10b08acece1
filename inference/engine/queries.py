"""Questions about a prompt instead of an answer to it: how probable it is, what could follow."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Protocol

from inference.engine.errors import InvalidRequest, QueryFailed
from inference.engine.model import Tokenizer
from inference.engine.runner import Drawn, Failure, Peeked, Runner
from inference.engine.sequence import MOST_ALTERNATIVES, Ended, Message, Token
from inference.engine.transcript import described

MOST_CANDIDATES = 200
GRACE_S = 10.0
TOO_LATE = "The engine did not get to this question in time. Ask again later."

Prompt = Sequence[Message] | str
"""A conversation, which goes through the chat template, or a text, which is taken as it is."""


@dataclass(frozen=True, slots=True)
class Scoring:
    """How probable a model finds a text: every token but the first, before which there is nothing.

    The opening and the texts of the tokens together are the text, without control tokens.
    """

    opening_id: int
    opening: str
    tokens: tuple[Token, ...]

    @property
    def logprob(self) -> float:
        """The natural log-probability of all the tokens together."""
        return math.fsum(token.logprob for token in self.tokens)

    @property
    def perplexity(self) -> float:
        """e to the mean negative log-probability per token; 1 for a text without surprise."""
        return math.exp(-self.logprob / len(self.tokens))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A token that may come next, with its raw logit and its natural log-probability."""

    id: int
    text: str
    logit: float
    logprob: float


class Query(Protocol):
    """What to find out while a prompt is read, piece by piece."""

    def read(
        self, runner: Runner, slot: int, tokens: Sequence[int], start: int, *, is_last: bool
    ) -> Failure | None:
        """Read a piece of the prompt into a slot and keep what it says."""


class Score:
    """Finds out how probable each token of a text is, given those before it."""

    def __init__(self, ids: list[int], alternatives: int) -> None:
        if len(ids) < 2:
            raise InvalidRequest("A text of one token has nothing to score. Write more.")
        if not 0 <= alternatives <= MOST_ALTERNATIVES:
            raise InvalidRequest(f"top_logprobs must be between 0 and {MOST_ALTERNATIVES}.")
        self._ids = ids
        self._alternatives = alternatives
        self._scored: list[Drawn] = []

    def read(
        self, runner: Runner, slot: int, tokens: Sequence[int], start: int, *, is_last: bool
    ) -> Failure | None:
        targets = self._ids[start + 1 : start + 1 + len(tokens)]
        outcome = runner.score(slot, tokens, start, targets, self._alternatives)
        if isinstance(outcome, Failure):
            return outcome
        self._scored += outcome
        return None

    def result(self, tokenizer: Tokenizer) -> Scoring:
        """Everything that was found out, in words."""
        detokenizer = tokenizer.detokenizer()
        texts = [detokenizer.push(token) for token in self._ids]
        texts[-1] += detokenizer.flush()
        pairs = zip(self._scored, texts[1:], strict=True)
        tokens = tuple(described(drawn, text, tokenizer) for drawn, text in pairs)
        return Scoring(self._ids[0], texts[0], tokens)


class Peek:
    """Finds out which tokens are most likely to follow a text."""

    def __init__(self, count: int) -> None:
        if not 1 <= count <= MOST_CANDIDATES:
            raise InvalidRequest(f"count must be between 1 and {MOST_CANDIDATES}.")
        self._count = count
        self._peeked = Peeked((), (), ())

    def read(
        self, runner: Runner, slot: int, tokens: Sequence[int], start: int, *, is_last: bool
    ) -> Failure | None:
        if not is_last:
            runner.prefill(slot, tokens, start, None)
            return None
        outcome = runner.peek(slot, tokens, start, self._count)
        if isinstance(outcome, Failure):
            return outcome
        self._peeked = outcome
        return None

    def result(self, tokenizer: Tokenizer) -> tuple[Candidate, ...]:
        """What may come next, the most probable first."""
        found = zip(self._peeked.ids, self._peeked.logits, self._peeked.logprobs, strict=True)
        return tuple(Candidate(id, tokenizer.piece(id), *numbers) for id, *numbers in found)


class Reply:
    """Where the thread that asks waits for the engine."""

    def __init__(self, stop: Callable[[], None]) -> None:
        self._inbox: SimpleQueue[Drawn | Ended] = SimpleQueue()
        self._stop = stop

    def deliver(self, event: Drawn | Ended) -> None:
        """Called by the engine; never blocks."""
        self._inbox.put(event)

    def wait(self, deadline_s: float) -> None:
        """Return once everything is found out; raises QueryFailed if it never will be."""
        try:
            event = self._inbox.get(timeout=deadline_s + GRACE_S)
        except Empty as error:
            self._stop()
            raise QueryFailed(TOO_LATE) from error
        if isinstance(event, Ended) and event.reason != "stop":
            raise QueryFailed(event.error or TOO_LATE)


def encoded(prompt: Prompt, tokenizer: Tokenizer) -> list[int]:
    """The ids of a conversation or of a plain text; raises EmptyPrompt and PromptRefused."""
    if isinstance(prompt, str):
        return tokenizer.encode_text(Message("user", prompt).content)  # whole characters only
    return tokenizer.encode(prompt)
