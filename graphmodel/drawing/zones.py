"""A map of a system: nested rectangles for zones, with their assets inside.

Every zone is filled with a grid of its own assets, ordered along its flows, and with the rectangles
of the zones inside it. Blocks then stand in columns, least trusted first. The height of the columns
is tried in several sizes and the one that can be shown largest wins, since what is gained there is
text that can be read. What may be hidden has a grid of its own in its zone, so that everything else
stands where it stands whether that is shown or not.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, inf
from typing import TypeVar

from graphmodel.drawing.layers import back_edges, ranks
from graphmodel.drawing.routes import connect
from graphmodel.drawing.shapes import LayoutEdge, LayoutNode, LayoutZone, Point, Positions, Rect, box_at

OUTSIDE = ""
"""The id of the area for whatever has no zone."""

LABEL = 34.0
PADDING = 20.0
COLUMN_GAP = 58.0
ROW_GAP = 30.0
ZONE_GAP_X = 66.0
ZONE_GAP_Y = 42.0
LONG_COLUMN = 12
HEIGHTS = (180, 260, 340, 430, 520, 620, 740, 880, 1050, 1300, 1700, 2300, 3200, 4600, 7000)

Item = TypeVar("Item")


@dataclass
class _Block:
    """A rectangle under way: a zone, or the grid of a zone's own assets (``grid``)."""

    key: str
    trust: float
    width: float = 0
    height: float = 0
    x: float = 0
    y: float = 0
    grid: list[list[LayoutNode]] = field(default_factory=list)
    columns: list[list[_Block]] = field(default_factory=list)
    label_width: float = 0

    @property
    def is_zone(self) -> bool:
        return bool(self.columns)


def zoned(
    nodes: Sequence[LayoutNode],
    edges: Sequence[LayoutEdge],
    zones: Sequence[LayoutZone],
    *,
    aspect: float = 2.0,
    aside: Collection[str] = (),
    with_aside: bool = True,
) -> Positions:
    """Boxes inside the rectangles of their zones, least trusted zones to the left.

    Zones of unknown trust stand in the middle of the scale; boxes of unknown zone stand in an area
    of their own at the left, which is in the result under the id ``OUTSIDE``. ``aspect`` is the
    width over height to aim at. ``aside`` are ids of boxes and lines that may be hidden: they move no
    other box, and are in the result ``with_aside`` only.
    """
    plan = _Plan(nodes, edges, zones, frozenset(aside))
    best: tuple[float, float] = (inf, 0)
    for height in HEIGHTS:
        root = plan.arrange(height, {})
        best = min(best, (max(root.width / aspect, root.height), height))
    placed: dict[str, Point] = {}
    root = plan.arrange(best[1], placed)
    for _ in range(6):
        placed = _place(root)
        root = plan.arrange(best[1], placed)
    placed = _place(root)
    rectangles: dict[str, Rect] = {}
    _rectangles(root, rectangles)
    boxes = {node.id: box_at(node, placed[node.id]) for node in plan.nodes}
    lines = plan.edges
    if not with_aside:
        boxes = {node: box for node, box in boxes.items() if node not in plan.aside}
        lines = [one for one in lines if one.id not in plan.aside and one.source in boxes and one.target in boxes]
        rectangles = plan.drawn_in(rectangles, boxes)
    area = Rect(0, 0, root.width, root.height)
    routes = connect(boxes, lines, area, rectangles.values())
    return Positions(
        nodes={node: placed[node] for node in sorted(boxes)},
        routes=routes,
        width=root.width,
        height=root.height,
        zones={zone: rectangles[zone] for zone in sorted(rectangles)},
        labels={zone: (rect.x + 14, rect.y + LABEL / 2 + 2) for zone, rect in sorted(rectangles.items())},
    )


