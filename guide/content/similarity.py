"""Pairs of texts that are nearly the same, found without comparing every text with every other.

Two sets whose Jaccard similarity is at least t share one of the first n - ceil(t * n) + 1 members
of either, if the members of all sets are put in one order (Chaudhuri et al., 2006: prefix
filtering). With the rarest members first, few pairs are left to compare.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from math import ceil

from guide.content.words import compared_words

Members = frozenset[Hashable]


def five_grams(text: str) -> Members:
    words = compared_words(text)
    return frozenset(zip(*(words[start:] for start in range(5)), strict=False))


def words(text: str) -> Members:
    return frozenset(compared_words(text))


def similar_pairs(sets: Sequence[Members], least: float) -> Iterator[tuple[int, int, float]]:
    """(earlier, later, similarity) of each pair whose Jaccard similarity is `least` or more."""
    frequency = Counter(member for members in sets for member in members)
    postings: defaultdict[Hashable, list[int]] = defaultdict(list)
    for later, members in enumerate(sets):
        ordered = sorted(members, key=lambda member: (frequency[member], hash(member)))
        prefix = ordered[: len(ordered) - ceil(least * len(ordered)) + 1]
        for earlier in sorted({index for member in prefix for index in postings[member]}):
            similarity = jaccard(sets[earlier], members)
            if similarity >= least:
                yield earlier, later, similarity
        for member in prefix:
            postings[member].append(later)


def jaccard(one: Members, other: Members) -> float:
    if not one or not other:
        return 0.0
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)
