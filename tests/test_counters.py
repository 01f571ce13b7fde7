"""Attack graphs as clauses: their weighted count is the likelihood, and a loop is not true by itself."""

from __future__ import annotations

import itertools
import random

import networkx as nx
import pytest

from benchmarks import counters
from benchmarks.families import lattice, narrow
from graphmodel.engine.graph import AttackGraph, Cover, GraphControl, Step
from graphmodel.engine.likelihood import Solver
from tests.oracles import enumerate_worlds, random_graph

GRAPHS = [
    *(random_graph(seed, 24, 9) for seed in range(6)),
    *(narrow(10, 3, True, seed) for seed in range(3)),
    lattice(9, 3),
]


def counted(graph: AttackGraph, fact: str) -> float:
    """The weight of the models with a fact, by trying every world and following the gates, which are in order."""
    formula, target = counters.encoded(graph, fact)
    if not target:
        return float(target == counters.TRUE)
    definitions: dict[int, list[int]] = {}
    for clause in formula.clauses:
        if clause[0] > 0 and clause[0] > len(formula.weights) and all(abs(one) < clause[0] for one in clause[1:]):
            definitions.setdefault(clause[0], [-one for one in clause[1:]])
    assert len(formula.weights) + len(definitions) == formula.size
    total = 0.0
    for world in itertools.product((False, True), repeat=len(formula.weights)):
        value = dict(enumerate(world, start=1))
        for gate in sorted(definitions):
            value[gate] = all(value[abs(one)] == (one > 0) for one in definitions[gate])
        assert all(any(value[abs(one)] == (one > 0) for one in clause) for clause in formula.clauses)
        if value[abs(target)] == (target > 0):
            weight = 1.0
            for chance, happens in zip(formula.weights, world, strict=True):
                weight *= chance if happens else 1.0 - chance
            total += weight
    return total


def test_the_models_of_the_clauses_weigh_what_the_worlds_do() -> None:
    tried = 0
    for seed in range(60):
        graph = random_graph(seed, 9, 6)
        if len(counters.encoded(graph, graph.facts[-1])[0].weights) > 10:
            continue
        truth, _ = enumerate_worlds(graph)
        for fact in graph.facts:
            assert counted(graph, fact) == pytest.approx(truth.get(fact, 0.0), abs=1e-12), (seed, fact)
            tried += 0 < truth.get(fact, 0.0) < 1
    assert tried > 50


def test_a_loop_is_not_true_by_itself() -> None:
    steps = (
        Step("in", ("start",), "a", 0.25, (Cover("guard"),)),
        Step("there", ("a",), "b", 0.5),
        Step("back", ("b",), "a", 0.5),
    )
    graph = AttackGraph(("start", "a", "b"), ("start",), steps, (GraphControl("guard", 0.5),))
    assert counted(graph, "a") == pytest.approx(0.125)
    assert counted(graph, "b") == pytest.approx(0.0625)


def test_without_the_feedback_set_there_is_no_loop() -> None:
    loops = 0
    for seed in range(40):
        rng = random.Random(seed)
        names = [f"f{n}" for n in range(12)]
        needed = {name: set(rng.sample(names, rng.randint(0, 3))) for name in names}
        fed = counters.feedback(needed)
        left = nx.DiGraph([(need, fact) for fact, needs in needed.items() for need in needs])
        loops += not nx.is_directed_acyclic_graph(left)
        left.remove_nodes_from(fed)
        assert nx.is_directed_acyclic_graph(left)
        assert len(fed) < len(names)
    assert loops > 20


@pytest.mark.parametrize(
    ("peer", "package", "close"), [("ganak", "pyganak", 1e-9), ("d4", "py_d4", 2e-6), ("sdd", "pysdd", 1e-9)]
)
def test_each_peer_counts_what_we_find(peer: str, package: str, close: float) -> None:
    pytest.importorskip(package)
    for graph in GRAPHS:
        fact = graph.facts[-1] if not graph.losses else next(iter(graph.losses))
        (solution,) = Solver(graph).solve()
        assert getattr(counters, peer)(graph, fact) == pytest.approx(solution.of(fact).value, abs=close)
