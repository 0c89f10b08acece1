"""Any transformers model for many sequences at once, by its own forward pass."""

import logging
from collections.abc import Sequence
from typing import Any

from torch import Tensor

from inference.engine.backends.forward import SlotForward
from inference.engine.runner import Draw, Drawn, Failure
from inference.engine.sampler import sample
from inference.engine.scheduler import CHUNK

logger = logging.getLogger(__name__)

# Batches are filled up to one of these sizes. At least four rows: with fewer, CPU kernels switch
# to matrix-vector products, which round differently.
SIZES = (1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)
LEAST_ROWS = 4
TRIAL_STEPS = 4


class PlainForward:
    """Slots over the rows of a batch: those who write sit in its first rows, idle rows fill it up.

    On a CPU in float32 a sequence gets the same numbers, bit for bit, alone and in a crowd:
    prompts are read one at a time, and decode steps use only those batch sizes of which it was
    seen at the beginning that they give the same result.
    """

    is_exact = False  # a prompt that is cut at other places gives other last bits
    prefix_block = CHUNK  # so prompts are always cut at the same places

    def __init__(self, model: Any, slots: int, context: int) -> None:
        most = next(size for size in SIZES if size >= max(slots, LEAST_ROWS))
        self.context = context
        self._forward = SlotForward(model, most, context)
        self._rows: dict[int, int] = {}
        self._lengths = [0] * most
        self.sizes = self._usable([size for size in SIZES if size <= most])
        for row in range(most):
            self._forward.memory.erase(row, TRIAL_STEPS)

    @property
    def vocabulary(self) -> int:
        return self._forward.vocabulary

    @property
    def bytes_per_token(self) -> int:
        """How much memory a token takes in all layers."""
        return self._forward.memory.bytes_per_token

    def prefill(self, slot: int, tokens: Sequence[int], start: int, keep: int = 1) -> Tensor:
        """Read a piece of a prompt, one sequence at a time so that no other one changes it."""
        row = self._row(slot)
        logits = self._forward.prefill(row, tokens, start, keep)
        self._lengths[row] = start + len(tokens)
        return logits

    def decode(self, slots: Sequence[int], tokens: Sequence[int], lengths: Sequence[int]) -> Tensor:
        """Append one token to each slot; float32 logits (slots, vocabulary)."""
        size = self._packed()
        places = [self._rows[slot] for slot in slots]
        written = [0] * size
        for place, token in zip(places, tokens, strict=True):
            written[place] = token
        idle = sorted(set(range(size)) - set(places))
        logits = self._forward.decode(written, self._lengths[:size], idle)
        for place in places:
            self._lengths[place] += 1
        return logits[places]

    def draw(self, logits: Tensor, draws: Sequence[Draw]) -> list[Drawn | Failure]:
        """Draw a token for each row of logits."""
        return sample(logits, draws)

    def save(self, slot: int, start: int, end: int) -> list[Tensor]:
        """A copy of what a slot holds from `start` to `end`."""
        return self._forward.memory.save(self._rows[slot], start, end)

    def restore(self, slot: int, start: int, saved: list[Tensor]) -> None:
        """Put a copy back at the positions it came from, in any slot."""
        row = self._row(slot)
        self._forward.memory.restore(row, start, saved)
        self._lengths[row] = start + saved[0].shape[1]

    def release(self, slot: int, *, is_spoiled: bool = False) -> None:
        """Give a slot's row back, and erase it if it must not stay."""
        row = self._rows.pop(slot, None)
        if row is None:
            return
        if is_spoiled:
            self._forward.memory.give_back(row, self._lengths[row] + 1)
        self._lengths[row] = 0

    def _row(self, slot: int) -> int:
        if slot not in self._rows:
            self._rows[slot] = min(set(range(self.sizes[-1])) - set(self._rows.values()))
        return self._rows[slot]

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

    def _usable(self, sizes: list[int]) -> tuple[int, ...]:
        """The sizes whose rows all give what the first row of the largest batch gives."""
        expected = self._trial(sizes[-1])[0]
        agreeing = [size for size in sizes if bool((self._trial(size) == expected).all())]
        if sizes[-1] in agreeing:
            return tuple(agreeing)
        logger.warning("On this machine the last bits of a result depend on the batch.")
        return tuple(sizes)

    def _trial(self, size: int) -> Tensor:
        """Logits (size, vocabulary) of a few steps in which every row writes the same tokens."""
        vocabulary = self._forward.vocabulary
        for step in range(TRIAL_STEPS):
            token = (step + 1) * 7919 % vocabulary
            logits = self._forward.decode([token] * size, [step] * size, [])
        return logits
