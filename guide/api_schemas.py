"""What the API answers about definitions, prompts and shelves, field by field."""

from datetime import datetime
from typing import Any, Literal

from ninja import Schema


class VariableOut(Schema):
    name: str
    label: str
    help: str
    type: Literal["text", "longtext", "choice", "number"]
    default: str
    example: str
    options: list[str]
    required: bool


class PromptOut(Schema):
    """`template` holds its variables as [name]; `check` says what a right answer has."""

    slug: str
    title: str
    description: str
    template: str
    variables: list[VariableOut]
    example_answer: str
    tier: Literal["S", "M", "C"]
    technique: list[str]
    audience: str
    language: str
    risk: Literal["none", "legal", "health", "finance"]
    difficulty: Literal["basic", "intermediate", "advanced"]
    tags: list[str]
    category: str
    subcategory: str
    check: dict[str, Any]
    settings: dict[str, Any]
    version: int
    url: str
    updated_at: datetime


class PromptPage(Schema):
    count: int
    page: int
    pages: int
    items: list[PromptOut]


class DefinitionShort(Schema):
    slug: str
    term: str
    aliases: list[str]
    group: str
    level: Literal["basic", "intermediate", "advanced"]
    short: str
    url: str
    updated_at: datetime


class DefinitionPage(Schema):
    count: int
    page: int
    pages: int
    items: list[DefinitionShort]


class ExampleOut(Schema):
    """`ref` is what a run of it is asked for by: "inference/1"."""

    ref: str
    title: str
    prompt: str
    variables: list[VariableOut]
    why: str
    answer: str
    settings: dict[str, Any]
    needs: str
    tier: str


class QuestionOut(Schema):
    q: str
    a: str


class SourceOut(Schema):
    title: str
    author: str
    year: int
    url: str


class DefinitionOut(DefinitionShort):
    full: str
    etymology: str
    practice: str
    mistakes: str
    related: list[str]
    broader: list[str]
    confused_with: list[str]
    examples: list[ExampleOut]
    faq: list[QuestionOut]
    sources: list[SourceOut]
    reviewed: str


class ShelfOut(Schema):
    slug: str
    name: str
    introduction: str
    count: int
    url: str


class CategoryOut(ShelfOut):
    subcategories: list[ShelfOut]


class HitOut(Schema):
    kind: str
    title: str
    url: str
    snippet: str


class SearchOut(Schema):
    """`corrected` is what was searched instead where a word seemed misspelt."""

    query: str
    corrected: str | None
    hits: list[HitOut]
