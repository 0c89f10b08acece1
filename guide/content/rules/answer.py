"""What a correct answer has: the check of a prompt, and whether an answer passes it."""

import json
import re
from collections.abc import Iterator

from guide.content.building import Problem
from guide.content.records import AnswerCheck
from guide.content.words import word_count

_ITEM = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+\S", re.MULTILINE)
_FENCED = re.compile(r"\A```\w*\n(?P<inside>.*)\n```\Z", re.DOTALL)


def check_problems(check: AnswerCheck) -> Iterator[Problem]:
    for name in ("list_items", "min_words", "max_words", "lines"):
        value = getattr(check, name)
        if value is not None and value < 1:
            yield Problem(("check", name), f"{name} must be at least 1.")
    if check.min_words and check.max_words and check.min_words > check.max_words:
        yield Problem(("check", "min_words"), "min_words is larger than max_words.")
    if "" in check.contains or "" in check.json_keys:
        yield Problem(("check",), "An empty text cannot be looked for.")


def answer_problems(check: AnswerCheck, answer: str) -> Iterator[str]:
    """One sentence for each thing that the answer should have and has not."""
    yield from _shape_problems(check, answer)
    count = word_count(answer)
    if check.max_words is not None and count > check.max_words:
        yield f"The answer has {count} words; the check allows {check.max_words}."
    if check.min_words is not None and count < check.min_words:
        yield f"The answer has {count} words; the check asks for {check.min_words}."
    for text in check.contains:
        if text not in answer:
            yield f"The check asks for {text!r}, which the answer does not hold."


def _shape_problems(check: AnswerCheck, answer: str) -> Iterator[str]:
    if check.json_keys:
        found = json_keys(answer)
        missing = [key for key in check.json_keys if key not in found]
        if missing:
            yield f"The answer is no JSON with the keys {', '.join(missing)}."
    items = len(_ITEM.findall(answer))
    if check.list_items is not None and items != check.list_items:
        yield f"The answer has {items} list items; the check asks for {check.list_items}."
    lines = sum(1 for line in answer.splitlines() if line.strip())
    if check.lines is not None and lines != check.lines:
        yield f"The answer has {lines} lines; the check asks for {check.lines}."


def json_keys(answer: str) -> set[str]:
    """The keys of the JSON object that the answer is, or that every object of its list has."""
    fenced = _FENCED.match(answer.strip())
    try:
        value = json.loads(fenced["inside"] if fenced else answer)
    except (ValueError, RecursionError):
        return set()
    objects = value if isinstance(value, list) else [value]
    if not objects or not all(isinstance(item, dict) for item in objects):
        return set()
    return set.intersection(*(set(item) for item in objects))
