"""One look at the list of all terms: what was asked for, what fits, and how much of each kind."""

import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.core.exceptions import BadRequest
from django.http import QueryDict

from guide.models import Definition
from guide.models.base import Level
from guide.shelf import Pair, Path, Shelf

H = TypeVar("H")
LONGEST_QUERY = 100


@dataclass(frozen=True, slots=True)
class Choice:
    """A level or a group that the list can be narrowed to."""

    value: str
    label: str
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The parameters of the address, cleaned."""

    q: str = ""
    level: str = ""
    group: str = ""

    @classmethod
    def read(cls, parameters: QueryDict, shelf: Shelf) -> "Narrowing":
        """A level or a group that does not exist is a bad request."""
        q = parameters.get("q", "").replace("\0", "").strip()[:LONGEST_QUERY]
        level, group = parameters.get("level", ""), parameters.get("group", "")
        if level and level not in Level.values:
            raise BadRequest(f"There is no level {level[:40]!r}.")
        if group and group not in {path.slug for path in shelf.paths}:
            raise BadRequest(f"There is no group {group[:40]!r}.")
        return cls(q, level, group)

    def __bool__(self) -> bool:
        return bool(self.q or self.level or self.group)

    def keeps(self, row: Definition, group: str) -> bool:
        if (self.level and row.level != self.level) or (self.group and group != self.group):
            return False
        return self._holds(" ".join((row.term, *row.aliases, row.short)))

    def keeps_pair(self, pair: Pair) -> bool:
        """Comparisons belong to no level and no group: only words narrow them."""
        if self.level or self.group:
            return False
        return self._holds(" ".join((pair.title, *pair.aliases, pair.short)))

    def _holds(self, text: str) -> bool:
        """Every word asked for is part of the text; the browser follows the same rule."""
        haystack = folded(text)
        return all(word in haystack for word in folded(self.q).split())

    def levels(self, shelf: Shelf) -> list[Choice]:
        counts = Counter(entry.level for entry in shelf.entries)
        return [
            Choice(value, str(label), counts[value], value == self.level)
            for value, label in Level.choices
        ]

    def groups(self, shelf: Shelf) -> list[Choice]:
        return [
            Choice(path.slug, path.name, len(path.order), path.slug == self.group)
            for path in shelf.paths
        ]


def folded(text: str) -> str:
    """Lower case without accents, as static/js/glossary-filter.js does it."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(c for c in parts if not unicodedata.category(c).startswith("M")).lower()


@dataclass(frozen=True, slots=True)
class Section(Generic[H]):
    """Some of the terms under a heading; `count` of them fit what was asked for."""

    heading: H
    rows: list[Definition]
    count: int


def by_group(
    rows: Sequence[Definition], paths: Iterable[Path], kept: Container[str]
) -> list[Section[Path]]:
    members = {path: [row for row in rows if row.group_id == path.pk] for path in paths}
    return [_section(path, own, kept) for path, own in members.items()]


def by_letter(rows: Iterable[Definition], kept: Container[str]) -> list[Section[str]]:
    letters: dict[str, list[Definition]] = {}
    for row in rows:
        first = row.term[:1].upper()
        letters.setdefault(first if first.isalpha() else "#", []).append(row)
    return [_section(letter, own, kept) for letter, own in sorted(letters.items())]


def _section(heading: H, rows: list[Definition], kept: Container[str]) -> Section[H]:
    return Section(heading, rows, sum(row.slug in kept for row in rows))
