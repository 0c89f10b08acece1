"""What many pages need to know of the whole content, read once for each state of the content."""

from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest

from guide.models import ContentStamp, Definition, Prompt


@dataclass(frozen=True, slots=True)
class Entry:
    """A published term, without its texts."""

    pk: int
    slug: str
    term: str
    aliases: tuple[str, ...]
    group_id: int


@dataclass(frozen=True)
class Shelf:
    """The published terms in alphabetical order, and how many prompts there are."""

    entries: tuple[Entry, ...]
    prompt_count: int

    @cached_property
    def position(self) -> dict[str, int]:
        return {entry.slug: index for index, entry in enumerate(self.entries)}

    @property
    def counts(self) -> dict[str, int]:
        return {"definitions": len(self.entries), "prompts": self.prompt_count}


known: dict[str, Shelf] = {}


def stamp_of(request: HttpRequest) -> str:
    """The state of the content during this request, asked of the database once."""
    stamp: str | None = getattr(request, "content_stamp", None)
    if stamp is None:
        stamp = ContentStamp.current()
        request.content_stamp = stamp  # type: ignore[attr-defined]
    return stamp


def shelf_of(request: HttpRequest) -> Shelf:
    stamp = stamp_of(request)
    shelf = known.get(stamp)
    if shelf is None:
        shelf = _read()
        known.clear()
        known[stamp] = shelf
    return shelf


def _read() -> Shelf:
    rows = Definition.objects.published().values_list("pk", "slug", "term", "aliases", "group_id")
    entries = [Entry(pk, slug, term, tuple(names), group) for pk, slug, term, names, group in rows]
    # Not the database's order: what comes after what depends on its collation.
    entries.sort(key=lambda entry: (entry.term.casefold(), entry.slug))
    return Shelf(tuple(entries), Prompt.objects.published().count())
