"""What every list of prompts shows: a page of cards, the facets beside it, and where they lead."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest

from guide import structured_data
from guide.library.browsing import Browsing
from guide.library.facets import facet_index
from guide.models import Prompt
from guide.shelf import stamp_of

PER_PAGE = 24


def browse(
    request: HttpRequest, path: str = "", fixed: Mapping[str, str] | None = None
) -> Browsing:
    """What this request asks of the library."""
    return Browsing.read(request.GET, facet_index(stamp_of(request)), path, fixed)


def listing_context(
    browsing: Browsing, name: str = "Prompt library", trail: Sequence[tuple[str, str]] = ()
) -> dict[str, Any]:
    """One page of what is left; a page after the last is not found."""
    slugs = browsing.slugs()
    page = _page(slugs, browsing.page)
    return _choices(browsing) | {
        "page": page,
        "total": len(slugs),
        "page_links": page_links(page, browsing),
        "suggestions": [] if slugs else browsing.suggestions(),
        "structured_data": structured_data.listing(
            name,
            browsing.path,
            page.object_list,
            first=page.start_index(),
            total=len(slugs),
            trail=trail,
            filters=list(browsing.fixed.items()),
        ),
    }


def _choices(browsing: Browsing) -> dict[str, Any]:
    """What was chosen and what can be, whatever is left."""
    return {
        "q": browsing.q,
        "path": browsing.path,
        "clear_url": browsing.path,
        "kept": browsing.kept(),
        "facets": browsing.facets(),
        "active": browsing.active(),
        "sorts": browsing.sorts(),
        "exports": browsing.exports(),
    }


def _page(slugs: list[str], number: int) -> "Page[Any]":
    paginator: Paginator[Any] = Paginator(slugs, PER_PAGE)
    if number > paginator.num_pages:
        raise Http404(f"The library has {paginator.num_pages} pages of these prompts.")
    page = paginator.page(number)
    page.object_list = Prompt.objects.cards().in_order(list(page.object_list))
    return page


def page_links(page: "Page[Any]", browsing: Browsing) -> list[tuple[int | None, str, bool]]:
    """(number, url, is it this page) around the current page; None stands for a gap."""
    links: list[tuple[int | None, str, bool]] = []
    for number in page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1):
        if isinstance(number, int):
            url = browsing.url(page=number if number > 1 else "")
            links.append((number, url, number == page.number))
        else:
            links.append((None, "", False))
    return links if len(links) > 1 else []
