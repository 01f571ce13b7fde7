"""Loads property graphs into an engine and answers ad hoc queries from it.

The same code serves the embedded store and a Neo4j server; only a ``Backend`` tells them apart.
Every node carries the id of its system, and its label, system and key together are unique, so
several systems live in one database side by side.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Protocol, Self

from neo4j import READ_ACCESS, Driver, GraphDatabase, ManagedTransaction, Query, Session
from neo4j.exceptions import ConfigurationError, DriverError, Neo4jError

from graphmodel.stores import guard, values
from graphmodel.stores.address import Address
from graphmodel.stores.errors import QueryError, StoreError
from graphmodel.stores.graph import SCHEMA, Edge, PropertyGraph, Value
from graphmodel.stores.limits import GRACE, MAX_ROWS, MAX_ROWS_LIMIT, SLOTS, TIMEOUT
from graphmodel.stores.problems import is_lost, is_unreachable, overrun, translate

_BATCH = 1000
_FETCH = 50


@dataclass(frozen=True, slots=True)
class Table:
    """The answer to a query: plain JSON values, ``elapsed`` in seconds.

    ``truncated`` is true when rows were left out or a cell was cut (marked with ``…``).
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    truncated: bool = False
    elapsed: float = 0.0


class Backend(Protocol):
    """What tells one engine from another: how to get at it, and how to end a query it will not end.

    ``volatile`` says that data are gone after a restart, and are loaded again from here. A changed
    ``generation`` of the address means that the engine was started anew.
    """

    volatile: bool

    def connect(self) -> tuple[Address, int]: ...

    def overrun(self, generation: int) -> None: ...

    def close(self) -> None: ...


@dataclass
class Server:
    """A server that somebody else runs."""

    address: Address
    volatile: bool = False

    def connect(self) -> tuple[Address, int]:
        return self.address, 0

    def overrun(self, generation: int) -> None:
        """Nothing: the server has its own time limit, and the query is left to it."""

    def close(self) -> None:
        """Nothing to stop."""


@dataclass
class _Connection:
    generation: int
    database: str | None
    writer: Driver
    reader: Driver
    prepared: bool = False

    def close(self) -> None:
        for driver in {self.writer, self.reader}:
            driver.close()


