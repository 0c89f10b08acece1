"""What readers, browsers and crawlers fetch by convention: feed, OpenSearch, robots, llms."""

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
SUMMARY = "Definitions of AI terms and prompts ready to use; everything written can be run."


@public_page
def feed(request: HttpRequest) -> HttpResponse:
    """The newest definitions, contrasts and prompts together."""
    atom = Atom1Feed(
        title=settings.SITE_NAME,
        link=absolute("/"),
        description=SUMMARY,
        feed_url=absolute(request.path),
        language="en",
    )
    for row in _newest():
        atom.add_item(
            title=printable(str(row)),
            link=absolute(row.get_absolute_url()),
            description=printable(row.description if isinstance(row, Prompt) else row.short),
            pubdate=row.published_at,
            updateddate=row.updated_at,
            unique_id=absolute(row.get_absolute_url()),
            categories=[type(row).__name__.lower()],
        )
    return HttpResponse(
        atom.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8"
    )


def _newest() -> list[Definition | Contrast | Prompt]:
    rows: list[Definition | Contrast | Prompt] = []
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
    terms = list(Definition.objects.published().defer(*Definition.TEXTS))
    for path in shelf_of(request).paths:
        own = {row.slug: row for row in terms if row.group_id == path.pk}
        lines = [_term_line(own[slug]) for slug in path.order if slug in own]
        parts += [f"## Glossary: {path.name}", "\n".join(lines)]
    pairs = [_pair_line(pair) for pair in shelf_of(request).pairs]
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
