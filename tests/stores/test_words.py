"""The fence, addresses, values and errors: all that needs no engine."""

from __future__ import annotations

import json
from typing import Any

import pytest
from neo4j.exceptions import AuthError, ClientError, Neo4jError, ServiceUnavailable
from neo4j.time import Date, Duration

from graphmodel.stores import columns, guard, values
from graphmodel.stores.address import parse_address
from graphmodel.stores.embedded import Embedded
from graphmodel.stores.errors import QueryError, StoreError
from graphmodel.stores.opening import open_store
from graphmodel.stores.problems import is_unreachable, translate
from graphmodel.stores.saved import SAVED, SavedQuery
from graphmodel.stores.session import Server
from tests.stores.attacks import ATTACKS, GIVEN, HARMLESS

ALLOWED = [
    "MATCH (n) RETURN n;",
    "MATCH (n) RETURN n ; ;",
    "RETURN 'LOAD CSV FROM x; CALL apoc.load.json()' AS text",
    'RETURN "it\'s; CREATE" // LOAD CSV',
    "/* CALL apoc.x() */ RETURN 1",
    "MATCH (`load`)-[:`csv`]->() RETURN `load`",
    "MATCH (n) CALL (n) { MATCH (n)-->(m) RETURN m } RETURN m",
    "MATCH (n) CALL { WITH n RETURN 1 AS x } RETURN x",
    "CALL db.labels() YIELD label RETURN label",
    "CALL DB.relationshipTypes",
    "CALL algo.dijkstra(a, b, 'FLOW', 'weight', 'OUT')",
    "MATCH (call) RETURN call.load AS csv",
    "MATCH (n)-[:FLOW|CALL*1..2]->(m:Call {a: 1}) WHERE n.call AND (m.a OR m.b) RETURN n",
    "MATCH (n {call: 1}) RETURN n.call, $call",
    "RETURN 'a\\'b;c'",
    "RETURN 'C:\\\\u0041bc'",
]


@pytest.mark.parametrize("text", [*ALLOWED, *(text for text, _, _ in HARMLESS)])
def test_the_fence_lets_reading_pass(text: str) -> None:
    guard.check(text, {"call": 1, "system": "x", "word": "y"}, algorithms=True)


@pytest.mark.parametrize("query", SAVED, ids=[query.id for query in SAVED])
def test_the_fence_lets_saved_queries_pass_unchanged(query: SavedQuery) -> None:
    assert guard.check(query.cypher, {**query.parameters, "system": "x"}) == query.cypher


@pytest.mark.parametrize("text", ATTACKS)
def test_the_fence_alone_refuses_attacks(text: str) -> None:
    with pytest.raises(QueryError):
        guard.check(text, GIVEN, algorithms=True)


def test_algorithms_are_the_embedded_engines_alone() -> None:
    guard.check("CALL algo.pagerank({})", {}, algorithms=True)
    with pytest.raises(QueryError, match="not available"):
        guard.check("CALL algo.pagerank({})", {})


def test_what_is_sent_is_what_was_read() -> None:
    text = "RETURN 1 AS x // a\n, /* b\nc */ 'd // e' AS y,\u00a0`f /* g` AS z"
    assert guard.check(text, {"f": 1}) == "RETURN 1 AS x     \n,     \n     'd // e' AS y, `f /* g` AS z"


@pytest.mark.parametrize(
    ("text", "says", "place"),
    [
        ("MATCH (n)\nRETRUN n", "“RETRUN” cannot stand here", (2, 1)),
        ("MATCH (n) RETURN n.x, $y", "$y has no value", (1, 23)),
        ("RETURN '\\u0027'", "escape \\u0027", (1, 9)),
        ("RETURN 1AS x", "runs into a word", (1, 8)),
        ("RETURN 1 – 2", "“–” is no part", (1, 10)),
        ("RETURN 1 \u200b", "U+200B", (1, 10)),
        ("MATCH (n) SET n.x = 1", "tried to change", (1, 11)),
        ("RETURN nope.f(1)", "nope.f", (1, 8)),
    ],
)
def test_the_fence_says_what_and_where(text: str, says: str, place: tuple[int, int]) -> None:
    with pytest.raises(QueryError) as error:
        guard.check(text, {})
    assert says in error.value.message and f"(line {place[0]}, column {place[1]})" in error.value.message
    assert (error.value.line, error.value.column) == place


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("RETURN 1", ("1",)),
        ("RETURN DISTINCT a.b AS c, d, `e f`, count( * )", ("c", "d", "e f", "count( * )")),
        ("MATCH (n) RETURN {a: [1, 2], return: 3} AS m ORDER BY m, n SKIP 1", ("m",)),
        ("CALL { RETURN 1 AS x } WITH x RETURN x + 1 AS `y ``z`", ("y `z",)),
        ("RETURN 1 AS a UNION RETURN 2 AS a;", ("a",)),
        ("MATCH (n) RETURN n.return AS x, n.limit, n.as", ("x", "n.limit", "n.as")),
        ("MATCH (n) RETURN *", ()),
        ("MATCH (n) RETURN n AS a, *", ()),
        ("CALL db.labels()", ()),
        ("MATCH (n) FINISH", ()),
    ],
)
def test_columns_are_read_off_the_query(text: str, names: tuple[str, ...]) -> None:
    assert columns.named(text) == names


def test_the_fence_tells_the_place_of_an_open_quotation() -> None:
    with pytest.raises(QueryError) as error:
        guard.check("MATCH (n)\nRETURN 'open", {})
    assert (error.value.line, error.value.column) == (2, 8)


