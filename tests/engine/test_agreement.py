"""The simulation against the exact tier, by tests with a stated rate of false alarms and never a bare tolerance.

Seeds are fixed, so what passes once passes always; the rate says how likely a right program was to fail at first.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from graphmodel.engine.estimates import EXACT
from graphmodel.engine.events import event_graph
from graphmodel.engine.graph import AttackGraph
from graphmodel.engine.likelihood import Case, Options, Solver
from graphmodel.engine.worlds.draws import Thresholds
from graphmodel.engine.worlds.rare import count_rare
from graphmodel.engine.worlds.simulation import Simulation
from tests.engine.test_worlds import kernel_of, needs_numba
from tests.oracles import random_graph
from tests.statistics import Count, least_likely, pooled

WORLDS = 64 * 400
KERNELS = ["ints", pytest.param("numba", marks=needs_numba)]


def kinds(graph: AttackGraph) -> Counter[str]:
    """What of the semantics a graph has in it, among the steps that matter."""
    events = event_graph(graph)
    steps = [step for component in events.components for step in component.steps]
    met = Counter(control for step in steps for control, _ in step.covers)
    return Counter(
        {
            "loop": any(len(one.facts) > 1 for one in events.components),
            "and": any(len(step.needs) > 1 for step in steps),
            "shared": any(count > 1 for count in met.values()),
            "trial": any(event.trial for event in events.events),
            "partial": any(part is not None for step in steps for _, part in step.covers),
            "independent": any(
                graph.control_by_id[cover.control].independent
                for event in events.events
                for member in event.members
                for cover in member.folded
            ),
        }
    )


@pytest.mark.parametrize("kernel", KERNELS)
def test_kernels_count_what_is_exact(kernel: str) -> None:
    """A false alarm has chance 0.0003 for each kernel: 0.0001 for all facts of all graphs together, by exact
    binomial tails, and 0.0001 each for the mean and the spread of one fact of each graph, which are independent."""
    counts, apart, seen = [], [], Counter[str]()
    for seed in range(250):
        graph = random_graph(seed, most_draws=70, facts=11)
        seen += kinds(graph)
        simulation = Simulation(event_graph(graph), 10_000 + seed, kernel)
        weights = simulation.graph.weights()
        exact = Solver(graph).solve()[0].likelihood
        assert {one.method for one in exact.values()} <= {EXACT}
        told = [(number, fact) for number, fact in enumerate(simulation.arrays.facts) if fact in exact]
        held = kernel_of(simulation, kernel).play(Thresholds.of(weights), 7 * seed, WORLDS // 64)
        hits = np.bitwise_count(held).sum(axis=1).tolist()
        own = [Count(hits[number], WORLDS, exact[fact].value) for number, fact in told if 0 < exact[fact].value < 1]
        for number, fact in told:
            assert exact[fact].value not in (0.0, 1.0) or hits[number] == WORLDS * exact[fact].value
        counts += own
        apart += [min(own, key=lambda one: abs(one.chance - 0.5))] if own else []
    assert all(seen[kind] > 40 for kind in ("loop", "and", "shared", "partial", "independent", "trial")), seen
    assert len(counts) > 900
    assert least_likely(counts) > 1e-4
    side, spread = pooled(apart)
    assert min(side, spread) > 1e-4


def test_the_tests_of_agreement_can_fail() -> None:
    """A hundredth too much, always to one side, and draws that are used twice are found."""
    rng = np.random.default_rng(5)
    chances = rng.uniform(0.1, 0.9, 300)
    right = [Count(int(rng.binomial(WORLDS, one)), WORLDS, one) for one in chances]
    assert min(least_likely(right), *pooled(right)) > 1e-3
    tilted = [replace(one, chance=one.chance * 0.997) for one in right]
    assert pooled(tilted)[0] < 1e-4
    twice = [Count(2 * int(rng.binomial(WORLDS // 2, one)), WORLDS, one) for one in chances]
    assert pooled(twice)[1] < 1e-4
    wrong = [*right, Count(round(WORLDS * 0.52), WORLDS, 0.5)]
    assert least_likely(wrong) < 1e-4


def test_simulated_what_ifs_count_what_is_exact() -> None:
    """Cases that are replayed from others. A false alarm has chance 0.0001 over all facts, cases and graphs."""
    counts = []
    for seed in range(100):
        graph = random_graph(seed, most_draws=60, facts=11)
        cases = [Case()]
        cases += [Case(blocked=(step.id,)) for step in graph.steps[::3]]
        cases += [Case(holds={control.id: 1.0 - 0.8 * control.holds}) for control in graph.controls]
        blocked = [step.id for step in graph.steps]
        exact = Solver(graph, changeable=blocked).solve(*cases)
        simulated = Solver(graph, Options(nodes=0, worlds=WORLDS, seed=seed), changeable=blocked).solve(*cases)
        for truth, guess in zip(exact, simulated, strict=True):
            for fact, one in guess.likelihood.items():
                value = truth.of(fact).value
                if 0 < value < 1:
                    counts.append(Count(round(one.value * WORLDS), WORLDS, value))
                else:
                    assert one.value == value
    assert len(counts) > 2_000
    assert least_likely(counts) > 1e-4


def test_counts_of_rare_facts_are_what_is_exact() -> None:
    """Worlds given the cuts hit with the chance P(target) / P(cuts). A false alarm has chance 0.0003: 0.0001 for all
    facts together, and 0.0001 each for the mean and the spread of one fact of each graph."""
    worlds = 64 * 60
    counts, apart, cut = [], [], 0
    for seed in range(140):
        graph = random_graph(1_000 + seed, most_draws=70, facts=11)
        graph = replace(graph, steps=tuple(replace(step, chance=0.15 * step.chance) for step in graph.steps))
        events = event_graph(graph)
        simulation = Simulation(events, seed)
        exact = Solver(graph).solve()[0].likelihood
        own = []
        for fact in simulation.arrays.facts[len(simulation.arrays.certain) :]:
            if fact not in exact:
                continue
            value = exact[fact].value
            found = count_rare(simulation.arrays, simulation.draws, events.weights(), fact, worlds)
            if value == 0 or found.factor == 0:
                assert found.hits * found.factor == value
                continue
            share = value / found.factor
            assert share <= 1 + 1e-9
            cut += found.factor < 0.5
            if share < 1 - 1e-9:
                own.append(Count(found.hits, found.worlds, share))
            else:
                assert found.hits == found.worlds
        counts += own
        apart += [one for one in sorted(own, key=lambda one: abs(one.chance - 0.5))[:1] if 0.02 < one.chance < 0.98]
    assert cut > 200
    assert len(counts) > 150
    assert len(apart) > 40
    assert least_likely(counts) > 1e-4
    assert min(pooled(apart)) > 1e-4
