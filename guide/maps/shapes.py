"""Shapes are what a map is made of: labels that lead to pages, and lines between them."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the units of the drawing, x to the right and y down."""

    x: float
    y: float

    def __str__(self) -> str:
        return f"{self.x:.1f} {self.y:.1f}"


def on_circle(angle: float, radius: float) -> Point:
    """The point at an angle, in radians clockwise from the top, around the middle (0, 0)."""
    return Point(radius * math.sin(angle), -radius * math.cos(angle))


def arc(begin: float, end: float, radius: float) -> str:
    """The path along a circle from one angle to another, in that direction."""
    is_large = int(abs(end - begin) > math.pi)
    first, last = on_circle(begin, radius), on_circle(end, radius)
    return f"M{first}A{radius:.1f} {radius:.1f} 0 {is_large} {int(end > begin)} {last}"
