"""Reports on the addresses of sources that cannot be right by their form alone."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from guide.content.building import Problem
from guide.content.reading import Library
from guide.content.records import Source

ARXIV = re.compile(
    r"/abs/(?:(\d{2})(0[1-9]|1[0-2])\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?"
)
FORMS = {
    "arxiv.org": (ARXIV, "/abs/2005.14165"),
    "doi.org": (re.compile(r"/10\.\d{4,9}/\S+"), "/10.1000/182"),
    "aclanthology.org": (
        re.compile(r"/(?:[A-Z]\d{2}-\d{4}|\d{4}\.[a-z0-9]+(?:-[a-z0-9]+)*\.\d+)/?"),
        "/P02-1040/ or /2020.acl-main.1/",
    ),
    "www.rfc-editor.org": (
        re.compile(r"/(?:rfc/rfc\d{1,4}(?:\.html)?|info/rfc\d{1,4}/?)"),
        "/rfc/rfc9110.html",
    ),
    "openreview.net": (re.compile(r"/(?:forum|pdf)"), "/forum?id=..."),
}
ALIASES = {
    **{"dx.doi.org": "doi.org", "www.doi.org": "doi.org", "www.arxiv.org": "arxiv.org"},
    **{"www.aclweb.org": "aclanthology.org", "rfc-editor.org": "www.rfc-editor.org"},
    **{"export.arxiv.org": "arxiv.org", "www.aclanthology.org": "aclanthology.org"},
}
# A preprint may appear in print a few years later, never earlier.
LATEST_IN_PRINT = 4


def address_reports(library: Library) -> Iterator[str]:
    cited: dict[str, tuple[Source, str]] = {}
    for placed in library.pages:
        own: set[str] = set()
        for number, source in enumerate(placed.record.sources):
            address = _bare(source.url)
            sentences = list(address_problems(source))
            if address in own:
                sentences.append("This source is listed twice.")
            own.add(address)
            first, slug = cited.setdefault(address, (source, placed.record.slug))
            if first.year != source.year:
                year = f"The year is {source.year} here and {first.year} on the page of {slug}."
                sentences.append(year)
            for sentence in sentences:
                yield placed.at(Problem(("sources", number, "url"), sentence))


def address_problems(source: Source) -> Iterator[str]:
    """What the form of one address says against it."""
    parts = urlsplit(source.url)
    if parts.scheme == "http":
        yield "The address begins with http; use https."
    if parts.netloc in ALIASES:
        yield f"The address stands under {ALIASES[parts.netloc]} today."
    if parts.netloc.endswith("wikipedia.org"):
        yield "An encyclopedia is no primary source; name what it cites."
    form, example = FORMS.get(parts.netloc, (None, ""))
    if form and not form.fullmatch(parts.path):
        yield f"An address of {parts.netloc} reads like {example}."
    preprint = ARXIV.fullmatch(parts.path) if parts.netloc == "arxiv.org" else None
    if preprint and preprint[1]:
        appeared = 2000 + int(preprint[1])
        if not appeared <= source.year <= appeared + LATEST_IN_PRINT:
            yield f"The year is {source.year}, but this preprint appeared in {appeared}."


def _bare(url: str) -> str:
    """The same for addresses that lead to the same document."""
    parts = urlsplit(url.lower())
    path = re.sub(r"v\d+$", "", parts.path.rstrip("/")).removesuffix(".pdf")
    host = ALIASES.get(parts.netloc, parts.netloc).removeprefix("www.")
    return f"{host}{path.replace('/pdf/', '/abs/')}?{parts.query}#{parts.fragment}"
