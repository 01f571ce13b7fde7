"""Likelihoods against enumeration of all worlds and against ProbLog, and what must always hold of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmodel.engine.estimates import EXACT, SIMULATED, Estimate
from graphmodel.engine.exact.junction import WIDTH
from graphmodel.engine.graph import AttackGraph, Cover, GraphControl, Step
from graphmodel.engine.likelihood import Case, Options, Solver
from tests.oracles import enumerate_worlds, problog_likelihoods, random_graph, uncertain

ORACLE_GRAPHS = 400
SIMULATE = Options(nodes=0, worlds=20_000)


@pytest.mark.parametrize("block", range(8))
def test_exact_equals_enumeration_of_all_worlds(block: int) -> None:
    """By junction trees, and by diagrams alone."""
    for seed in range(block, ORACLE_GRAPHS, 8):
        graph = random_graph(seed)
        expected, loss = enumerate_worlds(graph)
        (solution,) = Solver(graph, Options(width=seed % 2 * WIDTH)).solve()
        for fact in graph.facts:
            assert solution.of(fact).method == EXACT
            assert solution.of(fact).value == pytest.approx(expected[fact], abs=1e-9), (seed, fact)
        assert solution.loss.value == pytest.approx(loss, abs=1e-7), seed


def test_exact_on_graphs_of_sixteen_draws() -> None:
    graphs = [
        graph for graph in (random_graph(seed, most_draws=16) for seed in range(1000, 1300)) if uncertain(graph) == 16
    ]
    assert len(graphs) >= 4
    for graph in graphs[:6]:
        expected, _ = enumerate_worlds(graph)
        (solution,) = Solver(graph).solve()
        assert {fact: solution.of(fact).value for fact in graph.facts} == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("block", range(4))
def test_exact_equals_problog(block: int) -> None:
    for seed in range(block, 60, 4):
        graph = random_graph(seed, most_draws=24, facts=9)
        expected = problog_likelihoods(graph)
        (solution,) = Solver(graph, Options(width=seed // 4 % 2 * WIDTH)).solve()
        assert {fact: solution.of(fact).value for fact in graph.facts} == pytest.approx(expected, abs=1e-9), seed


def test_simulation_covers_the_truth_at_least_as_often_as_stated() -> None:
    asked = outside = losses_outside = graphs = 0
    for seed in range(120):
        graph = random_graph(seed)
        (truth,) = Solver(graph).solve()
        (guess,) = Solver(graph, replace(SIMULATE, seed=seed, worlds=5_000)).solve()
        graphs += 1
        losses_outside += not guess.loss.low - 1e-9 <= truth.loss.value <= guess.loss.high + 1e-9
        for fact in graph.facts:
            value = truth.of(fact).value
            if 0 < value < 1:
                assert guess.of(fact).method == SIMULATED
                asked += 1
                outside += not guess.of(fact).low <= value <= guess.of(fact).high
            else:
                assert guess.of(fact).value == value
    # 99 % intervals; 3 standard deviations of a binomial around 1 % of those asked.
    assert asked > 300
    assert outside <= 0.01 * asked + 3 * (0.01 * asked) ** 0.5
    assert losses_outside <= 0.01 * graphs + 3 * (0.01 * graphs) ** 0.5


def test_simulation_depends_on_nothing_but_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = random_graph(5)
    (first,) = Solver(graph, SIMULATE).solve()
    monkeypatch.setattr("graphmodel.engine.worlds.chunks._MOST_BLOCKS", 16)
    (again,) = Solver(graph, SIMULATE).solve()
    assert again.likelihood == first.likelihood
    assert again.loss.value == pytest.approx(first.loss.value, rel=1e-12)
    (other,) = Solver(graph, replace(SIMULATE, seed=2)).solve()
    assert other.likelihood != first.likelihood


def test_a_limit_on_nodes_gives_a_mixture_that_agrees() -> None:
    mixed = 0
    for seed in range(60):
        graph = random_graph(seed, most_draws=40, facts=14)
        (truth,) = Solver(graph).solve()
        (partly,) = Solver(graph, Options(nodes=6, width=0, pairs=0, worlds=20_000)).solve()
        methods = {one.method for one in partly.likelihood.values()}
        mixed += methods == {EXACT, SIMULATED}
        for fact, estimate in partly.likelihood.items():
            if estimate.method == EXACT:
                assert estimate.value == pytest.approx(truth.of(fact).value, abs=1e-12)
    assert mixed > 5


def test_a_choke_point_is_not_counted_once_for_every_way_through_it() -> None:
    spokes = [f"spoke{number}" for number in range(50)]
    steps = [Step("choke", ("start",), "middle", 0.3)]
    steps += [Step(f"out-{spoke}", ("middle",), spoke, 0.9) for spoke in spokes]
    steps += [Step(f"in-{spoke}", (spoke,), "target", 0.9) for spoke in spokes]
    graph = AttackGraph(("start", "middle", *spokes, "target"), ("start",), tuple(steps))
    (solution,) = Solver(graph).solve()
    assert solution.of("target").method == EXACT
    assert solution.of("target").value == pytest.approx(0.3, abs=1e-9)


def test_a_cycle_without_an_entry_does_not_hold_itself_up() -> None:
    steps = (Step("a", ("x",), "y", 1.0), Step("b", ("y",), "x", 1.0), Step("c", ("start",), "z", 0.5))
    (solution,) = Solver(AttackGraph(("start", "x", "y", "z"), ("start",), steps)).solve()
    assert solution.of("x").value == solution.of("y").value == 0.0
    assert solution.of("z").value == 0.5


def test_a_shared_control_is_one_draw_and_an_independent_one_is_not() -> None:
    steps = (Step("a", ("start",), "x", 1.0, (Cover("c"),)), Step("b", ("start",), "x", 1.0, (Cover("c"),)))
    shared = AttackGraph(("start", "x"), ("start",), steps, (GraphControl("c", 0.6),))
    apart = replace(shared, controls=(GraphControl("c", 0.6, independent=True),))
    assert Solver(shared).solve()[0].of("x").value == pytest.approx(0.4)
    assert Solver(apart).solve()[0].of("x").value == pytest.approx(1 - 0.6 * 0.6)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), strength=st.floats(0, 1), nodes=st.sampled_from([0, 60_000]))
def test_a_stronger_control_never_raises_a_likelihood(seed: int, strength: float, nodes: int) -> None:
    graph = random_graph(seed, most_draws=30, facts=10)
    solver = Solver(graph, Options(nodes=nodes, worlds=2_000))
    stronger = {one.id: max(one.holds, strength) for one in graph.controls}
    before, after = solver.solve(Case(), Case(holds=stronger))
    for fact in graph.facts:
        assert after.of(fact).value <= before.of(fact).value + 1e-12
    assert after.loss.value <= before.loss.value + 1e-9


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), data=st.data(), nodes=st.sampled_from([0, 60_000]))
def test_blocking_a_step_never_raises_a_likelihood_and_equals_removing_it(
    seed: int, data: st.DataObject, nodes: int
) -> None:
    graph = random_graph(seed, most_draws=20)
    step = data.draw(st.sampled_from(graph.steps))
    options = Options(nodes=nodes, worlds=2_000)
    before, blocked = Solver(graph, options, changeable=[step.id]).solve(Case(), Case(blocked=[step.id]))
    (removed,) = Solver(replace(graph, steps=tuple(one for one in graph.steps if one != step))).solve()
    for fact in graph.facts:
        assert blocked.of(fact).value <= before.of(fact).value + 1e-12
        if nodes:
            assert blocked.of(fact).value == pytest.approx(removed.of(fact).value, abs=1e-12)


def test_blocking_a_step_that_has_no_event_is_refused() -> None:
    graph = AttackGraph(("start", "x"), ("start",), (Step("a", ("start",), "x", 1.0),))
    with pytest.raises(ValueError, match="changeable"):
        Solver(graph).solve(Case(blocked=["a"]))


def test_a_share_has_the_intervals_of_both_amounts() -> None:
    whole = Estimate(50.0, 40.0, 80.0, "simulated")
    share = Estimate(10.0, 8.0, 12.0, "simulated").share_of(whole)
    assert (share.value, share.low, share.high, share.method) == (0.2, 0.1, 0.3, "simulated")
    assert Estimate.exactly(10.0).share_of(Estimate.exactly(40.0)) == Estimate.exactly(0.25)
    assert Estimate.exactly(10.0).share_of(whole).low == 0.125
    assert Estimate(48.0, 30.0, 70.0, "simulated").share_of(whole).high == 1.0
    assert Estimate(0.0, 0.0, 1.0, "simulated").share_of(Estimate(0.0, 0.0, 2.0, "simulated")).high == 1.0


@pytest.mark.parametrize("asks", range(8))
def test_what_a_hurry_leaves_open_is_simulated_and_what_was_exact_stays_so(asks: int) -> None:
    size, steps = 40, [Step("in", ("start",), "a0", 0.9)]
    for n in range(size):
        for row in "abc":
            steps += [Step(f"{row}{n}>", (f"{row}{n}",), f"{row}{n + 1}", 0.9)]
            steps += [Step(f"{row}{n}<", (f"{row}{n + 1}",), f"{row}{n}", 0.4)]
        steps += [Step(f"ab{n}", (f"a{n}",), f"b{n}", 0.3), Step(f"bc{n}", (f"b{n}",), f"c{n}", 0.3)]
        steps += [Step(f"ca{n}", (f"c{n}",), f"a{n}", 0.2)]
    facts = ("start", *(f"{row}{n}" for row in "abc" for n in range(size + 1)))
    graph = AttackGraph(facts, ("start",), tuple(steps), (), {f"c{size}": 1.0})
    whole = Solver(graph).solve()[0]
    assert {whole.of(fact).method for fact in facts} == {EXACT}
    asked = 0

    def hurried() -> bool:
        nonlocal asked
        asked += 1
        return asked > asks

    options = Options(hurried=hurried, worlds=6_400, confidence=0.99999)
    found = Solver(graph, options).solve()[0]
    simulated = [fact for fact in facts if found.of(fact).method == SIMULATED]
    assert asked > asks  # no more than that was asked before the work was done
    assert f"c{size}" in simulated
    for fact in facts:
        one, truth = found.of(fact), whole.of(fact).value
        assert one.low - 1e-9 <= truth <= one.high + 1e-9, fact
