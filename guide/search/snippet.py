"""A snippet is the part of a text in which most of the words stand, with the words marked."""

import re
from collections.abc import Collection

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from guide.search.folding import fold

LENGTH = 28
_WORD = re.compile(r"[^\W_]+")


def cut(text: str, words: Collection[str]) -> str:
    """About LENGTH words of the text, around the place that holds most of the words."""
    tokens = text.split()
    beginning = _beginning(words)
    folded = fold(text).split()
    if len(folded) != len(tokens):  # an accent can fold into a space
        folded = [fold(token) for token in tokens]
    found = [bool(beginning.search(token)) for token in folded]
    first = _best_window(found)
    begin = max(0, min(first, len(tokens) - LENGTH))
    piece = " ".join(tokens[begin : begin + LENGTH])
    before = "… " if begin else ""
    return before + piece + (" …" if begin + LENGTH < len(tokens) else "")


def mark(text: str, words: Collection[str]) -> SafeString:
    """The text as HTML, every word that was looked for inside <mark>."""
    out: list[str] = []
    position = 0
    beginning = _beginning(words)
    for match in _WORD.finditer(text):
        if beginning.match(fold(match[0])):
            out += escape(text[position : match.start()]), f"<mark>{escape(match[0])}</mark>"
            position = match.end()
    out.append(escape(text[position:]))
    return mark_safe("".join(out))  # noqa: S308  every piece is escaped


def _best_window(found: list[bool]) -> int:
    """Where the window with most hits begins, a few words before its first hit; 0 without any."""
    best, best_count, count = 0, 0, 0
    for end, is_hit in enumerate(found):
        count += is_hit - (found[end - LENGTH] if end >= LENGTH else False)
        if count > best_count:
            best, best_count = max(0, end - LENGTH + 1), count
    if not best_count or (any(found[:LENGTH]) and best_count <= sum(found[:LENGTH])):
        return 0
    return next(index for index in range(best, len(found)) if found[index]) - 3


def _beginning(words: Collection[str]) -> re.Pattern[str]:
    """Matches where a word begins with one of these folded words; never, if there are none."""
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, words))})" if words else r"(?!)")
