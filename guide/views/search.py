"""The search page, and the answers for the box that searches while somebody types."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from guide.public_page import public_page
from guide.search import Results, search
from guide.search.folding import MOST_CHARACTERS

ON_THE_PAGE = 30
WHILE_TYPING = 8


@public_page
def search_page(request: HttpRequest) -> HttpResponse:
    q = _query(request)
    results = search(q, ON_THE_PAGE)
    context = {
        "q": q,
        "hits": results.hits,
        "corrected": results.corrected,
        "suggestions": suggestions(results, q),
    }
    return render(request, "guide/search.html", context)


@public_page
def search_json(request: HttpRequest) -> HttpResponse:
    q = _query(request)
    found = [
        {"kind": hit.kind, "title": hit.title, "url": hit.url, "snippet": hit.snippet}
        for hit in search(q, WHILE_TYPING).hits
    ]
    return JsonResponse({"query": q, "results": found})


def suggestions(results: Results, q: str) -> list[tuple[str, str]]:
    """Where else to look when nothing was found, or when something else was searched."""
    if results.corrected:
        return [(results.corrected, f"{reverse('search')}?{urlencode({'q': results.corrected})}")]
    if results.hits:
        return []
    return [
        ("All terms from A to Z", reverse("glossary")),
        ("All prompts by category", reverse("prompts")),
    ]


def _query(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\0", "").strip()[:MOST_CHARACTERS]
