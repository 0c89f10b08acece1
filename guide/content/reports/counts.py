"""How much there is: terms, contrasts, examples, questions, and how far apart the terms stand."""

from collections import deque
from dataclasses import dataclass

from guide.content.reading import Library
from guide.content.reports.links import all_links

START = "inference"


@dataclass(frozen=True, slots=True)
class Counts:
    """`clicks` is the way from the start to the farthest term, by links that a page shows."""

    terms: int
    contrasts: int
    examples: int
    small: int
    questions: int
    clicks: int
    unreached: int

    def __str__(self) -> str:
        share = self.small / self.examples if self.examples else 0
        away = f", {self.unreached} out of reach" if self.unreached else ""
        return (
            f"{self.terms} terms, {self.contrasts} contrasts, {self.examples} examples "
            f"({share:.0%} for a small model), {self.questions} questions, "
            f"at most {self.clicks} clicks from {START}{away}."
        )


def counts(library: Library) -> Counts:
    pages = [placed.record for placed in library.pages]
    examples = [example for page in pages for example in page.examples]
    away = clicks_from(START, links_of(library))
    slugs = {placed.record.slug for placed in library.definitions}
    return Counts(
        terms=len(library.definitions),
        contrasts=len(library.contrasts),
        examples=len(examples),
        small=sum(example.tier == "S" for example in examples),
        questions=sum(len(page.faq) for page in pages),
        clicks=max((away[slug] for slug in slugs & away.keys()), default=0),
        unreached=len(slugs - away.keys()),
    )


def links_of(library: Library) -> dict[str, set[str]]:
    """Which pages each page of the glossary names in its lists: terms beside, above and below.

    A page names the terms that name it as well. Links inside texts, to the next term and to its
    group are not counted.
    """
    links = {p.record.slug: set(all_links(p.record)) for p in library.definitions}
    for placed in library.definitions:
        for slug in all_links(placed.record):
            links.get(slug, set()).add(placed.record.slug)
    for pair in (placed.record for placed in library.contrasts):
        sides = {side.slug for side in (pair.left, pair.right) if side.slug in links}
        links[pair.slug] = sides
        for slug in sides:
            links[slug].add(pair.slug)
    return links


def clicks_from(start: str, links: dict[str, set[str]]) -> dict[str, int]:
    """The fewest clicks to each page that can be reached."""
    away, waiting = {start: 0}, deque([start])
    while waiting:
        here = waiting.popleft()
        for slug in links.get(here, ()):
            if slug not in away:
                away[slug] = away[here] + 1
                waiting.append(slug)
    return away
