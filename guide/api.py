"""Definitions, prompts, categories and search for programs; the runs are in inference.api."""

from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router
from pydantic import Field

from guide import documents
from guide.api_schemas import (
    CategoryOut,
    DefinitionOut,
    DefinitionPage,
    PromptOut,
    PromptPage,
    SearchOut,
)
from guide.context import absolute
from guide.library.browsing import Browsing
from guide.library.facets import FacetIndex, facet_index
from guide.models import Category, Definition, Prompt
from guide.search import search as search_pages
from guide.shelf import shelf_of, stamp_of
from operations.api_errors import REFUSALS

router = Router()
PER_PAGE = 50
SLUG = r"^[-a-zA-Z0-9_]+$"
Slug = Annotated[str, Field(pattern=SLUG, max_length=80)]
Values = Annotated[list[Annotated[str, Field(max_length=80)]], Query(default_factory=list)]
Page = Annotated[int, Query(ge=1, le=9_999_999)]
Words = Annotated[str, Query(max_length=200)]
Sort = Literal["relevance", "newest", "most-run", "title"]


@router.get("/definitions", response={200: DefinitionPage, **REFUSALS}, tags=["definitions"])
def definitions(request: HttpRequest, group: str = "", level: str = "", page: Page = 1) -> Any:
    """The terms of the glossary in alphabetical order, in short; 50 a page."""
    shelf = shelf_of(request)
    groups = {path.slug: path.pk for path in shelf.paths}
    slugs = [
        entry.slug
        for entry in shelf.entries
        if (not group or groups.get(group) == entry.group_id) and level in ("", entry.level)
    ]
    chosen, pages = _cut(slugs, page)
    items = [documents.definition_summary(shelf.cards[slug]) for slug in chosen]
    return {"count": len(slugs), "page": page, "pages": pages, "items": items}


@router.get("/definitions/{slug}", response={200: DefinitionOut, **REFUSALS}, tags=["definitions"])
def definition(request: HttpRequest, slug: Slug) -> Any:
    """One term with its texts, examples, questions and sources."""
    row = get_object_or_404(Definition.objects.published().with_parts(), slug=slug)
    return documents.definition_values(row)


@router.get("/prompts", response={200: PromptPage, **REFUSALS}, tags=["prompts"])
def prompts(
    request: HttpRequest,
    q: Words = "",
    category: Values = [],  # noqa: B006  ninja reads the default, nobody changes it
    subcategory: Values = [],  # noqa: B006
    tier: Values = [],  # noqa: B006
    technique: Values = [],  # noqa: B006
    audience: Values = [],  # noqa: B006
    language: Values = [],  # noqa: B006
    form: Values = [],  # noqa: B006
    risk: Values = [],  # noqa: B006
    difficulty: Values = [],  # noqa: B006
    tag: Values = [],  # noqa: B006
    sort: Sort = "relevance",
    page: Page = 1,
) -> Any:
    """The prompts that fit, 50 a page: values of one filter add up, filters narrow each other."""
    slugs = Browsing.read(request.GET, facet_index(stamp_of(request))).slugs()
    chosen, pages = _cut(slugs, page)
    rows = Prompt.objects.published().with_parts().in_order(chosen)
    items = [documents.prompt_values(row) for row in rows]
    return {"count": len(slugs), "page": page, "pages": pages, "items": items}


@router.get("/prompts/{slug}", response={200: PromptOut, **REFUSALS}, tags=["prompts"])
def prompt(request: HttpRequest, slug: Slug) -> Any:
    """One prompt with its template, variables and example answer."""
    row = get_object_or_404(Prompt.objects.published().with_parts(), slug=slug)
    return documents.prompt_values(row)


@router.get("/categories", response={200: list[CategoryOut], **REFUSALS}, tags=["prompts"])
def categories(request: HttpRequest) -> Any:
    """The shelves of the library in their order, with how many prompts stand on each."""
    index = facet_index(stamp_of(request))
    rows = Category.objects.select_related("parent").defer("introduction_html")
    below: dict[int | None, list[Category]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(row)
    return [
        _shelf(top, index, "category")
        | {"subcategories": [_shelf(row, index, "subcategory") for row in below.get(top.pk, [])]}
        for top in below.get(None, [])
    ]


@router.get("/search", response={200: SearchOut, **REFUSALS}, tags=["search"])
def search(
    request: HttpRequest, q: Words = "", limit: Annotated[int, Query(ge=1, le=50)] = 20
) -> Any:
    """Definitions, comparisons and prompts together, the best match first."""
    found = search_pages(q.replace("\0", "").strip(), limit)
    hits = [
        {"kind": hit.kind, "title": hit.title, "url": absolute(hit.url), "snippet": hit.snippet}
        for hit in found.hits
    ]
    return {"query": q, "corrected": found.corrected or None, "hits": hits}


def _shelf(row: Category, index: FacetIndex, key: str) -> dict[str, Any]:
    return {
        "slug": row.slug,
        "name": row.name,
        "introduction": row.introduction,
        "count": index.masks[key].get(row.slug, 0).bit_count(),
        "url": absolute(row.get_absolute_url()),
    }


def _cut(slugs: list[str], page: int) -> tuple[list[str], int]:
    """The slugs of one page and how many pages there are; 404 after the last."""
    pages = max(1, -(-len(slugs) // PER_PAGE))
    if page > pages:
        raise Http404(f"There are {pages} pages.")
    return slugs[(page - 1) * PER_PAGE : page * PER_PAGE], pages
