"""Both engines answer alike: every saved query on every example, with its columns, rows and their order."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from graphmodel.stores.embedded import Embedded
from graphmodel.stores.graph import PropertyGraph
from graphmodel.stores.opening import open_store
from graphmodel.stores.projection import project
from graphmodel.stores.saved import SAVED, SavedQuery
from graphmodel.stores.session import Store
from graphmodel.workspace import examples_directory, open_model
from tests.stores.conftest import own, server_address

pytestmark = pytest.mark.store
EXAMPLES = sorted(examples_directory().glob("*.yaml"))


def renamed(graph: PropertyGraph, system: str) -> PropertyGraph:
    """The same graph as a system of another id, so that a server's own one stays as it is."""
    node = next(one for one in graph.nodes if one.label == "System")
    rest = tuple(one for one in graph.nodes if one is not node)
    return PropertyGraph((replace(node, key=system, properties={**node.properties, "id": system}), *rest), graph.edges)


@pytest.fixture(scope="module")
def engines() -> Iterator[tuple[Store, Store]]:
    pytest.importorskip("arcadedb", reason="the embedded engine is not installed")
    with open_store(server_address(), environment={}) as server, Store(Embedded()) as embedded:
        yield embedded, server


@pytest.fixture(scope="module", params=EXAMPLES, ids=[path.stem for path in EXAMPLES])
def loaded(request: pytest.FixtureRequest, engines: tuple[Store, Store]) -> Iterator[tuple[Store, Store]]:
    path: Path = request.param
    graph = renamed(project(open_model(path).assess()), own(path.stem))
    for store in engines:
        store.load(graph)
    yield engines
    engines[1].remove(graph.system)


def same(one: object, other: object) -> bool:
    """Equal, but for the order in which an engine adds up numbers."""
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-12)
    return type(one) is type(other) and one == other


@pytest.mark.parametrize("query", SAVED, ids=[query.id for query in SAVED])
def test_a_saved_query_has_one_answer(loaded: tuple[Store, Store], query: SavedQuery) -> None:
    embedded, server = (store.query(query.cypher, query.parameters) for store in loaded)
    assert embedded.columns == server.columns != ()
    assert same(embedded.rows, server.rows), (embedded.rows, server.rows)
