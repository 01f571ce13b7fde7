"""Properties that every drawing has, whatever the input."""

import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmodel.drawing.layers import back_edges, build_layers, crossings
from graphmodel.drawing.layout import LayoutEdge, LayoutNode, LayoutZone, Positions, box_at, layered, zoned
from graphmodel.drawing.routes import samples
from graphmodel.drawing.text import clean, text_width, wrap
from graphmodel.drawing.zones import OUTSIDE
from tests.thorough import cases, tries_more

Graph = tuple[list[LayoutNode], list[LayoutEdge], list[LayoutZone]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    count = draw(st.integers(0, 18))
    zone_count = draw(st.integers(0, 6))
    zones = [
        LayoutZone(
            f"z{index}",
            draw(st.sampled_from([None, "nowhere", *(f"z{other}" for other in range(zone_count))])),
            draw(st.none() | st.integers(0, 10)),
        )
        for index in range(zone_count)
    ]
    nodes = [
        LayoutNode(
            f"n{index}",
            draw(st.integers(60, 220)),
            draw(st.integers(30, 90)),
            draw(st.sampled_from([None, "nowhere", *(zone.id for zone in zones)])),
        )
        for index in range(count)
    ]
    ends = st.integers(0, max(0, count)).map(lambda number: f"n{number}")  # one more than there are
    edges = [LayoutEdge(f"e{index}", draw(ends), draw(ends)) for index in range(draw(st.integers(0, 30)))]
    return nodes, edges, zones


def assert_apart(nodes: list[LayoutNode], drawing: Positions) -> None:
    boxes = [box_at(node, drawing.nodes[node.id]) for node in nodes]
    assert not any(one.overlaps(other, margin=8) for one, other in combinations(boxes, 2))


def known(nodes: list[LayoutNode], edges: list[LayoutEdge]) -> list[LayoutEdge]:
    ids = {node.id for node in nodes}
    return [edge for edge in edges if edge.source in ids and edge.target in ids]


@tries_more
@given(graphs())
@settings(max_examples=cases(26, 80), deadline=None)
def test_layers_keep_boxes_apart_and_edges_rightwards(graph: Graph) -> None:
    nodes, edges, _ = graph
    drawing = layered(nodes, edges)
    assert_apart(nodes, drawing)
    boxes = {node.id: box_at(node, drawing.nodes[node.id]) for node in nodes}
    real = known(nodes, edges)
    assert set(drawing.routes) == {edge.id for edge in real}
    for edge in real:
        if edge.source != edge.target:
            left, right = (edge.target, edge.source) if edge.id in drawing.reversed else (edge.source, edge.target)
            assert boxes[left].right < boxes[right].x


@tries_more
@given(graphs())
@settings(max_examples=cases(20, 60), deadline=None)
def test_layered_edges_pass_no_box(graph: Graph) -> None:
    nodes, edges, _ = graph
    drawing = layered(nodes, edges)
    boxes = {node.id: box_at(node, drawing.nodes[node.id]) for node in nodes}
    for edge in known(nodes, edges):
        if edge.source == edge.target:
            continue
        others = [box for node, box in boxes.items() if node not in (edge.source, edge.target)]
        for x, y in samples(drawing.routes[edge.id]):
            assert not any(box.x < x < box.right and box.y < y < box.bottom for box in others)


@tries_more
@given(graphs())
@settings(max_examples=cases(26, 80), deadline=None)
def test_zones_hold_their_boxes_and_their_children(graph: Graph) -> None:
    nodes, edges, zones = graph
    drawing = zoned(nodes, edges, zones)
    assert_apart(nodes, drawing)
    names = {zone.id for zone in zones}
    for node in nodes:
        home = node.zone if node.zone in names else OUTSIDE
        box = box_at(node, drawing.nodes[node.id])
        assert drawing.zones[home].holds(box)
        assert box.y >= drawing.labels[home][1] + 8, "a box covers its zone's label"
    family = sound_parents(zones)
    for zone, parent in family.items():
        if parent is not None:
            assert drawing.zones[parent].holds(drawing.zones[zone])
    for one, other in combinations(sorted(drawing.zones), 2):
        if not related(one, other, family):
            assert not drawing.zones[one].overlaps(drawing.zones[other])


@tries_more
@given(graphs(), st.randoms(use_true_random=False))
@settings(max_examples=cases(26, 80), deadline=None)
def test_what_may_be_hidden_moves_nothing_when_it_is_shown(graph: Graph, dice: random.Random) -> None:
    nodes, edges, zones = graph
    aside = {one.id for one in (*nodes, *edges) if dice.random() < 0.3}
    shown, hidden = (zoned(nodes, edges, zones, aside=aside, with_aside=one) for one in (True, False))
    assert_apart(nodes, shown)
    assert hidden.nodes == {node: place for node, place in shown.nodes.items() if node not in aside}
    assert not hidden.routes.keys() & aside
    names = {zone.id for zone in zones}
    for node in nodes:
        if node.id in hidden.nodes:
            home = node.zone if node.zone in names else OUTSIDE
            box = box_at(node, hidden.nodes[node.id])
            assert hidden.zones[home].holds(box)
            assert box.y >= hidden.labels[home][1] + 8, "a box covers its zone's label"
    for zone, rectangle in hidden.zones.items():
        assert shown.zones[zone].holds(rectangle)
    for zone, parent in sound_parents(zones).items():
        if zone in hidden.zones and parent is not None:
            assert hidden.zones[parent].holds(hidden.zones[zone])


def sound_parents(zones: list[LayoutZone]) -> dict[str, str | None]:
    parent = {zone.id: zone.parent for zone in zones}

    def sound(zone: str) -> str | None:
        walk, seen = parent[zone], {zone}
        while walk in parent:
            if walk in seen:
                return None
            seen.add(walk)
            walk = parent[walk]
        return parent[zone] if parent[zone] in parent else None

    return {zone: sound(zone) for zone in parent}


def related(one: str, other: str, family: dict[str, str | None]) -> bool:
    def line(zone: str | None) -> list[str | None]:
        return [] if zone is None else [zone, *line(family.get(zone))]

    return one in line(other) or other in line(one)


@tries_more
@given(graphs(), st.randoms(use_true_random=False))
@settings(max_examples=cases(16, 50), deadline=None)
def test_order_of_input_changes_nothing(graph: Graph, dice: random.Random) -> None:
    nodes, edges, zones = graph
    mixed_nodes, mixed_edges = dice.sample(nodes, len(nodes)), dice.sample(edges, len(edges))
    assert layered(nodes, edges) == layered(mixed_nodes, mixed_edges)
    assert zoned(nodes, edges, zones) == zoned(mixed_nodes, mixed_edges, dice.sample(zones, len(zones)))


def test_trust_grows_from_left_to_right() -> None:
    zones = [LayoutZone(f"z{trust}", None, trust) for trust in (9, 0, 5, 3)]
    nodes = [LayoutNode(f"n{zone.id}{index}", 160, 50, zone.id) for zone in zones for index in range(6)]
    drawing = zoned(nodes, [], zones)
    lefts = [drawing.zones[f"z{trust}"].x for trust in (0, 3, 5, 9)]
    assert lefts == sorted(lefts)
    assert lefts[0] < lefts[-1]


def test_a_long_edge_runs_around_the_box_between() -> None:
    nodes = [LayoutNode(name, 120, 50) for name in "abc"]
    edges = [LayoutEdge("ab", "a", "b"), LayoutEdge("bc", "b", "c"), LayoutEdge("ac", "a", "c")]
    drawing = layered(nodes, edges)
    between = box_at(nodes[1], drawing.nodes["b"])
    assert not any(
        between.y <= y <= between.bottom for x, y in samples(drawing.routes["ac"]) if between.x <= x <= between.right
    )


def test_a_flow_past_a_box_in_a_zone_runs_around_it() -> None:
    nodes = [LayoutNode(name, 150, 50, "z") for name in "abc"]
    edges = [LayoutEdge("ab", "a", "b"), LayoutEdge("bc", "b", "c"), LayoutEdge("ac", "a", "c")]
    drawing = zoned(nodes, edges, [LayoutZone("z")], aspect=0.1)
    assert len({x for x, _ in drawing.nodes.values()}) == 1, "one column expected"
    boxes = [box_at(node, drawing.nodes[node.id]) for node in nodes]
    middle = sorted(boxes, key=lambda box: box.y)[1]
    for route in drawing.routes.values():
        inside = [p for p in samples(route) if middle.x < p[0] < middle.right and middle.y < p[1] < middle.bottom]
        assert not inside


def test_cycle_is_broken_at_the_edge_that_leads_back() -> None:
    edges = [LayoutEdge("1", "start", "a"), LayoutEdge("2", "a", "b"), LayoutEdge("3", "b", "a")]
    assert back_edges(["a", "b", "start"], edges) == {"3"}


def test_crossings_that_need_not_be_are_gone() -> None:
    nodes = [LayoutNode(name, 100, 40) for name in ("a1", "a2", "a3", "b1", "b2", "b3")]
    edges = [LayoutEdge("1", "a1", "b3"), LayoutEdge("2", "a2", "b2"), LayoutEdge("3", "a3", "b1")]
    bridge = [LayoutEdge("4", "a1", "b2"), LayoutEdge("5", "a2", "b1")]
    assert crossings(build_layers(nodes, [*edges, *bridge])) == 0


def test_parallel_edges_have_their_own_lines() -> None:
    nodes = [LayoutNode("a", 100, 60), LayoutNode("b", 100, 60)]
    drawing = layered(nodes, [LayoutEdge("1", "a", "b"), LayoutEdge("2", "a", "b")])
    assert drawing.routes["1"] != drawing.routes["2"]


def test_nothing_gives_nothing() -> None:
    assert layered([], []).nodes == {} == zoned([], [], []).nodes


@given(st.text(max_size=300), st.integers(40, 300), st.integers(1, 4))
def test_wrapped_text_fits(text: str, width: int, lines: int) -> None:
    wrapped = wrap(text, width, lines)
    assert len(wrapped) <= lines
    assert all(text_width(line) <= width for line in wrapped)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Customer records", ("Customer", "records")),
        ("", ()),
        ("two\nlines\x00", ("two lines",)),
        ("a\u200bb", ("ab",)),
    ],
)
def test_wrap(text: str, expected: tuple[str, ...]) -> None:
    assert wrap(text, 100) == expected


def test_a_very_long_name_is_cut() -> None:
    assert len(clean("x" * 10_000)) == 400
    assert wrap("x" * 10_000, 120, 2)[-1].endswith("…")
