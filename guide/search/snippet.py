"""A snippet is the part of a text in which most of the words stand, with the words marked."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Collection, Iterator
from functools import lru_cache

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

LENGTH = 180
_LEAD = 30


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
    begin = _window(sorted(_places(text, words)))
    while begin and begin < len(text) and not text[begin - 1].isspace():
        begin += 1
    piece = text[begin : begin + LENGTH]
    if begin + LENGTH < len(text):
        # Half a word at the end is left out, but not the only word.
        piece = re.sub(r"\s\S*\Z", "", piece) + " …"
    return ("… " if begin else "") + " ".join(piece.split())


def mark(text: str, words: Collection[str]) -> SafeString:
    """The text as HTML, every word that was looked for inside <mark>."""
    out: list[str] = []
    position = 0
    for match in _beginning(tuple(words)).finditer(_folded(text)):
        begin, end = match.span()
        out += escape(text[position:begin]), f"<mark>{escape(text[begin:end])}</mark>"
        position = end
    out.append(escape(text[position:]))
    return mark_safe("".join(out))  # noqa: S308  every piece is escaped


@lru_cache(64)
def _beginning(words: tuple[str, ...]) -> re.Pattern[str]:
    """Matches the words that begin with one of these folded words; none, if there are none."""
    either = "|".join(map(re.escape, words))
    return re.compile(rf"(?<![^\W_])(?:{either})[^\W_]*" if words else r"(?!)")


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
