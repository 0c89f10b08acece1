"""The surroundings of one term: what it is part of above it, its parts below, its kin beside it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from guide.models import Definition

WIDTH = 840.0
ROW = 56.0
HEIGHT = 34.0
# A letter of the label's size is about this wide; enough room matters, not the exact width.
LETTER = 7.6
PADDING = 26.0
BESIDE = 8
ABOVE = 3
BELOW = 6


@dataclass(frozen=True, slots=True)
class Label:
    """A name in a rounded box; x and y are the middle of the box."""

    name: str
    url: str
    kind: str
    x: float
    y: float
    width: float
    line: str = ""

    @property
    def left(self) -> float:
        return round(self.x - self.width / 2, 1)

    @property
    def top(self) -> float:
        return round(self.y - HEIGHT / 2, 1)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The drawing: the term in the middle and its labels, each with the line that leads to it."""

    centre: Label
    labels: tuple[Label, ...]
    height: float

    @property
    def view_box(self) -> str:
        return f"0 0 {WIDTH:.0f} {self.height:.0f}"


def draw_surroundings(
    term: Definition,
    broader: Sequence[Definition],
    narrower: Sequence[Definition],
    related: Sequence[Definition],
) -> Surroundings | None:
    """None for a term without links; each other term stands once, the closest kind first."""
    above = _once(broader, {term.pk})[:ABOVE]
    seen = {term.pk, *(row.pk for row in above)}
    below = _once(narrower, seen)[:BELOW]
    seen |= {row.pk for row in below}
    beside = _once(related, seen)[:BESIDE]
    if not (above or below or beside):
        return None
    sides = max(1, (len(beside) + 1) // 2)
    top = ROW / 2 + (ROW if above else 0)
    middle = top + (sides - 1) * ROW / 2
    rows_below = _rows(below)
    height = top + (sides - 1) * ROW + ROW / 2 + len(rows_below) * ROW
    centre = Label(term.term, "", "centre", WIDTH / 2, middle, _width(term.term) + 12)
    labels = [*_row(above, "broader", ROW / 2, centre)]
    for index, row in enumerate(beside):
        labels.append(_beside(row, index, top + index // 2 * ROW, centre))
    first = height - len(rows_below) * ROW + ROW / 2
    for number, members in enumerate(rows_below):
        labels += _row(members, "narrower", first + number * ROW, centre)
    return Surroundings(centre, tuple(labels), height)


def _once(rows: Iterable[Definition], seen: set[int]) -> list[Definition]:
    return [row for row in dict.fromkeys(rows) if row.pk not in seen]


def _rows(rows: Sequence[Definition]) -> list[list[Definition]]:
    """Rows of labels that fit side by side."""
    out: list[list[Definition]] = []
    room = 0.0
    for row in rows:
        width = _width(row.term) + 16
        if not out or width > room:
            out.append([])
            room = WIDTH
        out[-1].append(row)
        room -= width
    return out


def _row(rows: Sequence[Definition], kind: str, y: float, centre: Label) -> Iterable[Label]:
    """Labels side by side, the row in the middle of the drawing."""
    widths = [_width(row.term) for row in rows]
    left = (WIDTH - sum(widths) - 16 * (len(rows) - 1)) / 2
    for row, width in zip(rows, widths, strict=True):
        x = left + width / 2
        left += width + 16
        yield _label(row, kind, x, y, centre)


def _beside(row: Definition, index: int, y: float, centre: Label) -> Label:
    """The first label to the left, the second to the right, and so on downwards."""
    half = _width(row.term) / 2
    return _label(row, "related", half + 1 if index % 2 == 0 else WIDTH - half - 1, y, centre)


def _label(row: Definition, kind: str, x: float, y: float, centre: Label) -> Label:
    bend = (
        f"{(x + centre.x) / 2:.1f} {centre.y:.1f}"
        if kind == "related"
        else (f"{centre.x:.1f} {(y + centre.y) / 2:.1f}")
    )
    line = f"M{centre.x:.1f} {centre.y:.1f}Q{bend} {x:.1f} {y:.1f}"
    url = row.get_absolute_url()
    return Label(row.term, url, kind, round(x, 1), y, round(_width(row.term), 1), line)


def _width(name: str) -> float:
    return len(name) * LETTER + PADDING
