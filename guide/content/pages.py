"""A Markdown file of content: front matter between two lines of ---, then text in sections."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from guide.content.tree import ContentError, Tree, parse

_FRONT = re.compile(r"\A---\n(?P<front>.*?\n)---\n(?P<body>.*)\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Sections:
    """The level-two headings of a kind of page in their order, and the key that each fills."""

    keys: Mapping[str, str]
    required: int

    @property
    def names(self) -> str:
        return ", ".join(self.keys)


DEFINITION = Sections(
    {
        "Full definition": "full",
        "Etymology": "etymology",
        "In practice": "practice",
        "Common mistakes": "mistakes",
    },
    required=3,
)
CONTRAST = Sections({"The difference": "difference", "When to use which": "usage"}, required=2)


def read_page(text: str, sections: Sections) -> Tree:
    """The front matter, with the text of each section under its key."""
    tree, body, body_line = _front_matter(text)
    for name, (line, section) in _cut(body, body_line, sections).items():
        tree.lines[(sections.keys[name],)] = line
        tree.value[sections.keys[name]] = section
    return tree


def read_note(text: str, key: str) -> Tree:
    """The front matter, with the whole text below it under one key."""
    tree, body, body_line = _front_matter(text)
    tree.lines[(key,)] = body_line
    tree.value[key] = body.strip()
    return tree


def _front_matter(text: str) -> tuple[Tree, str, int]:
    match = _FRONT.match(text)
    if not match:
        raise ContentError(1, "A page begins with front matter between two lines of ---.")
    tree = parse(match["front"], first_line=2)
    if not isinstance(tree.value, dict):
        raise ContentError(2, "The front matter must be keys and values.")
    return tree, match["body"], text[: match.start("body")].count("\n") + 1


def _cut(body: str, first_line: int, sections: Sections) -> dict[str, tuple[int, str]]:
    """Each section with its line; they must be the known ones in their order."""
    found: dict[str, tuple[int, list[str]]] = {}
    current: list[str] | None = None
    is_code = False
    for number, line in enumerate(body.split("\n"), first_line):
        is_code ^= line.startswith("```")
        if line.startswith("## ") and not is_code:
            name = line[3:].strip()
            if name not in sections.keys or name in found:
                raise ContentError(number, f"The sections are {sections.names}, each once.")
            current = []
            found[name] = (number, current)
        elif current is not None:
            current.append(line)
        elif line.strip():
            raise ContentError(number, "Text stands before the first section.")
    _refuse_disorder(list(found), first_line, sections)
    return {name: (number, "\n".join(lines).strip()) for name, (number, lines) in found.items()}


def _refuse_disorder(found: list[str], line: int, sections: Sections) -> None:
    names = list(sections.keys)
    missing = [name for name in names[: sections.required] if name not in found]
    if missing:
        raise ContentError(line, f"The section ## {missing[0]} is missing.")
    if found != [name for name in names if name in found]:
        raise ContentError(line, f"The sections stand in this order: {sections.names}.")
