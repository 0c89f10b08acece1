"""Two Atom feeds of the library: the newest prompts, and those that are run most."""

from collections.abc import Iterable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from guide.context import absolute
from guide.library.popularity import most_run
from guide.models import Prompt
from guide.public_page import public_page
from guide.views.feeds import atom

MOST = 50


@public_page
def newest_feed(request: HttpRequest) -> HttpResponse:
    rows = Prompt.objects.published().with_shelf().order_by("-published_at", "-pk")[:MOST]
    return _atom(request, "Newest prompts", rows)


@public_page
def most_run_feed(request: HttpRequest) -> HttpResponse:
    rows = Prompt.objects.published().with_shelf().in_order(most_run(MOST))
    return _atom(request, "Prompts run most", rows)


def _atom(request: HttpRequest, title: str, rows: Iterable[Prompt]) -> HttpResponse:
    entries = [(row, [row.category.name, *(tag.name for tag in row.tags.all())]) for row in rows]
    name = f"{settings.SITE_NAME}: {title}"
    return atom(request, name, absolute("/prompts/"), title, entries)