class _Plan:
    """The input in a fixed order, with the parents of zones made sound."""

    def __init__(
        self,
        nodes: Sequence[LayoutNode],
        edges: Sequence[LayoutEdge],
        zones: Sequence[LayoutZone],
        aside: frozenset[str],
    ) -> None:
        self.aside = aside
        self.zones = {zone.id: zone for zone in sorted(zones, key=lambda zone: zone.id)}
        self.nodes = sorted({node.id: node for node in nodes}.values(), key=lambda node: node.id)
        known = {node.id for node in self.nodes}
        self.edges = sorted(
            (edge for edge in edges if edge.source in known and edge.target in known), key=lambda edge: edge.id
        )
        self.home = {node.id: node.zone if node.zone in self.zones else OUTSIDE for node in self.nodes}
        self.children: defaultdict[str | None, list[str]] = defaultdict(list)
        for zone in self.zones:
            self.children[self._parent(zone)].append(zone)
        self.own: defaultdict[str, list[LayoutNode]] = defaultdict(list)
        self.extra: defaultdict[str, list[LayoutNode]] = defaultdict(list)
        for node in self.nodes:
            (self.extra if node.id in aside else self.own)[self.home[node.id]].append(node)
        self.near: defaultdict[str, list[str]] = defaultdict(list)
        for edge in self.edges:
            if edge.source != edge.target:
                for one, other in ((edge.source, edge.target), (edge.target, edge.source)):
                    if one in aside or not aside & {edge.id, other}:
                        self.near[one].append(other)
        self.rank = {
            node: place
            for nodes_of in (self.own, self.extra)
            for zone in sorted(nodes_of)
            for node, place in self._local_ranks(nodes_of[zone]).items()
        }

    def _parent(self, zone: str) -> str | None:
        """The parent, or None where it is unknown or leads back to the zone itself."""
        parent = self.zones[zone].parent
        walk, seen = parent, {zone}
        while walk is not None and walk in self.zones:
            if walk in seen:
                return None
            seen.add(walk)
            walk = self.zones[walk].parent
        return parent if parent in self.zones else None

    def _local_ranks(self, nodes: Sequence[LayoutNode]) -> dict[str, int]:
        ids = [node.id for node in nodes]
        known = set(ids)
        inside = [
            e
            for e in self.edges
            if e.source != e.target and known.issuperset((e.source, e.target)) and e.id not in self.aside
        ]
        back = back_edges(ids, inside)
        return ranks(ids, [(e.target, e.source) if e.id in back else (e.source, e.target) for e in inside])

    def _trust(self, zone: str) -> float:
        trust = self.zones[zone].trust
        return 5.0 if trust is None else trust

    def drawn_in(self, whole: Mapping[str, Rect], boxes: Mapping[str, Rect]) -> dict[str, Rect]:
        """The rectangles of the zones around these boxes only; without the zones in which there are none."""
        found: dict[str, Rect] = {}
        for zone in sorted(whole, key=lambda zone: -self._depth(zone)):
            inside = [boxes[node.id] for node in self.own[zone] if node.id in boxes]
            inside += [found[child] for child in self.children[zone] if child in found]
            if inside and self._hides(zone):
                room = whole[zone]
                left, top = min(one.x for one in inside) - PADDING, min(one.y for one in inside) - LABEL
                label = self.zones[zone].label_width + 28 if zone in self.zones else 148.0
                width = min(room.width, max(label, max(one.right for one in inside) + PADDING - left))
                left = max(room.x, min(left, room.right - width))
                found[zone] = Rect(left, top, width, max(one.bottom for one in inside) + PADDING - top)
            elif inside:
                found[zone] = whole[zone]
        return found

    def _depth(self, zone: str) -> int:
        parent = self._parent(zone) if zone in self.zones else None
        return 0 if parent is None else 1 + self._depth(parent)

    def _hides(self, zone: str) -> bool:
        return bool(self.extra[zone]) or any(self._hides(child) for child in self.children[zone])

    def arrange(self, target: float, placed: Mapping[str, Point]) -> _Block:
        """Everything as nested blocks with sizes, columns at most about ``target`` high."""
        blocks = [self._zone(zone, target, placed) for zone in self.children[None]]
        grids = self._grids(OUTSIDE, -1.0, target, placed)
        if grids:
            blocks.append(self._frame(OUTSIDE, -1.0, grids, target, placed))
        root = _Block("", 0)
        root.columns = self._columns(blocks, target, ZONE_GAP_Y, placed)
        root.width, root.height = _measure(root.columns, ZONE_GAP_X, ZONE_GAP_Y)
        return root

    def _zone(self, zone: str, target: float, placed: Mapping[str, Point]) -> _Block:
        inner = max(140.0, target - LABEL - PADDING)
        blocks = [self._zone(child, inner, placed) for child in self.children[zone]]
        blocks += self._grids(zone, self._trust(zone), inner, placed)
        blocks = blocks or [_Block(zone, self._trust(zone), 120.0, 24.0)]
        return self._frame(zone, self._trust(zone), blocks, inner, placed)

    def _grids(self, zone: str, trust: float, target: float, placed: Mapping[str, Point]) -> list[_Block]:
        """The zone's own assets, and apart from them those that may be hidden."""
        found = (self.own[zone], self.extra[zone])
        return [self._grid(own, _Block(zone, trust), target, placed) for own in found if own]

    def _frame(
        self, key: str, trust: float, blocks: list[_Block], target: float, placed: Mapping[str, Point]
    ) -> _Block:
        block = _Block(key, trust)
        block.columns = self._columns(blocks, target, ROW_GAP, placed)
        width, height = _measure(block.columns, COLUMN_GAP, ROW_GAP)
        label = self.zones[key].label_width if key in self.zones else 120.0
        block.width, block.height = max(width + 2 * PADDING, label + 28), height + LABEL + PADDING
        return block

    def _grid(self, own: list[LayoutNode], block: _Block, target: float, placed: Mapping[str, Point]) -> _Block:
        """Assets of a zone in columns along its flows."""
        tallest = max(node.height for node in own)
        rows = max(1, int((target + ROW_GAP) / (tallest + ROW_GAP)))
        many = ceil(len(own) / rows)
        size = ceil(len(own) / many)

        def wanted(node: LayoutNode, axis: int) -> float:
            others = [placed[other][axis] for other in self.near[node.id] if other in placed]
            return round(sum(others) / len(others), 3) if others else placed.get(node.id, (0.0, 0.0))[axis]

        line = sorted(own, key=lambda node: (self.rank[node.id], wanted(node, 0), node.id))
        columns = [line[at : at + size] for at in range(0, len(line), size)]
        block.grid = [self._column(column, placed, wanted) for column in columns] if placed else columns
        widths = [max(node.width for node in column) for column in columns]
        block.width = sum(widths) + COLUMN_GAP * (len(columns) - 1)
        block.height = max(sum(n.height for n in column) + ROW_GAP * (len(column) - 1) for column in columns)
        return block

    def _column(
        self, column: list[LayoutNode], placed: Mapping[str, Point], wanted: Callable[[LayoutNode, int], float]
    ) -> list[LayoutNode]:
        """The boxes of one column from top to bottom: flows short and downwards, far ends level."""
        inside = {node.id for node in column}
        pull = {node.id: wanted(node, 1) for node in column if any(n not in inside for n in self.near[node.id])}
        ends = [(e.source, e.target) for e in self.edges if e.source in inside and e.target in inside]
        starts = [
            sorted(column, key=lambda node: (wanted(node, 1), node.id)),
            sorted(column, key=lambda node: (self.rank[node.id], wanted(node, 1), node.id)),
        ]
        step = column[0].height + ROW_GAP
        middle = sum(pull.values()) / len(pull) if pull else 0.0

        def cost(order: list[LayoutNode]) -> float:
            at = {node.id: index for index, node in enumerate(order)}
            total = sum(abs(at[b] - at[a]) * 2 - 2 + (0.7 if at[b] < at[a] else 0.0) for a, b in ends)
            centre = (len(order) - 1) / 2
            return total + sum(0.35 * abs(at[n] - centre - (y - middle) / step) for n, y in pull.items())

        return min((_improved(start, cost) for start in starts), key=cost)

    def _columns(
        self, blocks: list[_Block], target: float, gap: float, placed: Mapping[str, Point]
    ) -> list[list[_Block]]:
        """Blocks in columns by trust; a column takes the next block while it stays below the target."""
        columns: list[list[_Block]] = []
        filled = inf
        for block in sorted(blocks, key=lambda block: (block.trust, not block.grid, block.key)):
            if filled + gap + block.height > target:
                columns.append([])
                filled = -gap
            columns[-1].append(block)
            filled += gap + block.height
        return [self._stacked(column, placed) for column in columns]

    def _stacked(self, column: list[_Block], placed: Mapping[str, Point]) -> list[_Block]:
        """The blocks of a column from top to bottom: connected ones close, all near their far ends."""
        if len(column) < 2 or not placed:
            return column
        home = {node.id: index for index, block in enumerate(column) for node in _contents(block)}
        far = [
            [placed[n][1] for node in sorted(home) if home[node] == index for n in self.near[node] if n not in home]
            for index in range(len(column))
        ]
        level = {index: sum(ys) / len(ys) for index, ys in enumerate(far) if ys}
        middle = sum(level.values()) / len(level) if level else 0.0
        links = Counter((home[e.source], home[e.target]) for e in self.edges if e.source in home and e.target in home)

        def cost(order: list[int]) -> float:
            tops, top = {}, 0.0
            for index in order:
                tops[index] = top + column[index].height / 2
                top += column[index].height + ZONE_GAP_Y
            total = sum(abs(tops[a] - tops[b]) * count for (a, b), count in links.items())
            return total + sum(0.5 * len(far[i]) * abs(tops[i] - top / 2 - (y - middle)) for i, y in level.items())

        return [column[index] for index in _improved(list(range(len(column))), cost)]


