"""A snippet is the part of a text in which most of the words stand, with the words marked."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Collection, Iterator

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

LENGTH = 180
_LEAD = 30
_WORD = re.compile(r"[^\W_]+")
_SPACE = re.compile(r"\s+")


def _bare_letters() -> dict[int, str]:
    """Each accented Latin letter and its bare one: a fold that keeps every place in the text."""
    letters: dict[int, str] = {}
    for code in range(0xC0, 0x250):
        bare = unicodedata.normalize("NFKD", chr(code))[0]
        if bare.isascii():
            letters[code] = bare
    return letters


_BARE = _bare_letters()


def cut(text: str, words: Collection[str]) -> str:
    """About LENGTH characters of the text, around the place that holds most of the words."""
    text = _SPACE.sub(" ", text).strip()
    if len(text) <= LENGTH:
        return text
    begin = _window(sorted(_places(text, words)))
    begin = text.find(" ", begin - 1) + 1 if begin else 0
    end = text.rfind(" ", begin, begin + LENGTH + 1)
    if end <= begin or begin + LENGTH >= len(text):
        end = min(len(text), begin + LENGTH)
    return ("… " if begin else "") + text[begin:end] + (" …" if end < len(text) else "")


def mark(text: str, words: Collection[str]) -> SafeString:
    """The text as HTML, every word that was looked for inside <mark>."""
    out: list[str] = []
    position = 0
    folded = _folded(text)
    for match in _WORD.finditer(text):
        if any(folded.startswith(word, match.start()) for word in words):
            out += escape(text[position : match.start()]), f"<mark>{escape(match[0])}</mark>"
            position = match.end()
    out.append(escape(text[position:]))
    return mark_safe("".join(out))  # noqa: S308  every piece is escaped


def _folded(text: str) -> str:
    """Lower case without Latin accents, every letter at its place."""
    if text.isascii():
        return text.lower()
    # The few letters whose lower case is longer would shift all after them.
    lower = text.lower()
    return (lower if len(lower) == len(text) else text).translate(_BARE)


def _places(text: str, words: Collection[str]) -> Iterator[int]:
    """Where one of the words begins a word of the text."""
    folded = _folded(text)
    for word in words:
        place = folded.find(word)
        while place >= 0:
            if not place or not folded[place - 1].isalnum():
                yield place
            place = folded.find(word, place + len(word))


def _window(places: list[int]) -> int:
    """Where the stretch with most places begins, with a few words before it; 0 for the start."""
    if not places:
        return 0
    reach = LENGTH - _LEAD
    counts = [bisect_right(places, place + reach) - n for n, place in enumerate(places)]
    best = max(counts)
    if bisect_right(places, reach) >= best:
        return 0
    return max(0, places[counts.index(best)] - _LEAD)
