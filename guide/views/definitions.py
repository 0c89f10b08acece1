"""One page per term of the glossary."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.text import slugify

from guide import autolinks, structured_data
from guide.maps.surroundings import draw_surroundings
from guide.models import Definition
from guide.public_page import public_page
from guide.shelf import Entry, Path, Shelf, shelf_of

MORE = 6


@public_page
def definition(request: HttpRequest, slug: str) -> HttpResponse:
    row = Definition.objects.published().with_parts().filter(slug=slug).first()
    if row is None:
        return _other_name(request, slug)
    return render(request, "guide/definition.html", page_context(request, row))


def page_context(
    request: HttpRequest, row: Definition, *, is_preview: bool = False
) -> dict[str, Any]:
    """What the page of a term shows, the published one and the preview alike."""
    shelf = shelf_of(request)
    before, after, more = neighbours(shelf, row)
    wanted = [entry.pk for entry in (before, after, *more) if entry]
    light = Definition.objects.select_related("group").defer(*Definition.TEXTS)
    found = light.in_bulk(wanted)
    kin = kin_of(row)
    return {
        "definition": row,
        "texts": linked_texts(request, row, [other.slug for rows in kin for other in rows]),
        "surroundings": draw_surroundings(row, *kin),
        "previous": found.get(before.pk) if before else None,
        "next": found.get(after.pk) if after else None,
        "more": [found[entry.pk] for entry in more if entry.pk in found],
        "structured_data": structured_data.definition(row),
        "sections": sections(row),
        "pairs": shelf.pairs_of(row.slug),
        "named_by": named_by(shelf, row, kin),
        "lesson": lesson_of(shelf, row),
        "is_preview": is_preview,
    }


def neighbours(shelf: Shelf, row: Definition) -> tuple[Entry | None, Entry | None, list[Entry]]:
    """The terms before and after this one, and a few more, those of its group first."""
    entries = shelf.entries
    here = shelf.position.get(row.slug)
    before = entries[here - 1] if here else None
    after = entries[here + 1] if here is not None and here + 1 < len(entries) else None
    shown = {row.slug, *(entry.slug for entry in (before, after) if entry)}
    shown |= {other.slug for other in row.related.published()}
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


def kin_of(row: Definition) -> tuple[list[Definition], list[Definition], list[Definition]]:
    """The published terms above this one, below it and beside it."""
    related = [*row.related.published(), *row.confused_with.published()]
    return list(row.broader.published()), list(row.narrower.published()), related


def named_by(shelf: Shelf, row: Definition, kin: Sequence[Sequence[Definition]]) -> list[Entry]:
    """The terms whose pages name this one, without those that this page names itself."""
    own = {other.slug for rows in kin for other in rows}
    return [entry for entry in shelf.named_by.get(row.slug, ()) if entry.slug not in own]


def linked_texts(
    request: HttpRequest, row: Definition, neighbours: Sequence[str]
) -> dict[str, SafeString]:
    """The texts of the page in their order, with links to the terms that they mention."""
    page = autolinks.page_of(request, [row.slug], neighbours)
    return {
        name: page.link(getattr(row, f"{name}_html"))
        for name in ("full", "etymology", "practice", "mistakes")
    }


def sections(row: Definition) -> list[tuple[str, str]]:
    """The on-page contents: the anchors of the sections that this page has."""
    labels = [
        ("definition", "Full definition", True),
        ("etymology", "Etymology", bool(row.etymology)),
        ("examples", "Examples", bool(row.examples.all())),
        ("practice", "In practice", bool(row.practice)),
        ("mistakes", "Common mistakes", bool(row.mistakes)),
        ("related", "Related concepts", bool(row.related.published())),
        ("faq", "Questions", bool(row.faqs.all())),
        ("sources", "Sources", bool(row.sources.all())),
        ("how-to", "How to use this prompt", bool(row.examples.all())),
        ("see-also", "See also", True),
    ]
    return [(anchor, label) for anchor, label, is_shown in labels if is_shown]


def _other_name(request: HttpRequest, slug: str) -> HttpResponse:
    """An alias, or the slug in other letters, leads to the page for good."""
    name = slugify(slug.replace("_", "-"))
    for entry in shelf_of(request).entries:
        if entry.is_called(name):
            return HttpResponsePermanentRedirect(entry.url)
    raise Http404(f"No term is called {slug}.")
