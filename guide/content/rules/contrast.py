"""Rules for one contrast: two sides, a table of rows, a run for each side."""

import re
from collections.abc import Iterator, Sequence

from django.utils.text import slugify

from guide.content.building import Problem
from guide.content.records import Contrast, Difference, Example, Side
from guide.content.rules.definition import example_problems, faq_problems, sources_problems
from guide.content.rules.text import length_problems, repeat_problems, slug_problems, words_problems

SIDES = ("left", "right")
BETWEEN = "-vs-"
LEAST_QUESTIONS = 2


def contrast_problems(record: Contrast) -> Iterator[Problem]:
    """Every rule that one contrast can keep or break by itself."""
    yield from own_contrast_problems(record)
    yield from side_problems(record.examples)
    yield from faq_problems(record.faq, LEAST_QUESTIONS)
    yield from sources_problems(record.sources)


def own_contrast_problems(record: Contrast) -> Iterator[Problem]:
    """The rules about its own texts, without examples, questions and sources."""
    yield from slug_problems(record.slug)
    yield from _name_problems(record)
    yield from length_problems(("title",), record.title, 100)
    yield from length_problems(("short",), record.short, 240)
    yield from _sides_problems(record.left, record.right)
    yield from rows_problems(record.rows)
    yield from words_problems(("difference",), record.difference, 150, 350)
    paragraphs = len(re.split(r"\n\s*\n", record.difference))
    if not 2 <= paragraphs <= 4:
        sentence = f"The difference has {paragraphs} paragraphs; it needs 2 to 4."
        yield Problem(("difference",), sentence)
    yield from words_problems(("usage",), record.usage, 80, 220)
    for part in ("difference", "usage"):
        if re.search(r"^ {0,3}#{1,2} ", getattr(record, part), re.MULTILINE):
            yield Problem((part,), "Inside a section, headings begin with ### or more.")


def _name_problems(record: Contrast) -> Iterator[Problem]:
    if BETWEEN not in record.slug:
        yield Problem(("slug",), f"The slug of a contrast reads like a{BETWEEN}b.")
    yield from repeat_problems(("aliases",), [alias.casefold() for alias in record.aliases])
    for number, alias in enumerate(record.aliases):
        yield from length_problems(("aliases", number), alias, 100)
        if BETWEEN not in slugify(alias):
            sentence = f"The alias {alias!r} of a contrast must read like a vs b."
            yield Problem(("aliases", number), sentence)


def _sides_problems(left: Side, right: Side) -> Iterator[Problem]:
    for key, side in (("left", left), ("right", right)):
        yield from length_problems((key, "name"), side.name, 60)
    if not left.slug and not right.slug:
        yield Problem(("left",), "One side at least must be a term of the glossary.")
    if left.slug == right.slug or left.name.casefold() == right.name.casefold():
        yield Problem(("right",), "The two sides are the same.")


def rows_problems(rows: Sequence[Difference]) -> Iterator[Problem]:
    if not 5 <= len(rows) <= 9:
        yield Problem(("rows",), f"The table has {len(rows)} rows; it needs 5 to 9.")
    yield from repeat_problems(("rows",), [row.aspect.casefold() for row in rows])
    for number, row in enumerate(rows):
        yield from length_problems(("rows", number, "aspect"), row.aspect, 60)
        for key in SIDES:
            yield from length_problems(("rows", number, key), getattr(row, key), 160)


def side_problems(examples: Sequence[Example]) -> Iterator[Problem]:
    """Two examples: the first shows the left side, the second the right one."""
    if tuple(example.side for example in examples) != SIDES:
        sentence = "A contrast has two examples: side: left first, then side: right."
        yield Problem(("examples",), sentence)
    for number, example in enumerate(examples):
        for problem in example_problems(example):
            yield Problem(("examples", number, *problem.path), problem.sentence)
