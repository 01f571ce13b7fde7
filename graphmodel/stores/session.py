"""Loads property graphs into an engine and answers ad hoc queries from it.

The same code serves the embedded store and a Neo4j server; only a ``Backend`` tells them apart.
Every node carries the id of its system, and its label, system and key together are unique, so
several systems live in one database side by side.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

from neo4j import READ_ACCESS, Driver, GraphDatabase, Query
from neo4j.exceptions import ConfigurationError, DriverError, Neo4jError

from graphmodel.stores import columns, guard, limits, values, writing
from graphmodel.stores.address import Address
from graphmodel.stores.errors import QueryError, StoreError
from graphmodel.stores.graph import PropertyGraph
from graphmodel.stores.limits import GRACE, MAX_ROWS, MAX_ROWS_LIMIT, SLOTS, TIMEOUT, memory
from graphmodel.stores.problems import is_lost, is_unreachable, overrun, swollen, translate

_FETCH = 50
_LOOK = 0.05  # seconds after which it is looked again how much has come in
_PLAN = "EXPLAIN "


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

    ``volatile`` says that data are gone after a restart, and are loaded again from here, and
    ``algorithms`` that it has those of the embedded engine. A changed ``generation`` of the address
    means that the engine was started anew.
    """

    volatile: bool
    algorithms: bool

    def connect(self) -> tuple[Address, int]: ...

    def overrun(self, generation: int) -> None: ...

    def close(self) -> None: ...


@dataclass
class Server:
    """A server that somebody else runs.

    A query that it does not end in time is left to it; only the connections are given up, so that
    it can see that nobody waits, and nothing more of the answer comes in.
    """

    address: Address
    volatile: bool = False
    algorithms: bool = False
    _generation: int = field(default=0, init=False)

    def connect(self) -> tuple[Address, int]:
        return self.address, self._generation

    def overrun(self, generation: int) -> None:
        self._generation = max(self._generation, generation + 1)

    def close(self) -> None:
        """Nothing to stop."""


@dataclass(eq=False)
class _Connection:
    """The drivers of one generation of an engine, and how many queries are under way on them.

    A driver is closed only once no query is: while one thread is about to read from a socket that another closes, the
    number of that socket can be given to a new one, and the first thread reads, or waits for, what is meant for it.
    Until then the sockets are shut down, which ends all that is read from them.
    """

    generation: int
    database: str | None
    writer: Driver
    reader: Driver
    prepared: bool = False
    ended: bool = False
    _users: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def join(self) -> None:
        """A query begins."""
        with self._lock:
            self._users += 1

    def leave(self) -> None:
        """A query is over."""
        with self._lock:
            self._users -= 1
            last = self.ended and self._users == 0
        if last:
            self._close()

    def close(self) -> None:
        """Nothing more is wanted from these connections."""
        with self._lock:
            self.ended, idle = True, self._users == 0
        if idle:
            self._close()
        else:
            self.cut()

    def cut(self) -> None:
        """End whatever is read from the sockets. The driver has no word for that, so it is done underneath it."""
        for driver in {self.writer, self.reader}:
            pool: Any = driver._pool
            with pool.lock:
                open_ones = [one for ones in pool.connections.values() for one in ones]
            for one in open_ones:
                with contextlib.suppress(OSError):
                    one.socket._socket.shutdown(socket.SHUT_RDWR)

    def _close(self) -> None:
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
        text, given = self._allowed(text, parameters)
        timeout, max_rows = min(max(timeout, 0.1), TIMEOUT), min(max(max_rows, 1), MAX_ROWS_LIMIT)
        job = self._run(text, given, timeout, max_rows)
        if job.error is not None and self._is_innocent(job):
            job = self._run(text, given, timeout, max_rows)
        if job.error is not None:
            raise translate(job.error, timeout) from job.error
        return Table(job.columns or columns.named(text), tuple(job.rows), job.truncated, job.elapsed)

    def check(self, text: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Raise what ``query`` would for a query that is refused or wrong in itself; nothing runs.

        No system need be loaded, so this can come before all that loading takes.
        """
        text, given = self._allowed(text, parameters)
        job = self._run(_PLAN + text, given, TIMEOUT, 1)
        if job.error is not None:
            raise translate(job.error, TIMEOUT, len(_PLAN)) from job.error

    def close(self) -> None:
        """Drop connections and stop an embedded engine. A later query starts it again."""
        with self._lock:
            self._disconnect()
            self.backend.close()

    def _allowed(self, text: str, parameters: Mapping[str, Any] | None) -> tuple[str, dict[str, Any]]:
        given = {"system": self.system, **(parameters or {})}
        return guard.check(text, given, algorithms=self.backend.algorithms), given

    def _run(self, text: str, given: Mapping[str, Any], timeout: float, max_rows: int) -> _Job:
        if not self._slots.acquire(timeout=timeout):
            raise QueryError("The store is busy with other queries.", "Try again in a few seconds.")
        try:
            with self._lock:
                connection = self._connected()
                connection.join()
            job = _Job(connection, text, given, timeout, max_rows, self._slots)
        except BaseException:
            self._slots.release()
            raise
        before = memory()
        job.start()
        end = time.monotonic() + timeout + GRACE
        while not job.answered.wait(min(_LOOK, max(0.0, end - time.monotonic()))):
            grown = memory() - before > limits.MAX_GROWTH
            if grown or time.monotonic() >= end:
                with self._lock:
                    self._stopped = connection.generation
                    self.backend.overrun(connection.generation)
                    if self._connection is connection:
                        self._disconnect()
                raise swollen() if grown else overrun(timeout)
        return job

    def _is_innocent(self, job: _Job) -> bool:
        """Whether the connection was lost to another query, so that asking again is right."""
        if job.error is None:
            return False
        if is_lost(job.error):
            return self._stopped == job.connection.generation
        if self.backend.volatile and is_unreachable(job.error):
            # It died, and so recently that its process can still be seen.
            self.backend.overrun(job.connection.generation)
            return True
        return False

    def _connected(self) -> _Connection:
        address, generation = self.backend.connect()
        if self._connection is not None and self._connection.generation == generation:
            return self._connection
        self._disconnect()
        connection = _open(address, generation)
        try:
            for graph in self._graphs.values():
                _write(connection, graph.system, graph)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


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
            self.connection.leave()
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
            if self.connection.ended:
                # It was given up while it was still being opened; leaving the session would take in all of the answer.
                self.connection.cut()
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
                writing.prepare(session)
                connection.prepared = True
            session.execute_write(writing.replace, system, graph)
    except (Neo4jError, DriverError) as error:
        if isinstance(error, Neo4jError) and "Forbidden" in (error.code or ""):
            raise StoreError(
                "The model could not be loaded: the user may not write there.",
                "Loading needs a user who may write and create constraints and indexes.",
            ) from error
        problem = translate(error, TIMEOUT)
        raise StoreError(f"The model could not be loaded: {problem.message}", problem.hint) from error
