"""Certain intervals hold the truth whatever is passed over, and are the truth where nothing is."""

import numpy as np
import pytest

from graphmodel.engine.estimates import ENCLOSED, SIMULATED
from graphmodel.engine.events import event_graph
from graphmodel.engine.exact.branching import Tree
from graphmodel.engine.exact.enclosures import EnclosedPart
from graphmodel.engine.exact.narrowing import Enclosure, narrowed
from graphmodel.engine.exact.rules import Rules, TooWideError
from graphmodel.engine.exact.treecuts import Cuts, cuts
from graphmodel.engine.graph import AttackGraph
from graphmodel.engine.likelihood import Case, Options, Solver
from graphmodel.engine.worlds.arrays import Arrays, arrays_of
from tests.engine.test_treecuts import lattice
from tests.oracles import enumerate_worlds, random_graph

THRESHOLDS = (1e-3, 0.1)


def cuts_of(arrays: Arrays) -> Cuts:
    rules, facts = Rules(arrays), range(len(arrays.certain), len(arrays.facts))
    return cuts(rules, rules.cone(facts), facts, 1_000_000, 2)


def enclosure(cut: Cuts, weights: np.ndarray, threshold: float) -> Enclosure:
    parts = [EnclosedPart(tree, cut.controls, 1_000_000, weights, threshold) for tree in cut.trees]
    return Enclosure(tuple(parts), cut.same, cut.after)


def test_the_truth_of_all_worlds_is_inside_at_every_threshold() -> None:
    """In the case that pairs were chosen for, and in one that they were not chosen for."""
    wide = loops = conjunctions = shared = partly = 0
    for seed in range(45):
        graph = random_graph(seed)
        events = event_graph(graph)
        arrays = arrays_of(events)
        if not len(arrays.gains):
            continue
        truth, _ = enumerate_worlds(graph)
        own = events.weights()[:, np.newaxis]
        cut = cuts_of(arrays)
        other = np.random.default_rng(seed).random(own.shape)
        known = {number: truth[fact] for number, fact in enumerate(arrays.facts) if fact in truth}
        for fact, ends in enclosure(cut, other, 0.0).evaluate(own).items():
            assert fact not in known or ends[:, 0] == pytest.approx(known[fact], abs=1e-12)
        for threshold in THRESHOLDS:
            for chosen_by in (own, other):
                for fact, ends in enclosure(cut, chosen_by, threshold).evaluate(own).items():
                    low, high = ends[:, 0]
                    assert fact not in known or low - 1e-14 <= known[fact] <= high + 1e-14, (seed, fact)
                    wide += high - low > 1e-6
        loops += bool(arrays.loop.any())
        conjunctions += bool((np.diff(arrays.need_at) > 1).any())
        shared += len(arrays.control) > 0
        partly += bool((arrays.coverage >= 0).any())
    assert min(wide, loops, conjunctions, shared, partly) > 5


@pytest.fixture(scope="module")
def grid() -> tuple[AttackGraph, float, float]:
    """A grid, and the chance of its last place with all steps and with the first one impossible."""
    graph = lattice(4, 6)
    now, then = Solver(graph, Options(nodes=1)).solve(Case(), Case(blocked=["s0"]))
    assert now.of("v3.5").is_exact and then.of("v3.5").is_exact
    return graph, now.of("v3.5").value, then.of("v3.5").value


def test_intervals_narrow_as_more_pairs_are_joined(grid: tuple[AttackGraph, float, float]) -> None:
    graph, truth, _ = grid
    events = event_graph(graph)
    arrays = arrays_of(events)
    rules, wanted = Rules(arrays), [arrays.number["v3.5"]]
    cut, weights = cuts(rules, rules.cone(wanted), wanted, 1_000_000, 2), events.weights()[:, np.newaxis]
    widths = []
    for pairs in (30_000, 90_000, 180_000):
        found = narrowed(cut, weights, pairs, 1e-9, 1.0)
        assert found is not None and sum(part.pairs for part in found.parts) <= pairs
        low, high = found.evaluate(weights)[wanted[0]][:, 0]
        assert low <= truth <= high
        widths.append(high - low)
    assert widths[2] < widths[1] < 0.1 * widths[0]
    assert narrowed(cut, weights, 30_000, 1e-9, widths[0] / 2) is None
    with pytest.raises(TooWideError):
        EnclosedPart(Tree(cut.trees[0].leaves, cut.controls, 0), cut.controls, 100, weights, 1e-3)


def test_a_loss_that_is_too_wide_has_a_certain_interval(grid: tuple[AttackGraph, float, float]) -> None:
    """And so has what a change saves; what a simulation says more of stays simulated."""
    graph, truth, less = grid
    options = Options(nodes=1, pairs=180_000, worlds=300, precision=1e-4)
    now, then = Solver(graph, options).solve(Case(), Case(blocked=["s0"]))
    for one, value in ((now, truth), (then, less)):
        assert one.of("v3.5").method == one.loss.method == ENCLOSED
        assert one.of("v3.5").low <= value <= one.of("v3.5").high
        assert one.loss.low <= value <= one.loss.high
        assert one.loss.width < 0.06 and one.of("v1.1").method == SIMULATED
    assert then.saved.low <= truth - less <= then.saved.high
    (few,) = Solver(graph, Options(nodes=1, pairs=400, worlds=1_000)).solve()
    assert few.loss.method == few.of("v3.5").method == SIMULATED
