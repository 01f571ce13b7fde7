"""Rare facts: exact where they can be, and an interval that holds where a plain simulation sees nothing."""

import math
from dataclasses import replace

import numpy as np
import pytest

from graphmodel.engine.events import event_graph
from graphmodel.engine.graph import AttackGraph, Cover, GraphControl, Step
from graphmodel.engine.intervals import chance_interval
from graphmodel.engine.likelihood import Options, Solver
from graphmodel.engine.worlds.rare import count_rare, disjoint_cuts
from graphmodel.engine.worlds.simulation import Simulation
from tests.oracles import enumerate_worlds, random_graph


def scaled(graph: AttackGraph, factor: float) -> AttackGraph:
    return replace(graph, steps=tuple(replace(step, chance=step.chance * factor) for step in graph.steps))


def test_every_world_in_which_a_target_falls_crosses_all_its_cuts() -> None:
    cuts = crossings = 0
    for seed in range(80):
        simulation = Simulation(event_graph(random_graph(seed, most_draws=60, facts=10)), seed)
        arrays, weights = simulation.arrays, simulation.graph.weights()
        for target in range(len(arrays.certain), len(arrays.facts)):
            found = disjoint_cuts(arrays, weights, target)
            used = [event for cut in found for event in cut]
            assert len(used) == len(set(used))
            for cut in found:
                cuts += 1
                without = weights.copy()
                without[list(cut)] = 0.0
                (tally,) = simulation.run(without[:, np.newaxis], [{}], 2_000)
                assert tally.hits[arrays.facts[target]] == 0
            crossings += len(found) > 1
    assert cuts > 300
    assert crossings > 50


def test_rare_counts_agree_with_exact_likelihoods() -> None:
    """Pooled: 99 % intervals of some hundred facts; more than 3 standard deviations of misses are an alarm (0.001)."""
    asked = missed = sharp = 0
    for seed in range(120):
        graph = scaled(random_graph(seed, most_draws=90, facts=12), 0.06)
        events = event_graph(graph)
        simulation = Simulation(events, seed)
        (truth,) = Solver(graph).solve()
        for fact in simulation.arrays.facts[len(simulation.arrays.certain) :]:
            value = truth.of(fact).value
            if not 0 < value < 1e-3:
                continue
            found = count_rare(simulation.arrays, simulation.draws, events.weights(), fact, 2_000)
            share, deviation = found.hits / found.worlds, math.sqrt(1 / found.worlds)
            low, high = (found.factor * one for one in chance_interval(found.hits, found.worlds, 0.99))
            asked += 1
            missed += not low * (1 - 1e-9) <= value <= high * (1 + 1e-9)
            sharp += share > 5 * deviation
    assert asked > 100
    assert sharp > asked / 2
    assert missed <= 0.01 * asked + 3 * math.sqrt(0.01 * asked)


def test_shared_controls_and_loops_are_drawn_as_ever() -> None:
    controls = (GraphControl("guard", 0.7),)
    cover = (Cover("guard"),)
    steps = (
        Step("in", ("a",), "b", 0.01, cover),
        Step("on", ("b",), "c", 0.01, cover),
        Step("back", ("c",), "b", 0.5),
        Step("side", ("a",), "c", 0.0001),
        Step("end", ("b", "c"), "d", 0.02),
    )
    graph = AttackGraph(("a", "b", "c", "d"), ("a",), steps, controls)
    truth, _ = enumerate_worlds(graph)
    events = event_graph(graph)
    simulation = Simulation(events, 1)
    found = count_rare(simulation.arrays, simulation.draws, events.weights(), "d", 60_000)
    low, high = (found.factor * one for one in chance_interval(found.hits, found.worlds, 0.99))
    assert low <= truth["d"] <= high
    assert high / low < 1.35  # a plain simulation of as many worlds sees it hardly ever
    assert truth["d"] < 1e-5


def test_a_rare_loss_of_a_simulated_graph_gets_a_number() -> None:
    steps = [Step(f"in{n}", ("start",), f"door{n}", 0.002) for n in range(3)]
    steps += [Step(f"room{n}", (f"door{n}",), "hall", 0.05) for n in range(3)]
    steps += [Step("safe", ("hall",), "gold", 0.01)]
    facts = ("start", "door0", "door1", "door2", "hall", "gold")
    graph = AttackGraph(facts, ("start",), tuple(steps), losses={"gold": 1e6})
    truth = Solver(graph).solve()[0].of("gold").value
    (solution,) = Solver(graph, Options(nodes=1, width=0, pairs=0, worlds=20_000)).solve()
    estimate = solution.of("gold")
    assert estimate.method == "simulated"
    assert truth == pytest.approx(3e-6, rel=0.01)
    assert estimate.low <= truth <= estimate.high < 1.3 * truth
    assert estimate.low > 0.7 * truth
