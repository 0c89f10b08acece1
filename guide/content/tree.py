"""YAML becomes dicts, lists and strings, each with its line; nothing in it can run or explode.

No YAML constructor is called: every scalar stays the text that was written, so "no" is not False
and 1e3 is not 1000.0. Tags, anchors, aliases and duplicate keys are refused.
"""

from dataclasses import dataclass
from typing import Any

import yaml

MAX_BYTES = 512 * 1024
MAX_DEPTH = 12
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN_TAGS = {
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq", "merge", "value")
}

Path = tuple[str | int, ...]


class ContentError(Exception):
    """A file that cannot be read at all; carries the line and a sentence."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line = line
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Tree:
    value: Any
    lines: dict[Path, int]

    def line_of(self, path: Path) -> int:
        """The line of the value at `path`, or of the nearest thing around it that has one."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def parse(text: str, first_line: int = 1) -> Tree:
    """Read one YAML document that begins at line `first_line` of its file."""
    try:
        _refuse_bombs(text, first_line)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = (mark.line if mark else 0) + first_line
        raise ContentError(line, f"This is not valid YAML: {error.problem}.") from error
    except yaml.YAMLError as error:
        raise ContentError(
            first_line, "This is not valid YAML: a character is not text."
        ) from error
    lines: dict[Path, int] = {}
    return Tree(None if root is None else _plain(root, (), lines, first_line), lines)


def _refuse_bombs(text: str, first_line: int) -> None:
    if len(text) > MAX_BYTES:
        raise ContentError(first_line, f"The file is larger than {MAX_BYTES // 1024} KB; split it.")
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = first_line + (event.start_mark.line if event.start_mark else 0)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise ContentError(
                line, "Anchors and aliases (& and *) are not used here: write it out."
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise ContentError(line, f"More than {MAX_DEPTH} levels of nesting.")


def _plain(node: yaml.Node, path: Path, lines: dict[Path, int], first_line: int) -> Any:
    lines[path] = line = node.start_mark.line + first_line
    if node.tag not in _PLAIN_TAGS:
        raise ContentError(line, f"The tag {node.tag} is not allowed: plain values only.")
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*path, i), lines, first_line) for i, item in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return node.value.strip().replace("\r\n", "\n")
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key, key_line = str(key_node.value), key_node.start_mark.line + first_line
        if key in mapping:
            raise ContentError(key_line, f"The key {key} is given twice.")
        mapping[key] = _plain(value_node, (*path, key), lines, first_line)
        lines[(*path, key)] = key_line
    return mapping
