"""The child process: when it starts, that it leaves nothing behind, and what is said when it cannot start."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from graphmodel.stores import embedded as module
from graphmodel.stores import limits
from graphmodel.stores.embedded import Embedded
from graphmodel.stores.errors import QueryError, StoreError
from graphmodel.stores.session import Store
from tests.stores.graphs import small

ROOT = Path(__file__).resolve().parents[2]
PARENT = """
import sys, os
from graphmodel.stores.embedded import Embedded
from graphmodel.stores.session import Store
from tests.stores.graphs import small
store = Store(Embedded())
store.load(small())
store.query("RETURN 1")
child = store.backend._child
if "fork" in sys.argv and os.fork() == 0:
    import time; time.sleep(20); os._exit(0)
print(child.process.pid, child.directory, flush=True)
sys.stdin.read()
if "raise" in sys.argv:
    raise SystemExit(3)
"""


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def gone(pid: int, directory: Path, seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not alive(pid) and not directory.exists():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def parent(request: pytest.FixtureRequest) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PARENT, *request.param],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@pytest.mark.store
@pytest.mark.parametrize("parent", [[], ["fork"]], indirect=True, ids=["alone", "with a fork that lives on"])
def test_a_killed_program_leaves_nothing_behind(parent: subprocess.Popen[str]) -> None:
    pytest.importorskip("arcadedb")
    assert parent.stdout is not None
    pid, directory = parent.stdout.readline().split()
    assert alive(int(pid)) and Path(directory).stat().st_mode & 0o077 == 0
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    assert gone(int(pid), Path(directory))


@pytest.mark.store
@pytest.mark.parametrize("parent", [[], ["raise"]], indirect=True, ids=["end", "exit"])
def test_the_store_ends_with_the_program(parent: subprocess.Popen[str]) -> None:
    pytest.importorskip("arcadedb")
    assert parent.stdout is not None and parent.stdin is not None
    pid, directory = parent.stdout.readline().split()
    parent.stdin.close()
    parent.wait(10)
    assert gone(int(pid), Path(directory))


@pytest.mark.store
def test_nothing_runs_before_the_first_query_and_after_close() -> None:
    pytest.importorskip("arcadedb")
    backend = Embedded()
    store = Store(backend)
    store.load(small())
    assert backend._child is None
    assert store.query("MATCH (n:Asset) RETURN count(n)").rows == ((7,),)
    child = backend._child
    assert child is not None
    assert "reader" not in " ".join(map(str, child.process.args)) and child.address.password not in str(store)
    store.close()
    assert gone(child.process.pid, child.directory)
    assert store.query("MATCH (n:Asset) RETURN count(n)").rows == ((7,),)
    store.close()


@pytest.mark.store
def test_a_crash_costs_one_start_and_no_data() -> None:
    pytest.importorskip("arcadedb")
    backend = Embedded()
    with Store(backend) as store:
        store.load(small())
        store.load(small("other"))
        store.query("RETURN 1")
        assert backend._child is not None
        first = backend._child
        first.process.kill()
        first.process.wait()
        assert store.query("MATCH (n:System) RETURN n.id ORDER BY n.id").rows == (("other",), ("shop",))
        assert not first.directory.exists()


@pytest.mark.store
def test_memory_is_watched_from_within_the_child() -> None:
    """A heap far above what is allowed in all: the engine never runs out, so the child must see it."""
    pytest.importorskip("arcadedb")
    backend = Embedded(memory_mb=128)
    with Store(backend) as store:
        store.load(small())
        for _ in range(3):
            with pytest.raises(QueryError):
                store.query("WITH reduce(s = [1], i IN range(1, 40) | s + s) AS s RETURN size(s)", timeout=3)
            assert store.query("MATCH (n:Asset) RETURN count(n)").rows == ((7,),)


@pytest.mark.store
def test_an_answer_too_large_never_reaches_the_program() -> None:
    pytest.importorskip("arcadedb")
    text = "WITH reduce(s = 'x', i IN range(1, 20) | s + s) AS s RETURN [x IN range(1, 20) | s]"
    with Store(Embedded(answer_mb=8)) as store:
        store.load(small())
        with pytest.raises(QueryError, match="too large"):
            store.query(text)
        assert store.query("MATCH (n:Asset) RETURN count(n)").rows == ((7,),)
    with Store(Embedded()) as store:
        assert len(store.query(text).rows[0][0]) == 20


@pytest.mark.store
@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs /proc")
def test_it_listens_on_loopback_only() -> None:
    pytest.importorskip("arcadedb")
    backend = Embedded()
    with Store(backend) as store:
        store.query("RETURN 1")
        assert backend._child is not None
        descriptors = Path(f"/proc/{backend._child.process.pid}/fd")
        own = {os.readlink(one) for one in descriptors.iterdir() if one.exists() or one.is_symlink()}
        found = []
        for table in ("tcp", "tcp6"):
            for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
                cells = line.split()
                if cells[3] == "0A" and f"socket:[{cells[9]}]" in own:
                    found.append(cells[1].rsplit(":", 1)[0])
        assert len(found) == 3
        loopback = {"0100007F", "0000000000000000FFFF00000100007F"}
        assert set(found) <= loopback


@pytest.mark.store
def test_a_stranger_on_this_machine_gets_nothing() -> None:
    pytest.importorskip("arcadedb")
    backend = Embedded()
    with Store(backend) as store:
        store.query("RETURN 1")
        address, _ = backend.connect()
        import neo4j

        for auth in (None, ("root", "root"), ("reader", ""), ("root", "playwithdata"), ("", "")):
            with (
                neo4j.GraphDatabase.driver(address.uri, auth=auth) as driver,
                pytest.raises(neo4j.exceptions.Neo4jError),
            ):
                driver.execute_query("MATCH (n) RETURN n", database_="graphmodel")
        port = int(address.reader_uri.rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port), timeout=5) as raw:
            raw.sendall(b"GET / HTTP/1.0\r\n\r\n" + b"\x00" * 1000)
        assert store.query("RETURN 1").rows == ((1,),)


def test_a_missing_engine_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda *_: None)
    with pytest.raises(StoreError) as missing:
        Store(Embedded()).query("RETURN 1")
    assert "pip install arcadedb" in missing.value.hint and "Neo4j" in missing.value.hint


def test_an_engine_that_does_not_start_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda *_: True)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(module, "START_SECONDS", 1.0)
    for executable in ("/bin/false", "/nowhere", "/bin/yes"):
        monkeypatch.setattr(sys, "executable", executable)
        with pytest.raises(StoreError, match="did not start"):
            Store(Embedded()).query("RETURN 1")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.store
@pytest.mark.skipif(limits.memory() == 0, reason="the system does not say how large a process is")
def test_an_answer_that_nobody_cuts_off_is_stopped_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """As that of a server is, which somebody else runs: the driver takes in a whole row before it is seen."""
    pytest.importorskip("arcadedb")
    with Store(Embedded(memory_mb=2048, answer_mb=2048)) as store:
        store.load(small())
        assert store.query("MATCH (n:Asset) RETURN count(n)").rows == ((7,),)
        monkeypatch.setattr(limits, "MAX_GROWTH", 40 * 2**20)
        before = time.monotonic()
        with pytest.raises(QueryError, match="answer was too large"):
            store.query("WITH reduce(s = 'x', i IN range(1, 24) | s + s) AS s RETURN [s, s, s, s, s, s, s, s, s, s]")
        assert time.monotonic() - before < 9
        assert store.query("MATCH (n:Asset) RETURN count(n)").rows == ((7,),)