def test_an_address_in_full() -> None:
    found = parse_address("neo4j+s://ann:p%40ss%2Fword@db.example:7688/risk", {})
    assert (found.uri, found.user, found.password, found.database) == (
        "neo4j+s://db.example:7688",
        "ann",
        "p@ss/word",
        "risk",
    )
    assert (found.reader, found.reader_password, found.reader_uri) == ("ann", "p@ss/word", found.uri)
    assert "p@ss" not in repr(found)


def test_an_address_from_the_environment() -> None:
    environment = {
        "NEO4J_URI": "bolt://[::1]:7687",
        "NEO4J_USER": "ann",
        "NEO4J_PASSWORD": "secret",
        "NEO4J_READER_USER": "viewer",
        "NEO4J_READER_PASSWORD": "other",
    }
    found = parse_address("", environment)
    assert (found.uri, found.user, found.database) == ("bolt://[::1]:7687", "ann", None)
    assert (found.reader, found.reader_password) == ("viewer", "other")
    assert isinstance(open_store(environment=environment).backend, Server)
    assert isinstance(open_store("embedded", environment=environment).backend, Embedded)
    assert isinstance(open_store(environment={}).backend, Embedded)


@pytest.mark.parametrize(
    "text",
    ["http://u:secret@host", "file:///etc/passwd", "neo4j://", "bolt://u:secret@host:port", "nonsense", "bolt://h/a/b"],
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(StoreError) as error:
        open_store(text, environment={})
    assert "secret" not in str(error.value) and "neo4j://user:password@host" in error.value.hint


def test_an_unreachable_server_says_so() -> None:
    store = open_store("bolt://u:secret@127.0.0.1:1", environment={})
    with pytest.raises(StoreError, match="cannot be reached") as error:
        store.query("RETURN 1")
    store.close()
    assert "secret" not in str(error.value) and not isinstance(error.value, QueryError)


def test_values_become_json() -> None:
    value = {
        "a": [1, 2.5, True, None, "x"],
        "d": Date(2026, 1, 2),
        "u": Duration(days=1),
        "b": b"xyz",
        "n": float("inf"),
    }
    found = values.plain(value, values.Budget())
    assert found == {"a": [1, 2.5, True, None, "x"], "d": "2026-01-02", "u": "P1D", "b": "3 bytes", "n": "inf"}
    json.dumps(found, allow_nan=False)


def test_cells_are_cut() -> None:
    def cut(value: Any) -> Any:
        budget = values.Budget()
        found = values.plain(value, budget)
        assert budget.cut
        return found

    assert cut("x" * 20_000) == "x" * values.MAX_TEXT + values.CUT
    assert len(cut(list(range(5000)))) <= values.MAX_ITEMS
    assert len(str(cut([[list(range(100)) for _ in range(100)] for _ in range(100)]))) < 20_000
    assert len(cut({str(number): number for number in range(5000)})) <= values.MAX_ITEMS
    deep: Any = 1
    for _ in range(50):
        deep = [deep]
    assert values.CUT in str(cut(deep))


def neo4j_error(code: str, message: str) -> Neo4jError:
    return Neo4jError._hydrate_neo4j(code=code, message=message)


@pytest.mark.parametrize(
    ("code", "message", "says", "place"),
    [
        ("Neo.ClientError.Security.Forbidden", "User x is not allowed", "tried to change", (0, 0)),
        ("Neo.ClientError.Statement.AccessMode", "Writing in read access mode not allowed.", "tried to change", (0, 0)),
        ("Neo.ClientError.Statement.SyntaxError", "Invalid input (line 2, column 5 (offset: 9))", "Invalid", (2, 5)),
        ("Neo.ClientError.Statement.SyntaxError", "Syntax error at line 1:9 - no", "Syntax error", (1, 10)),
        ("Neo.ClientError.Statement.SyntaxError", "Unexpected 'x' at line 2, column 0\n  x", "Unexpected", (2, 1)),
        ("Neo.ClientError.Statement.SyntaxError", "Unknown function 'foo' (line 1, column 8)", "foo", (1, 8)),
        ("Neo.ClientError.Transaction.TransactionTimedOut", "timed out", "time limit", (0, 0)),
        ("Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration", "out", "time limit", (0, 0)),
        ("Neo.TransientError.General.MemoryPoolOutOfMemoryError", "limit", "memory", (0, 0)),
        ("Neo.ClientError.Statement.ParameterMissing", "Expected parameter(s): x", "x", (0, 0)),
    ],
)
def test_errors_of_an_engine_in_plain_words(code: str, message: str, says: str, place: tuple[int, int]) -> None:
    found = translate(neo4j_error(code, message), 10.0)
    assert isinstance(found, QueryError)
    assert says in found.message and (found.line, found.column) == place


def test_errors_of_the_way_there() -> None:
    assert "password" in translate(AuthError("no"), 10.0).message
    assert not isinstance(translate(ServiceUnavailable("Couldn't connect to x:1"), 10.0), QueryError)
    broken = "Couldn't connect to 127.0.0.1:1 (resolved to ...):\nFailed to read four byte Bolt handshake response"
    assert not isinstance(translate(ServiceUnavailable(broken), 10.0), QueryError)
    assert is_unreachable(ServiceUnavailable(broken))
    assert isinstance(translate(ServiceUnavailable("Failed to read from defunct connection"), 10.0), QueryError)
    assert len(translate(ClientError("x" * 5000), 10.0).message) < 500