def _improved(order: list[Item], cost: Callable[[list[Item]], float]) -> list[Item]:
    """The order after moving single items while that helps; long columns stay as they are."""
    if len(order) > LONG_COLUMN:
        return order
    best = cost(order)
    for _ in range(6):
        before = best
        for index in range(len(order)):
            for place in range(len(order)):
                moved = order[:index] + order[index + 1 :]
                moved.insert(place, order[index])
                price = cost(moved)
                if price < best - 1e-9:
                    order, best = moved, price
        if best == before:
            break
    return order


def _contents(block: _Block) -> list[LayoutNode]:
    """All boxes in a block, however deep."""
    found = [node for column in block.grid for node in column]
    for column in block.columns:
        for inner in column:
            found += _contents(inner)
    return found


def _measure(columns: Sequence[Sequence[_Block]], gap_x: float, gap_y: float) -> tuple[float, float]:
    wide = sum(max(block.width for block in column) for column in columns) + gap_x * max(0, len(columns) - 1)
    high = max((sum(b.height for b in column) + gap_y * (len(column) - 1) for column in columns), default=0.0)
    return wide, high


def _place(root: _Block) -> dict[str, Point]:
    """Give every block its corner and every box its centre."""
    placed: dict[str, Point] = {}
    _place_columns(root, 0.0, 0.0, root.width, root.height, (ZONE_GAP_X, ZONE_GAP_Y), placed)
    return placed


