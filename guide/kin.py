"""The terms around a term: above, below and beside it, before and after it, next to learn."""

from dataclasses import dataclass

from guide.models import Definition
from guide.shelf import Entry, Path, Shelf

MORE = 6


@dataclass(frozen=True, slots=True)
class Kin:
    """The published terms that the links of a term lead to, and those under it."""

    related: list[Definition]
    broader: list[Definition]
    narrower: list[Definition]
    confused_with: list[Definition]

    @property
    def slugs(self) -> set[str]:
        kinds = (self.related, self.broader, self.narrower, self.confused_with)
        return {row.slug for rows in kinds for row in rows}


def kin_of(shelf: Shelf, row: Definition) -> Kin:
    found = {kind: shelf.cards_of(links.get(row.slug, ())) for kind, links in shelf.links.items()}
    return Kin(**found)


def named_by(shelf: Shelf, row: Definition, kin: Kin) -> list[Definition]:
    """The terms whose pages name this one, without those that this page names itself."""
    return shelf.cards_of(shelf.named_by.get(row.slug, set()) - kin.slugs)


def neighbours(
    shelf: Shelf, row: Definition, kin: Kin
) -> tuple[Entry | None, Entry | None, list[Entry]]:
    """The terms before and after this one, and a few more, those of its group first."""
    entries = shelf.entries
    here = shelf.position.get(row.slug)
    before = entries[here - 1] if here else None
    after = entries[here + 1] if here is not None and here + 1 < len(entries) else None
    shown = {row.slug, *(entry.slug for entry in (before, after) if entry)}
    shown |= {other.slug for other in kin.related}
    start = (here or 0) + 1
    circle = [entry for entry in (*entries[start:], *entries[:start]) if entry.slug not in shown]
    circle.sort(key=lambda entry: entry.group_id != row.group_id)
    return before, after, circle[:MORE]


@dataclass(frozen=True, slots=True)
class Lesson:
    """Where a term stands in the learning order of its group."""

    path: Path
    number: int
    next: Entry | None


def lesson_of(shelf: Shelf, row: Definition) -> Lesson | None:
    """A term that is not published yet has no place."""
    if row.slug not in shelf.learning_place:
        return None
    path, place = shelf.learning_place[row.slug]
    after = path.order[place + 1 : place + 2]
    return Lesson(path, place + 1, shelf.entry(after[0]) if after else None)
