"""Templates from elsewhere mark variables in other ways; here the ways are told and converted.

Our own text stays as it was: what would read as a [variable] by accident is escaped. Where a marker
touches a bracket that would change its meaning, a space is put between. Inside code fences nothing
is a variable here, so nothing is converted there.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from guide.variables import NAME, TOKEN, code_parts

_WORD = r"[^\W\d_][\w .-]{0,60}?"
_SYNTAXES: dict[str, re.Pattern[str]] = {
    "{{name}}": re.compile(rf"\{{\{{\s*(?P<name>{_WORD})\s*\}}\}}"),
    "${name}": re.compile(rf"\$\{{(?P<name>{_WORD})(?::(?P<default>[^{{}}\n]*))?\}}"),
    "[[name]]": re.compile(rf"\[\[\s*(?P<name>{_WORD})\s*\]\]"),
    # Without spaces: "20% of the 30%" holds no variable.
    "%name%": re.compile(r"%(?P<name>[^\W\d_][\w.-]{0,60})%"),
    "<name>": re.compile(rf"<(?P<name>{_WORD}(?<! ))>"),
}
SYNTAXES = tuple(_SYNTAXES)
_FIRST = re.compile(rf"\[{NAME}\]")
_LAST = re.compile(rf"(?<!\\)\[{NAME}\]\Z")
# A backslash, two brackets and the longest name: so much of a text decides how it goes on.
LONGEST = 44
_ELEMENTS = frozenset(
    re.findall(
        r"\w+",
        "a b br code div em h1 h2 h3 hr html i img li ol p pre span strong table td th tr u ul",
    )
)


@dataclass(frozen=True, slots=True)
class Converted:
    """A template of ours, the names of its variables, and the defaults that came with them."""

    template: str
    names: tuple[str, ...] = ()
    defaults: dict[str, str] = field(default_factory=dict)


def detect(text: str) -> str | None:
    """The foreign syntax that marks most variables of this text, or None if no marker is found."""
    counts = Counter({syntax: sum(1 for _ in _markers(text, syntax)) for syntax in SYNTAXES})
    syntax, count = counts.most_common(1)[0]
    return syntax if count else None


def convert(text: str, syntax: str) -> Converted:
    """The text with each marker of one of SYNTAXES as a [variable] of ours."""
    names: dict[str, str] = {}
    defaults: dict[str, str] = {}
    out = ""
    for part, is_code in code_parts(text):
        if is_code:
            out += part
            continue
        position = 0
        for match in _markers(part, syntax, whole=text):
            name = _own_name(match["name"], names)
            out = _join(out, _escaped(part[position : match.start()]))
            out = _join(out, f"[{name}]")
            position = match.end()
            if default := match.groupdict().get("default"):
                defaults.setdefault(name, default)
        out = _join(out, _escaped(part[position:]))
    return Converted(out, tuple(dict.fromkeys(names.values())), defaults)


def _markers(text: str, syntax: str, whole: str = "") -> Iterator[re.Match[str]]:
    """<name> is a variable only if it is no element of HTML and nothing closes it."""
    for match in _SYNTAXES[syntax].finditer(text):
        name = match["name"]
        if syntax == "<name>" and (name.lower() in _ELEMENTS or f"</{name}>" in (whole or text)):
            continue
        yield match


def _own_name(foreign: str, names: dict[str, str]) -> str:
    """The same name for the same marker; letters that ours cannot hold become spaces."""
    if foreign not in names:
        plain = re.sub(r"[^A-Za-z0-9 _-]+", " ", foreign).strip()
        plain = re.sub(r"^[^A-Za-z]+", "", plain)[:38].strip() or "value"
        taken = set(names.values())
        name, number = plain, 2
        while name in taken:
            name, number = f"{plain} {number}", number + 1
        assert re.fullmatch(NAME, name)
        names[foreign] = name
    return names[foreign]


def _escaped(text: str) -> str:
    """Text in which nothing is a variable and nothing is unescaped: it is filled as it stands."""
    return TOKEN.sub(lambda match: "\\" + match[0], text)


def _join(before: str, after: str) -> str:
    """The texts one after the other, so that a marker at the seam stays one and is not escaped."""
    ends_with_variable = _LAST.search(before[-LONGEST:])
    if _FIRST.match(after):
        touches = before.endswith("\\") or bool(ends_with_variable)
    else:
        touches = bool(ends_with_variable) and after.startswith(("(", "["))
    return before + (" " if touches else "") + after
