"""Which rectangle of a drawing lies in which other: membership in a zone, where a format draws and does not say it."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOST_CHECKS = 5_000_000  # pairs of rectangles that are compared in one drawing
_FARTHEST = 1e9


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with its upper left corner, in the unit of the drawing."""

    x: float
    y: float
    width: float
    height: float

    @property
    def area(self) -> float:
        return self.width * self.height

    def holds(self, other: Box) -> bool:
        """Whether the other one lies wholly inside; edges may touch."""
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.x + other.width <= self.x + self.width
            and other.y + other.height <= self.y + self.height
        )


def number(value: Any) -> float | None:
    """A length or coordinate as formats write it; None where it is none, or beyond any drawing."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value) if not isinstance(value, str) else float(value.strip()[:40])
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) and abs(found) <= _FARTHEST else None


def box(x: Any, y: Any, width: Any, height: Any) -> Box | None:
    """A rectangle of values as they stand in a file; None where one is missing or the rectangle has no extent."""
    left, top, wide, high = number(x), number(y), number(width), number(height)
    if left is None or top is None or wide is None or high is None or wide < 0 or high < 0:
        return None
    return Box(left, top, wide, high)


def innermost(boxes: Mapping[str, Box], zones: Mapping[str, Box]) -> tuple[dict[str, str], bool]:
    """For each box by its key the smallest zone that holds it wholly, and whether all pairs could be compared.

    What is both a box and a zone may lie in other zones: never in itself, and of two equal ones the later in the
    earlier. Zones are taken from the largest to the smallest, so that the last one that holds a box is the innermost.
    """
    placed = sorted(
        ((one.x, one.y, one.x + one.width, one.y + one.height, key) for key, one in boxes.items()),
        key=lambda edges: edges[0],
    )
    lefts = [edges[0] for edges in placed]
    ranks = {key: rank for rank, key in enumerate(zones)}
    found: dict[str, str] = {}
    left = MOST_CHECKS
    for zone in sorted(zones, key=lambda key: (-zones[key].area, ranks[key])):
        around = zones[zone]
        top, right, bottom = around.y, around.x + around.width, around.y + around.height
        start, end = bisect_left(lefts, around.x), bisect_right(lefts, right)
        left -= end - start
        if left < 0:
            return found, False
        for edges in placed[start:end]:  # written out and not asked of ``holds``: it is done millions of times
            if edges[1] < top or edges[3] > bottom or edges[2] > right:
                continue
            key = edges[4]
            if key == zone or (key in ranks and boxes[key] == around and ranks[key] < ranks[zone]):
                continue
            found[key] = zone
    return found, True
