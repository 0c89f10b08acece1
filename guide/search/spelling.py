"""A word that no page holds is taken for the nearest word that a title or an alias holds.

Words within one edit share a form with at most one letter deleted (Garbe, 2012: symmetric delete),
so a dictionary from such forms to words finds the candidates without a scan.
"""

from collections import Counter, defaultdict

from guide.models import ContentStamp, SearchDocument

SHORTEST = 4
Index = dict[str, set[str]]
known: dict[str, tuple[Index, Counter[str]]] = {}


def nearest(word: str) -> str | None:
    """The most frequent word of the titles within about one edit, or None."""
    if len(word) < SHORTEST:
        return None
    index, frequency = _vocabulary()
    candidates = {found for form in _forms(word) for found in index.get(form, ())}
    candidates.discard(word)
    return max(
        candidates,
        key=lambda found: (found[0] == word[0], frequency[found], found),
        default=None,
    )


def _vocabulary() -> tuple[Index, Counter[str]]:
    """The words of all names, kept until the content changes."""
    stamp = ContentStamp.current()
    if stamp not in known:
        known.clear()
        known[stamp] = _read_vocabulary()
    return known[stamp]


def _read_vocabulary() -> tuple[Index, Counter[str]]:
    frequency: Counter[str] = Counter()
    for names in SearchDocument.objects.values_list("title_words", "alias_words"):
        frequency.update(word for name in names for word in name.split() if len(word) >= SHORTEST)
    index: defaultdict[str, set[str]] = defaultdict(set)
    for word in frequency:
        for form in _forms(word):
            index[form].add(word)
    return dict(index), frequency


def _forms(word: str) -> set[str]:
    """The word, and what is left of it without any one letter."""
    return {word} | {word[:at] + word[at + 1 :] for at in range(len(word))}
