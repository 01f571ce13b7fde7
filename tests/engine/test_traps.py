"""Where other tools are known to go wrong, each by name: the number or the answer that must not come out here."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from graphmodel.engine.bounds import bounds
from graphmodel.engine.estimates import EXACT
from graphmodel.engine.events import event_graph
from graphmodel.engine.graph import AttackGraph, Cover, GraphControl, Step
from graphmodel.engine.likelihood import Options, Solver
from graphmodel.engine.paths import best_paths, path_chance
from graphmodel.engine.worlds.draws import Thresholds
from graphmodel.engine.worlds.simulation import Simulation
from tests.engine.test_networks import gilbert
from tests.engine.test_worlds import kernel_of, needs_numba
from tests.oracles import enumerate_worlds, least_set, problog_likelihoods
from tests.statistics import Count, least_likely

SURE = Options(nodes=0, worlds=50_000, confidence=1 - 1e-6)
KERNELS = ["ints", pytest.param("numba", marks=needs_numba)]


def graph_of(*steps: Step, controls: tuple[GraphControl, ...] = (), start: tuple[str, ...] = ("start",)) -> AttackGraph:
    names = dict.fromkeys((*start, *(fact for step in steps for fact in (*step.needs, step.gains))))
    return AttackGraph(tuple(names), start, steps, controls)


def likelihood(graph: AttackGraph, fact: str) -> float:
    estimate = Solver(graph).solve()[0].of(fact)
    assert estimate.method == EXACT
    return estimate.value


def noisy_or(graph: AttackGraph) -> Mapping[str, float]:
    """What tools that propagate probabilities along edges come to: the very number that must not be shown."""
    found = dict.fromkeys(graph.facts, 0.0) | dict.fromkeys(graph.start, 1.0)
    for _ in range(2_000):
        before = dict(found)
        for fact, steps in graph.producers.items():
            if fact not in graph.start:
                fails = (1 - step.chance * math.prod(found[need] for need in step.needs) for step in steps)
                found[fact] = 1 - math.prod(fails)
        if all(abs(found[fact] - before[fact]) < 1e-12 for fact in found):
            break
    return found


# ---------------------------------------------------------------- numbers
@pytest.mark.parametrize(("chokes", "truth", "shown_elsewhere"), [(1, 0.300, 0.980), (3, 0.0270, 0.978)])
def test_noisy_or_choke_points(chokes: int, truth: float, shown_elsewhere: float) -> None:
    """Choke points of 0.3 with fifty spokes behind each: shared ancestors counted once for every spoke."""
    steps, before = [], "start"
    for number in range(chokes):
        steps.append(Step(f"choke{number}", (before,), f"middle{number}", 0.3))
        for spoke in range(50):
            name = f"spoke{number}-{spoke}"
            steps += [
                Step(f"to-{name}", (f"middle{number}",), name, 0.5),
                Step(f"of-{name}", (name,), f"t{number}", 0.5),
            ]
        before = f"t{number}"
    graph = graph_of(*steps)
    assert likelihood(graph, before) == pytest.approx(truth, abs=0.0001 * truth)
    simulated = Solver(graph, SURE).solve()[0].of(before)
    assert simulated.low <= truth <= simulated.high < shown_elsewhere / 2
    assert noisy_or(graph)[before] == pytest.approx(shown_elsewhere, abs=0.0015)


def test_spyderisk_repeated_weak_paths_add_up() -> None:
    """The level of a consequence is there the maximum over its causes, however many there are."""
    steps = [Step(f"in{n}", ("start",), f"room{n}", 0.2) for n in range(12)]
    steps += [Step(f"on{n}", (f"room{n}",), "vault", 0.5) for n in range(12)]
    found = likelihood(graph_of(*steps), "vault")
    assert found == pytest.approx(1 - 0.9**12)
    assert found > 7 * 0.1


def test_or_only_tools_collapse_and() -> None:
    """Whoever draws an AND step as an edge from each of its needs gets 0.75 and more."""
    first, second = Step("a", ("start",), "x", 0.5), Step("b", ("start",), "y", 0.5)
    both = graph_of(first, second, Step("both", ("x", "y"), "z", 1.0))
    either = graph_of(first, second, Step("one", ("x",), "z", 1.0), Step("other", ("y",), "z", 1.0))
    assert (likelihood(both, "z"), likelihood(either, "z")) == (0.25, 0.75)


def test_a_guardrail_that_every_hop_meets_is_one_draw() -> None:
    """Products along a path take what is bypassed everywhere at once to be bypassed anew at each hop."""
    cover = (Cover("guardrail"),)
    steps = [Step(f"hop{n}", (f"f{n}",), f"f{n + 1}", 0.9, cover) for n in range(5)]
    graph = graph_of(*steps, controls=(GraphControl("guardrail", 0.8),), start=("f0",))
    (path,) = best_paths(graph, "f5")
    assert path.chance == pytest.approx(0.9**5 * 0.2)
    assert likelihood(graph, "f5") == pytest.approx(0.9**5 * 0.2)
    apart = replace(graph, controls=(GraphControl("guardrail", 0.8, independent=True),))
    assert path_chance(apart, apart.steps) == pytest.approx(0.9**5 * 0.2**5)


def test_agent_bom_longer_chains_score_higher() -> None:
    """With boosts for every hop a detour outranks the direct way; here each hop can only lower the chance."""
    boosts = [Step("direct", ("start",), "data", 0.5)]
    boosts += [Step(f"hop{n}", (f"h{n}" if n else "start",), f"h{n + 1}" if n < 3 else "data", 0.8) for n in range(4)]
    paths = best_paths(graph_of(*boosts), "data")
    assert [len(path.steps) for path in paths] == [1, 4]
    assert [path.chance for path in paths] == pytest.approx([0.5, 0.8**4])
    chain = graph_of(*(Step(f"s{n}", (f"f{n}",), f"f{n + 1}", 0.97) for n in range(30)), start=("f0",))
    found = [likelihood(chain, f"f{n}") for n in range(31)]
    assert all(later < earlier for earlier, later in itertools.pairwise(found))


# ---------------------------------------------------------------- cycles
def test_mal_simulator_viability_is_the_greatest_fixpoint() -> None:
    """``calculate_viability`` starts from all true, so that a loop without an entry supports itself."""
    ring = [Step(f"round{n}", (f"r{n}",), f"r{(n + 1) % 5}", 1.0) for n in range(5)]
    knot = [Step("knot-a", ("r0", "k1"), "k2", 1.0), Step("knot-b", ("r1", "k2"), "k1", 1.0)]
    graph = graph_of(*ring, *knot, Step("in", ("start",), "x", 0.5))
    steps = {step.id for step in graph.steps}
    assert least_set(graph, steps) == {"start", "x"}
    assert graph.derivable()[0] == {"start", "x"}
    for options in (Options(), SURE, Options(nodes=1, width=0, pairs=0, worlds=640)):
        (solution,) = Solver(graph, options).solve()
        assert all(solution.of(fact).high == 0.0 for fact in graph.facts if fact[0] in "rk")
    assert all(not best_paths(graph, fact) for fact in graph.facts if fact[0] in "rk")
    # With an entry the ring holds, and the knot still does not: each of its facts needs the other.
    entered = replace(graph, steps=(*graph.steps, Step("entry", ("start",), "r3", 0.5)))
    (solution,) = Solver(entered).solve()
    assert {solution.of(f"r{n}").value for n in range(5)} == {0.5}
    assert solution.of("k1").value == solution.of("k2").value == 0.0


def test_bag_mulval_cutting_edges_of_a_cycle_changes_the_answer() -> None:
    """``elimCir`` makes a cyclic graph acyclic by dropping edges: whichever is dropped, some number is wrong."""
    steps = (
        Step("in-a", ("start",), "a", 0.5),
        Step("in-b", ("start",), "b", 0.4),
        Step("in-c", ("start",), "c", 0.3),
        Step("a-b", ("a",), "b", 0.7),
        Step("b-c", ("b",), "c", 0.6),
        Step("c-a", ("c",), "a", 0.8),
        Step("end", ("a", "b", "c"), "end", 0.9),
    )
    graph = graph_of(*steps)
    truth, _ = enumerate_worlds(graph)
    (solution,) = Solver(graph).solve()
    assert {fact: solution.of(fact).value for fact in graph.facts} == pytest.approx(truth, abs=1e-12)
    assert problog_likelihoods(graph) == pytest.approx(truth, abs=1e-12)
    for cut in ("a-b", "b-c", "c-a"):
        acyclic, _ = enumerate_worlds(replace(graph, steps=tuple(step for step in steps if step.id != cut)))
        assert acyclic["end"] < truth["end"] - 0.01
    two_ways = noisy_or(graph)
    assert all(two_ways[fact] > truth[fact] + 0.01 for fact in "abc")


def cluster(nodes: int, inside: float, entry: float) -> AttackGraph:
    """A door that is seldom open, and behind it everything leads to everything."""
    steps = [
        Step(f"{one:02}-{other:02}", (f"n{one:02}",), f"n{other:02}", inside)
        for one, other in itertools.permutations(range(nodes), 2)
    ]
    return graph_of(Step("entry", ("start",), "n00", entry), *steps)


NODES, INSIDE, ENTRY = 40, 0.06, 0.05
RATCHET = ENTRY * gilbert(NODES, INSIDE)[1]


@pytest.mark.parametrize("kernel", KERNELS)
def test_core_lang_feedback_ratchet(kernel: str) -> None:
    """One strongly connected component, dense: a noisy-OR fixpoint feeds on itself and climbs to almost 1.

    The truth has a closed form. Who is reached from a node of a complete directed graph is distributed like the
    component of that node in the undirected one, since either way each pair is asked once at most, from the side
    that is reached first: the recurrence of Gilbert (1959). A false alarm has chance 0.0001 over all facts.
    """
    graph = cluster(NODES, INSIDE, ENTRY)
    simulation = Simulation(event_graph(graph), 3, kernel)
    weights = simulation.graph.weights()
    worlds = 64 * 800
    held = kernel_of(simulation, kernel).play(Thresholds.of(weights), 0, worlds // 64)
    hits = dict(zip(simulation.arrays.facts, np.bitwise_count(held).sum(axis=1).tolist(), strict=True))
    counts = [Count(hits[f"n{n:02}"], worlds, RATCHET if n else ENTRY) for n in range(NODES)]
    assert least_likely(counts) > 1e-4
    found = bounds(simulation.arrays, weights)
    number = simulation.arrays.number["n07"]
    assert found.low[number] <= RATCHET <= found.high[number]


def test_the_ratchet_is_far_below_what_is_shown_elsewhere() -> None:
    graph = cluster(NODES, INSIDE, ENTRY)
    shown = noisy_or(graph)["n07"]
    assert shown > 0.8
    assert 0.03 < RATCHET < ENTRY
    for options in (SURE, replace(SURE, nodes=500)):
        estimate = Solver(graph, options).solve()[0].of("n07")
        assert estimate.low <= RATCHET <= estimate.high < shown / 10


def test_the_ratchet_in_small_is_exact() -> None:
    """Small enough for the exact tier, and still far from the fixpoint."""
    for nodes, inside in ((4, 0.5), (5, 0.4), (6, 0.3)):
        graph = cluster(nodes, inside, 0.1)
        assert likelihood(graph, "n01") == pytest.approx(0.1 * gilbert(nodes, inside)[1], abs=1e-12)
        assert likelihood(graph, "n00") == pytest.approx(0.1, abs=1e-12)
        assert noisy_or(graph)["n01"] > 5 * likelihood(graph, "n01")


# ---------------------------------------------------------------- paths
def test_mal_simulator_and_path() -> None:
    """A path to an AND step must hold every parent of it: ``get_shortest_path_to`` returns one of them."""
    steps = (
        Step("phish", ("start",), "password", 0.9),
        Step("steal", ("start",), "phone", 0.2),
        Step("unlock", ("phone",), "token", 0.5),
        Step("log-in", ("password", "token"), "account", 0.8),
        Step("read", ("account",), "mail", 1.0),
    )
    (path,) = best_paths(graph_of(*steps), "mail")
    assert {step.id for step in path.steps} == {step.id for step in steps}
    assert path.chance == pytest.approx(0.9 * 0.2 * 0.5 * 0.8)


@pytest.mark.parametrize("block", range(2))
def test_mal_simulator_and_paths_of_many_graphs(block: int) -> None:
    """Layers of AND steps of two to three needs, with a step back now and then: no path lacks a parent."""
    conjunctions = 0
    for seed in range(block * 20, block * 20 + 20):
        rng = random.Random(seed)
        layers = [["start"]] + [[f"l{depth}-{n}" for n in range(5)] for depth in range(1, 6)]
        steps: list[Step] = []
        for before, layer in itertools.pairwise(layers):
            for fact in layer:
                for _ in range(rng.choice([1, 2])):
                    needs = tuple(sorted(rng.sample(before, min(len(before), rng.choice([1, 2, 3])))))
                    steps.append(Step(f"s{len(steps):03}", needs, fact, rng.uniform(0.3, 1)))
                if rng.random() < 0.4:
                    steps.append(Step(f"s{len(steps):03}", (fact,), rng.choice(before), rng.uniform(0.3, 1)))
        graph = graph_of(*(step for step in steps if step.gains != "start"))
        for path in best_paths(graph, layers[-1][0], 4):
            held = set(graph.start)
            for step in path.steps:
                assert held.issuperset(step.needs), (seed, path.id)
                held.add(step.gains)
                conjunctions += len(step.needs) > 1
            assert path.target in held
    assert conjunctions > 100


def estate(assets: int) -> AttackGraph:
    """An estate of many assets: ten layers, some AND steps, and a way back here and there."""
    rng = random.Random(assets)
    size = assets // 10
    steps = [Step(f"door{n:05}", ("start",), f"a0-{n:05}", rng.uniform(0.05, 0.3)) for n in range(size)]
    for layer in range(1, 10):
        for n in range(size):
            before = [f"a{layer - 1}-{(n + far) % size:05}" for far in rng.sample(range(-30, 30), 3)]
            gains = f"a{layer}-{n:05}"
            steps.append(Step(f"one-{gains}", (before[0],), gains, rng.uniform(0.2, 0.9)))
            needs = tuple(sorted(before[1:])) if n % 7 == 0 else (before[1],)
            steps.append(Step(f"two-{gains}", needs, gains, rng.uniform(0.2, 0.9)))
            if n % 9 == 0:
                steps.append(Step(f"back-{gains}", (gains,), before[2], 0.3))
    return graph_of(*steps, *(Step(f"end{n:05}", (f"a9-{n:05}",), "crown", 0.05) for n in range(0, size, 40)))


def test_agent_bom_skips_graphs_of_more_than_5000_nodes() -> None:
    """6,000 assets there are ``node_cap_exceeded`` and no path; depth ends at six hops."""
    graph = estate(6_000)
    reachable = graph.derivable()[0]
    assert len(reachable) > 5_000
    paths = best_paths(graph, "crown", 5)
    assert len(paths) == 5
    assert all(len(path.steps) >= 11 and path.chance > 0 for path in paths)
    options = Options(nodes=500, width=0, pairs=0, worlds=1_280, confidence=1 - 1e-6)
    estimate = Solver(replace(graph, losses={"crown": 1.0}), options).solve()[0].of("crown")
    assert paths[0].chance <= estimate.high
    assert 0 < estimate.low <= estimate.value <= estimate.high < 1


def test_enumeration_of_simple_paths_never_ends() -> None:
    """A ladder of fifty rungs has 2 to the 50th ways up; the best five are found, and the number is exact."""
    steps = [Step("l00", ("start",), "l00", 0.9), Step("r00", ("start",), "r00", 0.8)]
    for n in range(1, 50):
        for one, other in itertools.product("lr", repeat=2):
            steps.append(
                Step(f"{one}{other}{n:02}", (f"{one}{n - 1:02}",), f"{other}{n:02}", 0.9 if one == other else 0.5)
            )
    graph = graph_of(*steps)
    paths = best_paths(graph, "l49", 5)
    assert len(paths) == 5
    assert paths[0].chance == pytest.approx(0.9**50)
    assert {step.gains[0] for step in paths[0].steps} == {"l"}
    assert likelihood(graph, "l49") > 30 * sum(path.chance for path in paths)
