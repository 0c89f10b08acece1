"""Rules for one prompt of the library, its example answer included."""

from collections.abc import Iterator

from guide.content.building import Problem
from guide.content.records import Prompt
from guide.content.rules.answer import answer_problems, check_problems
from guide.content.rules.definition import LEVELS
from guide.content.rules.text import (
    choice_problems,
    length_problems,
    repeat_problems,
    settings_problems,
    slug_problems,
    words_problems,
)
from guide.content.rules.variable import variables_problems

TIERS = ("S", "M", "C")
RISKS = ("none", "legal", "health", "finance")
AUDIENCES = (
    *("everyone", "developers", "marketers", "managers", "teachers", "students"),
    *("researchers", "writers", "job seekers", "support teams", "analysts", "designers"),
)
LANGUAGES = ("en",)
# An answer has this many words at least, unless its check asks for a shorter one: a label, a line.
ANSWER_WORDS = 60


def prompt_problems(record: Prompt) -> Iterator[Problem]:
    """Every rule that one prompt can keep or break by itself."""
    yield from slug_problems(record.slug)
    yield from length_problems(("title",), record.title, 70)
    yield from length_problems(("description",), record.description, 160)
    if record.description.casefold().startswith("this prompt"):
        sentence = "The description says what comes out, not what this prompt does."
        yield Problem(("description",), sentence)
    yield from words_problems(("template",), record.template, 40, 220)
    yield from variables_problems(record.template, record.variables)
    yield from _facet_problems(record)
    yield from settings_problems(record.settings)
    yield from check_problems(record.check)
    yield from _answer_problems(record)


def _facet_problems(record: Prompt) -> Iterator[Problem]:
    yield from choice_problems(("tier",), record.tier, TIERS)
    yield from choice_problems(("audience",), record.audience, AUDIENCES)
    yield from choice_problems(("language",), record.language, LANGUAGES)
    yield from choice_problems(("risk",), record.risk, RISKS)
    yield from choice_problems(("difficulty",), record.difficulty, LEVELS)
    yield from repeat_problems(("technique",), record.technique)
    yield from repeat_problems(("tags",), record.tags)
    for number, tag in enumerate(record.tags):
        yield from length_problems(("tags", number), tag, 60)
        if tag != tag.lower():
            yield Problem(("tags", number), f"The tag {tag!r} must be in lower case.")


def _answer_problems(record: Prompt) -> Iterator[Problem]:
    if record.tier == "S" and not record.example_answer:
        yield Problem(("example_answer",), "A prompt of tier S needs an example answer.")
    if record.example_answer:
        if record.tier == "S":
            least = 1 if (record.check.max_words or ANSWER_WORDS) < ANSWER_WORDS else ANSWER_WORDS
            yield from words_problems(("example_answer",), record.example_answer, least, 150)
        for sentence in answer_problems(record.check, record.example_answer):
            yield Problem(("example_answer",), sentence)
