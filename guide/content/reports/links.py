"""Reports on the links between terms: pages nobody is sent to, and links that go one way."""

from collections.abc import Iterator

from guide.content.building import Problem
from guide.content.reading import Library
from guide.content.records import Definition


def link_reports(library: Library) -> Iterator[str]:
    records = {placed.record.slug: placed.record for placed in library.definitions}
    linked = {slug for record in records.values() for slug in all_links(record)}
    for placed in library.definitions:
        record = placed.record
        if record.slug not in linked:
            yield placed.at(Problem(("slug",), "No other term links here."))
        one_way = [
            slug
            for slug in record.related
            if slug in records and record.slug not in all_links(records[slug])
        ]
        if one_way:
            told = f"These related terms do not link back: {', '.join(one_way)}."
            yield placed.at(Problem(("related",), told))


def all_links(record: Definition) -> tuple[str, ...]:
    """A related term may link back as broader or as confused with as well."""
    return (*record.related, *record.broader, *record.confused_with)
