"""Worlds on a Dask cluster: real schedulers and workers on the loopback address, some of which are killed.

The schedulers here have no graphmodel: they pass on bytes, and only workers open them.
"""

from __future__ import annotations

import json
import os
import pickle
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import dask
import numpy as np
import psutil
import pytest
from click.testing import CliRunner

from graphmodel import cluster as cluster_module
from graphmodel.cli.main import main
from graphmodel.cluster import Cluster, ClusterError, connected
from graphmodel.engine.events import event_graph
from graphmodel.engine.graph import AttackGraph, Step
from graphmodel.engine.likelihood import Case, Options, Solution, Solver
from graphmodel.engine.worlds.chunks import Cases, Chunk, Counting, Found, Game, Holding, Task, Threads
from graphmodel.engine.worlds.draws import Thresholds
from graphmodel.engine.worlds.simulation import Simulation
from graphmodel.knowledge.vocabulary import View
from graphmodel.losses.year import loss_distributions
from graphmodel.workspace import open_model
from tests.conftest import ROOT
from tests.engine.test_worlds import needs_numba
from tests.oracles import random_graph
from tests.thorough import cases, tries_more

CHUNK = 8_192  # worlds of a chunk of a small graph
START_SECONDS = 120.0
ON_LOOPBACK = ("--host", "127.0.0.1", "--dashboard-address")
WITHOUT_GRAPHMODEL = "import sys\nsys.modules['graphmodel'] = None\n"


def wait_until(holds: Callable[[], Any], seconds: float = START_SECONDS) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.05)


class Machines:
    """A scheduler and its workers, each a process of its own."""

    def __init__(self, directory: Path, *more: str, settings: Mapping[str, str] | None = None) -> None:
        self.directory = directory
        self.settings = settings or {}
        self.file = directory / "scheduler.json"
        self.processes: list[subprocess.Popen[bytes]] = []
        hidden = directory / "hidden.py"
        hidden.write_text(WITHOUT_GRAPHMODEL)
        self.scheduler = self.start("scheduler", "--port", "0", "--preload", str(hidden), *more)
        wait_until(self.file.is_file)
        wait_until(self.file.read_text)
        self.address: str = json.loads(self.file.read_text())["address"]

    def start(self, what: str, *more: str, path: Path = ROOT) -> subprocess.Popen[bytes]:
        options = [*ON_LOOPBACK, "127.0.0.1:0", "--scheduler-file", str(self.file)]
        with (self.directory / f"{what}{len(self.processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", what, *options, *more],
                stdout=log,
                stderr=log,
                cwd=self.directory,
                env={
                    **os.environ,
                    **self.settings,
                    "PYTHONPATH": str(path),
                    "DASK_TEMPORARY_DIRECTORY": str(self.directory),
                },
            )
        self.processes.append(process)
        return process

    def worker(self, name: str = "worker", *more: str, path: Path = ROOT) -> subprocess.Popen[bytes]:
        directory = self.directory / name
        options = ("--nthreads", "1", "--no-nanny", "--name", name, "--local-directory", str(directory))
        return self.start("worker", *options, *more, path=path)

    def close(self) -> None:
        for process in reversed(self.processes):
            process.kill()
        for process in self.processes:
            process.wait()


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    found = Machines(tmp_path)
    yield found
    found.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    found = Machines(tmp_path_factory.mktemp("machines"))
    found.worker("one")
    found.worker("two")
    yield found
    found.close()


@pytest.fixture(scope="module")
def cluster(shared: Machines) -> Iterator[Cluster]:
    with connected(shared.address, patience=START_SECONDS) as found:
        wait_until(lambda: len(workers_of(found)) == 2)
        yield found


def workers_of(cluster: Cluster) -> dict[str, str]:
    """The address of each worker by its name."""
    return {str(one["name"]): address for address, one in cluster.client.scheduler_info()["workers"].items()}


def working(cluster: Cluster, worker: str) -> bool:
    return bool(cluster.client.processing([worker])[worker])


@cache
def long_graph() -> AttackGraph:
    """A graph of which a chunk takes long enough to be interrupted."""
    rng = random.Random(7)
    facts = [f"f{number}" for number in range(400)]
    steps = []
    for number in range(1_500):
        gained = rng.randrange(1, len(facts))
        needs = rng.sample(facts[max(0, gained - 20) : gained + 2], rng.choice((1, 1, 2)) if gained > 1 else 1)
        steps.append(
            Step(f"s{number}", tuple(sorted({*needs} - {facts[gained]})), facts[gained], rng.uniform(0.2, 0.9))
        )
    return AttackGraph(tuple(facts), ("f0",), tuple(steps), losses={"f399": 10.5, "f200": 0.3})


