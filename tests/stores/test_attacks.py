"""Attempts to get through the query box to what a Neo4j server lets its user do without writing.

To see settings, users and what others run, to end it, to read files and addresses, to call what has
effects. Each is refused on both engines, while somebody else's transaction stays open.
"""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import neo4j
import pytest

from graphmodel.stores.errors import QueryError
from graphmodel.stores.session import Store
from tests.stores.attacks import ATTACKS, GIVEN, HARMLESS
from tests.stores.conftest import own
from tests.stores.graphs import small

pytestmark = pytest.mark.store


@pytest.fixture(scope="module")
def other(hostile: Store) -> Iterator[neo4j.Transaction]:
    """What somebody else is doing: an open transaction that has written something."""
    address, _ = hostile.backend.connect()
    with (
        neo4j.GraphDatabase.driver(address.uri, auth=(address.user, address.password)) as driver,
        driver.session(database=address.database) as session,
        session.begin_transaction() as transaction,
    ):
        transaction.run("CREATE (:Zone {id: $id})", id=own("other")).consume()
        yield transaction
        found = transaction.run("MATCH (n:Zone {id: $id}) RETURN count(n)", id=own("other")).single(strict=True)
        assert found.value() == 1
        transaction.rollback()


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("secret") / "secret.csv"
    path.write_text("secret,secret\n")
    return path


@pytest.fixture(scope="module")
def asked() -> Iterator[tuple[str, list[str]]]:
    """The address of an HTTP server, and what it was asked for."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"secret\n")

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/secret.csv", seen
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("text", ATTACKS)
def test_it_does_not_get_through(
    hostile: Store, other: neo4j.Transaction, secret: Path, asked: tuple[str, list[str]], text: str
) -> None:
    given = {**GIVEN, "file": secret.as_uri(), "address": asked[0]}
    with pytest.raises(QueryError) as refused:
        hostile.query(text, given, timeout=1)
    assert "secret" not in str(refused.value)
    assert asked[1] == []
    assert other.run("RETURN 1").single(strict=True).value() == 1
    count = "MATCH (n {system: $system}) RETURN count(n) AS nodes, COUNT { MATCH (m:Intruder) } AS strange"
    assert hostile.query(count).rows == ((len(small().nodes), 0),)


@pytest.mark.parametrize(("text", "columns", "rows"), HARMLESS)
def test_reading_is_not_hindered(hostile: Store, text: str, columns: tuple[str, ...], rows: int) -> None:
    table = hostile.query(text, {"word": "café"})
    assert (table.columns, len(table.rows)) == (columns, rows)
    if columns == ("same", "path"):
        assert table.rows == ((True, "C:\\users\\u0041"),)
