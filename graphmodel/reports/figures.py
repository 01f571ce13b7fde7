"""Figures of a report: a map or attack paths as they are drawn in the app, and maturity against its target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from graphmodel.drawing.graphs import (
    CAPTION_SIZE,
    ICON_ROOM,
    TITLE_LINE,
    TITLE_SIZE,
    GraphDrawing,
    GraphEdge,
    GraphNode,
    text_lines,
)
from graphmodel.drawing.layout import Point, Rect, Route
from graphmodel.drawing.routes import simple_route
from graphmodel.drawing.text import text_width, wrap
from graphmodel.posture.maturity import AreaState
from graphmodel.reports.document import Box, Curve, Figure, Shape, Words

_MARGIN = 16.0
_LABEL = 11.0
_LABEL_ROOM = 150.0
_SPOTS = (0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78)  # where along a line its label may stand
_ROW, _BAR, _NAME, _SCALE = 24.0, 12.0, 200.0, 300.0
_LEVELS = 5


def graph_figure(drawing: GraphDrawing, caption: str, alt: str, signs: Mapping[str, tuple[str, str]]) -> Figure:
    """A drawing as a figure. ``signs`` maps tones to a letter in the box and what it means, so that no meaning is in a
    colour alone; lines keep their tones, and a label without room is left out."""
    boxes = [one.box for one in drawing.nodes] + [Rect(one.x, one.y, one.width, one.height) for one in drawing.zones]
    routes = {one.id: _route(one, drawing) for one in drawing.edges}
    ends = [point for route in routes.values() for point in route]
    left = min([one.x for one in boxes] + [x for x, _ in ends], default=0.0) - _MARGIN
    top = min([one.y for one in boxes] + [y for _, y in ends], default=0.0) - _MARGIN
    right = max([one.right for one in boxes] + [x for x, _ in ends], default=0.0) + _MARGIN
    bottom = max([one.bottom for one in boxes] + [y for _, y in ends], default=0.0) + _MARGIN

    def at(point: Point) -> Point:
        return (round(point[0] - left, 1), round(point[1] - top, 1))

    shapes: list[Shape] = []
    for zone in drawing.zones:
        x, y = at((zone.x, zone.y))
        shapes.append(Box(x, y, zone.width, zone.height, "zone", 10, dashed=zone.depth > 0))
        name = wrap(zone.label, max(40.0, zone.width - 24), 1, TITLE_SIZE)
        shapes += [Words(x + 14, y + 23, one, TITLE_SIZE, "zone", bold=True) for one in name]
    for edge in drawing.edges:
        line = tuple(at(point) for point in routes[edge.id])
        tone = "edge" if edge.tone in ("plain", "muted") else edge.tone
        shapes.append(Curve(line, tone, True, edge.dashed, True, 1.4 if tone == "edge" else 2.0))
    taken = [Rect(*at((one.box.x, one.box.y)), one.width, one.height) for one in drawing.nodes]
    taken += [Rect(*at((one.x, one.y)), one.width, 34) for one in drawing.zones]
    for edge in drawing.edges:
        shapes += _label(edge, tuple(at(point) for point in routes[edge.id]), taken)
    for node in drawing.nodes:
        shapes += _node(node, at((node.box.x, node.box.y)), signs)
    width, height = right - left, bottom - top
    keys, below = _legend(signs, max(width, 420.0), height)
    return Figure(caption, alt, max(width, 420.0), height + below, (*shapes, *keys))


def _route(edge: GraphEdge, drawing: GraphDrawing) -> Route:
    if edge.route:
        return edge.route
    by_id = {one.id: one for one in drawing.nodes}
    return simple_route(by_id[edge.source].box, by_id[edge.target].box)


def _node(node: GraphNode, corner: Point, signs: Mapping[str, tuple[str, str]]) -> Iterator[Shape]:
    x, y = corner
    yield Box(x, y, node.width, node.height, node.tone, 8)
    sign = "A" if node.kind == "actor" else signs.get(node.tone, ("", ""))[0]
    if sign:
        yield Words(x + ICON_ROOM / 2, y + node.height / 2 + 6, sign, 17, node.tone, True, "middle")
    lines, below = text_lines(node)
    full = len(lines) * TITLE_LINE + (CAPTION_SIZE + 4 if below else 0)
    base = y + (node.height - full) / 2 + TITLE_SIZE
    for number, line in enumerate(lines):
        yield Words(x + ICON_ROOM, base + number * TITLE_LINE, line, TITLE_SIZE, node.tone, bold=True)
    if below:
        yield Words(x + ICON_ROOM, base + len(lines) * TITLE_LINE - 1, below, CAPTION_SIZE, node.tone)


def _label(edge: GraphEdge, route: Route, taken: list[Rect]) -> Iterator[Shape]:
    (text,) = wrap(edge.label, _LABEL_ROOM, 1, _LABEL) or ("",)
    if not text:
        return
    width = text_width(text, _LABEL) + 8
    for share in _SPOTS:
        x, y = point_on(route, share)
        spot = Rect(x - width / 2, y - 9, width, 17)
        if not any(spot.overlaps(one, 1) for one in taken):
            taken.append(spot)
            yield Box(spot.x, spot.y, spot.width, spot.height, "ground", 4)
            yield Words(x, y + 4, text, _LABEL, "edge", anchor="middle")
            return


def point_on(route: Route, share: float) -> Point:
    """The point of a chain of Bézier curves at a share of its curves."""
    count = (len(route) - 1) // 3
    place = min(max(share, 0.0), 1.0) * count
    number = min(int(place), count - 1)
    t = place - number
    p, q, r, s = route[3 * number : 3 * number + 4]
    a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
    return (a * p[0] + b * q[0] + c * r[0] + d * s[0], a * p[1] + b * q[1] + c * r[1] + d * s[1])


def _legend(signs: Mapping[str, tuple[str, str]], width: float, top: float) -> tuple[list[Shape], float]:
    """What the letters mean, in rows below a drawing, and how high they are."""
    shapes: list[Shape] = []
    x, y = _MARGIN, top + 6
    for tone, (sign, meaning) in (*signs.items(), ("plain", ("A", "attacker"))):
        if not meaning:
            continue
        room = 32 + text_width(meaning, CAPTION_SIZE) + 22
        if x + room > width and x > _MARGIN:
            x, y = _MARGIN, y + 28
        if sign:
            shapes += [Box(x, y, 24, 20, tone, 4), Words(x + 12, y + 15, sign, 13, tone, True, "middle")]
        else:
            shapes.append(Curve(((x, y + 10), (x + 24, y + 10)), tone, arrow=True, width=2.0))
        shapes.append(Words(x + 32, y + 15, meaning, CAPTION_SIZE, "plain"))
        x += room
    return shapes, y + 28 - top


def maturity_chart(areas: Sequence[AreaState]) -> Figure:
    """Maturity by area as bars from 0 to 5, each with its number, and a mark where the target is."""
    shapes: list[Shape] = []
    foot = 8 + _ROW * len(areas)
    for level in range(_LEVELS + 1):
        x = _NAME + _SCALE * level / _LEVELS
        shapes.append(Curve(((x, 4), (x, foot)), "muted", width=1.0))
        shapes.append(Words(x, foot + 16, str(level), 12, "muted", anchor="middle"))
    said = []
    for number, one in enumerate(areas):
        y = 8 + _ROW * number
        name = wrap(one.area.title, _NAME - 16, 1, 13)
        shapes += [Words(_NAME - 10, y + 14, text, 13, "plain", anchor="end") for text in name]
        target = "no target" if one.target is None else f"target {one.target:.1f}"
        if one.today is not None:
            shapes.append(Box(_NAME, y + 4, max(1.0, _SCALE * one.today / _LEVELS), _BAR, "bar"))
        if one.target is not None:
            x = _NAME + _SCALE * one.target / _LEVELS
            shapes.append(Curve(((x, y), (x, y + _ROW - 4)), "danger", width=3.0))
        today = "not assessed" if one.today is None else f"{one.today:.1f}"
        shapes.append(Words(_NAME + _SCALE + 14, y + 14, f"{today}, {target}", 13, "plain"))
        said.append(f"{one.area.title} {today}, {target}")
    shapes += [
        Box(_NAME, foot + 28, 18, _BAR, "bar"),
        Words(_NAME + 26, foot + 38, "today", 12, "plain"),
        Curve(((_NAME + 90, foot + 24), (_NAME + 90, foot + 42)), "danger", width=3.0),
        Words(_NAME + 100, foot + 38, "target", 12, "plain"),
    ]
    caption = "Maturity by area, 0 to 5, today and its target"
    return Figure(caption, f"{caption}: {'; '.join(said)}.", _NAME + _SCALE + 190, foot + 50, tuple(shapes))
