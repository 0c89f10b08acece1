"""One page per contrast: two things that are often confused, side by side."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils.text import slugify

from guide import autolinks, structured_data
from guide.models import Contrast, Definition, Example
from guide.models.base import Status
from guide.public_page import public_page
from guide.shelf import Pair, Shelf, shelf_of

BETWEEN = "-vs-"


@public_page
def contrast(request: HttpRequest, slug: str) -> HttpResponse:
    row = Contrast.objects.published().with_parts().filter(slug=slug).first()
    if row is None:
        return _other_name(request, slug)
    return render(request, "guide/contrast.html", page_context(request, row))


def page_context(
    request: HttpRequest, row: Contrast, *, is_preview: bool = False
) -> dict[str, Any]:
    """What the page of a contrast shows, the published one and the preview alike."""
    shelf = shelf_of(request)
    slugs = {term.slug for term in (row.left, row.right) if term}
    links = autolinks.page_of(request, slugs, shelf.linked_from(slugs))
    near = [pair for pair in shelf.pairs if slugs & set(pair.sides) and pair.slug != row.slug]
    return {
        "contrast": row,
        "texts": {
            "difference": links.link(row.difference_html),
            "usage": links.link(row.usage_html),
        },
        "terms": [term for term in (row.left, row.right) if _is_shown(term)],
        "examples": named_examples(row),
        "near": near,
        "structured_data": structured_data.contrast(row),
        "is_preview": is_preview,
    }


def named_examples(row: Contrast) -> list[tuple[str, Example]]:
    """Each example with the name of the side that it shows."""
    return list(zip((row.left_name, row.right_name), row.examples.all(), strict=False))


def _is_shown(term: Definition | None) -> bool:
    return term is not None and term.status == Status.PUBLISHED


def _other_name(request: HttpRequest, slug: str) -> HttpResponse:
    """An alias, the other order, or the aliases of the two terms lead to the page for good."""
    name = slugify(slug.replace("_", "-"))
    shelf = shelf_of(request)
    pair = _called(shelf, name) or _of_sides(shelf, name)
    if pair is None:
        raise Http404(f"No comparison is called {slug}.")
    return HttpResponsePermanentRedirect(pair.url)


def _called(shelf: Shelf, name: str) -> Pair | None:
    turned = BETWEEN.join(reversed(name.split(BETWEEN)))
    for pair in shelf.pairs:
        names = {pair.slug, *map(slugify, pair.aliases)}
        if name in names or turned in names:
            return pair
    return None


def _of_sides(shelf: Shelf, name: str) -> Pair | None:
    """The contrast of two terms by any of their names: rag-vs-sft."""
    left, _, right = name.partition(BETWEEN)
    wanted = {
        entry.slug for entry in shelf.entries if entry.is_called(left) or entry.is_called(right)
    }
    return next((pair for pair in shelf.pairs if set(pair.sides) == wanted), None)
