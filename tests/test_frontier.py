"""The front walked through a graph gives exact numbers, on loops and shared controls as well."""

import numpy as np
import pytest

from graphmodel.arrays import arrays_of
from graphmodel.attackgraph import AttackGraph, Cover, GraphControl, Step
from graphmodel.events import event_graph
from graphmodel.frontier import Front, TooWideError
from graphmodel.likelihood import Options, Solver
from tests.oracles import enumerate_worlds, random_graph


@pytest.mark.parametrize("block", range(8))
def test_the_front_agrees_with_enumeration_of_all_worlds(block: int) -> None:
    for seed in range(block * 50, block * 50 + 50):
        graph = random_graph(seed)
        truth, _ = enumerate_worlds(graph)
        events = event_graph(graph)
        arrays = arrays_of(events)
        weights = events.weights()[:, np.newaxis]
        for target in range(len(arrays.certain), len(arrays.facts)):
            for fact, chance in Front(arrays).walk(weights, target).items():
                assert chance[0] == pytest.approx(truth[arrays.facts[fact]], abs=1e-12), (seed, arrays.facts[fact])


def test_the_front_agrees_with_diagrams_in_several_cases_at_once() -> None:
    loops = 0
    for seed in range(150):
        graph = random_graph(seed, most_draws=90, facts=12)
        events = event_graph(graph)
        arrays = arrays_of(events)
        loops += bool(arrays.loop.any())
        weights = np.stack([events.weights(), events.weights() * 0.5], axis=1)
        solver = Solver(graph)
        exact = solver.diagram.evaluate(weights)
        for target in range(len(arrays.certain), len(arrays.facts)):
            for fact, chances in Front(arrays).walk(weights, target).items():
                assert chances == pytest.approx(exact[arrays.facts[fact]], abs=1e-10), (seed, fact)
    assert loops > 25


def ladder(rungs: int) -> AttackGraph:
    """Two ways side by side with rungs that lead across and back; a control guards each five rungs."""
    facts, steps, controls, before = ["start"], [], [], ("start", "start")
    for n in range(rungs):
        left, right = f"left{n:05}", f"right{n:05}"
        facts += [left, right]
        if n % 5 == 0:
            controls.append(GraphControl(f"guard{n // 5:05}", 0.004))
        cover = (Cover(controls[-1].id),)
        steps += [
            Step(f"up-left{n:05}", (before[0],), left, 0.995, cover),
            Step(f"up-right{n:05}", (before[1],), right, 0.99),
            Step(f"across{n:05}", (left,), right, 0.3),
            Step(f"back{n:05}", (right,), left, 0.3, cover),
        ]
        before = (left, right)
    steps.append(Step("end", before, "target", 1.0))
    return AttackGraph((*facts, "target"), ("start",), tuple(steps), tuple(controls), {"target": 1.0})


def by_hand(rungs: int) -> float:
    """The same ladder by a recurrence written for it alone: the joint chance of both sides, guard by guard."""
    state = {(True, True): 1.0}
    for n in range(0, rungs, 5):
        total: dict[tuple[bool, bool], float] = {}
        for guarded, weight in ((True, 0.004), (False, 0.996)):
            part = {key: value * weight for key, value in state.items()}
            for _ in range(min(5, rungs - n)):
                following: dict[tuple[bool, bool], float] = {}
                for (left, right), value in part.items():
                    up_left = 0.0 if guarded or not left else 0.995
                    up_right = 0.99 if right else 0.0
                    back = 0.0 if guarded else 0.3
                    both = up_left * up_right + up_left * (1 - up_right) * 0.3 + (1 - up_left) * up_right * back
                    only_left = up_left * (1 - up_right) * 0.7
                    only_right = (1 - up_left) * up_right * (1 - back)
                    for key, chance in (
                        ((True, True), both), ((True, False), only_left), ((False, True), only_right),
                    ):  # fmt: skip
                        following[key] = following.get(key, 0.0) + value * chance
                part = following
            for key, value in part.items():
                total[key] = total.get(key, 0.0) + value
        state = total
    return state[True, True]


@pytest.mark.parametrize("rungs", [5, 12, 60, 500])
def test_a_long_ladder_is_exact(rungs: int) -> None:
    (solution,) = Solver(ladder(rungs)).solve()
    estimate = solution.of("target")
    assert estimate.is_exact
    assert estimate.value == pytest.approx(by_hand(rungs), rel=1e-10)
    assert solution.loss.is_exact


def test_what_is_too_wide_is_said_to_be() -> None:
    facts = ["start", *(f"a{n}" for n in range(24)), *(f"b{n}" for n in range(24)), "target"]
    steps = [Step(f"s{n}", ("start",), f"a{n}", 0.5) for n in range(24)]
    steps += [Step(f"t{n}.{m}", (f"a{(n + m * m) % 24}",), f"b{n}", 0.5) for n in range(24) for m in range(4)]
    steps += [Step(f"u{n}", (f"b{n}", f"b{(n + 7) % 24}"), "target", 0.1) for n in range(24)]
    graph = AttackGraph(tuple(facts), ("start",), tuple(steps))
    events = event_graph(graph)
    arrays = arrays_of(events)
    with pytest.raises(TooWideError):
        Front(arrays, states=1 << 10).walk(events.weights()[:, np.newaxis], arrays.number["target"])
    with pytest.raises(TooWideError):
        Front(arrays, work=10_000).walk(events.weights()[:, np.newaxis], arrays.number["target"])
    assert Solver(graph, Options(nodes=50, worlds=1_000)).solve()[0].of("target").method in ("exact", "simulated")
