"""One page per term of the glossary."""

from collections.abc import Collection
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.text import slugify

from guide import autolinks, structured_data
from guide.kin import Kin, kin_of, lesson_of, named_by, neighbours
from guide.maps.surroundings import draw_surroundings
from guide.models import Definition
from guide.public_page import public_page
from guide.shelf import shelf_of


@public_page
def definition(request: HttpRequest, slug: str) -> HttpResponse:
    row = Definition.objects.published().with_own_parts().filter(slug=slug).first()
    if row is None:
        return _other_name(request, slug)
    return render(request, "guide/definition.html", page_context(request, row))


def page_context(
    request: HttpRequest, row: Definition, *, is_preview: bool = False
) -> dict[str, Any]:
    """What the page of a term shows, the published one and the preview alike."""
    shelf = shelf_of(request)
    kin = kin_of(shelf, row)
    before, after, more = neighbours(shelf, row, kin)
    return {
        "definition": row,
        "kin": kin,
        "texts": linked_texts(request, row, kin.slugs),
        "surroundings": draw_surroundings(
            row, kin.broader, kin.narrower, [*kin.related, *kin.confused_with]
        ),
        "previous": shelf.cards[before.slug] if before else None,
        "next": shelf.cards[after.slug] if after else None,
        "more": [shelf.cards[entry.slug] for entry in more],
        "structured_data": structured_data.definition(row, kin.related),
        "sections": sections(row, kin),
        "pairs": shelf.pairs_of(row.slug),
        "named_by": named_by(shelf, row, kin),
        "lesson": lesson_of(shelf, row),
        "is_preview": is_preview,
    }


def linked_texts(
    request: HttpRequest, row: Definition, neighbours: Collection[str]
) -> dict[str, SafeString]:
    """The texts of the page in their order, with links to the terms that they mention."""
    page = autolinks.page_of(request, [row.slug], neighbours)
    return {
        name: page.link(getattr(row, f"{name}_html"))
        for name in ("full", "etymology", "practice", "mistakes")
    }


def sections(row: Definition, kin: Kin) -> list[tuple[str, str]]:
    """The on-page contents: the anchors of the sections that this page has."""
    labels = [
        ("definition", "Full definition", True),
        ("etymology", "Etymology", bool(row.etymology)),
        ("examples", "Examples", bool(row.examples.all())),
        ("practice", "In practice", bool(row.practice)),
        ("mistakes", "Common mistakes", bool(row.mistakes)),
        ("related", "Related concepts", bool(kin.related)),
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
