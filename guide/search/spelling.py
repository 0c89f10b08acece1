"""A word that no page holds is taken for the nearest word that a title or an alias holds."""

from collections import Counter

from rapidfuzz.distance import OSA

from guide.models import ContentStamp, SearchDocument
from guide.remembered import Remembered

SHORTEST = 4
# From this length on, a word may be two edits away; of a short one too little would be left.
LONG = 8
known: Remembered[Counter[str]] = Remembered()


def nearest(word: str) -> str | None:
    """The word of the names that is fewest edits away, or None.

    An edit inserts, drops or changes a letter or swaps two neighbours (optimal string alignment).
    Among equals the one with the same first letter wins, then the one that more names use.
    """
    if len(word) < SHORTEST:
        return None
    most = 2 if len(word) >= LONG else 1
    frequency = known.at(ContentStamp.current(), _read_vocabulary)
    near: list[tuple[int, bool, int, str]] = []
    for other, count in frequency.items():
        if abs(len(other) - len(word)) <= most and other != word:
            edits = OSA.distance(word, other, score_cutoff=most)
            if edits <= most:
                near.append((edits, other[0] != word[0], -count, other))
    return min(near)[-1] if near else None


def _read_vocabulary() -> Counter[str]:
    """How often the names use each word."""
    names = SearchDocument.objects.values_list("title_words", "alias_words")
    words = (word for name in names for words in name for word in words.split())
    return Counter(word for word in words if len(word) >= SHORTEST)
