"""The map of all terms: a ring of names by group, and a curve for each pair that is linked."""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from guide.maps.shapes import arc, on_circle
from guide.shelf import Entry

RADIUS = 600.0
# Room for the longest names outside the ring.
SIZE = 2 * (RADIUS + 240)
BAND = 30.0
# Between two groups the ring stays open for so many names.
GAP = 2
_FULL = 2 * math.pi


@dataclass(frozen=True, slots=True)
class Mark:
    """A term on the ring: its name, turned so that it can be read, and its lines to others."""

    slug: str
    term: str
    url: str
    sector: int
    x: float
    y: float
    turn: float
    anchor: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sector:
    """The part of the ring that a group has; `path` is where its name is written."""

    number: int
    slug: str
    name: str
    arc: str
    path: str


@dataclass(frozen=True, slots=True)
class Ring:
    sectors: tuple[Sector, ...]
    marks: tuple[Mark, ...]
    line_count: int

    @property
    def view_box(self) -> str:
        return f"{-SIZE / 2:.0f} {-SIZE / 2:.0f} {SIZE:.0f} {SIZE:.0f}"


def draw_ring(
    groups: Sequence[tuple[int, str, str]],
    entries: Iterable[Entry],
    links: Collection[tuple[str, str]],
) -> Ring:
    """Groups as (id, slug, name) in reading order; links as pairs of slugs, in either direction."""
    order = {pk: number for number, (pk, _, _) in enumerate(groups)}
    placed = sorted(entries, key=lambda entry: (order[entry.group_id], entry.term.casefold()))
    used = [order[entry.group_id] for entry in placed]
    step = _FULL / max(1, len(placed) + GAP * len(set(used)))
    angles = _angles(placed, used, step)
    pairs = {(a, b) if a < b else (b, a) for a, b in links if a in angles and b in angles}
    marks = _marks(placed, order, angles, pairs)
    sectors = []
    for number, members in groupby(zip(used, placed, strict=True), key=lambda pair: pair[0]):
        inside = [angles[entry.slug] for _, entry in members]
        _, slug, name = groups[number]
        sectors.append(_sector((number, slug, name), inside[0], inside[-1], step))
    return Ring(tuple(sectors), marks, len(pairs))


def _angles(placed: Sequence[Entry], used: Sequence[int], step: float) -> dict[str, float]:
    angles: dict[str, float] = {}
    slot = 0
    for index, entry in enumerate(placed):
        if index and used[index] != used[index - 1]:
            slot += GAP
        angles[entry.slug] = (slot + (GAP + 1) / 2) * step
        slot += 1
    return angles


def _marks(
    placed: Iterable[Entry],
    order: dict[int, int],
    angles: dict[str, float],
    pairs: Iterable[tuple[str, str]],
) -> tuple[Mark, ...]:
    """Each line belongs to both its ends, so that either name can light it up."""
    lines: defaultdict[str, list[str]] = defaultdict(list)
    for one, other in sorted(pairs):
        lines[one].append(_curve(angles[one], angles[other]))
        lines[other].append(_curve(angles[one], angles[other]))
    return tuple(
        _mark(entry, order[entry.group_id], angles[entry.slug], tuple(lines[entry.slug]))
        for entry in placed
    )


def _mark(entry: Entry, sector: int, angle: float, lines: tuple[str, ...]) -> Mark:
    """On the left half a name is turned round, so that none stands on its head."""
    point = on_circle(angle, RADIUS + 8)
    is_left = angle % _FULL > math.pi
    turn = math.degrees(angle) + (90 if is_left else -90)
    return Mark(
        slug=entry.slug,
        term=entry.term,
        url=entry.url,
        sector=sector,
        x=round(point.x, 1),
        y=round(point.y, 1),
        turn=round(turn, 1),
        anchor="end" if is_left else "start",
        lines=lines,
    )


def _curve(one: float, other: float) -> str:
    """From the inner rim to the inner rim, bent towards the middle: the further apart, the more."""
    rim = RADIUS - BAND - 6
    apart = abs((one - other + math.pi) % _FULL - math.pi)
    pull = on_circle(_between(one, other), rim * max(0.0, 1 - apart / 1.6))
    return f"M{on_circle(one, rim)}Q{pull} {on_circle(other, rim)}"


def _between(one: float, other: float) -> float:
    """The angle half way on the shorter way round."""
    return one + ((other - one + math.pi) % _FULL - math.pi) / 2


def _sector(named: tuple[int, str, str], first: float, last: float, step: float) -> Sector:
    """From its first to its last term; its name may reach a little into the gaps beside it."""
    number, slug, name = named
    inner = RADIUS - BAND / 2
    begin, end = first - 1.5 * step, last + 1.5 * step
    is_below = math.pi / 2 < (begin + end) / 2 % _FULL < 3 * math.pi / 2
    # Written from left to right: clockwise above, the other way below, and a little further out.
    path = arc(end, begin, inner + 5) if is_below else arc(begin, end, inner - 5)
    return Sector(number, slug, name, arc(first - step / 2, last + step / 2, inner), path)
