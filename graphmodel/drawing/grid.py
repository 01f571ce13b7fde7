"""Orthogonal routes between boxes on a grid by A* (Hart, Nilsson, Raphael 1968): few corners, little overlap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import heappop, heappush
from types import MappingProxyType

from graphmodel.drawing.shapes import Point, Rect

CLEARANCE = 5.0
CELL = 11.0
BEND = 5.0
SHARED = 3.0
STUB = 14.0
SIDES: Mapping[str, Point] = MappingProxyType({"right": (1, 0), "left": (-1, 0), "bottom": (0, 1), "top": (0, -1)})


class Grid:
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

    def add_frame(self, frame: Rect) -> None:
        """Make the border of a zone dear, and the strip of its label a little."""
        left, right = self._column(frame.x), self._column(frame.right)
        top, bottom = self._row(frame.y), self._row(frame.bottom)
        for row in range(top, bottom + 1):
            for column in (left, right):
                self.used[row * self.columns + column] += 1
        for row in (top, top + 1, bottom):
            for column in range(left, right + 1):
                self.used[min(row, self.rows - 1) * self.columns + column] += 1

    def _column(self, x: float) -> int:
        return min(self.columns - 1, max(0, int((x - self.left) / CELL)))

    def _row(self, y: float) -> int:
        return min(self.rows - 1, max(0, int((y - self.top) / CELL)))

    def find(
        self, start: Point, end: Point, leaves: str, arrives: str, effort: int, keep: bool = True
    ) -> list[Point] | None:
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
        for cell in path if keep else ():
            self.used[cell] += 1
        wide = self.columns
        centres = [(self.left + (cell % wide + 0.5) * CELL, self.top + (cell // wide + 0.5) * CELL) for cell in path]
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
