"""The embedded store: ArcadeDB in a child process, reached over loopback like a Neo4j server.

A child, because a query can exhaust memory or never end: a child can be stopped and started anew.
It starts when first needed, keeps nothing, and ends with this process whichever way that ends.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib.util
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path

from graphmodel.stores.address import Address
from graphmodel.stores.errors import StoreError
from graphmodel.stores.limits import TIMEOUT

MEMORY_MB = 768
"""Heap of the engine in MiB; the child leaves when it holds twice as much in all."""
ANSWER_MB = 64
"""Most that the engine may send at once, in MiB."""
START_SECONDS = 60.0
_DATABASE = "graphmodel"
_READER = "reader"
_HINT = (
    "It has no wheel for Intel Macs; elsewhere install it with: pip install arcadedb. "
    "Or give the address of a Neo4j server."
)


@dataclass
class _Child:
    process: subprocess.Popen[str]
    directory: Path
    address: Address

    def stop(self) -> None:
        """End the child at once and remove its data; it keeps nothing that is worth waiting for."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        shutil.rmtree(self.directory, ignore_errors=True)


@dataclass(eq=False)
class Embedded:
    """A backend that starts the engine when first asked, and again whenever it is gone.

    ``timeout`` is the engine's own limit in seconds, for every statement.
    """

    memory_mb: int = MEMORY_MB
    answer_mb: int = ANSWER_MB
    timeout: float = TIMEOUT
    volatile: bool = True
    algorithms: bool = True
    _child: _Child | None = field(default=None, init=False, repr=False)
    _generation: int = field(default=0, init=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, init=False, repr=False)

    def connect(self) -> tuple[Address, int]:
        """The running engine; raises ``StoreError`` when it is missing or does not start."""
        with self._lock:
            if self._child is not None and self._child.process.poll() is not None:
                self._drop()
            if self._child is None:
                self._child = _start(self.memory_mb, self.answer_mb, self.timeout)
                self._generation += 1
                atexit.register(self.close)
            return self._child.address, self._generation

    def overrun(self, generation: int) -> None:
        """Stop the engine, unless it is no longer the one in question."""
        with self._lock:
            if generation == self._generation:
                self._drop()

    def close(self) -> None:
        with self._lock:
            self._drop()
            atexit.unregister(self.close)

    def _drop(self) -> None:
        if self._child is not None:
            self._child.stop()
            self._child = None


def _start(memory_mb: int, answer_mb: int, timeout: float) -> _Child:
    if importlib.util.find_spec("arcadedb") is None:
        raise StoreError("The embedded store is not installed.", _HINT)
    directory = Path(tempfile.mkdtemp(prefix="graphmodel-store-"))
    root, reader = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    request = {
        "directory": str(directory),
        "root_password": root,
        "reader_password": reader,
        "memory_mb": memory_mb,
        "answer_mb": answer_mb,
    }
    errors = directory / "errors.txt"
    process: subprocess.Popen[str] | None = None
    try:
        with errors.open("w") as stream:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "graphmodel.stores.server"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stream,
                text=True,
                cwd=directory,  # the engine shall find no files of anybody's here
                env=_environment(directory, memory_mb, timeout),
                # A Ctrl-C in the terminal is for the program, which stops the child itself.
                start_new_session=os.name == "posix",
            )
        answer = _ask(process, json.dumps(request))
        if "error" in answer:
            raise StoreError(f"The embedded store did not start: {answer['error'][:300]}", _HINT)
    except BaseException as error:
        if process is not None:
            process.kill()
            process.wait()
        shutil.rmtree(directory, ignore_errors=True)
        if isinstance(error, OSError):
            raise StoreError(f"The embedded store did not start: {error}", _HINT) from error
        raise
    address = Address(
        uri=f"bolt://127.0.0.1:{answer['bolt_port']}",
        user="root",
        password=root,
        database=_DATABASE,
        reader=_READER,
        reader_password=reader,
        reader_uri=f"bolt://127.0.0.1:{answer['reader_port']}",
    )
    return _Child(process, directory, address)


def _ask(process: subprocess.Popen[str], request: str) -> dict[str, str]:
    """Send the request; wait for the one line that answers it, but not for ever."""
    if process.stdin is None or process.stdout is None:
        raise StoreError("The embedded store did not start.", _HINT)
    timer = threading.Timer(START_SECONDS, process.kill)
    timer.start()
    try:
        with contextlib.suppress(OSError):
            process.stdin.write(request + "\n")
            process.stdin.flush()
        line = process.stdout.readline()
    finally:
        timer.cancel()
    if not line:
        return {"error": f"its process ended with status {process.wait()}"}
    answer: dict[str, str] = json.loads(line)
    return answer


def _environment(directory: Path, memory_mb: int, timeout: float) -> dict[str, str]:
    """What the child sees: no NEO4J_* secrets, and the engine's settings, which it reads from here only."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NEO4J_", "ARCADEDB_"))}
    root = str(Path(__file__).resolve().parents[2])
    path = [root, *(os.path.abspath(one) for one in kept.get("PYTHONPATH", "").split(os.pathsep) if one)]
    settings = (
        f"-Xmx{memory_mb}m",
        f"-Darcadedb.command.timeout={int(timeout * 1000)}",
        "-Darcadedb.opencypher.loadCsv.allowFileUrls=false",
        "-Darcadedb.opencypher.loadCsv.allowRemoteUrls=false",
        "-Darcadedb.polyglotEngineEnabled=false",
    )
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(path),
        "ARCADEDB_NATIVE_ISOLATE_ARGS": " ".join(settings),
        "ARCADEDB_LOG_DIR": str(directory / "log"),
        "ARCADEDB_LOG_CONSOLE": "0",
    }
