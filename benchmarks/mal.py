"""The MAL tools: mal-toolbox, which generates attack graphs, and mal-simulator, which lets agents walk in them.

mal-simulator trains and tests agents; it computes no probability. One run of an attacker to its end is one
sampled world, and only in that sense can it be compared: both then answer which steps can be attained.
"""

from __future__ import annotations

import math
import random
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness import child, repeat, seconds, size, two
from benchmarks.model import Scale, Section, Table
from graphmodel.likelihood import Options, Solver
from graphmodel.malgraph import graph_from_mal, started
from graphmodel.paths import best_paths
from graphmodel.text import read_json

LANGUAGE = """\
#id: "org.graphmodel.bench"
#version: "1.0.0"
category Bench {
  asset Host {
    # patched [Bernoulli(0.6)]
        -> exploit
    # hardened [Bernoulli(0.3)]
        -> privileges
    E hasStore
        <- stores
        -> dump
    | reach
        -> exploit,
           guess
    & exploit [Bernoulli(0.5)]
        -> user
    | guess [Bernoulli(0.2)]
        -> user
    | user
        -> privileges,
           dump
    & privileges
        -> root
    | root [Bernoulli(0.8)]
        -> peers.reach
    & dump
        -> stores.read
  }
  asset Store {
    | read [Bernoulli(0.5)]
  }
}
associations {
  Host [peersOf] * <-- Peers --> * [peers] Host
  Host [host] 0..1 <-- Holds --> * [stores] Store
}
"""
ENTRY = "h0:reach"
_FILE = "graph.json"


@dataclass(frozen=True)
class Generated:
    """Nodes, edges, and seconds: to generate the graph, to load its file with mal-toolbox, and to read it with ours."""

    nodes: int
    edges: int
    generate: float
    load: float
    read: float


@dataclass(frozen=True)
class Walked:
    """Runs of mal-simulator: seconds for each, and in how many runs each attack step was performed."""

    runs: int
    seconds: float
    performed: dict[str, int]


def _graph(hosts: int):  # type: ignore[no-untyped-def]
    """An attack graph of hosts that each lead to three others; one in four has a store."""
    from maltoolbox.attackgraph import AttackGraph
    from maltoolbox.language import LanguageGraph
    from maltoolbox.model import Model

    rng = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bench.mal"
        file.write_text(LANGUAGE, encoding="utf-8")
        language = LanguageGraph.from_mal_spec(str(file))
    model = Model("bench", language)
    assets = [model.add_asset("Host", f"h{n}") for n in range(hosts)]
    for number, asset in enumerate(assets):
        asset.add_associated_assets("peers", {assets[rng.randrange(hosts)] for _ in range(3)} - {asset})
        if number % 4 == 0:
            asset.add_associated_assets("stores", {model.add_asset("Store", f"s{number}")})
    start = time.perf_counter()
    return AttackGraph(language, model), time.perf_counter() - start


def generated(hosts: int, folder: str) -> Generated:
    """Generate a graph, save it, and read it with both programs."""
    from maltoolbox.attackgraph import AttackGraph

    graph, spent = _graph(hosts)
    file = str(Path(folder) / _FILE)
    graph.save_to_file(file)
    loading, _ = repeat(lambda: AttackGraph.load_from_file(file, graph.lang_graph), 3, 5.0)
    reading, _ = repeat(lambda: _read(folder), 3, 5.0)
    edges = sum(len(node.children) for node in graph.nodes.values())
    return Generated(len(graph.nodes), edges, spent, loading.median, reading.median)


def _read(folder: str):  # type: ignore[no-untyped-def]
    graph, problems = graph_from_mal(read_json((Path(folder) / _FILE).read_bytes(), _FILE))
    if graph is None:
        raise ValueError(f"the graph was not read: {problems[:3]}")
    return started(graph, [ENTRY])[0]


def walked(hosts: int, runs: int, at_most: float) -> Walked:
    """Runs of an attacker that takes everything within reach at once, until nothing is left."""
    from malsim.config.agent_settings import AttackerSettings
    from malsim.config.sim_settings import MalSimulatorSettings, TTCMode
    from malsim.mal_simulator.simulator import MalSimulator

    graph, _ = _graph(hosts)
    performed: dict[str, int] = {}
    done, start = 0, time.perf_counter()
    while done < runs and (not done or time.perf_counter() - start < at_most):
        settings = MalSimulatorSettings(ttc_mode=TTCMode.DISABLED, seed=done)
        simulator = MalSimulator(graph, (AttackerSettings("a", entry_points={ENTRY}),), settings)
        state = simulator.reset()["a"]
        while state.action_surface:
            state = simulator.step({"a": list(state.action_surface)})["a"]
        for node in state.performed_nodes:
            performed[node.full_name] = performed.get(node.full_name, 0) + 1
        done += 1
    return Walked(done, time.perf_counter() - start, performed)


def solved(folder: str, worlds: int) -> tuple[float, float, dict[str, float]]:
    """Ours on the same file: seconds of a whole solution, of the worlds alone, and the likelihood of each step."""
    graph = _read(folder)
    start = time.perf_counter()
    solver = Solver(graph, Options(worlds=worlds, nodes=0))
    (solution,) = solver.solve()
    whole = time.perf_counter() - start
    timing, _ = repeat(lambda: Solver.solve(_unplayed(solver)), 3, 5.0)
    return whole, timing.median, {fact: solution.of(fact).value for fact in graph.facts}


def _unplayed(solver: Solver) -> Solver:
    solver.simulation._memory.clear()
    return solver


def path_of_simulator(hosts: int) -> tuple[int, int, float, int]:
    """AND steps on the path that mal-simulator returns to a store, those that lack a parent on it, seconds, and ours.

    Ours is the number of steps of our best derivation whose needs are not gained before them.
    """
    from malsim.policies import get_shortest_path_to

    graph, _ = _graph(hosts)
    target = next(name for name in graph.full_name_to_node if name.endswith(":read") and not name.startswith("s0:"))
    start = time.perf_counter()
    path = get_shortest_path_to(
        graph, {graph.get_node_by_full_name(ENTRY)}, graph.get_node_by_full_name(target), {}
    )
    spent = time.perf_counter() - start
    ands = [node for node in path if node.type == "and"]
    lacking = [
        node for node in ands if any(one.type in ("or", "and") and one not in path for one in node.parents)
    ]
    return len(ands), len(lacking), spent, 0
