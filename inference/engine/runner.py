"""The seam between scheduling and arithmetic: sequences go in, drawn token ids come out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from inference.engine.sequence import SamplingSettings


@dataclass(frozen=True, slots=True)
class Draw:
    """How to draw the token at `position` (0 for the first generated one) of one sequence."""

    settings: SamplingSettings
    position: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn token: raw log-probability, rank from 1, and the most probable alternatives."""

    id: int
    logprob: float
    rank: int
    top_ids: tuple[int, ...]
    top_logprobs: tuple[float, ...]


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

    def reserve(self, slots: int) -> None:
        """Make room for `slots` sequences; called once, before anything else."""

    def prefill(
        self, slot: int, tokens: Sequence[int], start: int, draw: Draw | None
    ) -> Drawn | Failure | None:
        """Read `tokens` into a slot from position `start`; with `draw`, draw what follows."""

    def decode(self, rows: Sequence[Row]) -> list[Drawn | Failure]:
        """Append each row's token to its slot and draw the next, all rows in one pass."""

    def release(self, slot: int) -> None:
        """Forget what the slot holds."""

    def reset(self) -> None:
        """Forget every slot, after a step that broke down half-way."""
