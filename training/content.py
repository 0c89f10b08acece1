"""Reads the guide's own files, definitions, prompts and conversations, with nothing but PyYAML."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

# The same parser that the guide reads its content with; the one in Python is ten times slower.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

PROJECT = Path(__file__).resolve().parents[1]
DATA = PROJECT / "training" / "data"
FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)
SECTION = re.compile(r"^## +(.+?) *$", re.MULTILINE)
# The rule of content.md; a code fence is matched first so that nothing inside it is a variable.
VARIABLE = re.compile(
    r"(?P<fence>```.*?(?:```|\Z))|\\(?P<escaped>[\[\]])"
    r"|\[(?P<name>[A-Za-z][A-Za-z0-9 _-]{0,40})\](?![(\[])",
    re.DOTALL,
)


class UnreadableContentError(ValueError):
    """A content file has a shape that the corpus cannot use; the message names the file."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A prompt whose variables hold their defaults, its model answer, and the raw prompt."""

    template: str
    values: dict[str, str]
    examples: dict[str, str]
    answer: str

    @property
    def prompt(self) -> str:
        """The text a reader sends who presses Try it without changing anything."""
        return fill(self.template, self.values)

    @property
    def pattern(self) -> re.Pattern[str]:
        """What every filling of the template looks like."""
        marked = fill(self.template, dict.fromkeys(self.values, "\0"))
        return re.compile(re.escape(marked).replace(re.escape("\0"), ".+"), re.DOTALL)


@dataclass(frozen=True, slots=True)
class Definition:
    """One term of the glossary: its names, its sections, its questions and its examples."""

    slug: str
    term: str
    aliases: tuple[str, ...]
    short: str
    related: tuple[str, ...]
    confused_with: tuple[str, ...]
    sections: dict[str, str]
    faq: tuple[tuple[str, str], ...]
    examples: tuple[Filled, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """Several phrasings of one question and several wordings of its answer."""

    topic: str
    questions: tuple[str, ...]
    answers: tuple[str, ...]


def fill(template: str, values: dict[str, str]) -> str:
    """Put `values` where the template says `[name]`; what has no value stays as it is written."""

    def replace(match: re.Match[str]) -> str:
        if match["fence"]:
            return match["fence"]
        return match["escaped"] or values.get(match["name"], match[0])

    return VARIABLE.sub(replace, template)


def plain(markdown: str) -> str:
    """Markdown as the sentences a person would say: no emphasis, no link targets, one line each."""
    text = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", markdown)
    text = re.sub(r"(\*\*|\*|`)(?=\S)(.+?)(?<=\S)\1", r"\2", text)
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n") if part.strip())


def definitions(root: Path = PROJECT) -> list[Definition]:
    """All terms of `content/definitions`, in the order of their file names."""
    return [_definition(path) for path in sorted((root / "content/definitions").glob("*.md"))]


def prompts(root: Path = PROJECT) -> list[Filled]:
    """Every library prompt that has an example answer to learn from."""
    paths = sorted((root / "content/prompts").glob("**/*.yaml"))
    rows = [row for path in paths for row in _rows(path)]
    return [_filled(row, row["template"], row["example_answer"]) for row in _answered(rows)]


def conversations(root: Path = PROJECT) -> list[Conversation]:
    """The conversations written for this model, one topic per file."""
    found = []
    for path in sorted((root / "training/data/conversations").glob("*.yaml")):
        for row in _rows(path):
            questions, answers = _texts(row["questions"]), _texts(row["answers"])
            if not questions or not answers:
                raise UnreadableContentError(f"{path}: an item needs questions and answers.")
            found.append(Conversation(path.stem, questions, answers))
    return found


def _definition(path: Path) -> Definition:
    match = FRONT_MATTER.match(path.read_text(encoding="utf-8"))
    if match is None:
        raise UnreadableContentError(f"{path}: start the file with front matter between '---'.")
    row: dict[str, Any] = yaml.load(match[1], Loader=_Loader)  # noqa: S506  a safe loader
    titles_and_texts = SECTION.split(match[2])[1:]
    return Definition(
        slug=row["slug"],
        term=row["term"],
        aliases=_texts(row.get("aliases")),
        short=plain(row["short"]),
        related=_texts(row.get("related")),
        confused_with=_texts(row.get("confused_with")),
        sections=dict(zip(titles_and_texts[::2], map(plain, titles_and_texts[1::2]), strict=True)),
        faq=tuple((plain(item["q"]), plain(item["a"])) for item in row["faq"]),
        examples=tuple(_examples(row)),
    )


def _examples(row: dict[str, Any]) -> Iterator[Filled]:
    """The examples that a text model can answer; a picture cannot be typed."""
    for example in row["examples"]:
        if "needs" not in example and example.get("answer"):
            yield _filled(example, example["prompt"], example["answer"])


def _answered(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return (row for row in rows if row.get("example_answer"))


def _filled(row: dict[str, Any], template: str, answer: str) -> Filled:
    variables = row.get("variables") or []
    values = {item["name"]: str(item["default"]).strip() for item in variables}
    examples = {i["name"]: str(i["example"]).strip() for i in variables if i.get("example")}
    return Filled(template.strip(), values, examples, answer.strip())


def _rows(path: Path) -> list[dict[str, Any]]:
    rows = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506
    if not isinstance(rows, list):
        raise UnreadableContentError(f"{path}: the file must hold a list.")
    return rows


def _texts(values: list[Any] | None) -> tuple[str, ...]:
    return tuple(str(value).strip() for value in values or [] if str(value).strip())
