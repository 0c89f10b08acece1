"""Runs any causal language model of the transformers library for many sequences at once."""

import logging
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from inference.engine.backends.forward import SlotForward
from inference.engine.runner import Draw, Drawn, Failure, Peeked, Row
from inference.engine.sampler import sample
from inference.engine.scoring import peeked, scored

logger = logging.getLogger(__name__)

# Batches are filled up to one of these sizes. At least four rows: with fewer, CPU kernels switch
# to matrix-vector products, which round differently.
SIZES = (1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)
LEAST_ROWS = 4
TRIAL_STEPS = 4
# Scoring needs logits after every token: so many at a time, or large vocabularies take much memory.
SCORED_AT_ONCE = 64


class TransformersRunner:
    """A Runner over the plain forward pass of a transformers model.

    On a CPU in float32 a sequence gets the same numbers, bit for bit, alone and in a crowd:
    prompts are read one at a time, and decode steps use only those batch sizes of which
    `reserve` has seen that they give the same result.
    """

    def __init__(self, model: Any, context: int) -> None:
        self._model = model
        self._context = context
        self.sizes: tuple[int, ...] = ()
        self.is_invariant = False

    @property
    def vocabulary(self) -> int:
        return int(self._model.config.get_text_config().vocab_size)

    @torch.inference_mode()
    def reserve(self, slots: int) -> None:
        """Allocate the slots and find the batch sizes that agree."""
        most = next(size for size in SIZES if size >= max(slots, LEAST_ROWS))
        self._forward = SlotForward(self._model, most, self._context)
        candidates = [size for size in SIZES if size <= most]
        self.sizes = tuple(candidates)
        self._forget()
        agreeing = self._agreeing(candidates)
        self.is_invariant = most in agreeing
        if self.is_invariant:
            self.sizes = tuple(agreeing)
        else:
            logger.warning("On this machine the last bits of a result depend on the batch.")
        for row in range(most):
            self._forward.memory.erase(row, TRIAL_STEPS)

    @torch.inference_mode()
    def prefill(
        self, slot: int, tokens: Sequence[int], start: int, draw: Draw | None
    ) -> Drawn | Failure | None:
        """Read a piece of a prompt, one sequence at a time so that no other one changes it."""
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
            wanted = torch.tensor(targets[place : place + len(piece)], device=self._model.device)
            logits = self._read(slot, piece, start + place, keep=len(piece))
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
        """Write each token and draw the next; idle rows fill the batch up to its size."""
        size = self._packed()
        places = [self._rows[row.slot] for row in rows]
        tokens = [0] * size
        for place, row in zip(places, rows, strict=True):
            tokens[place] = row.token
        idle = sorted(set(range(size)) - set(places))
        logits = self._forward.decode(tokens, self._lengths[:size], idle)
        for place in places:
            self._lengths[place] += 1
        return self._drawn(logits[places], [row.slot for row in rows], [row.draw for row in rows])

    @torch.inference_mode()
    def release(self, slot: int) -> None:
        """Give a slot's row back, and erase it if its numbers went bad."""
        row = self._rows.pop(slot, None)
        if row is None:
            return
        if slot in self._spoiled:
            self._spoiled.discard(slot)
            self._forward.memory.erase(row, self._lengths[row] + 1)
        self._lengths[row] = 0

    @torch.inference_mode()
    def reset(self) -> None:
        """Start over with empty slots."""
        self._forget()
        for row in range(self.sizes[-1]):
            self._forward.memory.erase(row)

    def _forget(self) -> None:
        self._rows: dict[int, int] = {}
        self._spoiled: set[int] = set()
        self._lengths = [0] * self.sizes[-1]

    def _read(self, slot: int, tokens: Sequence[int], start: int, keep: int = 1) -> Tensor:
        """Prefill a piece; logits (keep, vocabulary) after its last tokens."""
        if start == 0:
            self._rows[slot] = min(set(range(self.sizes[-1])) - set(self._rows.values()))
        row = self._rows[slot]
        logits = self._forward.prefill(row, tokens, start, keep)
        self._lengths[row] = start + len(tokens)
        return logits

    def _drawn(self, logits: Tensor, slots: list[int], draws: list[Draw]) -> list[Drawn | Failure]:
        outcomes = sample(logits, draws)
        failed = zip(slots, outcomes, strict=True)
        self._spoiled.update(slot for slot, outcome in failed if isinstance(outcome, Failure))
        return outcomes

    def _packed(self) -> int:
        """The batch size for the sequences at hand, once they sit in its first rows."""
        size = next(size for size in self.sizes if size >= len(self._rows))
        for slot, row in self._rows.items():
            if row >= size:
                free = min(set(range(size)) - set(self._rows.values()))
                self._forward.memory.move(row, free, self._lengths[row])
                self._lengths[free], self._lengths[row] = self._lengths[row], 0
                self._rows[slot] = free
        return size

    def _agreeing(self, sizes: list[int]) -> list[int]:
        """The sizes whose rows all give what the first row of the largest batch gives."""
        expected = self._trial(sizes[-1])[0]
        return [size for size in sizes if bool((self._trial(size) == expected).all())]

    def _trial(self, size: int) -> Tensor:
        """Logits (size, vocabulary) of a few steps in which every row writes the same tokens."""
        vocabulary = self._forward.vocabulary
        for step in range(TRIAL_STEPS):
            token = (step + 1) * 7919 % vocabulary
            logits = self._forward.decode([token] * size, [step] * size, [])
        return logits