def _place_columns(
    block: _Block, x: float, y: float, width: float, height: float, gaps: tuple[float, float], placed: dict[str, Point]
) -> None:
    """Columns side by side in the given area, each block as wide as its column."""
    needed, _ = _measure(block.columns, *gaps)
    left = x + (width - needed) / 2
    for column in block.columns:
        wide = max(inner.width for inner in column)
        free = height - sum(inner.height for inner in column) - gaps[1] * (len(column) - 1)
        top = y + free / 2
        for inner in column:
            inner.x, inner.y = left, top
            if inner.is_zone:
                inner.width = wide
                inside = (top + LABEL, wide - 2 * PADDING, inner.height - LABEL - PADDING)
                _place_columns(inner, left + PADDING, *inside, (COLUMN_GAP, ROW_GAP), placed)
            else:
                _place_grid(inner, left + (wide - inner.width) / 2, top, placed)
            top += inner.height + gaps[1]
        left += wide + gaps[0]


def _place_grid(block: _Block, x: float, y: float, placed: dict[str, Point]) -> None:
    for column in block.grid:
        wide = max(node.width for node in column)
        free = block.height - sum(node.height for node in column) - ROW_GAP * (len(column) - 1)
        top = y + free / 2
        for node in column:
            placed[node.id] = (x + wide / 2, top + node.height / 2)
            top += node.height + ROW_GAP
        x += wide + COLUMN_GAP


def _rectangles(block: _Block, found: dict[str, Rect]) -> None:
    for column in block.columns:
        for inner in column:
            if inner.is_zone:
                found[inner.key] = Rect(inner.x, inner.y, inner.width, inner.height)
                _rectangles(inner, found)
