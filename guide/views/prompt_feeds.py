"""Two Atom feeds of the library: the newest prompts, and those that are run most."""

from collections.abc import Iterable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.feedgenerator import Atom1Feed

from guide.context import absolute
from guide.library.popularity import most_run
from guide.models import Prompt
from guide.public_page import public_page
from guide.views.feeds import printable

MOST = 50


@public_page
def newest_feed(request: HttpRequest) -> HttpResponse:
    rows = Prompt.objects.published().with_shelf().order_by("-published_at", "-pk")[:MOST]
    return _atom(request, "Newest prompts", rows)


@public_page
def most_run_feed(request: HttpRequest) -> HttpResponse:
    slugs = most_run(MOST)
    by_slug = Prompt.objects.published().with_shelf().in_bulk(slugs, field_name="slug")
    rows = [by_slug[slug] for slug in slugs if slug in by_slug]
    return _atom(request, "Prompts run most", rows)


def _atom(request: HttpRequest, title: str, rows: Iterable[Prompt]) -> HttpResponse:
    atom = Atom1Feed(
        title=f"{settings.SITE_NAME}: {title}",
        link=absolute("/prompts/"),
        description=title,
        feed_url=absolute(request.path),
        language="en",
    )
    for row in rows:
        url = absolute(row.get_absolute_url())
        atom.add_item(
            title=printable(row.title),
            link=url,
            description=printable(row.description),
            pubdate=row.published_at,
            updateddate=row.updated_at,
            unique_id=url,
            categories=[row.category.name, *(tag.name for tag in row.tags.all())],
        )
    text = atom.writeString("utf-8")
    return HttpResponse(text, content_type="application/atom+xml; charset=utf-8")
