"""Lines between placed boxes: ports on their sides, smooth curves, and ways around other boxes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush
from itertools import pairwise

from graphmodel.layout_shapes import LayoutEdge, Point, Rect, Route

PORT_STEP = 11.0
CLEARANCE = 7.0
CELL = 13.0
BEND = 5.0
SHARED = 3.0
STUB = 14.0
SIDES: Mapping[str, Point] = {"right": (1, 0), "left": (-1, 0), "bottom": (0, 1), "top": (0, -1)}


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
    boxes: Mapping[str, Rect], edges: Sequence[LayoutEdge], area: Rect, effort: int = 400_000
) -> dict[str, Route]:
    """A route for every edge between placed boxes, around boxes in the way while ``effort`` lasts."""
    sides = {edge.id: _sides(boxes[edge.source], boxes[edge.target]) for edge in edges if edge.source != edge.target}
    ports = _ports(boxes, edges, sides)
    routes: dict[str, Route] = {}
    blocked: list[LayoutEdge] = []
    for edge in edges:
        if edge.source == edge.target:
            routes[edge.id] = loop(boxes[edge.source])
            continue
        start, end = ports[edge.id]
        route = _direct(start, end, *sides[edge.id])
        others = [box for node, box in boxes.items() if node not in (edge.source, edge.target)]
        routes[edge.id] = route
        if _hits(route, others):
            blocked.append(edge)
    grid = _Grid(boxes.values(), area)
    for edge in sorted(blocked, key=lambda e: (_distance(*ports[e.id]), e.id)):
        found = grid.find(*ports[edge.id], *sides[edge.id], effort)
        effort -= grid.spent
        if found is not None:
            routes[edge.id] = rounded(found)
        if effort <= 0:
            break
    return routes


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


class _Grid:
    """Cells of the drawing area: free, or covered by a box; used cells cost more the next time."""

    def __init__(self, boxes: Iterable[Rect], area: Rect) -> None:
        self.left, self.top = area.x - 4 * CELL, area.y - 4 * CELL
        self.columns = int(area.width / CELL) + 9
        self.rows = int(area.height / CELL) + 9
        self.closed = bytearray(self.columns * self.rows)
        self.used = [0] * (self.columns * self.rows)
        self.spent = 0
        for box in boxes:
            for row in range(self._row(box.y - CLEARANCE), self._row(box.bottom + CLEARANCE) + 1):
                for column in range(self._column(box.x - CLEARANCE), self._column(box.right + CLEARANCE) + 1):
                    self.closed[row * self.columns + column] = 1

    def _column(self, x: float) -> int:
        return min(self.columns - 1, max(0, int((x - self.left) / CELL)))

    def _row(self, y: float) -> int:
        return min(self.rows - 1, max(0, int((y - self.top) / CELL)))

    def find(self, start: Point, end: Point, leaves: str, arrives: str, effort: int) -> list[Point] | None:
        """Corners of a way from port to port, or None where there is none for this effort (A*)."""
        self.spent = 0
        out, into = SIDES[leaves], SIDES[arrives]
        first = self._free_cell(start, out)
        last = self._free_cell(end, into)
        if first is None or last is None:
            return None
        path = self._search(first, last, out, effort)
        if path is None:
            return None
        for cell in path:
            self.used[cell] += 1
        centres = [
            (self.left + (cell % self.columns + 0.5) * CELL, self.top + (cell // self.columns + 0.5) * CELL)
            for cell in path
        ]
        return _corners(start, end, centres, leaves in ("left", "right"), arrives in ("left", "right"))

    def _free_cell(self, port: Point, way: Point) -> int | None:
        for step in range(1, 5):
            x, y = port[0] + way[0] * STUB * step * 0.7, port[1] + way[1] * STUB * step * 0.7
            cell = self._row(y) * self.columns + self._column(x)
            if not self.closed[cell]:
                return cell
        return None

    def _search(self, first: int, last: int, out: Point, effort: int) -> list[int] | None:
        wide = self.columns
        moves = ((1, 1, 0), (-1, -1, 0), (wide, 0, 1), (-wide, 0, -1))
        goal_column, goal_row = last % wide, last // wide
        heading = next(i for i, move in enumerate(moves) if (move[1], move[2]) == out)
        start = (first, heading)
        cost = {start: 0.0}
        came: dict[tuple[int, int], tuple[int, int]] = {}
        heap: list[tuple[float, int, int]] = [(0.0, first, heading)]
        done: set[tuple[int, int]] = set()
        while heap and self.spent < effort:
            _, cell, way = heappop(heap)
            state = (cell, way)
            if state in done:
                continue
            done.add(state)
            self.spent += 1
            if cell == last:
                path = [cell]
                while state in came:
                    state = came[state]
                    path.append(state[0])
                return path[::-1]
            column, row = cell % wide, cell // wide
            for index, (jump, dx, dy) in enumerate(moves):
                if index == way ^ 1 or not (0 <= column + dx < wide and 0 <= row + dy < self.rows):
                    continue
                near = cell + jump
                if self.closed[near]:
                    continue
                price = cost[state] + 1 + (BEND if index != way else 0) + SHARED * self.used[near]
                key = (near, index)
                if price < cost.get(key, 1e18):
                    cost[key] = price
                    came[key] = state
                    guess = abs(column + dx - goal_column) + abs(row + dy - goal_row)
                    heappush(heap, (price + guess, near, index))
        return None


def _corners(start: Point, end: Point, cells: list[Point], level_out: bool, level_in: bool) -> list[Point]:
    """Cell centres as corners, with the ends moved onto the ports' own lines."""
    corners = [cells[0]]
    for before, here, after in zip(cells, cells[1:], cells[2:], strict=False):
        if (here[0] - before[0]) * (after[1] - here[1]) != (here[1] - before[1]) * (after[0] - here[0]):
            corners.append(here)
    if len(cells) > 1:
        corners.append(cells[-1])
    corners[0] = (corners[0][0], start[1]) if level_out else (start[0], corners[0][1])
    if len(corners) > 2:
        corners[1] = _in_line(corners[1], cells[0], corners[0])
        before_last = corners[-1]
        corners[-1] = (before_last[0], end[1]) if level_in else (end[0], before_last[1])
        corners[-2] = _in_line(corners[-2], before_last, corners[-1])
    return [start, *corners, end]


def _in_line(corner: Point, old: Point, new: Point) -> Point:
    """The corner at the other end of a straight run whose first end moved sideways."""
    return (
        new[0] if corner[0] == old[0] else corner[0],
        new[1] if corner[1] == old[1] else corner[1],
    )
