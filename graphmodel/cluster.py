"""Plays chunks of worlds on a Dask cluster: the one module that speaks to it.

A graph, and then what is asked of it, go to the cluster once, as tasks of their own: so the
scheduler can make them again when the worker that held them is lost. They go as bytes, which only
workers open; the scheduler needs no graphmodel. Chunks that were lost are played again, and give
the same.
"""

from __future__ import annotations

import hashlib
import logging
import operator
import pickle
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, cast
from uuid import uuid4
from weakref import WeakKeyDictionary

import dask
from distributed import Client, Future, Security, get_worker

from graphmodel.engine.worlds.chunks import Chunk, Found, Game, Task
from graphmodel.version import __version__

CONNECT_SECONDS = 10.0
PATIENCE = 30.0  # seconds without any worker
_ASK_EVERY = 1.0
_AHEAD = 3  # chunks under way for each thread, so that none waits for the network
_PLAYING = (
    *("arrays", "changes", "chunks", "compiler", "draws", "lanes"),
    *("kernel_cases", "kernel_ints", "kernel_lanes", "kernel_numba"),
)
_SAME = "all workers need the graphmodel that runs here, and the same major versions of Python, numpy and Dask"


class ClusterError(Exception):
    """The cluster cannot play; the message says what to do."""


class OtherCodeError(RuntimeError):
    """A worker would play by other code, so that its worlds could be others."""


@dataclass(frozen=True, eq=False)
class _Round:
    """A task on its way to the workers, with the name of the code that it is meant for."""

    task: Task[Any]
    version: str
    code: str

    def __call__(self, game: Game, first: int, count: int) -> Any:
        if code() != self.code:
            place = get_worker().address
            raise OtherCodeError(f"{place} has another graphmodel ({__version__}) than the one asking ({self.version})")
        return self.task.chunk(game, first, count)


@cache
def code() -> str:
    """Names the code that plays worlds here."""
    digest = hashlib.blake2b(digest_size=16)
    for name in _PLAYING:
        digest.update(
            resources.files("graphmodel.engine.worlds").joinpath(f"{name}.py").read_text(encoding="utf-8").encode()
        )
    return digest.hexdigest()


class Cluster:
    """Plays chunks on the workers that a scheduler has at the time, which may come and go.

    Raises ClusterError where the scheduler is lost, where no worker has been there for ``patience``
    seconds, and where a worker cannot play.
    """

    def __init__(self, client: Client, address: str, patience: float) -> None:
        self.client = client
        self.address = address
        self.patience = patience
        self._games: WeakKeyDictionary[Game, Future[Any]] = WeakKeyDictionary()
        self._threads = 0
        self._asked = self._seen = time.monotonic()

    def play(self, game: Game, task: Task[Found], chunks: Sequence[Chunk]) -> Generator[Found, None, None]:
        """What comes of each chunk, in order; a single chunk is played here, since it cannot be shared."""
        if len(chunks) == 1:
            yield task.chunk(game, *chunks[0])
            return
        name = uuid4().hex
        waiting: deque[Future[Any]] = deque()
        self._seen = time.monotonic()
        try:
            table = self._sent(game)
            asked = self._submit(pickle.loads, pickle.dumps(_Round(task, __version__, code())), key=f"ask-{name}")
            for first, count in chunks:
                waiting.append(self._submit(operator.call, asked, table, first, count, key=f"worlds-{name}-{first}"))
                if len(waiting) >= max(2, _AHEAD * self.threads()):
                    yield self._result(waiting.popleft())
            while waiting:
                yield self._result(waiting.popleft())
        finally:
            for one in waiting:
                one.release()

    def threads(self) -> int:
        """The threads of all workers, asked for once a second. Raises ClusterError where they have long been none."""
        now = time.monotonic()
        if not self._threads or now - self._asked >= _ASK_EVERY:
            try:
                found = cast(dict[str, int], self.client.nthreads())
            except (OSError, RuntimeError, TimeoutError) as error:
                raise self._lost() from error
            self._threads, self._asked = sum(found.values()), now
            if self._threads:
                self._seen = now
        if now - self._seen > self.patience:
            raise ClusterError(
                f"the scheduler at {self.address} has had no worker for {self.patience:.0f} seconds; "
                f"start one with: dask worker {self.address}"
            )
        return self._threads

    def _sent(self, game: Game) -> Future[Any]:
        if game not in self._games:
            data = pickle.dumps(game)
            name = hashlib.blake2b(data, digest_size=16).hexdigest()
            self._games[game] = self._submit(pickle.loads, data, key=f"graph-{name}")
        return self._games[game]

    def _submit(self, function: Any, *args: Any, key: str) -> Future[Any]:
        try:
            with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"}):
                return self.client.submit(function, *args, key=key, pure=False)
        except (OSError, RuntimeError) as error:
            raise self._lost() from error

    def _result(self, future: Future[Any]) -> Any:
        while True:
            try:
                return future.result(timeout=_ASK_EVERY)
            except CancelledError as error:
                raise self._lost() from error
            except Exception as error:
                if future.status == "error":
                    said = f"{type(error).__name__}: {error}"
                    raise ClusterError(f"the cluster at {self.address} cannot play: {said}; {_SAME}") from error
                if not isinstance(error, TimeoutError):
                    raise self._lost() from error
            self.threads()

    def _lost(self) -> ClusterError:
        return ClusterError(f"the scheduler at {self.address} was lost; see its log, and start this again")


def _security(address: str) -> Security:
    security = Security()
    encrypted = address.startswith("tls:")
    if security.require_encryption and not encrypted:
        raise ClusterError(f"Dask's configuration asks for encryption, which {address} has not; use a tls:// address")
    if encrypted and security.get_connection_args("client").get("ssl_context") is None:
        raise ClusterError(
            f"{address} needs certificates: set tls.ca-file, tls.client.key and tls.client.cert under distributed.comm "
            "in Dask's configuration, such as DASK_DISTRIBUTED__COMM__TLS__CA_FILE"
        )
    return security


@contextmanager
def connected(address: str, patience: float | None = None) -> Iterator[Cluster]:
    """A cluster for as long as the context lasts. Raises ClusterError where no scheduler answers at an
    address such as ``tcp://10.0.0.5:8786``, or no worker comes to it."""
    # Dask's client logs the tracebacks of what is raised here as a ClusterError.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    try:
        security = _security(address)
        seconds = CONNECT_SECONDS
        client = Client(address, timeout=seconds, security=security, set_as_default=False, direct_to_workers=False)
    except (OSError, TimeoutError) as error:
        raise ClusterError(
            f"no Dask scheduler answers at {address} ({error}); start one with: dask scheduler"
        ) from error
    try:
        cluster = Cluster(client, address, PATIENCE if patience is None else patience)
        while not cluster.threads():
            time.sleep(0.1)
        yield cluster
    finally:
        client.close(timeout=CONNECT_SECONDS)
