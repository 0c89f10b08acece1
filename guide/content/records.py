"""Records are the content as values: the same for a file, a database row and a form."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from django.utils.text import slugify


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a run of this text is sampled, where it differs from the model's own defaults."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    max_tokens: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCheck:
    """What a correct answer has."""

    json_keys: tuple[str, ...] = ()
    list_items: int | None = None
    min_words: int | None = None
    max_words: int | None = None
    contains: tuple[str, ...] = ()
    lines: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    name: str
    label: str
    help: str = ""
    type: str = "text"
    default: str = ""
    example: str = ""
    options: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    title: str
    prompt: str
    why: str
    answer: str
    variables: tuple[Variable, ...] = ()
    settings: Settings = field(default_factory=Settings)
    needs: str = ""
    tier: str = "S"
    # Of a contrast only: which of the two it shows.
    side: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    q: str
    a: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    title: str
    author: str
    year: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    slug: str
    term: str
    aliases: tuple[str, ...] = ()
    group: str
    level: str
    short: str
    related: tuple[str, ...] = ()
    broader: tuple[str, ...] = ()
    confused_with: tuple[str, ...] = ()
    lab: str = ""
    reviewed: date
    examples: tuple[Example, ...] = ()
    faq: tuple[Question, ...] = ()
    sources: tuple[Source, ...] = ()
    full: str
    etymology: str
    practice: str
    mistakes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two things of a contrast; the slug is empty where it has no page."""

    name: str
    slug: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One row of the table of a contrast."""

    aspect: str
    left: str
    right: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    slug: str
    title: str
    left: Side
    right: Side
    aliases: tuple[str, ...] = ()
    short: str
    rows: tuple[Difference, ...] = ()
    examples: tuple[Example, ...] = ()
    faq: tuple[Question, ...] = ()
    sources: tuple[Source, ...] = ()
    reviewed: date
    difference: str
    usage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """`position` is its place among the groups, `order` the learning order of its terms."""

    slug: str
    name: str
    position: int
    order: tuple[str, ...]
    introduction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfText:
    """What stands above the prompts of a category or subcategory, and the techniques used there."""

    slug: str
    techniques: tuple[str, ...] = ()
    introduction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    slug: str
    title: str
    description: str
    template: str
    variables: tuple[Variable, ...] = ()
    example_answer: str = ""
    tier: str
    technique: tuple[str, ...] = ()
    audience: str
    language: str
    risk: str
    difficulty: str
    tags: tuple[str, ...] = ()
    check: AnswerCheck = field(default_factory=AnswerCheck)
    settings: Settings = field(default_factory=Settings)
    category: str


def digest(record: Definition | Contrast | Prompt | ShelfText) -> str:
    """The same for the same content, whether it came from a file or from the database.

    The database keeps no order among the slugs a record names, so their order does not count.
    """
    values = asdict(record)
    values["tags"] = [slugify(tag) for tag in values.get("tags", ())]
    for key in ("related", "broader", "confused_with", "technique", "tags"):
        values[key] = sorted(values.get(key, ()))
    if "techniques" in values:
        values["techniques"] = sorted(values["techniques"])
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def set_values(record: Settings | AnswerCheck) -> dict[str, Any]:
    """What was given, as a dictionary for a JSON column."""
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in asdict(record).items()
        if value not in (None, ())
    }
