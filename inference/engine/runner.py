"""The seam between scheduling and arithmetic: sequences go in, drawn token ids come out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

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

    @property
    def bytes_per_token(self) -> int:
        """How much memory a token takes, known once slots are reserved."""

    @property
    def budget(self) -> int:
        """How many bytes all sequences and kept prefixes may take."""

    @property
    def prefix_block(self) -> int:
        """In pieces of how many tokens a prompt can be kept for later; 0 for not at all."""

    @property
    def is_exact(self) -> bool:
        """Whether a token has the same keys and values whether it was read or written."""

    def reserve(self, slots: int, budget: int | None = None) -> None:
        """Make room for `slots` sequences; called once, before anything else.

        `budget` in bytes bounds the memory; if it is not given, half of what is free does.
        """

    def save(self, slot: int, start: int, end: int) -> Any:
        """A copy of what a slot holds from `start` to `end`, both multiples of the block."""

    def restore(self, slot: int, start: int, saved: Any) -> None:
        """Put a copy back into any slot, at the positions it came from, behind the one before."""

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
