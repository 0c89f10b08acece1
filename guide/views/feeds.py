"""What readers, browsers and crawlers fetch by convention: feed, OpenSearch, robots, llms."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed

from guide.context import absolute
from guide.models import Contrast, Definition, Prompt
from guide.public_page import public_page
from guide.shelf import Pair, shelf_of
from guide.views.home import categories
from guide.xml import XmlDocument

NEWEST = 50
Row = Definition | Contrast | Prompt
Entry = tuple[Row, Sequence[str]]
SUMMARY = "Definitions of AI terms and prompts ready to use; everything written can be run."


@public_page
def feed(request: HttpRequest) -> HttpResponse:
    """The newest definitions, contrasts and prompts together."""
    entries = [(row, [type(row).__name__.lower()]) for row in _newest()]
    return atom(request, settings.SITE_NAME, absolute("/"), SUMMARY, entries)


def atom(
    request: HttpRequest, title: str, link: str, description: str, entries: Iterable[Entry]
) -> HttpResponse:
    """The feed of these rows, each with its categories."""
    feed = Atom1Feed(
        title=title,
        link=link,
        description=description,
        feed_url=absolute(request.path),
        language="en",
    )
    for row, kinds in entries:
        url = absolute(row.get_absolute_url())
        feed.add_item(
            title=printable(str(row)),
            link=url,
            description=printable(row.description if isinstance(row, Prompt) else row.short),
            pubdate=row.published_at,
            updateddate=row.updated_at,
            unique_id=url,
            categories=kinds,
        )
    return HttpResponse(
        feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8"
    )


def _newest() -> list[Row]:
    rows: list[Row] = []
    definitions = Definition.objects.published().defer(*Definition.TEXTS)
    rows += definitions.order_by("-published_at", "-pk")[:NEWEST]
    rows += Contrast.objects.published().order_by("-published_at", "-pk")[:NEWEST]
    rows += Prompt.objects.published().order_by("-published_at", "-pk")[:NEWEST]
    rows.sort(key=lambda row: cast(datetime, row.published_at), reverse=True)
    return rows[:NEWEST]


def printable(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return "".join(c for c in text if c >= " " or c in "\n\t")


@public_page
def opensearch(request: HttpRequest) -> HttpResponse:
    """How a browser adds this site's search to its own."""
    with XmlDocument("OpenSearchDescription", "http://a9.com/-/spec/opensearch/1.1/") as xml:
        xml.addQuickElement("ShortName", settings.SITE_NAME[:16])
        xml.addQuickElement("Description", f"Search {settings.SITE_NAME}")
        xml.addQuickElement("InputEncoding", "UTF-8")
        template = absolute(reverse("search")) + "?q={searchTerms}"
        xml.addQuickElement("Url", attrs={"type": "text/html", "template": template})
    return xml.answer("application/opensearchdescription+xml")


@public_page
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", "Disallow: /admin/", "Disallow: /preview/", "Disallow: /runs/"]
    lines += ["Disallow: /glossary/random/", "Disallow: /search/"]
    lines += [f"Sitemap: {absolute(reverse('sitemap'))}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@public_page
def llms(request: HttpRequest) -> HttpResponse:
    """A map of the site for language models: what is here, as Markdown, and where."""
    parts = [f"# {settings.SITE_NAME}", f"> {SUMMARY}", "## Data"]
    parts.append(_data_lines())
    shelf = shelf_of(request)
    for path in shelf.paths:
        lines = [_term_line(shelf.cards[slug]) for slug in path.order]
        parts += [f"## Glossary: {path.name}", "\n".join(lines)]
    pairs = [_pair_line(pair) for pair in shelf.pairs]
    parts += ["## Terms compared", "\n".join(pairs)] if pairs else []
    shelves = [
        f"- [{category.name}]({absolute(category.get_absolute_url())}): {count} prompts"
        for category, count in categories()
    ]
    parts += ["## Prompts", "\n".join(shelves)]
    text = "\n\n".join(parts) + "\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def _data_lines() -> str:
    """Where programs find the content."""
    return (
        f"- [The glossary in full]({absolute(reverse('llms-full'))})\n"
        f"- [Glossary as JSON]({absolute(reverse('glossary-json'))})\n"
        f"- [Glossary as SKOS]({absolute(reverse('glossary-jsonld'))})\n"
        f"- [Prompts as JSON]({absolute(reverse('prompts-json'))})\n"
        f"- [Prompts by category, as Markdown]({absolute(reverse('prompts-md'))})\n"
        f"- [API]({absolute(reverse('api'))}), described at {absolute('/api/v1/openapi.json')}\n"
        f"- [Feed]({absolute(reverse('feed'))})\n"
        f"- [Sitemap]({absolute(reverse('sitemap'))})"
    )


def _term_line(row: Definition) -> str:
    return f"- [{row.term}]({absolute(reverse('definition-md', args=[row.slug]))}): {row.short}"


def _pair_line(pair: Pair) -> str:
    return f"- [{pair.title}]({absolute(reverse('contrast-md', args=[pair.slug]))}): {pair.short}"
