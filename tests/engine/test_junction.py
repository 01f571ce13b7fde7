"""Junction trees give exact numbers, on loops and shared controls as well, and say what is too wide."""

import itertools
from collections.abc import Mapping

import numpy as np
import pytest

from graphmodel.engine.events import event_graph
from graphmodel.engine.exact.diagrams import build_diagram
from graphmodel.engine.exact.junction import EASY, JunctionTree, eliminated, junction_tree
from graphmodel.engine.exact.loops import MOST_BITS
from graphmodel.engine.exact.rules import Rules, TooWideError
from graphmodel.engine.exact.tiers import Tiers
from graphmodel.engine.graph import AttackGraph, Cover, GraphControl, Step
from graphmodel.engine.likelihood import Case, Options, Solver
from graphmodel.engine.worlds.arrays import Arrays, arrays_of
from tests.oracles import check_against_all_worlds, random_graph


def all_facts(arrays: Arrays) -> range:
    return range(len(arrays.certain), len(arrays.facts))


def whole_of(arrays: Arrays) -> tuple[Rules, Mapping[int, list[int]]]:
    rules = Rules(arrays)
    return rules, rules.cone(all_facts(arrays))


@pytest.mark.parametrize("block", range(8))
def test_trees_agree_with_enumeration_of_all_worlds(block: int) -> None:
    def likelihoods(graph: AttackGraph) -> dict[str, float]:
        events = event_graph(graph)
        arrays = arrays_of(events)
        found = junction_tree(*whole_of(arrays)).evaluate(events.weights()[:, np.newaxis])
        return {arrays.facts[fact]: float(chance[0]) for fact, chance in found.items()}

    check_against_all_worlds(block, likelihoods)


def test_trees_agree_with_diagrams_in_several_cases_at_once() -> None:
    loops = 0
    for seed in range(150):
        graph = random_graph(seed, most_draws=90, facts=12)
        events = event_graph(graph)
        arrays = arrays_of(events)
        loops += bool(arrays.loop.any())
        weights = np.stack([events.weights(), events.weights() * 0.5, np.sqrt(events.weights())], axis=1)
        exact = build_diagram(events).evaluate(weights)
        rules = Rules(arrays)
        for target in all_facts(arrays):
            for fact, chances in junction_tree(rules, rules.cone([target])).evaluate(weights).items():
                assert chances == pytest.approx(exact[arrays.facts[fact]], abs=1e-10), (seed, fact)
    assert loops > 25


def woven(seed: int, facts: int, width: int) -> AttackGraph:
    """Layers of facts, each gained from two of the layer before, by one step or by two; some skip layers."""
    rng = np.random.default_rng(seed)
    steps: list[Step] = []
    for number in range(facts):
        layer = number // width
        if layer == 0:
            needs = ["start"]
        else:
            needs = [f"f{(layer - 1) * width + one}" for one in rng.choice(width, 2, replace=False)]
            if layer > 1 and rng.random() < 0.15:
                needs.append(f"f{rng.integers((layer - 1) * width)}")
        ways = [tuple(needs)] if rng.random() < 0.2 else [(need,) for need in needs]
        steps += [
            Step(f"s{number}.{way}", one, f"f{number}", float(rng.uniform(0.3, 0.95))) for way, one in enumerate(ways)
        ]
    names = ("start", *(f"f{number}" for number in range(facts)))
    return AttackGraph(names, ("start",), tuple(steps), (), {names[-1]: 1.0})


@pytest.mark.parametrize(
    ("facts", "width"),
    [(100, 4), (100, 6), (100, 8), (150, 4)],
)
@pytest.mark.slow
def test_graphs_of_width_twenty_are_exact_throughout(facts: int, width: int) -> None:
    """What diagrams of the same events have no room for; the simulation agrees (a false alarm in a thousand runs)."""
    graph = woven(3, facts, width)
    solver = Solver(graph)
    assert len(build_diagram(solver.events).roots) < len(graph.facts)
    (solution,) = solver.solve()
    assert all(solution.of(fact).is_exact for fact in graph.facts)
    (played,) = Solver(graph, Options(nodes=0, worlds=20_000, confidence=1 - 1e-3 / facts)).solve()
    for fact in graph.facts:
        assert played.of(fact).low <= solution.of(fact).value <= played.of(fact).high, fact


def test_as_many_facts_as_fit_are_covered_where_not_all_do() -> None:
    graph = woven(1, 400, 12)
    events = event_graph(graph)
    arrays = arrays_of(events)
    targets = list(all_facts(arrays))
    found = Tiers(events, arrays, 1, 14).of(targets, lambda: ())
    done = set().union(*(one.facts for one in found))
    assert 20 < len(done) < 380
    assert all(max(map(len, one.bags)) <= 15 for one in found if isinstance(one, JunctionTree))


@pytest.mark.slow
def test_a_tree_that_takes_long_is_not_asked_for_many_cases() -> None:
    graph = woven(3, 100, 9)
    solver = Solver(graph, Options(worlds=2_000))
    assert max(one.cost for one in solver.tiers()) > EASY
    assert not solver.is_exact
    (one,) = solver.solve()
    many = solver.solve(*[Case()] * 6)
    assert one.loss.is_exact
    assert not many[0].loss.is_exact
    assert many[0].loss.low <= one.loss.value <= many[0].loss.high


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
    scopes = list(itertools.combinations(range(12), 2))
    assert len(eliminated(scopes, 11, 1 << 14)) == 12
    with pytest.raises(TooWideError):
        eliminated(scopes, 10, 1 << 14)
    with pytest.raises(TooWideError):
        eliminated(scopes, 11, 1 << 12)


def test_a_loop_with_much_around_it_is_left_to_other_methods() -> None:
    size = MOST_BITS // 2 + 1
    facts = ("start", *(f"in{n}" for n in range(size)), *(f"loop{n}" for n in range(size)))
    steps = [Step(f"enter{n}", ("start",), f"in{n}", 0.5) for n in range(size)]
    steps += [Step(f"feed{n}", (f"in{n}",), f"loop{n}", 0.5) for n in range(size)]
    steps += [Step(f"on{n}", (f"loop{n}",), f"loop{(n + 1) % size}", 0.5) for n in range(size)]
    graph = AttackGraph(facts, ("start",), tuple(steps), (), {"loop0": 1.0})
    arrays = arrays_of(event_graph(graph))
    with pytest.raises(TooWideError):
        junction_tree(*whole_of(arrays))
    (solution,) = Solver(graph).solve()
    assert solution.of("loop0").is_exact
