"""Boxes, lines, rectangles and routes: what a layout takes and gives.

All lengths are pixels at zoom 1. A node's position is its centre, a rectangle's its top left
corner; y grows downwards, as on a canvas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Point = tuple[float, float]

Route = tuple[Point, ...]
"""A chain of cubic Bézier curves: the start, then two control points and an end for each curve."""


@dataclass(frozen=True, slots=True)
class LayoutNode:
    """A box to place; ``zone`` matters to ``zoned`` alone."""

    id: str
    width: float
    height: float
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class LayoutEdge:
    """A line from one box to another. Lines to boxes that are not there are left out."""

    id: str
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class LayoutZone:
    """A rectangle to draw around boxes, at least wide enough for its label."""

    id: str
    parent: str | None = None
    trust: float | None = None
    label_width: float = 120


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle by its top left corner and size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def overlaps(self, other: Rect, margin: float = 0) -> bool:
        """Whether the two come closer than ``margin``; touching is not overlapping."""
        return (
            self.x < other.right + margin
            and other.x < self.right + margin
            and self.y < other.bottom + margin
            and other.y < self.bottom + margin
        )

    def holds(self, other: Rect) -> bool:
        """Whether ``other`` lies wholly inside."""
        return self.x <= other.x and self.y <= other.y and self.right >= other.right and self.bottom >= other.bottom


@dataclass(frozen=True)
class Positions:
    """Where everything goes.

    ``reversed`` names the edges that had to be drawn against the reading direction. ``labels``
    holds, for each zone, where its label starts (left end, vertical middle).
    """

    nodes: Mapping[str, Point]
    routes: Mapping[str, Route]
    width: float
    height: float
    zones: Mapping[str, Rect] = field(default_factory=dict)
    labels: Mapping[str, Point] = field(default_factory=dict)
    reversed: frozenset[str] = frozenset()


def box_at(node: LayoutNode, centre: Point) -> Rect:
    """The box of a node placed at ``centre``."""
    return Rect(centre[0] - node.width / 2, centre[1] - node.height / 2, node.width, node.height)
