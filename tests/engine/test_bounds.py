"""Bounds hold on every graph whose worlds can all be played, and where exact answers end."""

import pytest

from graphmodel.engine.bounds import bounds
from graphmodel.engine.estimates import Estimate
from graphmodel.engine.events import event_graph
from graphmodel.engine.graph import AttackGraph, Cover, GraphControl, Step
from graphmodel.engine.likelihood import Case, Options, Solver
from graphmodel.engine.worlds.arrays import arrays_of
from tests.oracles import enumerate_worlds, random_graph


def bounded(graph: AttackGraph) -> dict[str, tuple[float, float]]:
    events = event_graph(graph)
    arrays = arrays_of(events)
    found = bounds(arrays, events.weights())
    return {fact: (found.low[n], found.high[n]) for n, fact in enumerate(arrays.facts)}


@pytest.mark.parametrize("block", range(8))
def test_the_truth_lies_between_the_bounds(block: int) -> None:
    tight = 0
    for seed in range(block * 50, block * 50 + 50):
        graph = random_graph(seed)
        truth, _ = enumerate_worlds(graph)
        found = bounded(graph)
        for fact, value in truth.items():
            low, high = found.get(fact, (0.0, 0.0))
            assert low - 1e-12 <= value <= high + 1e-12, (seed, fact)
            tight += 0 < value < 1 and high - low < 0.05
    assert tight > 20


def test_the_truth_of_larger_graphs_lies_between_the_bounds() -> None:
    loops = 0
    for seed in range(150):
        graph = random_graph(seed, most_draws=90, facts=12)
        (solution,) = Solver(graph).solve()
        found = bounded(graph)
        loops += any(len(one.facts) > 1 for one in event_graph(graph).components)
        for fact, (low, high) in found.items():
            assert fact not in graph.facts or low - 1e-9 <= solution.of(fact).value <= high + 1e-9, (seed, fact)
    assert loops > 25


def test_a_choke_point_is_no_more_likely_than_its_bound_and_the_bound_says_little() -> None:
    steps = [Step("choke", ("start",), "middle", 0.3)]
    steps += [Step(f"out{n}", ("middle",), f"spoke{n}", 0.5) for n in range(50)]
    steps += [Step(f"in{n}", (f"spoke{n}",), "target", 0.5) for n in range(50)]
    facts = ("start", "middle", "target", *(f"spoke{n}" for n in range(50)))
    low, high = bounded(AttackGraph(facts, ("start",), tuple(steps)))["target"]
    assert low == pytest.approx(0.075)
    assert high == pytest.approx(0.98, abs=0.01)  # what a noisy OR would have called the number


@pytest.mark.parametrize("turn", [1, -1])
def test_an_upper_bound_goes_all_the_way_round_a_loop(turn: int) -> None:
    """And no further: it is the least that no step raises, x = 0.3 + 0.7 x 0.5 x, whatever their order."""
    around = [Step(f"s{n}", (f"f{n}",), f"f{n + 1}", 1.0) for n in range(9)]
    steps = (Step("in", ("start",), "f0", 0.3), *around, Step("back", ("f9",), "f0", 0.5))[::turn]
    found = bounded(AttackGraph(("start", *(f"f{n}" for n in range(10))), ("start",), steps))
    for n in range(10):
        assert found[f"f{n}"][1] == pytest.approx(0.3 / 0.65, abs=1e-6)


def test_a_control_that_several_steps_meet_is_not_multiplied_twice() -> None:
    controls = (GraphControl("guard", 0.5),)
    cover = (Cover("guard"),)
    steps = (Step("one", ("a",), "b", 1.0, cover), Step("two", ("b",), "c", 1.0, cover))
    low, high = bounded(AttackGraph(("a", "b", "c"), ("a",), steps, controls))["c"]
    assert low == pytest.approx(0.25)
    assert high == pytest.approx(0.5)  # the truth: the guard fails once for both


def test_a_loop_without_an_entry_supports_nothing() -> None:
    steps = (Step("one", ("b",), "c", 1.0), Step("two", ("c",), "b", 1.0), Step("in", ("a",), "b", 0.2))
    low, high = bounded(AttackGraph(("a", "b", "c"), ("a",), steps))["c"]
    assert low == pytest.approx(0.2)
    assert 0.2 <= high <= 1.0


def test_a_bound_from_above_holds_where_news_travel_slowly_through_a_loop() -> None:
    """Every fact can be come to at once, by a hair, so that none is nearer; what counts goes against their order."""
    facts = [f"f{n:03}" for n in range(150)]
    steps = [Step(f"hair{n:03}", ("start",), fact, 1e-9) for n, fact in enumerate(facts)]
    steps += [Step(f"on{n:03}", (facts[n + 1],), facts[n], 0.999) for n in range(149)]
    steps += [Step("entry", ("start",), facts[-1], 0.9), Step("back", (facts[0],), facts[-1], 0.5)]
    found = bounded(AttackGraph(("start", *facts), ("start",), tuple(steps)))
    low, high = found[facts[0]]
    assert low <= 0.9 * 0.999**149 <= high


def test_what_the_bounds_leave_open_nowhere_is_exact_although_the_rest_is_played() -> None:
    """Facts that follow for certain, and ones that a single way leads to, within a loop that is too wide."""
    size = 8
    names = [[f"v{row}.{column}" for column in range(size)] for row in range(size)]
    steps = [Step("in", ("start",), names[0][0], 0.5), Step("sure", (), "sure", 1.0)]
    for row in range(size):
        for column in range(size):
            for other, across in ((row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)):
                if 0 <= other < size and 0 <= across < size:
                    steps.append(Step(f"s{len(steps)}", (names[row][column],), names[other][across], 0.5))
                    # What is certain is on the loop as well.
                    steps.append(Step(f"back{len(steps)}", (names[row][column],), "sure", 0.5))
    steps.append(Step("out", ("sure",), names[0][0], 0.5))
    facts = ("start", "sure", *(name for row in names for name in row))
    graph = AttackGraph(facts, ("start",), tuple(steps), (), {names[-1][-1]: 1.0})
    (solution,) = Solver(graph, Options(worlds=2_000)).solve()
    assert solution.of("sure") == Estimate.exactly(1.0)
    assert not solution.of(names[-1][-1]).is_exact
    assert not solution.of(names[3][3]).is_exact


def test_every_case_is_cut_to_what_is_certain_of_its_own_chances() -> None:
    cut = 0
    for seed in range(12):
        graph = random_graph(seed, most_draws=40, facts=10)
        options = Options(nodes=1, width=0, pairs=0, worlds=640)
        halved = {step.id: 0.5 for step in graph.steps if step.chance < 1}
        cases = Case(), Case(blocked=halved)
        together = Solver(graph, options).solve(*cases)
        for case, one in zip(cases, together, strict=True):
            alone = Solver(graph, options).solve(case)[0].likelihood
            assert dict(one.likelihood) == dict(alone), seed
        simulated = Solver(graph, Options(nodes=0, worlds=640)).solve(cases[1])[0].likelihood
        cut += dict(simulated) != dict(together[1].likelihood)
    assert cut > 5
