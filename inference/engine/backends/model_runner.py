"""Runs a model for many sequences at once: a forward pass over slots, and the sampler after it."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from inference.engine.memory import available, usual_budget
from inference.engine.runner import Draw, Drawn, Failure, Peeked, Row
from inference.engine.scoring import peeked, scored

# Scoring needs logits after every token: so many at a time, or large vocabularies take much memory.
SCORED_AT_ONCE = 64


class Forward(Protocol):
    """A forward pass over slot memory: the plain one of transformers, or the compiled one."""

    is_exact: bool
    """Whether a row gets the same bits however its prompt is cut into pieces."""
    prefix_block: int
    """In pieces of how many tokens what was read is kept for others."""
    context: int

    @property
    def vocabulary(self) -> int: ...

    @property
    def bytes_per_token(self) -> int:
        """How much memory a token takes in all layers."""

    def prefill(self, slot: int, tokens: Sequence[int], start: int, keep: int = 1) -> Tensor:
        """Read a piece of a prompt into a slot; float32 logits (keep, vocabulary) of its end."""

    def decode(self, slots: Sequence[int], tokens: Sequence[int], lengths: Sequence[int]) -> Tensor:
        """Append one token to each slot; float32 logits (slots, vocabulary)."""

    def draw(self, logits: Tensor, draws: Sequence[Draw]) -> list[Drawn | Failure]:
        """Draw a token for each row of logits, by the rules of sampler.sample."""

    def save(self, slot: int, start: int, end: int) -> Any:
        """A copy of what a slot holds from `start` to `end`, both multiples of the block."""

    def restore(self, slot: int, start: int, saved: Any) -> None:
        """Put a copy back at the positions it came from, in any slot."""

    def release(self, slot: int, *, is_spoiled: bool = False) -> None:
        """Forget what the slot holds; `is_spoiled` if none of it may stay in memory."""


class ModelRunner:
    """A Runner over a forward pass, which `open_slots` makes for a number of slots."""

    def __init__(
        self, open_slots: Callable[[int], Forward], vocabulary: int, device: torch.device
    ) -> None:
        self._open_slots = open_slots
        self._vocabulary = vocabulary
        self._device = device
        self._slots = 0
        self._budget = 0
        self._lengths: dict[int, int] = {}
        self._spoiled: set[int] = set()

    @property
    def vocabulary(self) -> int:
        return self._vocabulary

    @property
    def bytes_per_token(self) -> int:
        return self.forward.bytes_per_token

    @property
    def budget(self) -> int:
        return self._budget

    @property
    def prefix_block(self) -> int:
        return self.forward.prefix_block

    @property
    def is_exact(self) -> bool:
        return self.forward.is_exact

    @torch.inference_mode()
    def reserve(self, slots: int, budget: int | None = None) -> None:
        """Allocate the slots; what nobody has written to yet takes no memory on a CPU."""
        free = available(self._device)
        self.forward = self._open_slots(slots)
        whole = slots * self.forward.context * self.forward.bytes_per_token
        self._budget = usual_budget(whole, free) if budget is None else budget
        self._is_scarce = whole > self._budget
        self._slots = slots
        self._lengths, self._spoiled = {}, set()

    @torch.inference_mode()
    def save(self, slot: int, start: int, end: int) -> Any:
        """A copy of what a slot holds."""
        return self.forward.save(slot, start, end)

    @torch.inference_mode()
    def restore(self, slot: int, start: int, saved: Any) -> None:
        """Put a copy back."""
        self.forward.restore(slot, start, saved)
        self._lengths[slot] = start + self.forward.prefix_block

    @torch.inference_mode()
    def prefill(
        self, slot: int, tokens: Sequence[int], start: int, draw: Draw | None
    ) -> Drawn | Failure | None:
        """Read a piece of a prompt."""
        logits = self._read(slot, tokens, start)
        return self._drawn(logits, [slot], [draw])[0] if draw is not None else None

    @torch.inference_mode()
    def score(
        self, slot: int, tokens: Sequence[int], start: int, targets: Sequence[int], count: int
    ) -> list[Drawn] | Failure:
        """Read a piece of a text and say how probable the token after each of its tokens was."""
        found: list[Drawn] = []
        for place in range(0, len(tokens), SCORED_AT_ONCE):
            piece = tokens[place : place + SCORED_AT_ONCE]
            logits = self._read(slot, piece, start + place, keep=len(piece))
            wanted = torch.tensor(targets[place : place + len(piece)], device=logits.device)
            outcome = scored(logits, wanted, count)
            if isinstance(outcome, Failure):
                self._spoiled.add(slot)
                return outcome
            found += outcome
        return found

    @torch.inference_mode()
    def peek(self, slot: int, tokens: Sequence[int], start: int, count: int) -> Peeked | Failure:
        """Read the last piece of a text and say what is most likely to follow it."""
        outcome = peeked(self._read(slot, tokens, start)[0], count)
        if isinstance(outcome, Failure):
            self._spoiled.add(slot)
        return outcome

    @torch.inference_mode()
    def decode(self, rows: Sequence[Row]) -> list[Drawn | Failure]:
        """Write each token and draw the next."""
        slots = [row.slot for row in rows]
        lengths = [self._lengths[slot] for slot in slots]
        logits = self.forward.decode(slots, [row.token for row in rows], lengths)
        for slot in slots:
            self._lengths[slot] += 1
        return self._drawn(logits, slots, [row.draw for row in rows])

    @torch.inference_mode()
    def release(self, slot: int) -> None:
        """Give a slot back."""
        self._lengths.pop(slot, None)
        self.forward.release(slot, is_spoiled=slot in self._spoiled or self._is_scarce)
        self._spoiled.discard(slot)

    @torch.inference_mode()
    def reset(self) -> None:
        """Start over with empty slots; whatever they hold may be half-written."""
        self._spoiled = set(range(self._slots))
        for slot in range(self._slots):
            self.release(slot)

    def _read(self, slot: int, tokens: Sequence[int], start: int, keep: int = 1) -> Tensor:
        """Prefill a piece; logits (keep, vocabulary) after its last tokens."""
        logits = self.forward.prefill(slot, tokens, start, keep)
        self._lengths[slot] = start + len(tokens)
        return logits

    def _drawn(self, logits: Tensor, slots: list[int], draws: list[Draw]) -> list[Drawn | Failure]:
        outcomes = self.forward.draw(logits, draws)
        failed = zip(slots, outcomes, strict=True)
        self._spoiled.update(slot for slot, outcome in failed if isinstance(outcome, Failure))
        return outcomes
