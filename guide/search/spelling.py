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
    """The word of the titles that is fewest edits away, within about one, or None."""
    if len(word) < SHORTEST:
        return None
    index, frequency = _vocabulary()
    candidates = {found for form in _forms(word) for found in index.get(form, ())}
    candidates.discard(word)
    return min(
        candidates,
        key=lambda found: (_edits(word, found), found[0] != word[0], -frequency[found], found),
        default=None,
    )


def _edits(one: str, other: str) -> int:
    """Letters to insert, drop, change or swap with a neighbour (optimal string alignment).

    Sharing a form is not enough to tell: "tokn" and "tone" share "ton" and are two edits apart.
    """
    before, row = [0] * (len(other) + 1), list(range(len(other) + 1))
    for y, letter in enumerate(one, 1):
        older, before, row = before, row, [y]
        for x, wanted in enumerate(other, 1):
            cost = min(before[x] + 1, row[-1] + 1, before[x - 1] + (letter != wanted))
            if x > 1 and y > 1 and letter == other[x - 2] and one[y - 2] == wanted:
                cost = min(cost, older[x - 2] + 1)
            row.append(cost)
    return row[-1]


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
