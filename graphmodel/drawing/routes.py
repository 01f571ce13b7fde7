"""Routes of lines between placed boxes: ports on their sides, smooth curves, and ways around other boxes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from graphmodel.drawing.grid import SIDES, Grid
from graphmodel.drawing.shapes import LayoutEdge, Point, Rect, Route

PORT_STEP = 11.0


def spread_ports(box: Rect, side: str, count: int) -> list[Point]:
    """``count`` points along one side of a box, around its middle."""
    upright = side in ("left", "right")
    length = (box.height if upright else box.width) - 16
    step = min(PORT_STEP, max(0.0, length) / max(1, count - 1))
    offsets = [(index - (count - 1) / 2) * step for index in range(count)]
    if upright:
        x = box.x if side == "left" else box.right
        return [(x, box.y + box.height / 2 + offset) for offset in offsets]
    y = box.y if side == "top" else box.bottom
    return [(box.x + box.width / 2 + offset, y) for offset in offsets]


def s_curve(start: Point, end: Point) -> Route:
    """One curve that leaves and arrives horizontally."""
    bend = (end[0] - start[0]) / 2
    return (start, (start[0] + bend, start[1]), (end[0] - bend, end[1]), end)


def through(points: Sequence[Point]) -> Route:
    """Curves through points from left to right, level at each point."""
    route: list[Point] = [points[0]]
    for start, end in pairwise(points):
        route.extend(s_curve(start, end)[1:])
    return tuple(route)


def loop(box: Rect) -> Route:
    """A small loop from a box's right side to its top."""
    start, end = (box.right, box.y + box.height / 3), (box.right - box.width / 4, box.y)
    return (start, (start[0] + 34, start[1]), (end[0], end[1] - 34), end)


def rounded(points: Sequence[Point], radius: float = 12) -> Route:
    """A chain of straight lines with rounded corners."""
    route: list[Point] = [points[0]]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        into = _towards(corner, before, radius)
        out = _towards(corner, after, radius)
        route.extend(_line(route[-1], into))
        route.extend((_towards(into, corner, radius * 0.6), _towards(out, corner, radius * 0.6), out))
    route.extend(_line(route[-1], points[-1]))
    return tuple(route)


def _towards(start: Point, end: Point, length: float) -> Point:
    dx, dy = end[0] - start[0], end[1] - start[1]
    whole = (dx * dx + dy * dy) ** 0.5
    share = min(length, whole / 2) / whole if whole else 0.0
    return (start[0] + dx * share, start[1] + dy * share)


def _line(start: Point, end: Point) -> tuple[Point, Point, Point]:
    third = ((end[0] - start[0]) / 3, (end[1] - start[1]) / 3)
    return ((start[0] + third[0], start[1] + third[1]), (end[0] - third[0], end[1] - third[1]), end)


def samples(route: Route, per_curve: int = 12) -> Iterable[Point]:
    """Points along a route."""
    for at in range(0, len(route) - 3, 3):
        a, b, c, d = route[at : at + 4]
        for step in range(per_curve + 1):
            t = step / per_curve
            s = 1 - t
            w = (s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t)
            yield (
                a[0] * w[0] + b[0] * w[1] + c[0] * w[2] + d[0] * w[3],
                a[1] * w[0] + b[1] * w[1] + c[1] * w[2] + d[1] * w[3],
            )


def connect(
    boxes: Mapping[str, Rect],
    edges: Sequence[LayoutEdge],
    area: Rect,
    frames: Iterable[Rect] = (),
    effort: int = 400_000,
) -> dict[str, Route]:
    """A route for every edge between placed boxes, around boxes in the way while ``effort`` lasts.

    Routes may cross the borders of ``frames`` but avoid running along them or through their labels.
    """
    grid = Grid(boxes.values(), area)
    for frame in frames:
        grid.add_frame(frame)
    lines = [edge for edge in edges if edge.source != edge.target]
    sides = {edge.id: _sides(boxes[edge.source], boxes[edge.target]) for edge in lines}
    blocked: list[LayoutEdge] = []
    for edge in lines:
        others = [box for node, box in boxes.items() if node not in (edge.source, edge.target)]
        if not _hits(simple_route(boxes[edge.source], boxes[edge.target]), others):
            continue
        blocked.append(edge)
        if sides[edge.id][0] in ("top", "bottom") and effort > 0:
            sides[edge.id] = _way_around(grid, boxes[edge.source], boxes[edge.target], effort)
            effort -= grid.spent
    ports = _ports(boxes, edges, sides)
    routes = {edge.id: loop(boxes[edge.source]) for edge in edges if edge.source == edge.target}
    for edge in lines:
        routes[edge.id] = _direct(*ports[edge.id], *sides[edge.id])
    for edge in sorted(blocked, key=lambda e: (_distance(*ports[e.id]), e.id)):
        if effort <= 0:
            break
        found = grid.find(*ports[edge.id], *sides[edge.id], effort)
        effort -= grid.spent
        if found is not None:
            routes[edge.id] = rounded(found)
    return routes


