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

import numpy as np

from benchmarks.harness import child, repeat, seconds, size, two
from benchmarks.model import Scale, Section, Table
from graphmodel.engine.likelihood import Options, Solver
from graphmodel.engine.mal import graph_from_mal, started
from graphmodel.engine.paths import best_paths
from graphmodel.reading.json_text import read_json

_FEW_RUNS = 30  # below which a mean is not compared
_SPREAD_WORLDS = 4_096

LANGUAGE = """\
#id: "org.graphmodel.bench"
#version: "1.0.0"
category Bench {
  asset Host {
    # patched [Bernoulli(0.6)]
        -> exploit
    # hardened [Bernoulli(0.1)]
        -> privileges
    E hasStore
        <- stores
        -> dump
    | reach
        -> exploit,
           guess
    & exploit [Bernoulli(0.5)]
        -> user
    | guess [Bernoulli(0.4)]
        -> user
    | user
        -> privileges,
           dump
    & privileges
        -> root
    | root [Bernoulli(0.9)]
        -> peers.reach,
           peers.token
    | token [Bernoulli(0.9)]
        -> dump
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


def solved(folder: str, worlds: int) -> tuple[float, dict[str, float], float]:
    """Ours on the same file: seconds of the worlds, the likelihood of each step, and the standard deviation of how many
    are attained in a world."""
    graph = _read(folder)
    solver = Solver(graph, Options(worlds=worlds, nodes=0))
    (solution,) = solver.solve()
    timing, _ = repeat(lambda: Solver.solve(_unplayed(solver)), 3, 5.0)
    nodes = [fact for fact in graph.facts if not fact.endswith("(tried)")]
    simulation = solver.simulation
    open_ = [fact for fact in nodes if fact in simulation.arrays.number]
    held = simulation.held(solver.events.weights()[:, np.newaxis], open_, 0, _SPREAD_WORLDS)
    spread = float(held[0].sum(axis=0).std())
    return timing.median, {fact: solution.of(fact).value for fact in nodes}, spread


def _unplayed(solver: Solver) -> Solver:
    solver.simulation.game.forget()
    return solver


def paths(hosts: int, folder: str) -> tuple[int, int, float, int, int, float]:
    """AND steps on a path to a store, those that lack a parent on it, and seconds: mal-simulator's, then ours."""
    from malsim.policies import get_shortest_path_to

    graph, _ = _graph(hosts)
    names = graph.full_name_to_node
    target = [one for one in names if one.endswith(":read")][:2][-1]
    costs = dict.fromkeys(graph.attack_steps, 1.0)
    timing, path = repeat(lambda: get_shortest_path_to(graph, [names[ENTRY]], names[target], costs), 3, 5.0)
    on_it = {names[ENTRY], *path}
    ands = [node for node in path if node.type == "and"]
    attacks = {node: {one for one in node.parents if one.type in ("or", "and")} for node in ands}
    lacking = sum(not parents <= on_it for parents in attacks.values())
    own = _read(folder)
    ours, (best,) = repeat(lambda: best_paths(own, target, 1), 3, 5.0)
    held, without = set(own.start), 0
    for step in best.steps:
        without += not held.issuperset(step.needs)
        held.add(step.gains)
    needing = sum(node.type == "and" and node.full_name in held for node in names.values())
    return len(ands), lacking, timing.median, needing, without, ours.median


def section(scale: Scale) -> Section:
    """What both can do on the same graphs: read them, play them, and find a path."""
    reads, plays, ways = [], [], []
    for hosts in (4,) if scale.quick else (4, 80, 800):
        with tempfile.TemporaryDirectory() as folder:
            made = child(generated, hosts, folder, limit=scale.limit)
            if made.value is None:
                reads.append((f"{hosts} hosts", f"fails: {made.failure}", "–", "–", "–", "–"))
                continue
            one: Generated = made.value
            label = f"{one.nodes:,} nodes, {one.edges:,} edges"
            each = [f"{seconds(part)} ({two(part / one.nodes * 1e6)} µs a node)" for part in _parts(one)]
            reads.append((label, *each))
            plays += _plays(scale, hosts, label, folder)
            way = child(paths, hosts, folder, limit=scale.limit)
            if way.value is None:
                ways.append((label, f"fails: {way.failure}", "–", "–", "–"))
            else:
                ands, lacking, spent, own, without, mine = way.value
                ways.append((label, f"{lacking} of {ands}", seconds(spent), f"{without} of {own}", seconds(mine)))
    tables = (
        Table(
            "MAL: graphs",
            "mal-toolbox generates an attack graph and saves it as JSON; both programs read that file.",
            ("graph", "mal-toolbox generates", "mal-toolbox loads", "ours reads"),
            tuple(reads),
            ("Ours keeps the line of every value for its messages, and refuses files beyond its limits.",),
        ),
        Table(
            "MAL: sampled worlds",
            "One run of mal-simulator, whose attacker takes everything within reach at each step until nothing is "
            "left, beside one of our worlds; all Bernoulli trials are drawn, no times. The same marginals, from "
            "programs made for different ends: the ratio says what an agent simulator costs as a Monte Carlo engine, "
            "and no more.",
            ("graph", "mal-simulator: a run", "its memory", "ours: a world", "ratio", "agreement"),
            tuple(plays),
        ),
        Table(
            "MAL: paths",
            "AND steps on the path to a store that have a parent which is not on it, and the time.",
            ("graph", "mal-simulator: AND steps that lack a parent", "takes", "ours", "takes"),
            tuple(ways),
        ),
    )
    return Section("MAL", __doc__ or "", tables)


def _parts(one: Generated) -> tuple[float, ...]:
    return one.generate, one.load, one.read


def _plays(scale: Scale, hosts: int, label: str, folder: str) -> list[tuple[str, ...]]:
    runs = child(walked, hosts, 30 if scale.quick else 2_000, scale.limit / 3, limit=2 * scale.limit, megabytes=9_000)
    mine = child(solved, folder, 10_000, limit=scale.limit)
    if mine.value is None:
        return [(label, "–", "–", f"**fails**: {mine.failure}", "–", "–")]
    spent, likelihood, spread = mine.value
    world = seconds(spent / 10_000)
    if runs.value is None:
        return [(label, f"fails: {runs.failure}", size(runs.peak), world, "–", "–")]
    other: Walked = runs.value
    each = other.seconds / other.runs
    return [
        (
            label,
            seconds(each),
            size(runs.peak),
            world,
            two(each / spent * 10_000),
            _agreement(other, likelihood, spread),
        )
    ]


def _agreement(other: Walked, likelihood: dict[str, float], spread: float) -> str:
    scores = []
    for fact, chance in likelihood.items():
        if min(chance, 1 - chance) * other.runs >= 10:
            error = math.sqrt(chance * (1 - chance) * (1 / other.runs + 1 / 10_000))
            scores.append(abs(other.performed.get(fact, 0) / other.runs - chance) / error)
    mean, ours_ = sum(other.performed.values()) / other.runs, sum(likelihood.values())
    said = f"{mean:,.1f} steps attained, ours {ours_:,.1f} ({other.runs:,} runs)"
    if other.runs < _FEW_RUNS:
        return f"too few runs to compare: {said}"
    if not spread:
        return said
    score = (mean - ours_) / (spread * math.sqrt(1 / other.runs + 1 / 10_000))
    return f"{said}, z = {score:+.1f}" + (f", largest of a step {max(scores):.1f}" if scores else "")
