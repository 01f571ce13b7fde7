"""Many changes compared in one pass are, to the last world, what each is by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from graphmodel.engine.events import EventGraph, event_graph
from graphmodel.engine.graph import AttackGraph, Cover, GraphControl, Step
from graphmodel.engine.likelihood import Case, Options, Solver
from graphmodel.engine.worlds.arrays import Played
from graphmodel.engine.worlds.changes import STEP_WORLDS, Change, Comparing, differences, lowers, worlds_for
from graphmodel.engine.worlds.chunks import cut
from graphmodel.engine.worlds.kernel_ints import IntKernel
from graphmodel.engine.worlds.simulation import Simulation
from tests.engine.test_worlds import needs_numba
from tests.oracles import enumerate_worlds, random_graph


def some_changes(graph: EventGraph, seed: int) -> list[Change]:
    """Every event impossible, certain and half as likely, and several events at once."""
    weights, rng = graph.weights(), np.random.default_rng(seed)
    found: list[Change] = []
    for number, event in enumerate(graph.events):
        found += [{number: 0.0}, {number: 1.0}]
        if event.members:
            found.append({number: float(weights[number]) / 2})
    for _ in range(6):
        several = rng.choice(len(graph.events), min(3, len(graph.events)), replace=False).tolist()
        found.append({one: float(graph.events[one].defends) for one in several})
        found.append({one: float(not graph.events[one].defends) for one in several})
    return found


@needs_numba
def test_lanes_are_what_ifs_to_the_last_world() -> None:
    loops = shared = 0
    for seed in range(50):
        graph = event_graph(random_graph(seed, most_draws=80, facts=12))
        if not graph.events:
            continue
        simulation = Simulation(graph, seed)
        loops += bool(simulation.arrays.loop.any())
        shared += len(simulation.arrays.control) > 2
        weights, changes = graph.weights(), some_changes(graph, seed)
        losses = {fact: float(2**number) for number, fact in enumerate(graph.facts[:6])}
        lowering = [lowers(simulation, weights, one) for one in changes]
        job = Comparing.of(simulation, weights, changes, lowering, losses)
        game = simulation.game
        for first, count in job.chunks(1_500):
            kernel = IntKernel(game.arrays, game.draws)
            near = Played(job.cases.thresholds[0], kernel.play(job.cases.thresholds[0], first, -(-count // 64)))
            lanes = job.in_lanes(game, cut(near.held, count), first, count)
            assert (lanes == job.one_by_one(kernel, near, first, count)).all(), seed
    assert loops > 8
    assert shared > 8


@needs_numba
def test_many_cases_in_lanes_cost_to_the_last_bit_what_each_costs_by_itself() -> None:
    loops = shared = 0
    for seed in range(20):
        graph = event_graph(random_graph(seed, most_draws=80, facts=12))
        if not graph.events:
            continue
        rng = np.random.default_rng(seed)
        base, amounts = graph.weights(), {fact: 0.1 + number for number, fact in enumerate(graph.facts[:6])}
        weights = np.repeat(base[:, np.newaxis], int(rng.choice([5, 70])), axis=1)
        chosen = rng.random(weights.shape) < 0.2
        weights[chosen] = rng.choice([0.0, 0.3, 0.7, 1.0], int(chosen.sum()))
        losses = [
            amounts if rng.random() < 0.7 else {fact: one / 3 for fact, one in amounts.items()} for _ in weights.T
        ]
        one_by_one, together = (
            Simulation(graph, seed, kernel).run(weights, losses, 200, counted=False) for kernel in ("ints", "numba")
        )
        assert [(one.loss, one.saved) for one in together] == [(one.loss, one.saved) for one in one_by_one], seed
        loops += bool(Simulation(graph, seed).arrays.loop.any())
        shared += len(Simulation(graph, seed).arrays.control) > 2
    assert loops > 2
    assert shared > 2


def test_differences_are_those_of_a_simulation_of_each_case() -> None:
    graph = random_graph(8, most_draws=60, facts=14)
    events = event_graph(graph)
    simulation, weights = Simulation(events, 3), events.weights()
    losses = dict.fromkeys(graph.facts[1:], 2.0)
    changes = [one for one in some_changes(events, 1) if lowers(simulation, weights, one)]
    found = differences(simulation, weights, changes, losses, 3_000)
    for change, moments in zip(changes, found.saved, strict=True):
        changed = weights.copy()
        changed[list(change)] = list(change.values())
        cases = np.stack([weights, changed], axis=1)
        tally = simulation.run(cases, [losses, losses], 3_000)[1]
        assert (moments.total, moments.squares) == (tally.saved.total, tally.saved.squares)
        assert moments.least == 0.0


def test_exact_differences_are_those_of_all_worlds() -> None:
    for seed in range(20):
        graph = random_graph(seed, most_draws=9)
        solver = Solver(graph, changeable=[step.id for step in graph.steps])
        _, whole = enumerate_worlds(graph)
        steps = [step for step in graph.steps if step.id in solver.events.events_of]
        changes = [solver.events.change({}, {}, {step.id}) for step in steps]
        for step, estimate in zip(steps, solver.compare(Case(), changes), strict=True):
            without = replace(graph, steps=tuple(one for one in graph.steps if one is not step))
            assert estimate.is_exact
            assert estimate.value == pytest.approx(whole - enumerate_worlds(without)[1], abs=1e-9), (seed, step.id)


def test_intervals_hold_the_exact_differences() -> None:
    """At 99 %, over some 1,700 differences; more than 30 outside would be one false alarm in a thousand."""
    outside = asked = 0
    for seed in range(60):
        graph = random_graph(seed, most_draws=40, facts=12)
        solver = Solver(graph)
        played = Solver(graph, Options(nodes=0, worlds=4_000, seed=seed))
        changes = some_changes(solver.events, seed) if solver.events.events else []
        changes = [one for one in changes if one]
        pairs = zip(solver.compare(Case(), changes), played.compare(Case(), changes), strict=True)
        for truth, guess in pairs:
            asked += 1
            outside += not guess.low - 1e-9 <= truth.value <= guess.high + 1e-9
    assert asked > 1_500
    assert outside <= 0.01 * asked + 13


def test_a_change_of_a_folded_control_is_a_change_of_its_steps() -> None:
    control = GraphControl("c", 0.5, True)
    steps = (Step("one", ("start",), "a", 0.8, (Cover("c", 0.5),)), Step("two", ("a",), "b", 0.5, (Cover("c"),)))
    graph = AttackGraph(("a", "b", "start"), ("start",), steps, (control,), {"b": 1.0})
    solver = Solver(graph)
    perfect, absent = (solver.events.change({}, {"c": holds}, ()) for holds in (1.0, 0.0))
    now = 0.8 * 0.75 * 0.5 * 0.5
    assert [one.value for one in solver.compare(Case(), [perfect, absent])] == pytest.approx([now, now - 0.4])


def test_a_change_both_ways_is_refused_and_a_stop_keeps_what_was_played() -> None:
    graph = event_graph(random_graph(8, most_draws=60, facts=14))
    simulation, weights = Simulation(graph, 3), graph.weights()
    losses = dict.fromkeys(graph.facts, 1.0)
    steps = [number for number, event in enumerate(graph.events) if event.members and 0 < weights[number] < 1]
    with pytest.raises(ValueError, match="likelier"):
        differences(simulation, weights, [{steps[0]: 0.0, steps[1]: 1.0}], losses, 100)
    found = differences(simulation, weights, [{steps[0]: 0.0}], losses, 40_000, progress=lambda done, _: done < 3_000)
    assert 3_000 <= found.worlds < 10_000
    whole = differences(simulation, weights, [{steps[0]: 0.0}], losses, found.worlds)
    assert whole.saved == found.saved


@needs_numba
def test_without_a_compiler_the_sums_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = event_graph(random_graph(8, most_draws=60, facts=14))
    changes, losses = some_changes(graph, 2), dict.fromkeys(graph.facts, 1.0)
    compiled = differences(Simulation(graph, 3), graph.weights(), changes, losses, 2_000)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert differences(Simulation(graph, 3), graph.weights(), changes, losses, 2_000) == compiled


def test_fewer_worlds_for_larger_graphs() -> None:
    graph = event_graph(random_graph(8, most_draws=60, facts=14))
    simulation, weights = Simulation(graph, 1), graph.weights()
    assert worlds_for(simulation, weights, [{0: 0.0}], 5_000) == 5_000
    assert worlds_for(simulation, weights, [{0: 0.0}], 10) == 256
    step = next(number for number, event in enumerate(graph.events) if event.members and weights[number] < 1)
    steps, limit = len(simulation.arrays.gains), 10**9
    assert worlds_for(simulation, weights, [{step: 1.0}] * 640, limit) <= STEP_WORLDS // (steps * 10)
    assert worlds_for(simulation, weights, [{step: 0.0}] * 640, limit) > STEP_WORLDS // steps - 64
