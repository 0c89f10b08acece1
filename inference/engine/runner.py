"""The seam between scheduling and arithmetic: sequences go in, drawn token ids come out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from inference.engine.sequence import SamplingSettings


@dataclass(slots=True)
class History:
    """The tokens of one sequence, kept for the penalties: which there are, how often written."""

    seen: set[int]
    written: Counter[int] = field(default_factory=Counter)

    def add(self, token: int) -> None:
        """Take note of one more written token."""
        self.seen.add(token)
        self.written[token] += 1


@dataclass(frozen=True, slots=True)
class Draw:
    """How to draw the token at `position` (0 for the first generated one) of one sequence.

    `history` is there if the settings penalise, and only then.
    """

    settings: SamplingSettings
    position: int
    history: History | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn token: raw log-probability, rank from 1, and the most probable alternatives.

    `sampled` and `top_sampled` are the probabilities of the token and the alternatives in the
    distribution that was drawn from, if the settings ask for them.
    """

    id: int
    logprob: float
    rank: int
    top_ids: tuple[int, ...]
    top_logprobs: tuple[float, ...]
    sampled: float | None = None
    top_sampled: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Peeked:
    """The tokens most likely to come next, in descending order, with logits and log-softmax."""

    ids: tuple[int, ...]
    logits: tuple[float, ...]
    logprobs: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why one sequence cannot go on, in a sentence; its neighbours are not concerned."""

    error: str


@dataclass(frozen=True, slots=True)
class Row:
    """One sequence of a decode step: its slot, its newest token and how to draw the next."""

    slot: int
    token: int
    draw: Draw


class Runner(Protocol):
    """Computes next tokens for sequences that live in numbered slots of its memory."""

    @property
    def vocabulary(self) -> int:
        """How many token ids there are; each is below this number."""

    def reserve(self, slots: int) -> None:
        """Make room for `slots` sequences; called once, before anything else."""

    def prefill(
        self, slot: int, tokens: Sequence[int], start: int, draw: Draw | None
    ) -> Drawn | Failure | None:
        """Read `tokens` into a slot from position `start`; with `draw`, draw what follows."""

    def score(
        self, slot: int, tokens: Sequence[int], start: int, targets: Sequence[int], count: int
    ) -> list[Drawn] | Failure:
        """Prefill, and say of each token how probable its target, the one after it, was.

        The targets come as if they had been drawn, each with `count` alternatives.
        """

    def peek(self, slot: int, tokens: Sequence[int], start: int, count: int) -> Peeked | Failure:
        """Prefill, and say which `count` tokens are most likely to follow the last one."""

    def decode(self, rows: Sequence[Row]) -> list[Drawn | Failure]:
        """Append each row's token to its slot and draw the next, all rows in one pass."""

    def release(self, slot: int) -> None:
        """Forget what the slot holds."""

    def reset(self) -> None:
        """Forget every slot, after a step that broke down half-way."""
