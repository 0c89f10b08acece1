"""The files of a content folder become records, each with the file and line it came from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from guide.content import records
from guide.content.building import Problem, build
from guide.content.tree import MAX_BYTES, ContentError, Tree, parse

R = TypeVar("R")
SECTIONS = {
    "Full definition": "full",
    "Etymology": "etymology",
    "In practice": "practice",
    "Common mistakes": "mistakes",
}
_FRONT = re.compile(r"\A---\n(?P<front>.*?\n)---\n(?P<body>.*)\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Placed(Generic[R]):
    """A record and where it stands."""

    record: R
    file: str
    tree: Tree
    prefix: tuple[str | int, ...] = ()

    def at(self, problem: Problem) -> str:
        return f"{self.file}:{self.tree.line_of(self.prefix + problem.path)}: {problem.sentence}"


@dataclass(frozen=True, slots=True)
class Shelf:
    """A group, a category or a subcategory."""

    slug: str
    name: str
    parent: str = ""
    target: int = 0


@dataclass(slots=True)
class Library:
    """Everything in a content folder, and the sentences about what could not be read."""

    groups: list[Shelf] = field(default_factory=list)
    categories: list[Shelf] = field(default_factory=list)
    definitions: list[Placed[records.Definition]] = field(default_factory=list)
    prompts: list[Placed[records.Prompt]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def read_library(folder: Path) -> Library:
    """Read the whole folder; a broken file is an error of the library, never an exception."""
    library = Library()
    readers = [
        ("groups.yaml", _read_groups),
        ("categories.yaml", _read_categories),
        ("definitions/*.md", _read_definition),
        ("prompts/*/*.yaml", _read_prompts),
    ]
    for pattern, read in readers:
        for path in sorted(folder.glob(pattern)):
            name = path.relative_to(folder).as_posix()
            try:
                read(_text(path), name, library)
            except ContentError as error:
                library.errors.append(f"{name}:{error.line}: {error.sentence}")
    if not (library.groups and library.categories):
        library.errors.append(f"{folder}:1: groups.yaml and categories.yaml must stand here.")
    return library


def _text(path: Path) -> str:
    if path.stat().st_size > MAX_BYTES:
        raise ContentError(1, f"The file is larger than {MAX_BYTES // 1024} KB; split it.")
    try:
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ContentError(1, "The file is not UTF-8 text.") from error
    if "\0" in text:
        raise ContentError(text[: text.index("\0")].count("\n") + 1, "A NUL character is no text.")
    return text


def _read_groups(text: str, file: str, library: Library) -> None:
    tree = parse(text)
    for _, item in _items(tree, {"slug", "name"}):
        library.groups.append(Shelf(item["slug"], item["name"]))


def _read_categories(text: str, file: str, library: Library) -> None:
    tree = parse(text)
    for path, item in _items(tree, {"slug", "name", "subcategories"}):
        library.categories.append(Shelf(item["slug"], item["name"]))
        below = Tree(
            item["subcategories"], {k[2:]: v for k, v in tree.lines.items() if k[:2] == path}
        )
        for _, sub in _items(below, {"slug", "name", "target"}):
            if not str(sub["target"]).isdecimal():
                raise ContentError(tree.line_of(path), "A target must be a whole number.")
            shelf = Shelf(sub["slug"], sub["name"], item["slug"], int(sub["target"]))
            library.categories.append(shelf)


def _items(tree: Tree, keys: set[str]) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    """The mappings of a list, each with exactly these keys."""
    for number, item in enumerate(tree.value if isinstance(tree.value, list) else [None]):
        if (
            not isinstance(item, dict)
            or item.keys() != keys
            or not (isinstance(item["slug"], str) and isinstance(item["name"], str))
        ):
            line = tree.line_of((number,))
            raise ContentError(
                line, f"A list of mappings with {', '.join(sorted(keys))} is wanted."
            )
        yield (number, "subcategories"), item


def _read_definition(text: str, file: str, library: Library) -> None:
    match = _FRONT.match(text)
    if not match:
        raise ContentError(1, "A definition begins with front matter between two lines of ---.")
    tree = parse(match["front"], first_line=2)
    if not isinstance(tree.value, dict):
        raise ContentError(2, "The front matter must be keys and values.")
    body_line = text[: match.start("body")].count("\n") + 1
    for name, (line, section) in _sections(match["body"], body_line).items():
        tree.lines[(SECTIONS[name],)] = line
        tree.value[SECTIONS[name]] = section
    problems: list[Problem] = []
    record = build(records.Definition, tree.value, (), problems)
    library.errors += [Placed(None, file, tree).at(problem) for problem in problems]
    if record is not None:
        library.definitions.append(Placed(record, file, tree))


def _sections(body: str, first_line: int) -> dict[str, tuple[int, str]]:
    """The level-two sections of a definition, which must be the known ones in their order."""
    found: dict[str, tuple[int, list[str]]] = {}
    current: list[str] | None = None
    is_code = False
    for number, line in enumerate(body.split("\n"), first_line):
        is_code ^= line.startswith("```")
        if line.startswith("## ") and not is_code:
            name = line[3:].strip()
            if name not in SECTIONS or name in found:
                raise ContentError(number, f"The sections are {', '.join(SECTIONS)}, each once.")
            current = []
            found[name] = (number, current)
        elif current is not None:
            current.append(line)
        elif line.strip():
            raise ContentError(number, "Text stands before the first section.")
    missing = [name for name in list(SECTIONS)[:3] if name not in found]
    if missing:
        raise ContentError(first_line, f"The section ## {missing[0]} is missing.")
    if list(found) != [name for name in SECTIONS if name in found]:
        raise ContentError(first_line, f"The sections stand in this order: {', '.join(SECTIONS)}.")
    return {name: (number, "\n".join(lines).strip()) for name, (number, lines) in found.items()}


def _read_prompts(text: str, file: str, library: Library) -> None:
    tree = parse(text)
    if not isinstance(tree.value, list):
        raise ContentError(1, "A prompt file is a list of prompts.")
    _, category, name = file.split("/")
    subcategory = name.removesuffix(".yaml")
    known = {shelf.slug for shelf in library.categories if shelf.parent == category}
    if subcategory not in known:
        raise ContentError(1, f"{category}/{subcategory} is not in categories.yaml.")
    for number, item in enumerate(tree.value):
        problems: list[Problem] = []
        if isinstance(item, dict):
            item = {**item, "category": subcategory}
        record = build(records.Prompt, item, (number,), problems)
        library.errors += [Placed(None, file, tree).at(problem) for problem in problems]
        if record is not None:
            library.prompts.append(Placed(record, file, tree, (number,)))
