"""The sitemap: an index, and as many files as the pages need, each page with its true date."""

from collections.abc import Iterable
from datetime import datetime
from xml.sax.xmlreader import AttributesImpl

from django.db.models import Max, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from guide.context import absolute
from guide.models import Category, Contrast, Definition, Group, Prompt, Status
from guide.public_page import public_page
from guide.xml import XmlDocument

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
PER_FILE = 10_000
SECTIONS: dict[str, type[Definition] | type[Contrast] | type[Prompt]] = {
    "definitions": Definition,
    "contrasts": Contrast,
    "prompts": Prompt,
}
# Each page that lists others, with the sections whose newest change is its own.
INDEXES = {
    "home": tuple(SECTIONS),
    "glossary": ("definitions", "contrasts"),
    "glossary-map": ("definitions",),
    "prompts": ("prompts",),
    "about": (),
}


@public_page
def sitemap(request: HttpRequest) -> HttpResponse:
    with XmlDocument("sitemapindex", NAMESPACE) as xml:
        for section in ("pages", *SECTIONS):
            count, latest = _extent(section)
            for number in range(1, -(-count // PER_FILE) + 1):
                url = absolute(reverse("sitemap-part", args=[section, number]))
                _entry(xml, "sitemap", url, latest)
    return xml.answer()


@public_page
def sitemap_part(request: HttpRequest, section: str, number: int) -> HttpResponse:
    count, _ = _extent(section)
    first = (number - 1) * PER_FILE
    if number < 1 or first >= count:
        raise Http404("The sitemap has no such part.")
    with XmlDocument("urlset", NAMESPACE) as xml:
        for path, date in _pages(section, first):
            _entry(xml, "url", absolute(path), date)
    return xml.answer()


def _extent(section: str) -> tuple[int, datetime | None]:
    """How many pages a section has, and when the last of them changed."""
    if section == "pages":
        pages = _lists()
        return len(pages), _latest(date for _, date in pages)
    if section not in SECTIONS:
        raise Http404("The sitemap has no such section.")
    rows = SECTIONS[section].objects.published()
    return rows.count(), rows.aggregate(latest=Max("updated_at"))["latest"]


def _pages(section: str, first: int) -> Iterable[tuple[str, datetime | None]]:
    if section == "pages":
        return _lists()
    rows = SECTIONS[section].objects.published().order_by("pk")
    pages = rows.values_list("slug", "updated_at")[first : first + PER_FILE]
    return [(reverse(section[:-1], args=[slug]), date) for slug, date in pages]


def _lists() -> list[tuple[str, datetime | None]]:
    """The pages that list others: the indexes, the groups, the parts of the library."""
    dates = {section: _extent(section)[1] for section in SECTIONS}
    pages = [
        (reverse(name), _latest(dates[section] for section in sections))
        for name, sections in INDEXES.items()
    ]
    is_published = Q(definitions__status=Status.PUBLISHED)
    groups = Group.objects.annotate(latest=Max("definitions__updated_at", filter=is_published))
    pages += [
        (group.get_absolute_url(), _latest((group.updated_at, group.latest)))
        for group in groups
        if group.latest
    ]
    return pages + _parts_of_the_library()


def _parts_of_the_library() -> list[tuple[str, datetime | None]]:
    """Categories, their shelves, and techniques, each as new as its newest prompt."""
    newest = Max("prompts__updated_at", filter=Q(prompts__status=Status.PUBLISHED))
    shelves = Category.objects.select_related("parent").annotate(latest=newest)
    pages: dict[str, datetime] = {}
    for shelf in shelves.filter(latest__isnull=False, parent__isnull=False):
        assert shelf.parent is not None
        for url in (shelf.parent.get_absolute_url(), shelf.get_absolute_url()):
            pages[url] = max(pages.get(url, shelf.latest), shelf.latest)
    terms = Definition.objects.published().order_by("slug").annotate(latest=newest)
    for slug, latest in terms.filter(latest__isnull=False).values_list("slug", "latest"):
        pages[reverse("technique", args=[slug])] = latest
    return list(pages.items())


def _latest(dates: Iterable[datetime | None]) -> datetime | None:
    return max((date for date in dates if date), default=None)


def _entry(xml: XmlDocument, name: str, url: str, date: datetime | None) -> None:
    xml.startElement(name, AttributesImpl({}))
    xml.addQuickElement("loc", url)
    if date:
        xml.addQuickElement("lastmod", date.isoformat(timespec="seconds"))
    xml.endElement(name)
