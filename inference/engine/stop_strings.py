"""Finds stop strings in a text that arrives in pieces, holding back no more than it must."""

from collections.abc import Sequence


class StopSearch:
    """Lets text through up to the first stop string, whatever the pieces it is split into."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stops)
        self._held = ""
        self.has_matched = False

    @property
    def held(self) -> int:
        """How many characters are held back."""
        return len(self._held)

    def push(self, text: str) -> str:
        """The text that is certain to belong to the answer by now."""
        text = self._held + text
        found = [at for at in map(text.find, self._stops) if at >= 0]
        if found:
            self._held = ""
            self.has_matched = True
            return text[: min(found)]
        sure = len(text) - self._doubtful(text)
        self._held = text[sure:]
        return text[:sure]

    def rest(self) -> str:
        """What was held back and turned out to be no stop string, once the answer is over."""
        text, self._held = self._held, ""
        return text

    def _doubtful(self, text: str) -> int:
        """The length of the longest end of `text` that could be the beginning of a stop string."""
        longest = min(len(text), max(map(len, self._stops), default=1) - 1)
        for length in range(longest, 0, -1):
            if any(stop.startswith(text[-length:]) for stop in self._stops):
                return length
        return 0
