"""Rules for one definition page: its lengths, its parts, its sources."""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from django.utils.text import slugify

from guide.content.building import Problem
from guide.content.records import Definition, Example, Question, Source
from guide.content.rules.text import (
    choice_problems,
    length_problems,
    repeat_problems,
    settings_problems,
    slug_problems,
    words_problems,
)
from guide.content.rules.variable import variables_problems

LEVELS = ("basic", "intermediate", "advanced")
LABS = (
    *("", "inference", "token", "temperature", "sampling"),
    *("kv-cache", "latency", "training", "context-window"),
)
NEEDS = ("", "vision")
TIERS = ("S", "M")


def definition_problems(record: Definition) -> Iterator[Problem]:
    """Every rule that one definition can keep or break by itself."""
    yield from own_problems(record)
    yield from examples_problems(record.examples)
    yield from faq_problems(record.faq)
    yield from sources_problems(record.sources)


def own_problems(record: Definition) -> Iterator[Problem]:
    """The rules about its own texts and links, without examples, questions and sources."""
    yield from slug_problems(record.slug)
    for name in (record.slug, *map(slugify, record.aliases)):
        if "-vs-" in name:
            yield Problem(("slug",), f"{name!r} is a name for a contrast, not for a term.")
    yield from length_problems(("term",), record.term, 80)
    yield from length_problems(("short",), record.short, 240)
    yield from choice_problems(("level",), record.level, LEVELS)
    yield from choice_problems(("lab",), record.lab, LABS)
    yield from _body_problems(record)
    yield from _link_problems(record)


def _body_problems(record: Definition) -> Iterator[Problem]:
    yield from words_problems(("full",), record.full, 250, 500)
    paragraphs = len(re.split(r"\n\s*\n", record.full))
    if not 3 <= paragraphs <= 5:
        yield Problem(("full",), f"The full has {paragraphs} paragraphs; it needs 3 to 5.")
    yield from length_problems(("etymology",), record.etymology, 4000)
    yield from words_problems(("practice",), record.practice, 100, 250)
    for part in ("full", "etymology", "practice", "mistakes"):
        if re.search(r"^ {0,3}#{1,2} ", getattr(record, part), re.MULTILINE):
            yield Problem((part,), "Inside a section, headings begin with ### or more.")


def _link_problems(record: Definition) -> Iterator[Problem]:
    if len(record.related) < 3:
        sentence = f"Only {len(record.related)} related terms; at least 3 are needed."
        yield Problem(("related",), sentence)
    for key in ("related", "broader", "confused_with"):
        slugs: tuple[str, ...] = getattr(record, key)
        yield from repeat_problems((key,), slugs)
        if record.slug in slugs:
            yield Problem((key,), "A term cannot point to itself.")
    yield from repeat_problems(("aliases",), [alias.casefold() for alias in record.aliases])
    for number, alias in enumerate(record.aliases):
        yield from length_problems(("aliases", number), alias, 80)


def examples_problems(examples: Sequence[Example]) -> Iterator[Problem]:
    if len(examples) < 2:
        yield Problem(("examples",), "At least 2 examples are needed.")
    for number, example in enumerate(examples):
        if example.side:
            sentence = "Only an example of a contrast shows a side."
            yield Problem(("examples", number, "side"), sentence)
        for problem in example_problems(example):
            yield Problem(("examples", number, *problem.path), problem.sentence)


def example_problems(example: Example) -> Iterator[Problem]:
    yield from length_problems(("title",), example.title, 100)
    yield from length_problems(("prompt",), example.prompt, 4000)
    yield from length_problems(("why",), example.why, 1000)
    yield from length_problems(("answer",), example.answer, 4000)
    yield from choice_problems(("needs",), example.needs, NEEDS)
    yield from choice_problems(("tier",), example.tier, TIERS)
    yield from settings_problems(example.settings)
    yield from variables_problems(example.prompt, example.variables)


def faq_problems(questions: Sequence[Question], least: int = 3) -> Iterator[Problem]:
    if len(questions) < least:
        yield Problem(("faq",), f"At least {least} questions are needed.")
    for number, question in enumerate(questions):
        yield from length_problems(("faq", number, "q"), question.q, 200)
        yield from words_problems(("faq", number, "a"), question.a, 30, 90)


def sources_problems(sources: Sequence[Source]) -> Iterator[Problem]:
    if not sources:
        yield Problem(("sources",), "At least 1 source is needed.")
    for number, source in enumerate(sources):
        path = ("sources", number)
        yield from length_problems((*path, "title"), source.title, 250)
        yield from length_problems((*path, "author"), source.author, 200)
        if not 1000 <= source.year <= 2100:
            yield Problem((*path, "year"), f"{source.year} is not a year of publication.")
        if not is_web_address(source.url):
            yield Problem((*path, "url"), "The url must be an http or https address.")


def is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    is_plain = not re.search(r"[\s<>\"'\\]", url)
    return parts.scheme in ("http", "https") and bool(parts.netloc) and is_plain and len(url) <= 500
