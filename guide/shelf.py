"""What many pages need to know of the whole content, read once for each state of the content."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import slugify

from guide.models import ContentStamp, Contrast, Definition, Group, Prompt
from guide.remembered import Remembered

KINDS = ("related", "broader", "confused_with")


@dataclass(frozen=True, slots=True)
class Entry:
    """A published term, without its texts."""

    pk: int
    slug: str
    term: str
    aliases: tuple[str, ...]
    group_id: int
    level: str

    @property
    def url(self) -> str:
        return reverse("definition", args=[self.slug])

    def is_called(self, name: str) -> bool:
        """Whether a slug is its own or that of an alias."""
        return name == self.slug or name in map(slugify, self.aliases)


@dataclass(frozen=True, slots=True)
class Pair:
    """A published contrast, without its texts; a side without a page has no slug."""

    slug: str
    title: str
    aliases: tuple[str, ...]
    sides: tuple[str, str]
    short: str

    @property
    def url(self) -> str:
        return reverse("contrast", args=[self.slug])


@dataclass(frozen=True, slots=True)
class Path:
    """A group with the slugs of its published terms in learning order."""

    slug: str
    name: str
    pk: int
    order: tuple[str, ...]

    @property
    def url(self) -> str:
        return reverse("group", args=[self.slug])


@dataclass(frozen=True)
class Shelf:
    """The published terms and contrasts in alphabetical order, the groups, the prompts counted.

    `cards` are the rows of the terms without their long texts: to be shown, not to be changed.
    """

    entries: tuple[Entry, ...]
    cards: dict[str, Definition]
    pairs: tuple[Pair, ...]
    paths: tuple[Path, ...]
    prompt_count: int

    @cached_property
    def position(self) -> dict[str, int]:
        return {entry.slug: index for index, entry in enumerate(self.entries)}

    @cached_property
    def learning_place(self) -> dict[str, tuple[Path, int]]:
        """Where a term stands in the learning order of its group."""
        return {slug: (path, n) for path in self.paths for n, slug in enumerate(path.order)}

    @cached_property
    def links(self) -> dict[str, dict[str, set[str]]]:
        """Where the links of each kind lead, from every term, and where "narrower" ones do."""
        found: dict[str, dict[str, set[str]]] = {kind: {} for kind in (*KINDS, "narrower")}
        for kind in KINDS:
            rows = Definition.objects.exclude(**{kind: None})
            for source, target in rows.values_list("slug", f"{kind}__slug"):
                found[kind].setdefault(source, set()).add(target)
                if kind == "broader":
                    found["narrower"].setdefault(target, set()).add(source)
        return found

    @cached_property
    def named_by(self) -> dict[str, set[str]]:
        """For each term the terms whose own links lead to it."""
        sources: dict[str, set[str]] = {}
        for kind in KINDS:
            for source, targets in self.links[kind].items():
                for target in targets:
                    sources.setdefault(target, set()).add(source)
        return sources

    def linked_from(self, slugs: Iterable[str]) -> set[str]:
        """The terms that the links of these lead to."""
        own = list(slugs)
        return {s for links in self.links.values() for slug in own for s in links.get(slug, ())}

    def cards_of(self, slugs: Iterable[str]) -> list[Definition]:
        """The published ones of these terms in alphabetical order."""
        shown = [slug for slug in slugs if slug in self.cards]
        return [self.cards[slug] for slug in sorted(shown, key=self.position.__getitem__)]

    def entry(self, slug: str) -> Entry:
        return self.entries[self.position[slug]]

    def pairs_of(self, slug: str) -> list[Pair]:
        return [pair for pair in self.pairs if slug in pair.sides]

    @property
    def counts(self) -> dict[str, int]:
        terms, prompts = len(self.entries), self.prompt_count
        return {"definitions": terms, "contrasts": len(self.pairs), "prompts": prompts}


known: Remembered[Shelf] = Remembered()


def stamp_of(request: HttpRequest) -> str:
    """The state of the content during this request, asked of the database once."""
    stamp: str | None = getattr(request, "content_stamp", None)
    if stamp is None:
        stamp = ContentStamp.current()
        request.content_stamp = stamp  # type: ignore[attr-defined]
    return stamp


def shelf_of(request: HttpRequest) -> Shelf:
    return known.at(stamp_of(request), _read)


def _read() -> Shelf:
    rows = Definition.objects.published().select_related("group").defer(*Definition.TEXTS)
    # Not the database's order: what comes after what depends on its collation.
    ordered = sorted(rows, key=lambda row: (row.term.casefold(), row.slug))
    entries = tuple(map(_entry, ordered))
    cards = {row.slug: row for row in ordered}
    return Shelf(entries, cards, _pairs(), _paths(entries), Prompt.objects.published().count())


def _entry(row: Definition) -> Entry:
    return Entry(row.pk, row.slug, row.term, tuple(row.aliases), row.group_id, row.level)


def _pairs() -> tuple[Pair, ...]:
    names = ("slug", "title", "aliases", "left__slug", "right__slug", "short")
    pairs = [
        Pair(slug, title, tuple(aliases), (left or "", right or ""), short)
        for slug, title, aliases, left, right, short in Contrast.objects.published().values_list(
            *names
        )
    ]
    return tuple(sorted(pairs, key=lambda pair: (pair.title.casefold(), pair.slug)))


def _paths(entries: tuple[Entry, ...]) -> tuple[Path, ...]:
    """Each group that has terms; a term that its order does not name comes last."""
    paths = []
    for group in Group.objects.defer("introduction", "introduction_html"):
        own = [entry.slug for entry in entries if entry.group_id == group.pk]
        place = {slug: number for number, slug in enumerate(group.learning_order)}
        own.sort(key=lambda slug: place.get(slug, len(place)))
        if own:
            paths.append(Path(group.slug, group.name, group.pk, tuple(own)))
    return tuple(paths)
