"""Pages about one part of the library: a category, a shelf of it, a tag, a technique."""

import secrets
from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from guide.library.browsing import Browsing
from guide.library.facets import FacetIndex, facet_index
from guide.models import Category, Definition, Tag
from guide.public_page import public_page
from guide.shelf import stamp_of
from guide.views.listing import browse, listing_context

Trail = list[tuple[str, str]]


@public_page
def category(request: HttpRequest, slug: str) -> HttpResponse:
    """A category: its introduction, its shelves with counts, its prompts."""
    row = get_object_or_404(_shelves(), slug=slug, parent=None)
    browsing = browse(request, row.get_absolute_url(), {"category": slug})
    children = _children(row, browsing.index)
    context = {"shelf": row, "children": children, "trail": [], "md": slug}
    return _answer(request, browsing, row.name, context)


@public_page
def subcategory(request: HttpRequest, parent: str, slug: str) -> HttpResponse:
    """One shelf of a category, and the shelves beside it."""
    row = get_object_or_404(_shelves(), slug=slug, parent__slug=parent)
    above = row.parent
    assert above is not None
    fixed = {"category": parent, "subcategory": slug}
    browsing = browse(request, row.get_absolute_url(), fixed)
    siblings = [child for child in _children(above, browsing.index) if child[0] != row]
    trail = [(above.name, above.get_absolute_url())]
    context = {"shelf": row, "siblings": siblings, "trail": trail}
    return _answer(request, browsing, row.name, context)


@public_page
def tag(request: HttpRequest, slug: str) -> HttpResponse:
    row = get_object_or_404(Tag, slug=slug)
    browsing = browse(request, reverse("tag", args=[slug]), {"tag": slug})
    return _answer(request, browsing, f"Prompts tagged “{row.name}”", {"trail": [], "tag": row})


@public_page
def technique(request: HttpRequest, slug: str) -> HttpResponse:
    """The prompts that use a technique, under what the glossary says of it."""
    row = get_object_or_404(Definition.objects.published().defer(*Definition.TEXTS), slug=slug)
    browsing = browse(request, reverse("technique", args=[slug]), {"technique": slug})
    context = {"trail": [], "technique": row}
    return _answer(request, browsing, f"{row.term} in the library", context)


def _answer(
    request: HttpRequest, browsing: Browsing, name: str, more: Mapping[str, Any]
) -> HttpResponse:
    """The page, unless nothing published belongs to it at all."""
    if not browsing.index.chosen({key: [value] for key, value in browsing.fixed.items()}):
        raise Http404("No prompt stands here.")
    trail: Trail = [*more["trail"], (name, browsing.path)]
    context = listing_context(browsing, name, trail) | {"name": name, **more}
    return render(request, "guide/shelf.html", context)


def _shelves() -> Any:
    return Category.objects.select_related("parent").prefetch_related("techniques")


def _children(row: Category, index: FacetIndex) -> list[tuple[Category, int]]:
    """The shelves of a category that hold something, with how much."""
    masks = index.masks["subcategory"]
    children = Category.objects.filter(parent=row).select_related("parent").defer("introduction")
    counted = [(child, masks.get(child.slug, 0).bit_count()) for child in children]
    return [(child, count) for child, count in counted if count]


@require_safe
@never_cache
def random_prompt(request: HttpRequest) -> HttpResponse:
    """Any prompt of those that the same address of the library would list."""
    slugs = Browsing.read(request.GET, facet_index(stamp_of(request))).slugs()
    if not slugs:
        return HttpResponseRedirect(reverse("prompts"))
    return HttpResponseRedirect(reverse("prompt", args=[secrets.choice(slugs)]))