@dataclass(eq=False)
class Store:
    """A place to load systems into and to ask. Safe for threads. Close it, or use it in ``with``.

    ``system`` is the id that queries see as ``$system``; loading sets it.
    """

    backend: Backend
    system: str = ""
    _graphs: dict[str, PropertyGraph] = field(default_factory=dict, init=False, repr=False)
    _connection: _Connection | None = field(default=None, init=False, repr=False)
    _stopped: int | None = field(default=None, init=False, repr=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, init=False, repr=False)
    _slots: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(SLOTS), init=False, repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def load(self, graph: PropertyGraph) -> None:
        """Put a system in, in place of what the store holds of it; other systems stay as they are.

        The change is one transaction: nobody sees half of it. An engine that is not running yet is
        started by the first query, not by this. Raises ``ValueError`` for a graph outside the
        schema and ``StoreError`` when the store cannot be reached or refuses.
        """
        graph.check()
        with self._lock:
            self.system = graph.system
            if not self.backend.volatile:
                _write(self._connected(), graph.system, graph)
                return
            self._graphs[graph.system] = graph
            if self._connection is not None:
                generation = self._connection.generation
                connection = self._connected()
                if connection.generation == generation:
                    try:
                        _write(connection, graph.system, graph)
                    except StoreError:
                        # The next query starts the engine anew and loads everything.
                        self.backend.overrun(generation)

    def remove(self, system: str) -> None:
        """Take a system out of the store; it need not be there."""
        with self._lock:
            self._graphs.pop(system, None)
            if not self.backend.volatile or self._connection is not None:
                _write(self._connected(), system, None)

    def query(
        self,
        text: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        timeout: float = TIMEOUT,
        max_rows: int = MAX_ROWS,
    ) -> Table:
        """Answer a query as a user who may only read.

        ``timeout`` is in seconds, ``max_rows`` counts rows. Raises ``QueryError`` when the query is
        refused, wrong or takes too long, and ``StoreError`` when there is no store to ask.
        """
        given = {"system": self.system, **(parameters or {})}
        guard.check(text, given)
        timeout, max_rows = min(max(timeout, 0.1), TIMEOUT), min(max(max_rows, 1), MAX_ROWS_LIMIT)
        job = self._run(text, given, timeout, max_rows)
        if job.error is not None and self._is_innocent(job):
            job = self._run(text, given, timeout, max_rows)
        if job.error is not None:
            raise translate(job.error, timeout) from job.error
        return Table(job.columns, tuple(job.rows), job.truncated, job.elapsed)

    def close(self) -> None:
        """Drop connections and stop an embedded engine. A later query starts it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            self.backend.close()

    def _run(self, text: str, given: Mapping[str, Any], timeout: float, max_rows: int) -> _Job:
        if not self._slots.acquire(timeout=timeout):
            raise QueryError("The store is busy with other queries.", "Try again in a few seconds.")
        try:
            with self._lock:
                connection = self._connected()
            job = _Job(connection, text, given, timeout, max_rows, self._slots)
        except BaseException:
            self._slots.release()
            raise
        job.start()
        if not job.answered.wait(timeout + GRACE):
            with self._lock:
                self._stopped = connection.generation
                self.backend.overrun(connection.generation)
            raise overrun(timeout)
        return job

    def _is_innocent(self, job: _Job) -> bool:
        """Whether the engine was lost to another query, so that asking again is right."""
        if not self.backend.volatile or job.error is None:
            return False
        if is_lost(job.error):
            return self._stopped == job.connection.generation
        if is_unreachable(job.error):
            # It died, and so recently that its process can still be seen.
            self.backend.overrun(job.connection.generation)
            return True
        return False

    def _connected(self) -> _Connection:
        address, generation = self.backend.connect()
        if self._connection is not None and self._connection.generation == generation:
            return self._connection
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        connection = _open(address, generation)
        try:
            for graph in self._graphs.values():
                _write(connection, graph.system, graph)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection


class _Job(threading.Thread):
    """One query on a thread of its own, so that whoever waits for it can give up.

    ``answered`` is set once there is something to show. Ending the session can take longer, as an
    engine may work on rows that nobody wants; the slot is given back only then.
    """

    def __init__(
        self,
        connection: _Connection,
        text: str,
        given: Mapping[str, Any],
        timeout: float,
        max_rows: int,
        slots: threading.Semaphore,
    ) -> None:
        super().__init__(daemon=True, name="graphmodel-query")
        self.connection = connection
        self.columns: tuple[str, ...] = ()
        self.rows: list[tuple[Any, ...]] = []
        self.truncated = False
        self.elapsed = 0.0
        self.error: Exception | None = None
        self.answered = threading.Event()
        self._text, self._given, self._timeout, self._max_rows = text, given, timeout, max_rows
        self._slots = slots
        self._begun = time.monotonic()

    def run(self) -> None:
        try:
            self._read()
        except Exception as error:
            if not self.answered.is_set():
                self.error = error
                self._done()
        finally:
            self._slots.release()

    def _done(self) -> None:
        self.elapsed = time.monotonic() - self._begun
        self.answered.set()

    def _read(self) -> None:
        reader, database = self.connection.reader, self.connection.database
        with reader.session(database=database, default_access_mode=READ_ACCESS, fetch_size=_FETCH) as session:
            query = Query(self._text, timeout=self._timeout)
            result = session.run(query, dict(self._given))
            self.columns = tuple(result.keys())
            characters = 0
            for record in result:
                if len(self.rows) >= self._max_rows or characters > values.MAX_TABLE:
                    self.truncated = True
                    break
                cells = []
                for value in record.values():
                    budget = values.Budget()
                    cells.append(values.plain(value, budget))
                    characters += budget.characters
                    self.truncated |= budget.cut
                self.rows.append(tuple(cells))
            self._done()


def _open(address: Address, generation: int) -> _Connection:
    # Without a handler Python prints the driver's log to the user; what matters comes as an error.
    logging.getLogger("neo4j").addHandler(logging.NullHandler())

    def driver(uri: str, user: str, password: str) -> Driver:
        try:
            return GraphDatabase.driver(
                uri,
                auth=(user, password) if user else None,
                connection_timeout=5.0,
                connection_acquisition_timeout=10.0,
                max_transaction_retry_time=5.0,
                telemetry_disabled=True,
                user_agent="graphmodel",
            )
        except (ConfigurationError, ValueError) as error:
            raise StoreError("The address of the Neo4j server cannot be used.", str(error)) from error

    writer = driver(address.uri, address.user, address.password)
    same = (address.reader, address.reader_uri) == (address.user, address.uri)
    reader = writer if same else driver(address.reader_uri, address.reader, address.reader_password)
    return _Connection(generation, address.database, writer, reader)


def _write(connection: _Connection, system: str, graph: PropertyGraph | None) -> None:
    try:
        with connection.writer.session(database=connection.database) as session:
            if not connection.prepared:
                _prepare(session)
                connection.prepared = True
            session.execute_write(_replace, system, graph)
    except (Neo4jError, DriverError) as error:
        if isinstance(error, Neo4jError) and "Forbidden" in (error.code or ""):
            raise StoreError(
                "The model could not be loaded: the user may not write there.",
                "Loading needs a user who may write and create constraints and indexes.",
            ) from error
        problem = translate(error, TIMEOUT)
        raise StoreError(f"The model could not be loaded: {problem.message}", problem.hint) from error


def _prepare(session: Session) -> None:
    for label in SCHEMA.label_by_name:
        name = f"graphmodel_{label.lower()}"
        for statement in (
            f"CREATE CONSTRAINT {name}_key IF NOT EXISTS FOR (n:{label}) REQUIRE (n.system, n.key) IS UNIQUE",
            f"CREATE INDEX {name}_id IF NOT EXISTS FOR (n:{label}) ON (n.id)",
        ):
            session.run(statement).consume()


def _replace(transaction: ManagedTransaction, system: str, graph: PropertyGraph | None) -> None:
    """Take out what is there of the system, and put the graph in, if there is one."""

    def run(statement: str, rows: list[dict[str, Any]] | None = None) -> None:
        transaction.run(statement, system=system, rows=rows or []).consume()

    for label in SCHEMA.label_by_name:
        _clear(transaction, label, system)
    if graph is None:
        return
    for label, nodes in groupby(sorted(graph.nodes, key=lambda node: node.label), key=lambda node: node.label):
        rows = [{**_stored(node.properties), "system": system, "key": node.key} for node in nodes]
        for batch in _batches(rows):
            run(f"UNWIND $rows AS row CREATE (n:{label}) SET n = row", batch)
    for (type_, source, target), edges in groupby(sorted(graph.edges, key=_kind), key=_kind):
        rows = [{"a": edge.source[1], "b": edge.target[1], "p": _stored(edge.properties)} for edge in edges]
        for batch in _batches(rows):
            run(
                f"UNWIND $rows AS row MATCH (a:{source} {{system: $system, key: row.a}}) "
                f"MATCH (b:{target} {{system: $system, key: row.b}}) CREATE (a)-[r:{type_}]->(b) SET r = row.p",
                batch,
            )


def _clear(transaction: ManagedTransaction, label: str, system: str) -> None:
    # In portions, as the embedded engine limits the time of every statement.
    statement = f"MATCH (n:{label} {{system: $system}}) WITH n LIMIT $limit DETACH DELETE n RETURN count(*)"
    while True:
        record = transaction.run(statement, system=system, limit=_BATCH).single()
        if record is None or record[0] < _BATCH:
            return


def _kind(edge: Edge) -> tuple[str, str, str]:
    return edge.type, edge.source[0], edge.target[0]


def _batches(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(rows), _BATCH):
        yield rows[start : start + _BATCH]


def _stored(properties: Mapping[str, Value]) -> dict[str, Any]:
    """Properties as an engine takes them: no None, words as plain text, tuples as lists."""
    found: dict[str, Any] = {}
    for name, value in properties.items():
        if isinstance(value, str):
            found[name] = str(value)
        elif isinstance(value, bool | int | float):
            found[name] = value
        elif value is not None:
            found[name] = [str(one) for one in value]
    return found
