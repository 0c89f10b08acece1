"""Reports say what a reviewer should look at; unlike the rules they do not stop a load."""

from collections.abc import Iterator

from guide.content.findings import in_order
from guide.content.reading import Library
from guide.content.reports.addresses import address_reports
from guide.content.reports.claims import claim_reports
from guide.content.reports.counts import Counts, counts
from guide.content.reports.introductions import introduction_reports
from guide.content.reports.lengths import length_reports
from guide.content.reports.links import link_reports
from guide.content.reports.readability import readability_reports
from guide.content.reports.repeats import repeat_reports

__all__ = ["Counts", "counts", "reports"]


def reports(library: Library) -> list[str]:
    """Every finding as file:line: sentence, in the order of files and lines."""
    return in_order(_all(library))


def _all(library: Library) -> Iterator[str]:
    for report in (
        *(link_reports, length_reports, readability_reports),
        *(repeat_reports, address_reports, claim_reports, introduction_reports),
    ):
        yield from report(library)