def _way_around(grid: Grid, source: Rect, target: Rect, effort: int) -> tuple[str, str]:
    """The sides by which a box reaches another above or below it when something is between."""
    best = (float("inf"), _sides(source, target))
    spent = 0
    for leaves in ("right", "left"):
        for arrives in ("right", "left"):
            start, end = spread_ports(source, leaves, 1)[0], spread_ports(target, arrives, 1)[0]
            found = grid.find(start, end, leaves, arrives, effort, keep=False)
            spent += grid.spent
            if found is not None:
                length = sum(_distance(a, b) for a, b in pairwise(found)) + 40 * len(found)
                best = min(best, (length, (leaves, arrives)))
    grid.spent = spent
    return best[1]


def simple_route(source: Rect, target: Rect) -> Route:
    """One curve between the middles of the sides that face each other."""
    if source == target:
        return loop(source)
    leaves, arrives = _sides(source, target)
    return _direct(spread_ports(source, leaves, 1)[0], spread_ports(target, arrives, 1)[0], leaves, arrives)


def _distance(start: Point, end: Point) -> float:
    return abs(start[0] - end[0]) + abs(start[1] - end[1])


def _sides(source: Rect, target: Rect) -> tuple[str, str]:
    if target.x >= source.right + 24:
        return "right", "left"
    if target.right <= source.x - 24:
        return "left", "right"
    return ("bottom", "top") if target.y >= source.bottom else ("top", "bottom")


def _ports(
    boxes: Mapping[str, Rect], edges: Sequence[LayoutEdge], sides: Mapping[str, tuple[str, str]]
) -> dict[str, tuple[Point, Point]]:
    """Where each edge leaves and arrives: along a side, in the order of the other ends."""
    users: defaultdict[tuple[str, str], list[tuple[float, str, int]]] = defaultdict(list)
    for edge in edges:
        if edge.id not in sides:
            continue
        for end, (node, other) in enumerate(((edge.source, edge.target), (edge.target, edge.source))):
            side = sides[edge.id][end]
            far = boxes[other]
            level = far.y + far.height / 2 if side in ("left", "right") else far.x + far.width / 2
            users[node, side].append((level, edge.id, end))
    found: dict[str, dict[int, Point]] = defaultdict(dict)
    for (node, side), list_ in users.items():
        list_.sort()
        for (_, edge_id, end), port in zip(list_, spread_ports(boxes[node], side, len(list_)), strict=True):
            found[edge_id][end] = port
    return {edge_id: (ends[0], ends[1]) for edge_id, ends in found.items()}


def _direct(start: Point, end: Point, leaves: str, arrives: str) -> Route:
    reach = max(abs(end[0] - start[0]), abs(end[1] - start[1])) / 2
    if leaves in ("left", "right"):
        reach = abs(end[0] - start[0]) / 2
    out, into = SIDES[leaves], SIDES[arrives]
    return (
        start,
        (start[0] + out[0] * reach, start[1] + out[1] * reach),
        (end[0] + into[0] * reach, end[1] + into[1] * reach),
        end,
    )


def _hits(route: Route, boxes: Sequence[Rect]) -> bool:
    points = list(samples(route, 24))
    left, right = min(p[0] for p in points), max(p[0] for p in points)
    top, bottom = min(p[1] for p in points), max(p[1] for p in points)
    for box in boxes:
        if box.right + 4 < left or box.x - 4 > right or box.bottom + 4 < top or box.y - 4 > bottom:
            continue
        if any(box.x - 4 <= x <= box.right + 4 and box.y - 4 <= y <= box.bottom + 4 for x, y in points):
            return True
    return False