def long_run(cluster: Cluster | None, progress: Callable[[int, int], bool] | None = None) -> Solution:
    options = Options(nodes=0, worlds=60 * CHUNK, progress=progress)
    (found,) = Solver(long_graph(), options if cluster is None else replace(options, players=cluster)).solve()
    return found


# ---------------------------------------------------------------- the same numbers
@tries_more
@pytest.mark.parametrize("kernel", ["ints", pytest.param("numba", marks=needs_numba)])
def test_a_cluster_counts_the_same_to_the_last_bit(cluster: Cluster, kernel: str) -> None:
    loops = covers = 0
    for seed in range(40, 40 + cases(8, 24)):
        graph = event_graph(random_graph(seed, most_draws=80, facts=12))
        here = Simulation(graph, seed, kernel)
        loops += bool(here.arrays.loop.any())
        covers += bool((here.arrays.coverage >= 0).any())
        weights = np.stack([graph.weights(), graph.weights() * 0.7, graph.weights()], axis=1)
        weights[::3, 2] = 0.0
        losses = [{graph.facts[-1]: 3.1, graph.facts[0]: 0.1}, {graph.facts[-1]: 3.1}, {graph.facts[-1]: 0.7}]
        there = replace(here, players=cluster)
        assert there.run(weights, losses, 70_001) == here.run(weights, losses, 70_001), seed
        facts = graph.facts[::2]
        assert np.array_equal(there.held(weights, facts, 640, 40_000), here.held(weights, facts, 640, 40_000)), seed
    assert loops > 2
    assert covers > 2


def test_what_ifs_on_a_cluster_are_the_same(cluster: Cluster) -> None:
    graph = random_graph(21, most_draws=200, facts=40)
    blocked = [step.id for step in graph.steps[::5]]
    cases = [Case(), Case(blocked=(blocked[0],)), Case(blocked=blocked), Case(losses={graph.facts[-1]: 5.5})]
    here, there = (
        Solver(graph, options, blocked).solve(*cases)
        for options in (Options(nodes=0), Options(nodes=0, players=cluster))
    )
    assert here == there


class Recorder(Threads):
    """Plays here, and notes what for."""

    def __init__(self) -> None:
        self.jobs: list[type] = []

    def play(self, game: Game, task: Task[Found], chunks: Sequence[Chunk]) -> Generator[Found, None, None]:
        self.jobs.append(type(task.job))
        return super().play(game, task, chunks)


def test_every_actor_view_and_campaign_is_played_by_the_players() -> None:
    recorder = Recorder()
    options = Options(nodes=0, worlds=2_000, players=recorder)
    assessment = open_model(ROOT / "examples" / "support-assistant.yaml").assess(options=options)
    assert assessment.actors
    assert recorder.jobs.count(Counting) >= len(assessment.actors)
    recorder.jobs.clear()
    loss_distributions(assessment, tuple(View), 1_000)
    assert recorder.jobs == [Holding] * len(assessment.actors)


def test_cases_are_pickled_by_what_differs() -> None:
    weights = np.random.default_rng(1).random((5_000, 30))
    weights[:, 1:] = weights[:, :1]
    weights[7, 3], weights[8, 4], weights[9, 5] = 0.0, 1.0, 0.25
    data = pickle.dumps(Cases.of(weights))
    assert len(data) < 2 * len(pickle.dumps(Thresholds.of(weights[:, 0])))
    for one, column in zip(pickle.loads(data).thresholds, weights.T, strict=True):
        assert not one.changed(Thresholds.of(column)).any()


def test_a_precision_ends_a_run_at_the_same_world(cluster: Cluster) -> None:
    options = Options(nodes=0, worlds=2_000_000, precision=0.004)
    graph = random_graph(8, most_draws=60, facts=20)
    here, there = (Solver(graph, one).solve() for one in (options, replace(options, players=cluster)))
    assert here == there
    assert here[0].worlds < 2_000_000


def test_a_run_can_be_stopped_and_leaves_nothing_to_do(cluster: Cluster) -> None:
    heard: list[int] = []

    def stop(done: int, _worlds: int) -> bool:
        heard.append(done)
        return len(heard) < 3

    found = long_run(cluster, stop)
    assert found.worlds == heard[-1] == 3 * CHUNK
    assert found == long_run(None, lambda done, _: done < 3 * CHUNK)
    wait_until(lambda: not any(cluster.client.processing().values()))


def listening(process: int) -> set[str]:
    connections = psutil.Process(process).net_connections("inet")
    return {one.laddr.ip for one in connections if one.status == psutil.CONN_LISTEN}


