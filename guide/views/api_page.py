"""The page that shows programmers how to read and run everything, with examples to copy."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from guide.public_page import public_page

READING = (
    ("GET /api/v1/definitions", "The terms in short, 50 a page: group, level, page."),
    ("GET /api/v1/definitions/{slug}", "One term with texts, examples, questions, sources."),
    (
        "GET /api/v1/prompts",
        "The prompts that fit, 50 a page: the filters of the library, q, sort.",
    ),
    ("GET /api/v1/prompts/{slug}", "One prompt with its variables and example answer."),
    ("GET /api/v1/categories", "The shelves with their counts."),
    ("GET /api/v1/search", "Definitions, comparisons and prompts together: q, limit."),
)
RUNNING = (
    ("POST /api/v1/runs", "Ask a prompt, an example or a text: 201 with the run and a token."),
    ("GET /api/v1/runs/{id}", "The run as it is stored."),
    ("GET /api/v1/runs/{id}/events", "307 to the event stream, token by token."),
    ("POST /api/v1/runs/{id}/stop", "202; the run ends within a step or so."),
)


@public_page
def api_page(request: HttpRequest) -> HttpResponse:
    context = {"reading": READING, "running": RUNNING, "site": settings.SITE_URL}
    return render(request, "guide/api.html", context)
