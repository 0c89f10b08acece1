"""Keeps what was read of earlier prompts, so that a shared beginning is read once.

A prompt is cut into blocks. Each has a name that says everything up to its end: the hash of the
name before it and its own tokens (as in vLLM's automatic prefix caching; Kwon et al. 2023). A copy
of its keys and values is kept until the room is needed for something used more recently.
"""

import hashlib
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

Name = bytes


class PrefixCache:
    """Blocks of `block` tokens, at most `room` tokens of them; block 0 keeps nothing."""

    def __init__(self, block: int, room: int) -> None:
        self._block = block
        self._room = room
        self._kept: OrderedDict[Name, Any] = OrderedDict()

    @property
    def tokens(self) -> int:
        """How many tokens are kept."""
        return len(self._kept) * self._block

    def limit(self, room: int) -> None:
        """Let go of what was not used for longest until at most `room` tokens are left."""
        self._room = room
        while self._kept and self.tokens > room:
            self._kept.popitem(last=False)

    def find(self, tokens: Sequence[int]) -> list[tuple[int, Any]]:
        """The blocks that `tokens` begin with, each with its start; at least one token is left."""
        found = []
        for start, name in self._names(tokens[: len(tokens) - 1]):
            if name not in self._kept:
                break
            found.append((start, self._kept[name]))
        # The end of a chain goes first: without its beginning it would be of no use.
        for _, name in reversed(list(self._names(tokens[: len(found) * self._block]))):
            self._kept.move_to_end(name)
        return found

    def keep(self, tokens: Sequence[int], copy: Callable[[int, int], Any]) -> None:
        """Keep the whole blocks of `tokens`; `copy(start, end)` gives those that are new."""
        names = list(self._names(tokens))[: max(0, self._room) // self._block if self._block else 0]
        for start, name in reversed(names):
            if name not in self._kept:
                self._kept[name] = copy(start, start + self._block)
            self._kept.move_to_end(name)
        self.limit(self._room)

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()

    def _names(self, tokens: Sequence[int]) -> Iterator[tuple[int, Name]]:
        """The start and the name of every whole block."""
        if not self._block:
            return
        name = b""
        for start in range(0, len(tokens) - self._block + 1, self._block):
            own = array("q", tokens[start : start + self._block]).tobytes()
            name = hashlib.blake2b(name + own, digest_size=16).digest()
            yield start, name
