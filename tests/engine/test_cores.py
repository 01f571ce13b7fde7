"""What is simulated beside a core: its intervals hold the truth as often as they say, and are narrow."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from graphmodel.engine.estimates import SIMULATED
from graphmodel.engine.exact.cores import CutCore, _Ways, core_of
from graphmodel.engine.exact.rules import Rules, TooWideError, always
from graphmodel.engine.exact.treecuts import cuts
from graphmodel.engine.graph import AttackGraph, Cover, GraphControl, Step
from graphmodel.engine.likelihood import Case, Options, Solver
from graphmodel.engine.worlds.draws import Thresholds, happening
from graphmodel.engine.worlds.remainders import Core
from tests.engine.test_treecuts import lattice
from tests.oracles import enumerate_worlds, random_graph
from tests.statistics import Count, least_likely
from tests.thorough import cases, tries_more

pytest.importorskip("numba", reason="cores are of trees of cuts, whose kernels numba compiles")

WORLDS = 1_000


def some_core(graph: AttackGraph, seed: int) -> tuple[Solver, CutCore] | None:
    """A solver, and a core of every fact of some of the steps, chosen by lot."""
    solver = Solver(graph, Options(seed=seed))
    arrays = solver.simulation.arrays
    facts = range(len(arrays.certain), len(arrays.facts))
    lot = random.Random(seed)
    steps = [step for step in range(len(arrays.gains)) if lot.random() < 0.7]
    if not steps:
        return None
    try:
        tree = cuts(Rules(arrays), {0: steps}, facts, 100_000, 1).joined(100_000)
    except TooWideError:
        return None
    return solver, CutCore(Core(tuple(facts), np.array(steps)), tree)


def test_core_and_remainder_are_the_truth_together() -> None:
    """For any core, so for one that is chosen by lot; in two cases, one of which has no controls."""
    counts, partial, loops, conjunctions, shared = list[Count](), 0, 0, 0, 0
    for seed in range(cases(150, 1_000)):
        graph = random_graph(seed)
        made = some_core(graph, seed)
        if made is None:
            continue
        solver, found = made
        none = {control.id: 0.0 for control in graph.controls}
        weights = np.stack([solver.events.weights(), solver.events.weights(none)], axis=1)
        alone = found.chances(weights)
        tallies = solver.simulation.run(weights, [graph.losses] * 2, WORLDS, core=found.core)
        arrays = solver.simulation.arrays
        for case, own in enumerate((graph, graph.with_holds(none))):
            truth, _ = enumerate_worlds(own)
            for fact in (one for one in found.core.facts if arrays.facts[one] in truth):
                rest = truth[arrays.facts[fact]] - float(alone[fact][case])
                assert rest > -1e-12, (seed, arrays.facts[fact])
                hits = tallies[case].beside[arrays.facts[fact]]
                if rest < 1e-12:
                    assert hits == 0, (seed, arrays.facts[fact])
                else:
                    counts.append(Count(hits, WORLDS, min(rest, 1.0)))
                    partial += float(alone[fact][case]) > 0
        loops += bool(arrays.loop.any())
        conjunctions += bool((np.diff(arrays.need_at) > 1).any())
        shared += len(arrays.control) > 0
    assert least_likely(counts) > 1e-6
    assert min(partial, loops, conjunctions, shared) > 5


def test_what_comes_true_beside_a_core_is_told_world_by_world() -> None:
    """It is what the whole graph has in the same worlds, and the graph of the core's steps alone has not."""
    for seed in range(40):
        graph = random_graph(seed)
        made = some_core(graph, seed)
        if made is None:
            continue
        solver, found = made
        simulation, arrays = solver.simulation, solver.simulation.arrays
        weights = solver.events.weights()[:, np.newaxis]
        (tally,) = simulation.run(weights, [graph.losses], WORLDS, core=found.core)
        (plain,) = simulation.run(weights, [graph.losses], WORLDS)
        assert tally.hits == plain.hits
        kept = {arrays.facts[fact] for fact in found.core.facts}
        by_hand = dict.fromkeys(kept, 0)
        lost = 0.0
        held = simulation.held(weights, list(arrays.facts), 0, WORLDS)[0]
        fires = _fires(solver, weights)
        for world in range(WORLDS):
            by = set(range(len(arrays.certain)))
            grown = True
            while grown:
                grown = False
                for step in found.core.steps.tolist():
                    needs = arrays.needs[arrays.need_at[step] : arrays.need_at[step + 1]].tolist()
                    if fires[step, world] and int(arrays.gains[step]) not in by and by.issuperset(needs):
                        by.add(int(arrays.gains[step]))
                        grown = True
            for number, fact in enumerate(arrays.facts):
                if held[number, world] and number not in by and fact in kept:
                    by_hand[fact] += 1
                    lost += graph.losses.get(fact, 0.0)
        assert tally.beside == by_hand, seed
        certain = sum(graph.losses.get(arrays.facts[one], 0.0) for one in arrays.certain.tolist())
        assert tally.loss.total == pytest.approx(lost + certain * WORLDS), seed


