"""The prompt library with its facets, and one page per prompt."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, QuerySet, Value, When
from django.db.models.functions import Lower
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from guide import structured_data
from guide.library.browsing import Browsing
from guide.library.facets import facet_index
from guide.models import Prompt
from guide.public_page import public_page
from guide.shelf import stamp_of

PER_PAGE = 24
RELATED = 6
# Where a filled prompt can be opened; "" where no address for that is documented.
OPEN_IN = [
    ("ChatGPT", "https://chatgpt.com/?q="),
    ("Claude", "https://claude.ai/new?q="),
    ("Perplexity", "https://www.perplexity.ai/search?q="),
    ("Mistral", "https://chat.mistral.ai/chat?q="),
    ("Copilot", "https://copilot.microsoft.com/?q="),
    ("Gemini", ""),
]


@public_page
def prompts(request: HttpRequest) -> HttpResponse:
    browsing = Browsing.read(request.GET, facet_index(stamp_of(request)))
    slugs = browsing.slugs()
    paginator: Paginator[Any] = Paginator(slugs, PER_PAGE)
    if browsing.page > paginator.num_pages:
        raise Http404(f"The library has {paginator.num_pages} pages of these prompts.")
    page = paginator.page(browsing.page)
    by_slug = Prompt.objects.with_shelf().in_bulk(list(page.object_list), field_name="slug")
    page.object_list = [by_slug[slug] for slug in page.object_list if slug in by_slug]
    context = {
        "page": page,
        "facets": browsing.facets(),
        "active": browsing.active(),
        "sorts": browsing.sorts(),
        "q": browsing.q,
        "total": len(slugs),
        "clear_url": request.path,
        "page_links": page_links(page, browsing),
        "suggestions": [] if slugs else browsing.suggestions(),
        "structured_data": structured_data.library(page),
    }
    return render(request, "guide/prompts.html", context)


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


@public_page
def prompt(request: HttpRequest, slug: str) -> HttpResponse:
    row = get_object_or_404(Prompt.objects.published().with_parts(), slug=slug)
    return render(request, "guide/prompt.html", page_context(row))


def page_context(row: Prompt, *, is_preview: bool = False) -> dict[str, Any]:
    """What the page of a prompt shows, the published one and the preview alike."""
    return {
        "prompt": row,
        "related": list(related(row)),
        "versions": list(row.versions.all()),
        "open_in": OPEN_IN,
        "structured_data": structured_data.prompt(row),
        "is_preview": is_preview,
    }


def related(row: Prompt) -> QuerySet[Prompt]:
    """Prompts of the same shelf, then of the same category."""
    same_shelf = Case(When(category=row.category_id, then=Value(0)), default=Value(1))
    near = Prompt.objects.published().exclude(pk=row.pk).with_shelf()
    near = near.filter(category__parent=row.category.parent_id)
    return near.order_by(same_shelf, Lower("title"))[:RELATED]
