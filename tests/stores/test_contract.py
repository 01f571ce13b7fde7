"""What every store must do; also run against a server named by NEO4J_TEST_URI."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from threading import Thread

import pytest

from graphmodel.stores.embedded import Embedded
from graphmodel.stores.errors import QueryError, StoreError
from graphmodel.stores.graph import SCHEMA, Edge, Node, PropertyGraph
from graphmodel.stores.opening import open_store
from graphmodel.stores.saved import SAVED, SAVED_BY_ID, SavedQuery
from graphmodel.stores.session import Store
from tests.stores.conftest import own, server_address
from tests.stores.graphs import small

pytestmark = pytest.mark.store
FIRST, SECOND = own("first"), own("second")


@pytest.fixture(scope="module", params=["embedded", "address", "neo4j"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """The embedded store; the same engine as if it were a server; and a real server."""
    if request.param == "neo4j":
        opened = open_store(server_address())
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


def holds(store: Store, graph: PropertyGraph) -> bool:
    """Whether the store holds exactly these nodes and relationships of the system, with these properties."""
    nodes = store.query("MATCH (n {system: $system}) RETURN labels(n)[0], n.key, properties(n)").rows
    edges = store.query(
        """MATCH (a)-[r]->(b) WHERE a.system = $system OR b.system = $system
           RETURN type(r), labels(a)[0], a.key, labels(b)[0], b.key, properties(r)"""
    ).rows

    def stored(properties: object) -> str:
        assert isinstance(properties, dict)
        plain = {name: list(one) if isinstance(one, tuple) else one for name, one in properties.items()}
        return repr(sorted((name, one) for name, one in plain.items() if one is not None))

    wanted_nodes = sorted(
        (one.label, one.key, stored({**one.properties, "system": graph.system, "key": one.key})) for one in graph.nodes
    )
    wanted_edges = sorted((one.type, *one.source, *one.target, stored(one.properties)) for one in graph.edges)
    return (
        sorted((label, key, stored(properties)) for label, key, properties in nodes) == wanted_nodes
        and sorted((*ends, stored(properties)) for *ends, properties in edges) == wanted_edges
    )


def changed(graph: PropertyGraph) -> PropertyGraph:
    """The same system later: a node left, one came, others and their relationships differ."""
    gone = ("Implementation", "broker-1")
    nodes = [one for one in graph.nodes if (one.label, one.key) != gone]
    nodes = [
        replace(one, properties={**one.properties, "likelihood": 1, "owner": None}) if one.key == "agent" else one
        for one in nodes
    ]
    edges = [one for one in graph.edges if gone not in (one.source, one.target)]
    edges = [replace(one, properties={"hop": 9}) if one.type == "USES_STEP" else one for one in edges]
    edges = [one for one in edges if one.type != "UNLOCKS"]
    came = ("Asset", "newcomer")
    nodes.append(Node(*came, {"id": "newcomer", "types": ["Asset"], "name": "caf\u00e9 \"'`\\"}))
    flow = Edge("FLOW", came, ("Asset", "agent"), {"id": "twice"})
    return PropertyGraph(tuple(nodes), (*edges, flow, flow, Edge("INVOKES", came, came)))


def test_a_model_that_changed_is_held_as_it_is_now(store: Store) -> None:
    before = small(FIRST)
    assert holds(store, before)
    after = changed(before)
    store.load(after)
    assert holds(store, after)
    assert one(store, "MATCH (a:Asset {system: $system, id: 'agent'}) RETURN a.owner IS NULL") is True
    store.load(before)
    assert holds(store, before)


def test_what_others_attached_goes_with_the_next_load(store: Store) -> None:
    graph = small(FIRST)
    connection = store._connected()
    with connection.writer.session(database=connection.database) as session:
        for statement in (
            "MATCH (a:Asset {system: $system, id: 'agent'}) SET a.note = 'mine'",
            "MATCH (a:Asset {system: $system, id: 'chat'}) SET a:Odd",
            "MATCH (a:Asset {system: $system, id: 'agent'}) CREATE (a)-[:`odd ``type`]->(:Remark {text: 'x'})",
            "MATCH (a:Asset {system: $system, id: 'agent'}) CREATE (:Remark {system: $system})-[:ABOUT]->(a)",
            "MATCH (a:Asset {system: $system, id: 'agent'})-[:USES_SECRET]->(b) CREATE (a)-[:KNOWS]->(b)",
            "CREATE (:Asset {system: $system, key: 'stray'})",
        ):
            session.run(statement, system=FIRST).consume()
        try:
            assert not holds(store, graph)
            store.load(graph)
            session.run("MATCH (n:Remark) DETACH DELETE n").consume()
            assert holds(store, graph)
        finally:
            session.run("MATCH (n:Remark) DETACH DELETE n").consume()


def test_two_who_load_at_once_leave_one_of_their_models(request: pytest.FixtureRequest, store: Store) -> None:
    if request.node.callspec.params["store"] != "neo4j":
        pytest.skip("the embedded engine has one program that loads it")
    graphs = [small(FIRST), changed(small(FIRST))]
    problems: list[Exception] = []
    address, _ = store.backend.connect()
    uri = address.uri.replace("://", f"://{address.user}:{address.password}@") + f"/{address.database or ''}"

    def load(graph: PropertyGraph) -> None:
        try:
            with open_store(uri, environment={}) as other:
                for _ in range(5):
                    other.load(graph)
        except Exception as error:
            problems.append(error)

    threads = [Thread(target=load, args=(graph,)) for graph in graphs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert problems == []
    assert any(holds(store, graph) for graph in graphs)


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
    known = [(row["agent"], row["held"], row["secret"], row["unlocks"]) for row in secrets]
    assert known == [("agent", "run", "token", "records")]
    exposed = [("agent", "run", "records"), ("agent", "run", "token"), ("agent", "steer", "records")]
    told = [(row["asset"], row["held"], row["data"]) for row in answer(store, "exposed-data")]
    assert told == [*exposed, ("crm-tool", "steer", "records")]
    assert [row["data"] for row in answer(store, "exposed-data", asset="agent")] == ["records", "token", "records"]
    radius = [{"asset": "agent", "facts": 3, "assets": 3, "losses": 100_000.0}]
    assert answer(store, "blast-radius", asset="agent") == radius
    assert answer(store, "biggest-losses")[0]["now"] == pytest.approx(10_000)
    assert {row["fact"] for row in answer(store, "choke-facts")} == {"agent:reach", "agent:run", "token:read"}
    tools = answer(store, "agent-tools")
    assert [(row["agent"], row["tool"], row["authenticated"]) for row in tools] == [("agent", "crm-tool", True)]
    assert [(row["steered"], row["hijacked"], row["run"]) for row in tools] == [(0.3, None, None)]
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


WRONG = [
    "MATCH (n RETURN n",
    "RETURN 1,\n  nosuch(1)",
    "RETURN x",
    "MATCH (n)\nRETRUN n",
    "RETURN $missing",
    "RETURN 'a",
]


@pytest.mark.parametrize("text", WRONG)
def test_a_query_is_checked_before_anything_is_loaded(store: Store, text: str) -> None:
    with pytest.raises(QueryError) as found:
        store.check(text)
    with pytest.raises(QueryError) as asked:
        store.query(text)
    told = [(one.value.message, one.value.hint, one.value.line, one.value.column) for one in (found, asked)]
    assert told[0] == told[1]
    assert "EXPLAIN" not in told[0][0]


def test_a_sound_query_passes_the_check_and_does_not_run(store: Store) -> None:
    for query in SAVED:
        store.check(query.cypher, query.parameters)
    started = time.monotonic()
    store.check("MATCH p = (a)-[*]-(b)-[*]-(c) RETURN count(p)")
    store.check("SHOW INDEXES")
    store.check("CALL db.labels() YIELD label RETURN label")
    assert time.monotonic() - started < 5


def test_an_empty_answer_has_columns(store: Store) -> None:
    nothing = "MATCH (n:Asset {system: 'nowhere'})"
    named = store.query(f"{nothing} RETURN n.id AS id, count(*) AS `how many`, n.name")
    assert (named.columns, named.rows) == (("id", "how many", "n.name"), ())
    ordered = store.query(f"{nothing} WITH n.id AS x RETURN DISTINCT x, {{a: [1, 2]}} AS y ORDER BY x LIMIT 3")
    assert (ordered.columns, ordered.rows) == (("x", "y"), ())


def test_a_value_that_cannot_be_shown_is_no_lost_store(store: Store) -> None:
    for text in ("RETURN duration({years: 9999999999999}) AS x", "RETURN date({year: 999999999}) AS x"):
        with pytest.raises(QueryError) as found:
            store.query(text)
        assert "cannot be reached" not in found.value.message
    assert one(store, "RETURN toString(date({year: 999999999}))") == "+999999999-01-01"


def test_it_can_be_closed_and_asked_again(store: Store) -> None:
    store.close()
    assert one(store, "MATCH (n {system: $system}) RETURN count(n)") == len(small(FIRST).nodes)


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
