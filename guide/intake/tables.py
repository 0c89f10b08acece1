"""An uploaded file as rows of plain values, whatever its format; refused in words if it is none."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

from guide.content.tree import ContentError, parse
from guide.spreadsheet import FORMULA, LISTS, MAPPINGS, unsafe

MOST_ROWS = 100_000
MOST_BYTES = 48 * 1024 * 1024
LONGEST_CELL = 100_000
NEEDED = ("title", "template")
# A cell may begin with a hyphen: so do lists.
REFUSED = tuple(mark for mark in FORMULA if mark != "-")
Values = dict[str, Any]


class FileRefused(Exception):
    """The file as a whole cannot be read; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """`number` is where its author finds it: the row of the sheet, the place in the list."""

    number: int
    values: Values
    problems: tuple[str, ...] = ()


def read_rows(name: str, body: bytes) -> list[Row]:
    """The rows of a .csv, .json, .yaml or .yml file; FileRefused otherwise."""
    kind = name.lower().rpartition(".")[2]
    readers = {"csv": _csv, "json": _json, "yaml": _yaml, "yml": _yaml}
    if kind not in readers:
        raise FileRefused(f"{name} is no .csv, .json or .yaml file.")
    if len(body) > MOST_BYTES:
        raise FileRefused(f"The file is larger than {MOST_BYTES // 1024 // 1024} MB; split it.")
    rows = list(readers[kind](_text(body)))
    if not rows:
        raise FileRefused("The file holds no prompts.")
    if len(rows) > MOST_ROWS:
        raise FileRefused(f"The file holds {len(rows)} rows; {MOST_ROWS} is the most. Split it.")
    return rows


def _text(body: bytes) -> str:
    """UTF-8 with or without its mark, or UTF-16 with one, as spreadsheets write them."""
    encoding = "utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        line = body[: error.start].count(b"\n") + 1
        sentence = f"The file is not UTF-8 text: line {line} holds a byte that is none. "
        raise FileRefused(sentence + "Save it as CSV UTF-8 and try again.") from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise FileRefused(f"The file is no text: line {line} holds a NUL character.")
    return text


def _csv(text: str) -> Iterator[Row]:
    csv.field_size_limit(LONGEST_CELL)
    first = text.partition("\n")[0]
    separator = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        columns = [name.strip().lower() for name in next(reader, [])]
        _need(columns)
        for number, cells in enumerate(reader, 2):
            if any(cell.strip() for cell in cells):
                yield _sheet_row(number, columns, cells)
    except csv.Error as error:
        raise FileRefused(f"Line {reader.line_num} is no CSV: {error}.") from error


def _need(columns: list[str]) -> None:
    missing = [name for name in NEEDED if name not in columns]
    if "category" not in columns and "subcategory" not in columns:
        missing.append("subcategory")
    if missing:
        listed = ", ".join(missing)
        raise FileRefused(f"The first row must name the columns; {listed} is missing.")
    if len(set(columns)) != len(columns):
        raise FileRefused("A column is named twice.")


def _sheet_row(number: int, columns: list[str], cells: list[str]) -> Row:
    if len(cells) > len(columns):
        more = len(cells) - len(columns)
        return Row(number, {}, (f"The row has {more} cells more than there are columns.",))
    values: Values = {}
    problems: list[str] = []
    for column, cell in zip(columns, cells, strict=False):
        if cell.startswith(REFUSED):
            mark = cell[0].strip() or "a tab"
            sentence = f"{column} begins like a formula ({mark}); put an apostrophe before it."
            problems.append(sentence)
        try:
            values[column] = _cell(column, unsafe(cell).strip())
        except ValueError:
            problems.append(f"{column} is not the JSON that it should be.")
    return Row(number, values, tuple(problems))


def _cell(column: str, cell: str) -> Any:
    if column in LISTS:
        return [part.strip() for part in cell.split(";") if part.strip()]
    if column in MAPPINGS:
        return json.loads(cell) if cell else {}
    return cell


def _json(text: str) -> Iterator[Row]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FileRefused(f"This is no JSON: {error}.") from error
    yield from _listed(value)


def _yaml(text: str) -> Iterator[Row]:
    try:
        value = parse(text).value
    except ContentError as error:
        raise FileRefused(f"Line {error.line}: {error.sentence}") from error
    yield from _listed(value)


def _listed(value: Any) -> Iterator[Row]:
    """A list of prompts, or what /prompts.json answers."""
    if isinstance(value, dict):
        value = value.get("prompts")
    if not isinstance(value, list):
        raise FileRefused("The file must hold a list of prompts.")
    for number, item in enumerate(value, 1):
        if isinstance(item, dict):
            yield Row(number, item)
        else:
            yield Row(number, {}, ("This is no mapping of keys to values.",))
