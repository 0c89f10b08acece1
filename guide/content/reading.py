"""The files of a content folder become records, each with the file and line it came from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from guide.content import pages, records
from guide.content.building import Problem, build
from guide.content.tree import MAX_BYTES, ContentError, Tree, parse

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Placed(Generic[R]):
    """A record and where it stands."""

    record: R
    file: str
    tree: Tree
    prefix: tuple[str | int, ...] = ()

    def at(self, problem: Problem) -> str:
        return f"{self.file}:{self.tree.line_of(self.prefix + problem.path)}: {problem.sentence}"


Page = Placed[records.Definition] | Placed[records.Contrast]


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category or a subcategory."""

    slug: str
    name: str
    parent: str = ""
    target: int = 0


@dataclass(slots=True)
class Library:
    """Everything in a content folder, and the sentences about what could not be read."""

    groups: list[Placed[records.Group]] = field(default_factory=list)
    categories: list[Shelf] = field(default_factory=list)
    definitions: list[Placed[records.Definition]] = field(default_factory=list)
    contrasts: list[Placed[records.Contrast]] = field(default_factory=list)
    prompts: list[Placed[records.Prompt]] = field(default_factory=list)
    shelf_texts: list[Placed[records.ShelfText]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def pages(self) -> Sequence[Page]:
        """The pages of the glossary: its definitions, then its contrasts."""
        return (*self.definitions, *self.contrasts)


def read_library(folder: Path) -> Library:
    """Read the whole folder; a broken file is an error of the library, never an exception."""
    library = Library()
    readers = [
        ("groups/*.md", _read_group),
        ("categories.yaml", _read_categories),
        ("categories/*/*.md", _read_shelf_text),
        ("definitions/*.md", _read_definition),
        ("contrasts/*.md", _read_contrast),
        ("prompts/*/*.yaml", _read_prompts),
    ]
    for pattern, read in readers:
        for path in sorted(folder.glob(pattern)):
            name = path.relative_to(folder).as_posix()
            try:
                read(_text(path), name, library)
            except ContentError as error:
                library.errors.append(f"{name}:{error.line}: {error.sentence}")
    library.groups.sort(key=lambda placed: placed.record.position)
    if not (library.groups and library.categories):
        library.errors.append(f"{folder}:1: groups/ and categories.yaml must stand here.")
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
    tree = pages.read_page(text, pages.DEFINITION)
    library.definitions += _placed(records.Definition, tree, file, library)


def _read_contrast(text: str, file: str, library: Library) -> None:
    tree = pages.read_page(text, pages.CONTRAST)
    library.contrasts += _placed(records.Contrast, tree, file, library)


def _read_group(text: str, file: str, library: Library) -> None:
    tree = pages.read_note(text, "introduction")
    library.groups += _placed(records.Group, tree, file, library)


def _read_shelf_text(text: str, file: str, library: Library) -> None:
    """categories/<category>/index.md or categories/<category>/<subcategory>.md"""
    tree = pages.read_note(text, "introduction")
    _, category, name = file.split("/")
    parent = "" if name == "index.md" else category
    slug = name.removesuffix(".md") if parent else category
    if not any((shelf.slug, shelf.parent) == (slug, parent) for shelf in library.categories):
        raise ContentError(1, f"{category}/{name} belongs to no shelf of categories.yaml.")
    tree.value["slug"] = slug
    library.shelf_texts += _placed(records.ShelfText, tree, file, library)


def _placed(cls: type[R], tree: Tree, file: str, library: Library) -> list[Placed[R]]:
    """The record of a file, or nothing where it has problems; these go into the library."""
    problems: list[Problem] = []
    record = build(cls, tree.value, (), problems)
    library.errors += [Placed(None, file, tree).at(problem) for problem in problems]
    return [] if record is None else [Placed(record, file, tree)]


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
