"""What every store must do; also run against a server named by NEO4J_TEST_URI."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest

from graphmodel.stores.embedded import Embedded
from graphmodel.stores.errors import QueryError, StoreError
from graphmodel.stores.graph import SCHEMA, Edge, PropertyGraph
from graphmodel.stores.opening import open_store
from graphmodel.stores.saved import SAVED, SAVED_BY_ID, SavedQuery
from graphmodel.stores.session import Store
from tests.stores.graphs import small

pytestmark = pytest.mark.store
FIRST, SECOND = "graphmodel-test-1", "graphmodel-test-2"


@pytest.fixture(scope="module", params=["embedded", "address", "neo4j"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """The embedded store; the same engine as if it were a server; and a real server."""
    if request.param == "neo4j":
        address = os.environ.get("NEO4J_TEST_URI")
        if not address:
            pytest.skip("set NEO4J_TEST_URI to run against a Neo4j server")
        opened = open_store(address)
        yield opened
        opened.remove(FIRST)
        opened.remove(SECOND)
        opened.close()
        return
    pytest.importorskip("arcadedb", reason="the embedded engine is not installed")
    if request.param == "embedded":
        with open_store("embedded") as opened:
            yield opened
        return
    engine = Embedded()
    found, _ = engine.connect()
    uri = found.uri.replace("://", f"://{found.user}:{found.password}@") + f"/{found.database}"
    reader = {"NEO4J_READER_USER": found.reader, "NEO4J_READER_PASSWORD": found.reader_password}
    with open_store(uri, environment=reader) as opened:
        yield opened
    engine.close()


@pytest.fixture(autouse=True)
def loaded(store: Store) -> None:
    store.load(small(FIRST))


def one(store: Store, text: str, **parameters: object) -> object:
    return store.query(text, parameters).rows[0][0]


def test_everything_arrives(store: Store) -> None:
    graph = small(FIRST)
    assert one(store, "MATCH (n {system: $system}) RETURN count(n)") == len(graph.nodes)
    assert one(store, "MATCH ({system: $system})-[r]->() RETURN count(r)") == len(graph.edges)
    rows = store.query(
        "MATCH (a:Asset {system: $system, id: 'agent'}) RETURN a.types, a.likelihood, a.worst_actor"
    ).rows
    assert rows == ((["Agent", "Asset", "Component", "Service"], 1.0, None),)


def test_loading_again_changes_nothing(store: Store) -> None:
    graph = small(FIRST)
    store.load(graph)
    store.load(graph)
    assert one(store, "MATCH (n {system: $system}) RETURN count(n)") == len(graph.nodes)
    assert one(store, "MATCH ({system: $system})-[r]->() RETURN count(r)") == len(graph.edges)


def test_what_left_the_model_leaves_the_store(store: Store) -> None:
    graph = small(FIRST)
    less = PropertyGraph(graph.nodes, graph.edges[:-1])
    store.load(less)
    assert one(store, "MATCH ({system: $system})-[r]->() RETURN count(r)") == len(less.edges)


def test_systems_live_side_by_side(store: Store) -> None:
    store.load(small(SECOND, "Other"))
    assert one(store, "MATCH (s:System {system: $system}) RETURN s.name") == "Other"
    assert one(store, "MATCH (s:System {system: $system}) RETURN s.name", system=FIRST) == "Shop"
    assert one(store, "MATCH (a {system: $system})-[]->(b) WHERE a.system <> b.system RETURN count(*)") == 0
    store.remove(SECOND)
    assert one(store, "MATCH (n {system: $system}) RETURN count(n)") == 0
    assert one(store, "MATCH (n {system: $system}) RETURN count(n)", system=FIRST) == len(small(FIRST).nodes)


def test_a_key_is_unique_in_its_system(store: Store) -> None:
    constraints = store.query("SHOW CONSTRAINTS").rows
    assert len(constraints) >= len(SCHEMA.labels)


def test_a_graph_that_does_not_fit_is_refused_whole(store: Store) -> None:
    graph = small(FIRST)
    loose = Edge("OF", ("Fact", "chat:reach"), ("Asset", "nowhere"))
    with pytest.raises(ValueError, match="nowhere"):
        store.load(replace(graph, edges=(*graph.edges, loose)))
    assert one(store, "MATCH (n {system: $system}) RETURN count(n)") == len(graph.nodes)


@pytest.mark.parametrize("query", SAVED, ids=[query.id for query in SAVED])
def test_every_saved_query_answers(store: Store, query: SavedQuery) -> None:
    table = store.query(query.cypher, query.parameters)
    assert table.rows and not table.truncated
    assert store.query(query.cypher, {**query.parameters, "system": "another"}).rows == ()


def answer(store: Store, id_: str, **parameters: object) -> list[dict[str, object]]:
    query = SAVED_BY_ID[id_]
    table = store.query(query.cypher, {**query.parameters, **parameters})
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def test_answers_are_right(store: Store) -> None:
    assert [row["asset"] for row in answer(store, "entry-points")] == ["chat"]
    assert [row["flow"] for row in answer(store, "open-crossings")] == ["ask"]
    assert [row["step"] for row in answer(store, "uncovered-steps")] == ["abuse:records", "theft:token"]
    assert [row["threat"] for row in answer(store, "threats-without-control")] == ["abuse", "theft"]
    assert [row["control"] for row in answer(store, "idle-controls")] == ["broker-1"]
    assert [row["control"] for row in answer(store, "due-controls", until="2026-12-31")] == []
    assert [row["hop"] for row in answer(store, "path-hops")] == [1, 2, 3, 4]
    assert answer(store, "path-hops")[1]["controls"] == ["guard-1"]
    assert answer(store, "paths-to-loss", asset="agent") == []
    secrets = answer(store, "secrets-within-reach")
    assert [(row["agent"], row["secret"], row["unlocks"]) for row in secrets] == [("agent", "token", "records")]
    assert [row["data"] for row in answer(store, "exposed-data", asset="agent")] == ["records", "token"]
    radius = [{"asset": "agent", "facts": 2, "assets": 2, "losses": 100_000.0}]
    assert answer(store, "blast-radius", asset="agent") == radius
    assert answer(store, "biggest-losses")[0]["now"] == pytest.approx(10_000)
    assert {row["fact"] for row in answer(store, "choke-facts")} == {"agent:reach", "agent:run", "token:read"}
    tools = answer(store, "agent-tools")
    assert [(row["agent"], row["tool"], row["authenticated"]) for row in tools] == [("agent", "crm-tool", True)]
    lineage = answer(store, "model-lineage", asset="model")
    assert [(row["source"], row["hops"]) for row in lineage] == [("corpus", 1)]


def test_values_are_plain(store: Store) -> None:
    text = "MATCH p = (a:Asset {system: $system, id: 'agent'})-[r:USES_SECRET]->(b) RETURN a, r, p, {x: [1, 2.5, null]}"
    node, relationship, path, mapping = store.query(text).rows[0]
    assert (node["kind"], node["labels"], node["properties"]["id"]) == ("node", ["Asset"], "agent")
    assert (relationship["kind"], relationship["type"]) == ("relationship", "USES_SECRET")
    assert relationship["source"] == node["id"]
    assert [one["properties"]["id"] for one in path["nodes"]] == ["agent", "token"]
    assert [one["type"] for one in path["relationships"]] == ["USES_SECRET"]
    assert mapping == {"x": [1, 2.5, None]}
    assert store.query("RETURN date('2026-11-24') AS d, duration('P1D') AS u").rows == (("2026-11-24", "P1D"),)


def test_nothing_can_be_written(store: Store) -> None:
    for text in ("CREATE (:Asset {id: 'x'})", "MATCH (n:Asset) SET n.likelihood = 0", "MATCH (n) DETACH DELETE n"):
        with pytest.raises(QueryError, match="tried to change"):
            store.query(text)
    assert one(store, "MATCH (n {system: $system}) RETURN count(n)") == len(small(FIRST).nodes)


def test_errors_say_what_and_where(store: Store) -> None:
    with pytest.raises(QueryError) as syntax:
        store.query("MATCH (n RETURN n")
    assert syntax.value.line == 1 and syntax.value.column > 1
    with pytest.raises(QueryError, match="nosuch"):
        store.query("RETURN nosuch(1)")
    with pytest.raises(QueryError, match="missing"):
        store.query("RETURN $missing")


def test_rows_are_capped(store: Store) -> None:
    table = store.query("UNWIND range(1, 5000) AS x RETURN x", max_rows=10)
    assert [row[0] for row in table.rows] == list(range(1, 11)) and table.truncated
    whole = store.query("UNWIND range(1, 10) AS x RETURN x", max_rows=10)
    assert len(whole.rows) == 10 and not whole.truncated


def test_a_wrong_password_is_said_plainly(store: Store) -> None:
    found, _ = store.backend.connect()
    uri = found.uri.replace("://", f"://{found.user}:wrong-secret@")
    with open_store(uri, environment={}) as other, pytest.raises(StoreError, match="password") as refused:
        other.query("RETURN 1")
    assert "wrong-secret" not in str(refused.value)


def test_a_user_who_may_not_write_cannot_load(store: Store) -> None:
    found, _ = store.backend.connect()
    if found.reader == found.user:
        pytest.skip("set NEO4J_READER_USER to a user who may only read")
    uri = found.uri.replace("://", f"://{found.reader}:{found.reader_password}@") + f"/{found.database or ''}"
    with open_store(uri, environment={}) as other, pytest.raises(StoreError, match="may not write"):
        other.load(small(FIRST))
    assert one(store, "MATCH (n {system: $system}) RETURN count(n)") == len(small(FIRST).nodes)
