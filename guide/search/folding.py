"""Folded words are what is compared: no case, no accents, no punctuation."""

import re
import unicodedata
from collections.abc import Sequence

_WORD = re.compile(r"[^\W_]+")
MOST_CHARACTERS = 200
MOST_WORDS = 12
LONGEST_WORD = 40
# Between two aliases; both databases take it for a space.
ALIAS_END = " | "
# What a question is wrapped in; "what is a token?" looks for the token.
_WRAPPING = frozenset(
    _WORD.findall(
        """a an and are at between by can define defined definition difference do does explain
        explained for from how i in is it me mean meaning means my of on or please that the this
        to versus vs was were what whats when where which who why with work works you your"""
    )
)


def fold(text: str) -> str:
    if text.isascii():
        return text.casefold()
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return bare.casefold()


def folded_words(text: str) -> list[str]:
    return [word[:LONGEST_WORD] for word in _WORD.findall(fold(text))]


def query_words(query: str) -> list[str]:
    """The words of what somebody typed; whatever else it holds means nothing."""
    return folded_words(query[:MOST_CHARACTERS])[:MOST_WORDS]


def telling_words(words: Sequence[str]) -> list[str]:
    """The words without the wrapping of a question; all of them, if nothing else is left."""
    return [word for word in words if word not in _WRAPPING] or list(words)


def singular(words: Sequence[str]) -> list[str]:
    """The words with the last one in the singular, if it looks like an English plural."""
    *first, last = words or [""]
    is_plural = len(last) > 3 and last.endswith("s") and not last.endswith("ss")
    return [*first, last[:-1] if is_plural else last]


def stored_words(text: str) -> str:
    """What the index column holds: plain words, which both databases cut at the same places."""
    return " ".join(folded_words(text))
