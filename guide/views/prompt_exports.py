"""The library to take along: JSON in pages, CSV for a spreadsheet, Markdown for reading."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from guide import documents
from guide.context import absolute
from guide.library.browsing import Browsing
from guide.models import Category, Prompt
from guide.public_page import public_page
from guide.spreadsheet import write_csv
from guide.views.exports import MARKDOWN, as_json
from guide.views.home import categories
from guide.views.listing import browse

PER_PAGE = 100


@public_page
def prompts_json(request: HttpRequest) -> HttpResponse:
    """A hundred prompts a page, with the filters of the library and links to the pages beside."""
    browsing = browse(request, reverse("prompts-json"))
    slugs = browsing.slugs()
    pages = max(1, -(-len(slugs) // PER_PAGE))
    if browsing.page > pages:
        raise Http404(f"There are {pages} pages of these prompts.")
    first = (browsing.page - 1) * PER_PAGE
    rows = _rows(slugs[first : first + PER_PAGE])
    values: dict[str, Any] = {"count": len(slugs), "page": browsing.page, "pages": pages}
    for name, number in (("previous", browsing.page - 1), ("next", browsing.page + 1)):
        is_there = 1 <= number <= pages
        values[name] = absolute(browsing.url(page=number)) if is_there else None
    return as_json(values | {"prompts": [documents.prompt_values(row) for row in rows]})


@public_page
def prompts_csv(request: HttpRequest) -> HttpResponse:
    browsing = browse(request)
    text = write_csv(documents.prompt_values(row) for row in _rows(browsing.slugs()))
    return HttpResponse(text, content_type="text/csv; charset=utf-8")


@public_page
def prompts_md(request: HttpRequest) -> HttpResponse:
    """What was chosen, as one document; without a choice, the way to one document a category."""
    browsing = browse(request)
    if browsing.q or any(browsing.selection.values()):
        return _markdown("Prompts", "", browsing)
    lines = [
        f"- [{row.name}]({absolute(reverse('category-md', args=[row.slug]))}): {count} prompts"
        for row, count in categories()
    ]
    text = f"# {settings.SITE_NAME}: prompts by category\n\n" + "\n".join(lines) + "\n"
    return HttpResponse(text, content_type=MARKDOWN)


@public_page
def category_md(request: HttpRequest, slug: str) -> HttpResponse:
    row = get_object_or_404(Category, slug=slug, parent=None)
    return _markdown(row.name, row.introduction, browse(request, fixed={"category": slug}))


def _markdown(title: str, introduction: str, browsing: Browsing) -> HttpResponse:
    sections = [documents.prompt_markdown(row, 2).strip() for row in _rows(browsing.slugs())]
    text = "\n\n".join(part for part in (f"# {title}", introduction, *sections) if part)
    return HttpResponse(f"{text}\n", content_type=MARKDOWN)


def _rows(slugs: list[str]) -> list[Prompt]:
    """The prompts of these slugs, in their order."""
    return Prompt.objects.published().with_parts().in_order(slugs)