def test_no_port_is_opened_here_and_none_elsewhere_but_on_the_loopback_address(
    shared: Machines, cluster: Cluster
) -> None:
    assert cluster.threads() == 2
    assert listening(os.getpid()) == set()
    for process in shared.processes:
        assert listening(process.pid) == {"127.0.0.1"}
    said = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert said.count(" ".join((*ON_LOOPBACK, "127.0.0.1:"))) == 2


# ---------------------------------------------------------------- what goes wrong
@pytest.mark.slow
def test_a_worker_that_is_killed_in_the_middle_changes_nothing(machines: Machines) -> None:
    victim = machines.worker("victim")
    machines.worker("other")
    killed_at: list[int] = []
    with connected(machines.address, patience=START_SECONDS) as cluster:
        wait_until(lambda: len(workers_of(cluster)) == 2)
        address = workers_of(cluster)["victim"]

        def kill(done: int, _worlds: int) -> bool:
            if not killed_at and working(cluster, address):
                victim.send_signal(signal.SIGKILL)
                victim.wait()
                killed_at.append(done)
            return True

        found = long_run(cluster, kill)
        assert list(workers_of(cluster)) == ["other"]
    assert killed_at[0] < found.worlds / 2
    assert found == long_run(None)


@pytest.mark.slow
def test_a_worker_that_comes_when_all_were_lost_takes_over(machines: Machines) -> None:
    first = machines.worker("first")
    killed: list[int] = []

    def swap(done: int, _worlds: int) -> bool:
        if not killed:
            first.kill()
            first.wait()
            killed.append(done)
            machines.worker("second")
        return True

    with connected(machines.address, patience=START_SECONDS) as cluster:
        found = long_run(cluster, swap)
        assert list(workers_of(cluster)) == ["second"]
    assert killed == [CHUNK]
    assert found == long_run(None)


@pytest.mark.slow
def test_no_worker_left_is_an_error_in_bounded_time(machines: Machines) -> None:
    only = machines.worker()

    def kill(_done: int, _worlds: int) -> bool:
        only.kill()
        only.wait()
        return True

    with connected(machines.address, patience=START_SECONDS) as cluster:
        cluster.patience = 2.0
        began = time.monotonic()
        with pytest.raises(ClusterError, match="no worker for 2 seconds; start one with: dask worker tcp://127"):
            long_run(cluster, kill)
        assert time.monotonic() - began < 60


@pytest.mark.slow
def test_a_scheduler_that_is_lost_is_an_error_in_bounded_time(
    machines: Machines, capfd: pytest.CaptureFixture[str]
) -> None:
    machines.worker()

    def kill(_done: int, _worlds: int) -> bool:
        machines.scheduler.kill()
        machines.scheduler.wait()
        return True

    with connected(machines.address, patience=START_SECONDS) as cluster:
        began = time.monotonic()
        with pytest.raises(ClusterError, match="was lost"):
            long_run(cluster, kill)
        assert time.monotonic() - began < 90
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.slow
def test_a_worker_without_graphmodel_is_named(machines: Machines) -> None:
    machines.worker("worker", "--preload", str(machines.directory / "hidden.py"))
    with (
        connected(machines.address, patience=START_SECONDS) as cluster,
        pytest.raises(ClusterError, match=r"cannot play: ModuleNotFoundError: .*graphmodel.*all workers need"),
    ):
        long_run(cluster)


