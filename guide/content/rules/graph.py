"""Rules for the web of terms: links lead to pages, names are used once, all hangs together."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from django.utils.text import slugify

from guide.content.building import Problem
from guide.content.reading import Placed
from guide.content.records import Definition

Placeds = Sequence[Placed[Definition]]
LINKS = ("related", "broader", "confused_with")


def graph_problems(definitions: Placeds, groups: Sequence[str]) -> Iterator[str]:
    """Every broken rule between the definitions, each as file:line: sentence."""
    for placed in definitions:
        if placed.record.group not in groups:
            sentence = f"There is no group {placed.record.group!r} in groups/."
            yield placed.at(Problem(("group",), sentence))
        if not placed.file.endswith(f"/{placed.record.slug}.md"):
            sentence = f"The file of {placed.record.slug!r} must be {placed.record.slug}.md."
            yield placed.at(Problem(("slug",), sentence))
    yield from _dangling(definitions)
    yield from _taken_names(definitions)
    yield from _roots_and_circles(definitions)
    yield from _islands(definitions)


def _dangling(definitions: Placeds) -> Iterator[str]:
    known = {placed.record.slug for placed in definitions}
    for placed in definitions:
        for key in LINKS:
            for number, slug in enumerate(getattr(placed.record, key)):
                if slug not in known:
                    problem = Problem((key, number), f"There is no definition {slug!r}.")
                    yield placed.at(problem)


def _taken_names(definitions: Placeds) -> Iterator[str]:
    owner = {placed.record.slug: placed.record.slug for placed in definitions}
    for placed in definitions:
        for number, alias in enumerate(placed.record.aliases):
            name = slugify(alias)
            other = owner.setdefault(name, placed.record.slug)
            if not name or other != placed.record.slug:
                sentence = f"The alias {alias!r} is taken by {other}." if name else "No letters."
                yield placed.at(Problem(("aliases", number), sentence))


def _roots_and_circles(definitions: Placeds) -> Iterator[str]:
    broader = {placed.record.slug: placed.record.broader for placed in definitions}
    has_narrower = {slug for above in broader.values() for slug in above}
    for placed in definitions:
        slug = placed.record.slug
        if not broader[slug] and slug not in has_narrower:
            sentence = "A term that nothing is under needs a broader term."
            yield placed.at(Problem(("broader",), sentence))
        if slug in _above(slug, broader):
            sentence = "Following the broader terms leads back to this one."
            yield placed.at(Problem(("broader",), sentence))


def _above(slug: str, broader: dict[str, tuple[str, ...]]) -> set[str]:
    seen: set[str] = set()
    waiting = list(broader[slug])
    while waiting:
        above = waiting.pop()
        if above not in seen:
            seen.add(above)
            waiting += broader.get(above, ())
    return seen


def _islands(definitions: Placeds) -> Iterator[str]:
    neighbours: defaultdict[str, set[str]] = defaultdict(set)
    for placed in definitions:
        for key in LINKS:
            for slug in getattr(placed.record, key):
                neighbours[placed.record.slug].add(slug)
                neighbours[slug].add(placed.record.slug)
    if not definitions:
        return
    seen, waiting = set(), [definitions[0].record.slug]
    while waiting:
        slug = waiting.pop()
        if slug not in seen:
            seen.add(slug)
            waiting += neighbours[slug]
    for placed in definitions:
        if placed.record.slug not in seen:
            sentence = f"No path of links leads here from {definitions[0].record.slug}."
            yield placed.at(Problem(("related",), sentence))
