"""The running text of a page: without marks and code, cut into sentences."""

import re
from collections.abc import Iterator

from guide.content.records import Contrast, Definition
from guide.content.tree import Path

_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_LIST_MARK = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+", re.MULTILINE)
_MARKS = re.compile(r"[*_>#|]+")
# Full stops that end no sentence.
_SHORT_FORMS = re.compile(r"\b(et al|e\.g|i\.e|vs|cf|etc|Dr|Mr|Ms|Prof|St|No|Fig|pp?|approx|ca)\.")
_END = re.compile(r"(?<=[.!?])[\"'”’)]*\s+(?=[\"'“‘(]*[A-Z0-9`])")


def plain(text: str) -> str:
    """The words as they are read; a code span stays as its content."""
    text = _LINK.sub(r"\1", _FENCE.sub("", text))
    return _MARKS.sub("", _LIST_MARK.sub("", text)).replace("`", "")


def paragraphs(text: str) -> list[str]:
    return [part for part in re.split(r"\n\s*\n", text) if part.strip()]


def sentences(paragraph: str) -> list[str]:
    """The sentences of one paragraph, in their order."""
    guarded = _SHORT_FORMS.sub(
        lambda match: match[0].replace(".", "\0"), " ".join(paragraph.split())
    )
    return [part.replace("\0", ".").strip() for part in _END.split(guarded) if part.strip()]


def body_texts(record: Definition | Contrast) -> dict[str, str]:
    """The sections of a page by their keys."""
    is_term = isinstance(record, Definition)
    names = ["full", "etymology", "practice", "mistakes"] if is_term else ["difference", "usage"]
    return {name: text for name in names if (text := getattr(record, name))}


def all_texts(record: Definition | Contrast) -> Iterator[tuple[Path, str]]:
    """Everything that is written for this page alone, but not the prompts and their answers."""
    yield ("short",), record.short
    for name, text in body_texts(record).items():
        yield (name,), text
    for number, example in enumerate(record.examples):
        yield ("examples", number, "why"), example.why
    for number, question in enumerate(record.faq):
        yield ("faq", number, "a"), question.a
