"""A template is a text with [variables]; find them, fill them, or show them highlighted.

A variable is [name], the name of letters, digits, spaces, "_" and "-", beginning with a letter and
at most 41 characters long. It is none if "(" or "[" follows (a Markdown link), if it stands inside
a fenced code block, or if a backslash stands before its bracket. Outside code, "\\[" and "\\]"
come out as plain brackets. The browser follows the same rules (static/js/fill.js); both are kept by
tests/guide/variables_cases.json.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from html import escape

NAME = r"[A-Za-z][A-Za-z0-9 _-]{0,40}"
TOKEN = re.compile(rf"\\(?P<bracket>[\[\]])|\[(?P<name>{NAME})\](?![(\[])")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_FENCE = re.compile(r" {0,3}(?P<mark>`{3,}(?=[^`]*$)|~{3,})")


def find(template: str) -> list[str]:
    """The names of the variables, each once, in the order of their first use."""
    names: dict[str, None] = {}
    for text, is_code in code_parts(template):
        if not is_code:
            names.update((m["name"], None) for m in TOKEN.finditer(text) if m["name"])
    return list(names)


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with every variable replaced by its value; one without a value stays.

    A value is put in as it is: brackets in it are never taken for another variable.
    """

    def replace(match: re.Match[str]) -> str:
        name = match["name"]
        return values.get(name, match[0]) if name else match["bracket"]

    return _rewrite(template, replace, lambda text: text)


def highlight(template: str) -> str:
    """The template as HTML, escaped, each variable inside <mark class="variable">."""

    def mark(match: re.Match[str]) -> str:
        name = match["name"]
        return f'<mark class="variable">[{name}]</mark>' if name else match["bracket"]

    return _rewrite(template, mark, escape)


def _rewrite(
    template: str, replace: Callable[[re.Match[str]], str], plain: Callable[[str], str]
) -> str:
    out: list[str] = []
    for text, is_code in code_parts(template):
        position = 0
        for match in () if is_code else TOKEN.finditer(text):
            out += plain(text[position : match.start()]), replace(match)
            position = match.end()
        out.append(plain(text[position:]))
    return "".join(out)


def code_parts(template: str) -> Iterator[tuple[str, bool]]:
    """Cut the template at its code fences: (text, is it code). Fences count as code."""
    if "```" not in template and "~~~" not in template:
        yield template, False
        return
    mark = ""
    for line in _LINE.findall(template):
        yield line, bool(mark) or bool(_FENCE.match(line.rstrip("\r\n")))
        mark = _mark_after(line, mark)


def _mark_after(line: str, mark: str) -> str:
    """The fence that is open after this line ("" for none), if `mark` was open before it."""
    fence = _FENCE.match(line.rstrip("\r\n"))
    if not mark:
        return fence["mark"] if fence else ""
    run = line.strip()
    closes = fence and run == mark[0] * len(run) and len(run) >= len(mark)
    return "" if closes else mark
