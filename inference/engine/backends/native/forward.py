"""The compiled step over slot memory: token ids in, logits out, each row for itself."""

import ctypes
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from inference.engine.backends.native.drawing import draw
from inference.engine.backends.native.library import Model
from inference.engine.backends.native.packing import LANES, Packed
from inference.engine.cache import blocks, reserved
from inference.engine.memory import give_back
from inference.engine.runner import Draw, Drawn, Failure


class NativeForward:
    """A packed model and the memory of `slots` sequences of up to `context` tokens each.

    Whatever the batch and however a prompt is cut, a row gets the same bits: see step.cpp.
    """

    is_exact = True
    prefix_block = 2 * LANES

    def __init__(self, packed: Packed, slots: int, context: int) -> None:
        self._packed = packed  # keeps the weights in memory
        self._library = packed.library
        self.context = context
        self._handle = 0
        shape = packed.model
        self.vocabulary = int(shape.vocabulary)
        shape.positions = blocks(context)
        self._reserve(shape, slots)
        self._handle = self._library.open_model(ctypes.byref(shape))

    def _reserve(self, shape: Model, slots: int) -> None:
        dtype = torch.bfloat16 if shape.is_half else torch.float32
        positions = shape.positions
        key_width = shape.head_width + shape.head_width % 2
        value_width = -(-shape.head_width // LANES) * LANES
        heads = (shape.layers, slots, shape.key_heads)
        # Keys lie in blocks of sixteen positions, values position by position.
        self._keys = reserved((*heads, positions // LANES, LANES * key_width), dtype)
        self._values = reserved((*heads, positions, value_width), dtype)
        for place, layer in enumerate(self._packed.layers):
            layer.keys = self._keys[place].data_ptr()
            layer.values = self._values[place].data_ptr()

    @property
    def bytes_per_token(self) -> int:
        """How much memory a token takes in all layers."""
        per_slot = self._keys[:, 0].nbytes + self._values[:, 0].nbytes
        return int(per_slot // self._values.shape[3])

    def prefill(self, slot: int, tokens: Sequence[int], start: int, keep: int = 1) -> Tensor:
        """Read a piece of a prompt into a slot; float32 logits (keep, vocabulary) of its end."""
        count = len(tokens)
        wanted = range(count - keep, count)
        return self._step(tokens, [slot] * count, range(start, start + count), wanted)

    def decode(self, slots: Sequence[int], tokens: Sequence[int], lengths: Sequence[int]) -> Tensor:
        """Append one token to each slot; float32 logits (slots, vocabulary)."""
        return self._step(tokens, slots, lengths, range(len(tokens)))

    def _step(
        self,
        tokens: Sequence[int],
        slots: Sequence[int],
        positions: Sequence[int],
        wanted: Sequence[int],
    ) -> Tensor:
        if max(positions) >= self.context:
            raise IndexError(f"Position {max(positions)} is beyond the context {self.context}.")
        logits = torch.empty((len(wanted), self.vocabulary), dtype=torch.float32)
        ids, rows, places, which = (_ints(one) for one in (tokens, slots, positions, wanted))
        self._library.step(
            *(self._handle, len(tokens), ids, rows, places),
            *(len(wanted), which, logits.data_ptr()),
        )
        return logits

    def draw(self, logits: Tensor, draws: Sequence[Draw]) -> list[Drawn | Failure]:
        """Draw a token for each row of logits."""
        return draw(self._library, logits, draws, self._handle)

    def save(self, slot: int, start: int, end: int) -> tuple[Tensor, Tensor]:
        """A copy of what a slot holds from `start` to `end`, both multiples of the block."""
        keys = self._keys[:, slot, :, start // LANES : end // LANES]
        return keys.clone(), self._values[:, slot, :, start:end].clone()

    def restore(self, slot: int, start: int, saved: tuple[Tensor, Tensor]) -> None:
        """Put a copy back at the positions it came from, in any slot."""
        keys, values = saved
        end = start + values.shape[2]
        self._keys[:, slot, :, start // LANES : end // LANES] = keys
        self._values[:, slot, :, start:end] = values

    def release(self, slot: int, *, is_spoiled: bool = False) -> None:
        """A step never reads beyond what a sequence has written, so nothing must be erased."""
        if is_spoiled:
            for layer in range(len(self._keys)):
                give_back(self._keys[layer, slot])
                give_back(self._values[layer, slot])

    def __del__(self) -> None:
        if self._handle:
            self._library.close_model(self._handle)


def _ints(values: Sequence[int]) -> Any:
    return (ctypes.c_int32 * len(values))(*values)
