"""The memory of the model: the keys and values of every sequence, in slots reserved beforehand."""

from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import Cache
from transformers.cache_utils import CacheLayerMixin

from inference.engine.memory import give_back

BLOCK = 64  # lengths are rounded up to blocks, so that shapes (and their kernels) are few


def blocks(length: int) -> int:
    """`length` rounded up to whole blocks."""
    return -(-length // BLOCK) * BLOCK


class Placement:
    """Where the forward pass at hand writes its keys and values, and how far it reads.

    A prefill writes one row from `start` on; a decode step writes one position of each of the
    first rows. `live` is the number of positions that attention sees.
    """

    def __init__(self) -> None:
        self.rows = slice(0, 0)
        self.start = 0
        self.index: Tensor | None = None
        self.positions: Tensor | None = None
        self.live = 0

    def prefill(self, row: int, start: int, size: int) -> None:
        self.rows, self.start = slice(row, row + 1), start
        self.index = self.positions = None
        self.live = blocks(start + size)

    def decode(self, positions: Tensor, live: int) -> None:
        self.rows, self.start = slice(0, len(positions)), live - 1
        self.index = torch.arange(len(positions), device=positions.device)
        self.positions = positions
        self.live = live


class SlotLayer(CacheLayerMixin):  # type: ignore[misc]
    """One layer's keys and values, (rows, heads, positions, width), written in place."""

    is_sliding = False

    def __init__(self, placement: Placement, rows: int, positions: int) -> None:
        super().__init__()
        self.placement = placement
        self.rows = rows
        self.positions = positions

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        self.keys = _reserved(self.rows, self.positions, key_states)
        self.values = _reserved(self.rows, self.positions, value_states)
        self.is_initialized = True

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any
    ) -> tuple[Tensor, Tensor]:
        """Store what is new at its place and return all that is live, without a copy."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        here = self.placement
        for memory, new in ((self.keys, key_states), (self.values, value_states)):
            if here.positions is None:
                memory[here.rows, :, here.start : here.start + new.shape[2]] = new
            else:
                memory[here.index, :, here.positions] = new[:, :, 0]
        live = slice(0, here.live)
        return self.keys[here.rows, :, live], self.values[here.rows, :, live]

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        return self.placement.live, 0

    def get_seq_length(self) -> int:
        return self.placement.start

    def get_max_length(self) -> int:
        return self.positions


class SlotMemory(Cache):  # type: ignore[misc]
    """The keys and values of all layers, in the form that a transformers model takes."""

    def __init__(self, layers: int, rows: int, positions: int) -> None:
        self.placement = Placement()
        super().__init__(layers=[SlotLayer(self.placement, rows, positions) for _ in range(layers)])

    @property
    def is_complete(self) -> bool:
        """Whether every layer has stored something: the model really uses this memory."""
        return all(layer.is_initialized for layer in self.layers)

    def move(self, source: int, target: int, length: int) -> None:
        """Copy the first `length` positions of one row over another row."""
        for memory in self._tensors():
            memory[target, :, :length] = memory[source, :, :length]

    def erase(self, row: int, length: int | None = None) -> None:
        """Zero the first `length` positions of a row, or all of it.

        What is masked still takes part as 0 * value: an old NaN would poison the next sequence.
        """
        for memory in self._tensors():
            memory[row, :, :length] = 0

    def give_back(self, row: int, length: int) -> None:
        """Erase the first `length` positions of a row, and return its memory to the system."""
        self.erase(row, length)
        for memory in self._tensors():
            give_back(memory[row])

    def save(self, row: int, start: int, end: int) -> list[Tensor]:
        """A copy of a row's positions from `start` to `end`, (heads, positions, width) each."""
        return [memory[row, :, start:end].clone() for memory in self._tensors()]

    def restore(self, row: int, start: int, saved: list[Tensor]) -> None:
        """Put a copy back at the positions it came from."""
        for memory, copy in zip(self._tensors(), saved, strict=True):
            memory[row, :, start : start + copy.shape[1]] = copy

    @property
    def bytes_per_token(self) -> int:
        """How much memory a token takes in all layers."""
        return sum(memory[0, :, 0].nbytes for memory in self._tensors())

    def _tensors(self) -> list[Tensor]:
        stored = [layer for layer in self.layers if layer.is_initialized]
        return [memory for layer in stored for memory in (layer.keys, layer.values)]


def reserved(shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    """Zeros in the memory of the CPU, which take room only once they are written."""
    size = dtype.itemsize * int(np.prod(shape))
    return torch.from_numpy(np.zeros(size, dtype=np.uint8)).view(dtype).view(shape)


def _reserved(rows: int, positions: int, like: Tensor) -> Tensor:
    """Zeros for (rows, heads, positions, width) where `like` is."""
    shape = (rows, like.shape[1], positions, like.shape[3])
    if like.device.type != "cpu":
        return torch.zeros(shape, dtype=like.dtype, device=like.device)
    return reserved(shape, like.dtype)
