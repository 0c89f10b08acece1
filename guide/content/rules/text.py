"""Rules for single texts: how a slug looks, how long a text may be, how a run may be set."""

import re
from collections.abc import Collection, Iterator

from guide.content.building import Problem
from guide.content.records import Settings
from guide.content.tree import Path
from guide.content.words import word_count

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def slug_problems(slug: str) -> Iterator[Problem]:
    if not SLUG.fullmatch(slug) or len(slug) > 80:
        sentence = f"The slug {slug!r} must be lower-case letters and digits joined by hyphens."
        yield Problem(("slug",), sentence)


def length_problems(path: Path, text: str, most: int) -> Iterator[Problem]:
    """The text is there and has at most this many characters."""
    if not text:
        yield Problem(path, f"{_named(path)} is empty.")
    elif len(text) > most:
        sentence = f"{_named(path)} has {len(text)} characters; at most {most} fit."
        yield Problem(path, sentence)


def words_problems(path: Path, text: str, least: int, most: int) -> Iterator[Problem]:
    count = word_count(text)
    if not least <= count <= most:
        yield Problem(path, f"{_named(path)} has {count} words; it needs {least} to {most}.")


def choice_problems(path: Path, value: str, choices: Collection[str]) -> Iterator[Problem]:
    if value not in choices:
        listed = ", ".join(choice or "(nothing)" for choice in choices)
        yield Problem(path, f"{value!r} is not one of: {listed}.")


def repeat_problems(path: Path, values: Collection[str]) -> Iterator[Problem]:
    if len(set(values)) != len(values):
        yield Problem(path, f"{_named(path)} names something twice.")


def settings_problems(settings: Settings) -> Iterator[Problem]:
    """The bounds are those of the Try it panel."""
    bounds: list[tuple[str, float | None, float, float]] = [
        ("temperature", settings.temperature, 0, 2),
        ("top_p", settings.top_p, 1e-6, 1),
        ("top_k", settings.top_k, 0, 1000),
        ("max_tokens", settings.max_tokens, 1, 512),
        ("seed", settings.seed, 0, 2**53),
    ]
    for name, value, least, most in bounds:
        if value is not None and not least <= value <= most:
            sentence = f"{name} is {value}; it must lie between {least} and {most}."
            yield Problem(("settings", name), sentence)
    if len(settings.stop) > 4 or any(not 1 <= len(text) <= 40 for text in settings.stop):
        yield Problem(("settings", "stop"), "At most 4 stop texts of 1 to 40 characters.")


def _named(path: Path) -> str:
    return "The " + " ".join(str(part) for part in path if isinstance(part, str))
