"""Layouts of attack paths in layers, and of a system as a map of zones.

Layouts are computed here and not in the browser: above some two hundred nodes a force layout takes
minutes there, moves while one reads, and comes out different every time. Both functions give the
same drawing for the same input in any order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import networkx as nx

from graphmodel.drawing import layers as layout_layers
from graphmodel.drawing.routes import loop, spread_ports, through
from graphmodel.drawing.shapes import LayoutEdge, LayoutNode, LayoutZone, Point, Positions, Rect, Route, box_at
from graphmodel.drawing.zones import zoned

__all__ = [
    "LayoutEdge",
    "LayoutNode",
    "LayoutZone",
    "Point",
    "Positions",
    "Rect",
    "Route",
    "box_at",
    "layered",
    "zoned",
]


def layered(
    nodes: Sequence[LayoutNode],
    edges: Sequence[LayoutEdge],
    *,
    layer_gap: float = 54,
    node_gap: float = 20,
    lane: float = 16,
) -> Positions:
    """Boxes in layers from left to right, each edge from one layer to a later one.

    Edges that close a cycle run from right to left and are named in ``reversed``. Parts that no
    edge connects are drawn one below the other, single boxes last, in rows. ``lane`` is the space
    kept for an edge that passes between boxes.
    """
    by_id = {node.id: node for node in nodes}
    known = sorted((e for e in edges if e.source in by_id and e.target in by_id), key=lambda edge: edge.id)
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(sorted(by_id))
    graph.add_edges_from((edge.source, edge.target) for edge in known)
    parts = sorted((sorted(part) for part in nx.connected_components(graph)), key=lambda part: (-len(part), part))
    part_of = {node: index for index, part in enumerate(parts) for node in part}
    lines: list[list[LayoutEdge]] = [[] for _ in parts]
    for edge in known:
        lines[part_of[edge.source]].append(edge)
    placed: dict[str, Point] = {}
    routes: dict[str, Route] = {}
    against: set[str] = set()
    width, top = 0.0, 0.0
    for part, own in zip(parts, lines, strict=True):
        if len(part) == 1:
            continue
        drawn = _component([by_id[node] for node in part], own, layer_gap, node_gap, lane)
        placed.update({node: (x, y + top) for node, (x, y) in drawn.nodes.items()})
        routes.update({edge: tuple((x, y + top) for x, y in route) for edge, route in drawn.routes.items()})
        against |= drawn.reversed
        width, top = max(width, drawn.width), top + drawn.height + 2 * node_gap
    singles = [by_id[part[0]] for part in parts if len(part) == 1]
    top = _rows(singles, placed, max(width, 900.0), top, node_gap)
    for edge in known:
        if edge.source == edge.target:
            routes[edge.id] = loop(box_at(by_id[edge.source], placed[edge.source]))
    boxes = [box_at(by_id[node], place) for node, place in placed.items()]
    return Positions(
        nodes={node: placed[node] for node in sorted(placed)},
        routes={edge: routes[edge] for edge in sorted(routes)},
        width=max((box.right for box in boxes), default=0.0),
        height=max((box.bottom for box in boxes), default=0.0),
        reversed=frozenset(against),
    )


def _rows(nodes: Sequence[LayoutNode], placed: dict[str, Point], width: float, top: float, gap: float) -> float:
    """Place boxes without edges in rows below ``top``; the bottom of the last row."""
    x, tallest = 0.0, 0.0
    for node in nodes:
        if x and x + node.width > width:
            x, top, tallest = 0.0, top + tallest + gap, 0.0
        placed[node.id] = (x + node.width / 2, top + node.height / 2)
        x, tallest = x + node.width + gap, max(tallest, node.height)
    return top + tallest


def _component(
    nodes: Sequence[LayoutNode], edges: Sequence[LayoutEdge], layer_gap: float, node_gap: float, lane: float
) -> Positions:
    """The layered drawing of one connected part, its top left corner at the origin."""
    by_id = {node.id: node for node in nodes}
    layers = layout_layers.build_layers(nodes, edges)
    y = layout_layers.heights(layers, {node.id: node.height for node in nodes}, node_gap, lane)
    widths = [max((by_id[n].width for n in row if n in by_id), default=40.0) for row in layers.order]
    lefts = _lefts(layers, y, widths, layer_gap)
    upper = min(y[node] - (by_id[node].height / 2 if node in by_id else 0) for row in layers.order for node in row)
    placed: dict[str, Point] = {}
    span: dict[str, tuple[float, float]] = {}
    for row, left, wide in zip(layers.order, lefts, widths, strict=True):
        for node in row:
            y[node] -= upper
            span[node] = (left, left + wide)
            if node in by_id:
                placed[node] = (left + wide / 2, y[node])
    boxes = {node: box_at(by_id[node], place) for node, place in placed.items()}
    routes = _layer_routes(layers, y, span, boxes)
    low = max(max(box.bottom for box in boxes.values()), max(y.values()))
    return Positions(placed, routes, lefts[-1] + widths[-1], low, reversed=layers.reversed)


def _lefts(
    layers: layout_layers.Layers, y: Mapping[str, float], widths: Sequence[float], layer_gap: float
) -> list[float]:
    """The left edge of each layer; steep edges get a wider gap, so that they stay readable."""
    lefts = [0.0]
    for row, wide in zip(layers.order, widths[:-1], strict=False):
        rises = sorted(abs(y[node] - y[other]) for node in row for other in layers.after.get(node, ()))
        steep = rises[int(len(rises) * 0.9)] if rises else 0.0
        lefts.append(lefts[-1] + wide + layer_gap + min(110.0, 0.16 * steep))
    return lefts


def _layer_routes(
    layers: layout_layers.Layers,
    y: Mapping[str, float],
    span: Mapping[str, tuple[float, float]],
    boxes: Mapping[str, Rect],
) -> dict[str, Route]:
    """Curves through the gaps between layers, level where they pass a layer."""
    leaving: dict[str, list[tuple[float, str]]] = {}
    arriving: dict[str, list[tuple[float, str]]] = {}
    for edge, chain in layers.chains.items():
        leaving.setdefault(chain[0], []).append((y[chain[1]], edge))
        arriving.setdefault(chain[-1], []).append((y[chain[-2]], edge))
    start: dict[str, Point] = {}
    end: dict[str, Point] = {}
    for users, side, ports in ((leaving, "right", start), (arriving, "left", end)):
        for node, list_ in users.items():
            for (_, edge), port in zip(sorted(list_), spread_ports(boxes[node], side, len(list_)), strict=True):
                ports[edge] = port
    routes: dict[str, Route] = {}
    for edge, chain in layers.chains.items():
        points = [start[edge]]
        if start[edge][0] < span[chain[0]][1]:
            points.append((span[chain[0]][1], start[edge][1]))
        for dummy in chain[1:-1]:
            points += [(span[dummy][0], y[dummy]), (span[dummy][1], y[dummy])]
        if span[chain[-1]][0] < end[edge][0]:
            points.append((span[chain[-1]][0], end[edge][1]))
        points.append(end[edge])
        route = through(points)
        routes[edge] = route[::-1] if edge in layers.reversed else route
    return routes
