"""A record is built from the plain values of a file; each thing that does not fit is a problem."""

from collections.abc import Hashable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from guide.content.tree import Path

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Problem:
    """A broken rule: where in the record, and a sentence that says what to do."""

    path: Path
    sentence: str


class DoesNotFit(Exception):
    """A value cannot become what its field holds; the sentence says what it must be."""


def build(cls: type[R], value: Any, path: Path, problems: list[Problem]) -> R | None:
    """The record of type `cls` in a mapping, or None when a problem was added."""
    if not isinstance(value, dict):
        problems.append(Problem(path, "This must be a mapping of keys to values."))
        return None
    before = len(problems)
    hints = _hints(cast(Hashable, cls))
    for key in value.keys() - hints.keys():
        problems.append(Problem((*path, key), f"The key {key} is not known here."))
    values: dict[str, Any] = {}
    for item in fields(cls):  # type: ignore[arg-type]  # only dataclasses are given
        if item.name in value:
            values[item.name] = _convert(
                hints[item.name], value[item.name], (*path, item.name), problems
            )
        elif item.default is MISSING and item.default_factory is MISSING:
            problems.append(Problem(path, f"The key {item.name} is missing."))
    return cls(**values) if len(problems) == before else None


@cache
def _hints(cls: Hashable) -> dict[str, Any]:
    return get_type_hints(cls)


def _convert(hint: Any, value: Any, path: Path, problems: list[Problem]) -> Any:
    origin = get_origin(hint)
    if origin is tuple:
        if value == "":
            return ()
        if not isinstance(value, list):
            problems.append(Problem(path, "This must be a list."))
            return None
        item = get_args(hint)[0]
        return tuple(_convert(item, v, (*path, i), problems) for i, v in enumerate(value))
    if origin in (Union, UnionType):
        hint = get_args(hint)[0]
    if is_dataclass(hint) and isinstance(hint, type):
        return build(hint, value, path, problems)
    try:
        return _scalar(hint, value)
    except DoesNotFit as error:
        problems.append(Problem(path, str(error)))
        return None


def _scalar(hint: type, value: Any) -> str | int | float | bool | date:
    if not isinstance(value, str):
        raise DoesNotFit("This must be a single value, not a list or a mapping.")
    if hint is str:
        return value
    if hint is bool:
        if value not in ("true", "false"):
            raise DoesNotFit(f"{value} must be true or false.")
        return value == "true"
    try:
        if hint is date:
            return date.fromisoformat(value)
        return float(value) if hint is float else int(value)
    except ValueError as error:
        kind = {date: "a date like 2026-11-23", float: "a number"}.get(hint, "a whole number")
        raise DoesNotFit(f"{value or 'Nothing'} is not {kind}.") from error
