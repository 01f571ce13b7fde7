"""Strongly connected components are those that networkx finds."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmodel.engine import events
from graphmodel.engine.events import strong_components

LINKS = st.integers(1, 12).flatmap(
    lambda nodes: st.tuples(
        st.just(nodes), st.lists(st.tuples(st.integers(0, nodes - 1), st.integers(0, nodes - 1)), max_size=30)
    )
)


def sets(numbers: list[int]) -> set[frozenset[int]]:
    return {frozenset(node for node, one in enumerate(numbers) if one == number) for number in numbers}


@given(LINKS)
def test_components_are_those_of_networkx(drawn: tuple[int, list[tuple[int, int]]]) -> None:
    nodes, links = drawn
    graph: nx.DiGraph[int] = nx.DiGraph(links)
    graph.add_nodes_from(range(nodes))
    assert sets(strong_components(nodes, links)) == {frozenset(one) for one in nx.strongly_connected_components(graph)}


def test_large_graphs_are_told_apart_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    links = [(node, (node * 7 + 3) % 500) for node in range(500)] + [(node, node + 1) for node in range(0, 400, 3)]
    small = strong_components(500, links)
    monkeypatch.setattr(events, "_LARGE", 1)
    assert sets(small) == sets(strong_components(500, links))
    assert 1 < len(set(small)) < 500


def test_a_long_chain_and_a_long_loop_need_no_deep_calls() -> None:
    chain = [(node, node + 1) for node in range(49_999)]
    assert len(set(strong_components(50_000, chain))) == 50_000
    assert set(strong_components(50_000, [*chain, (49_999, 0)])) == {0}
