from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from graphmodel.stores.embedded import Embedded
from graphmodel.stores.opening import open_store
from graphmodel.stores.session import Store
from tests.stores.graphs import small

LIMIT = 2.0
"""Seconds that the engine of the tests gives a query."""
ENGINES = ["embedded", "neo4j"]


def own(name: str) -> str:
    """A name for this run alone: a server is shared by the processes that test it."""
    return f"graphmodel-{name}-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"


def server_address() -> str:
    """The address of the Neo4j server of the tests; skips the test where there is none."""
    address = os.environ.get("NEO4J_TEST_URI")
    if not address:
        pytest.skip("set NEO4J_TEST_URI to run against a Neo4j server; .ci/neo4j/with-server starts one")
    return address


def opened(engine: str) -> Store:
    """A store of the kind, with nothing loaded; skips the test where there is none."""
    if engine == "neo4j":
        return open_store(server_address(), environment={})
    pytest.importorskip("arcadedb", reason="the embedded engine is not installed")
    return Store(Embedded(timeout=LIMIT))


@pytest.fixture(scope="package", params=ENGINES)
def hostile(request: pytest.FixtureRequest) -> Iterator[Store]:
    """Both engines with a small system in them, for whatever may be typed into the query box."""
    with opened(request.param) as store:
        store.load(small(own("hostile")))
        store.query("RETURN 1")  # the embedded engine starts, and loads it, with the first query
        yield store
        if not store.backend.volatile:
            store.remove(own("hostile"))


@pytest.fixture
def on_neo4j(hostile: Store) -> bool:
    return not hostile.backend.volatile