def _fires(solver: Solver, weights: np.ndarray) -> np.ndarray:
    """Whether each step is possible in each world, (steps, worlds), from the specification of the draws."""
    simulation, blocks = solver.simulation, -(-WORLDS // 64)
    thresholds = Thresholds.of(weights[:, 0])
    happens = happening(simulation.draws, thresholds, np.arange(simulation.arrays.events), 0, blocks)
    words = simulation.arrays.possible(happens).astype("<u8")
    return np.unpackbits(words.view(np.uint8), axis=1, bitorder="little").astype(bool)


@pytest.fixture(scope="module")
def wide() -> tuple[AttackGraph, float, float]:
    """A grid that is exact with many pairs of operators, and the chance of its last place with all steps and with the
    first one impossible."""
    graph = lattice(4, 6)
    now, then = Solver(graph, Options(nodes=1)).solve(Case(), Case(blocked=["s0"]))
    assert now.of("v3.5").is_exact and then.of("v3.5").is_exact
    return graph, now.of("v3.5").value, then.of("v3.5").value


FEW_PAIRS = Options(nodes=1, pairs=20_000, worlds=4_000)  # too few for the grid, and enough for a core


def test_a_loss_is_told_in_a_narrower_interval_by_a_core(wide: tuple[AttackGraph, float, float]) -> None:
    graph, truth, less = wide
    now, then = Solver(graph, FEW_PAIRS).solve(Case(), Case(blocked=["s0"]))
    (plain,) = Solver(graph, replace(FEW_PAIRS, pairs=0, width=0)).solve()
    for one, value in ((now, truth), (then, less)):
        found = one.of("v3.5")
        assert found.method == one.loss.method == SIMULATED
        assert found.low <= value <= found.high and one.loss.low <= value <= one.loss.high
    assert then.saved.low <= truth - less <= then.saved.high
    assert now.of("v3.5").width < 0.7 * plain.of("v3.5").width
    assert now.of("v1.1") == plain.of("v1.1")
    assert now.saved.is_exact and now.saved.value == 0.0
    assert Solver(graph, FEW_PAIRS).solve(Case(), Case(blocked=["s0"])) == (now, then)


@tries_more
def test_intervals_hold_the_truth_as_often_as_they_say(wide: tuple[AttackGraph, float, float]) -> None:
    """Over many seeds, each with a core and worlds of its own, and at a confidence at which some must miss."""
    graph, truth, less = wide
    confidence, tries = 0.8, cases(20, 400)
    missed = losses_missed = saved_missed = 0
    for seed in range(tries):
        options = replace(FEW_PAIRS, seed=seed, worlds=1_000, confidence=confidence)
        now, then = Solver(graph, options).solve(Case(), Case(blocked=["s0"]))
        found = now.of("v3.5")
        missed += not found.low <= truth <= found.high
        losses_missed += not now.loss.low <= truth <= now.loss.high
        saved_missed += not then.saved.low <= truth - less <= then.saved.high
    # Clopper and Pearson's intervals, and Maurer and Pontil's, miss no more often than they say.
    for count in (missed, losses_missed, saved_missed):
        assert count <= tries * (1 - confidence) + 4 * (tries * confidence * (1 - confidence)) ** 0.5
    assert missed


def test_worlds_end_where_a_core_makes_them_precise(wide: tuple[AttackGraph, float, float]) -> None:
    graph, truth, _ = wide
    options = replace(FEW_PAIRS, precision=0.004, worlds=200_000)
    (found,) = Solver(graph, options).solve()
    (plain,) = Solver(graph, replace(options, pairs=0, width=0)).solve()
    one = found.of("v3.5")
    assert found.worlds < plain.worlds
    assert one.low <= truth <= one.high and one.width <= 0.008


def test_more_may_come_true_beside_a_core_where_less_comes_true() -> None:
    """With the core's only step impossible the other way, which was there before, is counted; so its bounds allow."""
    steps = (Step("known", (), "goal", 0.9), Step("other", ("door",), "goal", 0.5), Step("open", (), "door", 0.5))
    solver = Solver(AttackGraph(("door", "goal"), (), steps, (), {"goal": 1.0}))
    arrays, goal = solver.simulation.arrays, solver.simulation.arrays.number["goal"]
    known = [one for one in range(len(arrays.gains)) if arrays.event[one] == solver.events.events_of["known"]]
    weights = np.stack([solver.events.weights(), solver.events.weights(blocked=["known"])], axis=1)
    core = Core((goal,), np.array(known))
    _, then = solver.simulation.run(weights, [{"goal": 1.0}] * 2, WORLDS, core=core)
    assert then.saved.total < 0
    assert then.saved.least <= -1.0 < 1.0 <= then.saved.most


def test_a_core_is_chosen_in_worlds_of_its_own(
    wide: tuple[AttackGraph, float, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In those that it is then used in it would be chosen for what they show, and the intervals would be too narrow."""
    simulation = Solver(wide[0]).simulation
    played: list[np.ndarray] = []
    play = _Ways.play

    def told(ways: _Ways, worlds: int) -> None:
        played.append(ways.simulation.draws.key)
        play(ways, worlds)

    monkeypatch.setattr(_Ways, "play", told)
    Solver(wide[0], FEW_PAIRS).solve()
    assert played and not any(np.isin(keys, simulation.draws.key).any() for keys in played)


def test_a_core_has_the_steps_of_likely_ways_and_no_rare_facts() -> None:
    """Of two ways the likely one, which a control guards; a fact that hardly ever comes true has better methods."""
    steps = [
        Step("in", (), "a", 0.9, (Cover("guard"),)),
        Step("on", ("a",), "b", 0.9, (Cover("guard"),)),
        Step("round", (), "c", 0.02),
        Step("back", ("c",), "b", 0.02),
        Step("luck", ("b",), "rare", 1e-4),
    ]
    graph = AttackGraph(
        ("a", "b", "c", "rare"), (), tuple(steps), (GraphControl("guard", 0.3),), {"b": 1.0, "rare": 1.0}
    )
    solver = Solver(graph)
    arrays = solver.simulation.arrays
    weights = solver.events.weights()[:, np.newaxis]
    wanted = [arrays.number["b"], arrays.number["rare"]]

    def core(pairs: int, hurried: bool = False) -> CutCore | None:
        rules = Rules(arrays)
        return core_of(solver.simulation, rules, weights, wanted, pairs, always, lambda: hurried)

    found = core(1_000)
    assert found is not None and found.core.facts == (arrays.number["b"],)
    assert {arrays.facts[int(arrays.gains[step])] for step in found.core.steps} >= {"a", "b"}
    assert found.chances(weights)[arrays.number["b"]][0] == pytest.approx(0.7 * 0.81, abs=1e-3)
    assert core(0) is None
    assert core(1_000, hurried=True) is None


def test_case_without_controls_has_its_ways_in_the_core_too(wide: tuple[AttackGraph, float, float]) -> None:
    """Ways that a control closes for good in one view are looked for in the view without it."""
    graph, _, _ = wide
    closed = ("s0", "s2")
    steps = tuple(replace(step, controls=(Cover("wall"),)) if step.id in closed else step for step in graph.steps)
    walled, opened = replace(graph, steps=steps, controls=(GraphControl("wall", 1.0),)), Case(holds={"wall": 0.0})
    both = Solver(walled, FEW_PAIRS).solve(Case(), opened)
    (alone,) = Solver(walled, FEW_PAIRS).solve()
    (plain,) = Solver(walled, replace(FEW_PAIRS, pairs=0, width=0)).solve(opened)
    assert both[1].of("v3.5").width < 0.5 * plain.of("v3.5").width
    assert alone.of("v3.5").low <= both[0].of("v3.5").high and both[0].of("v3.5").low <= alone.of("v3.5").high
