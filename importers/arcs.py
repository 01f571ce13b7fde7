"""Which elements an arc of a drawing embraces: an open curve has no inside, but one bent like a cup has a side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from importers.geometry import Box

LEAST_BEND = 0.08  # of the length of the chord; less is a straight line, which parts and does not embrace


@dataclass(frozen=True, slots=True)
class Arc:
    """A curve from start to end that is drawn towards its handle; each a point with x and y."""

    start: tuple[float, float]
    end: tuple[float, float]
    handle: tuple[float, float]

    def distance(self, inside: Box) -> float | None:
        """How far the middle of a box lies from the chord, where the curve opens towards it; None where it does not.

        It opens away from its handle, between its two ends, and no farther than these are from each other.
        """
        (ax, ay), (bx, by) = self.start, self.end
        dx, dy = bx - ax, by - ay
        length = dx * dx + dy * dy
        if length <= 0:
            return None
        bend = (dx * (self.handle[1] - ay) - dy * (self.handle[0] - ax)) / length
        if abs(bend) < LEAST_BEND:
            return None
        px, py = inside.x + inside.width / 2 - ax, inside.y + inside.height / 2 - ay
        along, across = (px * dx + py * dy) / length, (dx * py - dy * px) / length
        if not 0 <= along <= 1 or across * bend > bend * bend * 2 * along * (1 - along):
            return None
        return abs(across) * length**0.5 if abs(across) <= 1 else None


def embraced(boxes: Mapping[str, Box], arcs: Mapping[str, Arc]) -> dict[str, str]:
    """For each box by its key the nearest arc that opens towards it."""
    found: dict[str, str] = {}
    for key, inside in boxes.items():
        near = [(far, arc) for arc, one in arcs.items() if (far := one.distance(inside)) is not None]
        if near:
            found[key] = min(near)[1]
    return found
