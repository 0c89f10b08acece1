"""Rules between contrasts, groups and the terms they name: links lead somewhere, names are free."""

from collections.abc import Iterable, Iterator, Sequence

from django.utils.text import slugify

from guide.content.building import Problem
from guide.content.reading import Library, Placed
from guide.content.records import Contrast, Group
from guide.content.rules.text import (
    length_problems,
    repeat_problems,
    slug_problems,
    words_problems,
)

LEAST_INTRODUCTION, MOST_INTRODUCTION = 60, 200


def shelf_problems(library: Library) -> Iterator[str]:
    """Every broken rule of the contrasts and groups, each as file:line: sentence."""
    terms = {placed.record.slug: placed.record.group for placed in library.definitions}
    for placed in library.contrasts:
        yield from _contrast_links(placed, terms)
    yield from _contrast_names(library.contrasts)
    for group in library.groups:
        members = [slug for slug, name in terms.items() if name == group.record.slug]
        for problem in group_problems(group.record, members):
            yield group.at(problem)
        if group.file != f"groups/{group.record.slug}.md":
            sentence = f"The file of {group.record.slug!r} must be {group.record.slug}.md."
            yield group.at(Problem(("slug",), sentence))
    yield from _positions(library.groups)


def _contrast_links(placed: Placed[Contrast], terms: Iterable[str]) -> Iterator[str]:
    record = placed.record
    for key, side in (("left", record.left), ("right", record.right)):
        if side.slug and side.slug not in terms:
            yield placed.at(Problem((key, "slug"), f"There is no definition {side.slug!r}."))
    if not placed.file.endswith(f"/{record.slug}.md"):
        sentence = f"The file of {record.slug!r} must be {record.slug}.md."
        yield placed.at(Problem(("slug",), sentence))


def _contrast_names(contrasts: Sequence[Placed[Contrast]]) -> Iterator[str]:
    """No name and no pair of sides is taken twice."""
    owner: dict[object, str] = {placed.record.slug: placed.record.slug for placed in contrasts}
    for placed in contrasts:
        record = placed.record
        names: list[tuple[tuple[str | int, ...], object, str]] = [
            (("aliases", number), slugify(alias), f"The alias {alias!r}")
            for number, alias in enumerate(record.aliases)
        ]
        pair = frozenset((record.left.slug or record.left.name, record.right.slug))
        if record.right.slug:
            names.append((("right",), pair, "The pair of sides"))
        for path, name, label in names:
            other = owner.setdefault(name, record.slug)
            if other != record.slug:
                yield placed.at(Problem(path, f"{label} is taken by {other}."))


def group_problems(record: Group, members: Sequence[str]) -> Iterator[Problem]:
    """`members` are the terms that say they belong to it."""
    yield from slug_problems(record.slug)
    yield from length_problems(("name",), record.name, 80)
    if record.position < 1:
        yield Problem(("position",), "The position of a group is 1 or more.")
    yield from words_problems(
        ("introduction",), record.introduction, LEAST_INTRODUCTION, MOST_INTRODUCTION
    )
    yield from repeat_problems(("order",), record.order)
    for number, slug in enumerate(record.order):
        if slug not in members:
            yield Problem(("order", number), f"{slug!r} is no term of this group.")
    missing = [slug for slug in members if slug not in record.order]
    if missing:
        yield Problem(("order",), f"The order leaves out {', '.join(sorted(missing))}.")


def _positions(groups: Sequence[Placed[Group]]) -> Iterator[str]:
    first: dict[int | str, str] = {}
    for placed in groups:
        record = placed.record
        for name in (record.position, record.slug):
            other = first.setdefault(name, placed.file)
            if other is not placed.file:
                sentence = f"The place {name!r} among the groups is taken by {other}."
                yield placed.at(Problem(("position",), sentence))
