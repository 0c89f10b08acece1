"""What was read of the whole content is remembered until the content changes."""

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """One value, and the state of the content that it was read from."""

    def __init__(self) -> None:
        self._kept: dict[str, T] = {}

    def at(self, stamp: str, read: Callable[[], T]) -> T:
        """The value for this state of the content; read if another one, or none, is kept."""
        kept = self._kept
        if stamp not in kept:
            kept = self._kept = {stamp: read()}
        return kept[stamp]

    def clear(self) -> None:
        self._kept = {}
