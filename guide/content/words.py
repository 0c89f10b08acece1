"""How words are counted and compared, the same everywhere."""

import re

_COMPARED = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def word_count(text: str) -> int:
    """Runs of characters between spaces, as every word processor counts them."""
    return len(text.split())


def compared_words(text: str) -> list[str]:
    """The words of a text for a comparison: lower case, without marks around them."""
    return _COMPARED.findall(text.casefold())
