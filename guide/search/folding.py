"""Folded words are what is compared: no case, no accents, no punctuation."""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
MOST_CHARACTERS = 200
MOST_WORDS = 12
LONGEST_WORD = 40


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


def stored_words(text: str) -> str:
    """What the index column holds: plain words, which both databases cut at the same places."""
    return " ".join(folded_words(text))