def test_a_worker_with_other_code_is_refused(machines: Machines, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(ROOT / "graphmodel", other / "graphmodel", ignore=shutil.ignore_patterns("__pycache__"))
    with (other / "graphmodel" / "engine" / "worlds" / "draws.py").open("a", encoding="utf-8") as file:
        file.write("\n_DENSE = 7\n")
    machines.worker(path=other)
    with (
        connected(machines.address, patience=START_SECONDS) as cluster,
        pytest.raises(ClusterError, match=r"tcp://127\.0\.0\.1:[0-9]+ has another graphmodel"),
    ):
        long_run(cluster)


# ---------------------------------------------------------------- the command line
def graph_file(directory: Path) -> Path:
    graph = random_graph(8, most_draws=60, facts=20)
    file = directory / "graph.json"
    file.write_text(json.dumps(graph.to_json()), encoding="utf-8")
    return file


def output(*arguments: str) -> Any:
    found = CliRunner().invoke(main, arguments)
    assert found.exit_code == 0, found.stderr
    return json.loads(found.stdout)


def test_solve_prints_the_same(shared: Machines, cluster: Cluster, tmp_path: Path) -> None:
    command = ["solve", str(graph_file(tmp_path)), "--simulate", "--worlds", "200000", "--seed", "4", "--json"]
    assert output(*command, "--workers", shared.address) == output(*command)


@pytest.mark.slow
def test_a_program_of_its_own_prints_the_same(shared: Machines, cluster: Cluster, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "graphmodel", "solve", str(graph_file(tmp_path)), "--simulate", "--json"]
    here, there = (
        subprocess.run([*command, *more], capture_output=True, text=True, check=False, timeout=300)
        for more in ((), ("--workers", shared.address))
    )
    assert there.returncode == here.returncode == 0, there.stderr
    assert there.stdout == here.stdout


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_a_cluster_behind_tls(tmp_path: Path) -> None:
    key, certificate = str(tmp_path / "key.pem"), str(tmp_path / "certificate.pem")
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    tls = "DASK_DISTRIBUTED__COMM__TLS__"
    settings = {f"{tls}CA_FILE": certificate, "DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "True"}
    for role in ("CLIENT", "SCHEDULER", "WORKER"):
        settings |= {f"{tls}{role}__KEY": key, f"{tls}{role}__CERT": certificate}
    command = [sys.executable, "-m", "graphmodel", "solve", str(graph_file(tmp_path)), "--simulate", "--json"]
    machines = Machines(tmp_path, "--protocol", "tls", settings=settings)
    try:
        assert machines.address.startswith("tls://127.0.0.1:")
        machines.worker()
        here, there, stranger = (
            subprocess.run(
                [*command, *more], capture_output=True, text=True, timeout=300, env={**os.environ, **env}, check=False
            )
            for more, env in (
                ((), {}),
                (("--workers", machines.address), settings),
                (("--workers", machines.address), {}),
            )
        )
    finally:
        machines.close()
    assert there.returncode == here.returncode == 0, there.stderr
    assert there.stdout == here.stdout
    assert stranger.returncode == 2
    assert f"{machines.address} needs certificates" in stranger.stderr
    assert "Traceback" not in stranger.stderr


def test_losses_on_a_cluster_are_the_same(shared: Machines, cluster: Cluster) -> None:
    file = ROOT / "examples" / "support-assistant.yaml"
    command = ["loss", str(file), "--years", "20000", "--draws", "0", "--worlds", "40000", "--json"]
    assert output(*command, "--workers", shared.address) == output(*command)


def test_an_address_where_nobody_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "CONNECT_SECONDS", 1.0)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        found = CliRunner().invoke(main, ["solve", str(graph_file(tmp_path)), "--workers", address])
    assert found.exit_code == 2
    assert f"no Dask scheduler answers at {address}" in found.stderr
    assert found.stdout == ""


def test_a_scheduler_without_workers(machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "PATIENCE", 1.0)
    found = CliRunner().invoke(main, ["solve", str(graph_file(tmp_path)), "--workers", machines.address])
    assert found.exit_code == 2
    assert f"no worker for 1 seconds; start one with: dask worker {machines.address}" in found.stderr


def test_an_address_without_the_encryption_that_dask_is_to_use(tmp_path: Path) -> None:
    with dask.config.set({"distributed.comm.require-encryption": True}):
        found = CliRunner().invoke(main, ["solve", str(graph_file(tmp_path)), "--workers", "tcp://127.0.0.1:8786"])
    assert found.exit_code == 2
    assert "asks for encryption, which tcp://127.0.0.1:8786 has not" in found.stderr


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.5:8786",
        "tcp://10.0.0.5",
        "http://10.0.0.5:80",
        "tcp://:8786",
        "tcp://h:99999",
        "tcp://h:1/x",
        "tcp://a:b",
    ],
)
def test_what_is_no_address_is_refused(address: str, tmp_path: Path) -> None:
    found = CliRunner().invoke(main, ["solve", str(graph_file(tmp_path)), "--workers", address])
    assert found.exit_code == 2
    assert "it reads tcp://HOST:PORT or tls://HOST:PORT" in found.stderr


def test_without_dask_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "graphmodel.cluster")
    file = str(graph_file(tmp_path))
    found = CliRunner().invoke(main, ["solve", file, "--workers", "tcp://127.0.0.1:8786"])
    assert found.exit_code == 2
    assert "pip install 'graphmodel[cluster]'" in found.stderr
    assert CliRunner().invoke(main, ["solve", file, "--json"]).exit_code == 0


def test_without_workers_no_network_module_of_dask_is_imported(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom graphmodel.cli.main import main\n"
        f"main(['solve', {str(graph_file(tmp_path))!r}, '--simulate'], standalone_mode=False)\n"
        "assert 'distributed' not in sys.modules and 'dask' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, cwd=ROOT, timeout=300)
