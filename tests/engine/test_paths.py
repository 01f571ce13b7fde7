"""Attack paths against enumeration of all minimal derivations."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmodel.engine.graph import AttackGraph, Cover, GraphControl, Step
from graphmodel.engine.likelihood import Solver
from graphmodel.engine.paths import best_paths, choke_points, path_chance
from tests.oracles import least_set, random_graph


def minimal_derivations(graph: AttackGraph, target: str) -> set[frozenset[str]]:
    """Every inclusion-minimal set of steps from which the target follows, by trying all sets."""
    steps = [step.id for step in graph.steps if step.chance > 0]
    found: list[frozenset[str]] = []
    for size in range(1, len(steps) + 1):
        for chosen in itertools.combinations(steps, size):
            candidate = frozenset(chosen)
            if any(smaller <= candidate for smaller in found):
                continue
            if target in least_set(graph, set(candidate)):
                found.append(candidate)
    return set(found)


@pytest.mark.parametrize("seed", range(40))
def test_best_paths_are_the_best_of_all_minimal_derivations(seed: int) -> None:
    graph = random_graph(seed, most_draws=30)
    for target in graph.facts[1:]:
        expected = sorted(
            (path_chance(graph, [graph.step_by_id[one] for one in ids]) for ids in minimal_derivations(graph, target)),
            reverse=True,
        )
        expected = [chance for chance in expected if chance > 0]
        paths = best_paths(graph, target, k=4)
        found = list(paths)
        assert len({path.id for path in found}) == len(found)
        minimal = [path.chance for path in found]
        assert minimal == sorted(minimal, reverse=True)
        if expected:
            assert found[0].chance == pytest.approx(expected[0], abs=1e-12), (seed, target)
        else:
            assert not found


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_a_path_is_a_derivation_and_no_more_likely_than_its_target(seed: int) -> None:
    graph = random_graph(seed, most_draws=30, facts=10)
    (solution,) = Solver(graph).solve()
    for target in graph.facts[1:]:
        for path in best_paths(graph, target, k=3):
            held = set(graph.start)
            for step in path.steps:
                assert held.issuperset(step.needs)
                held.add(step.gains)
            assert target in held
            assert len({step.gains for step in path.steps}) == len(path.steps)
            assert path.chance <= solution.of(target).value + 1e-12


def test_a_path_counts_a_shared_control_once() -> None:
    control = GraphControl("c", 0.8)
    steps = (Step("a", ("start",), "x", 0.5, (Cover("c"),)), Step("b", ("x",), "y", 0.5, (Cover("c"),)))
    graph = AttackGraph(("start", "x", "y"), ("start",), steps, (control,))
    (path,) = best_paths(graph, "y", 3)
    assert path.chance == pytest.approx(0.5 * 0.5 * 0.2)
    assert path.chance == pytest.approx(Solver(graph).solve()[0].of("y").value)


def test_paths_that_differ_only_in_consequences_are_one() -> None:
    steps = (
        Step("attack", ("start",), "x", 0.5),
        Step("follows-1", ("x",), "y", 1.0),
        Step("follows-2", ("x",), "z", 1.0),
        Step("follows-3", ("z",), "y", 1.0),
    )
    graph = AttackGraph(("start", "x", "y", "z"), ("start",), steps)
    assert len(best_paths(graph, "y", 5)) == 2
    (path,) = best_paths(graph, "y", 5, trivial={"follows-1", "follows-2", "follows-3"})
    assert [step.id for step in path.steps] == ["attack", "follows-1"]


def test_choke_points_groups() -> None:
    steps = (
        Step("a", ("start",), "x", 0.5),
        Step("b", ("x",), "y", 0.5),
        Step("c", ("x",), "z", 0.5),
        Step("d", ("y",), "t", 0.5),
        Step("e", ("z",), "t", 0.5),
    )
    graph = AttackGraph(("start", "x", "y", "z", "t"), ("start",), steps)
    assert choke_points(graph, ["t"], {"X": ["x"], "Y": ["y"], "Z": ["z"]}) == ("X",)


def test_the_best_of_many_ways_are_found_in_order_however_many_are_asked_for() -> None:
    """More steps than the search begins with: what lies beyond them is let in when its turn comes."""
    chances = [0.9 * 0.99**n for n in range(180)]
    steps = [Step(f"in{n:03}", ("start",), f"room{n:03}", chance) for n, chance in enumerate(chances)]
    steps += [Step(f"on{n:03}", (f"room{n:03}",), "end", 0.5) for n in range(180)]
    facts = ("start", *(f"room{n:03}" for n in range(180)), "end")
    paths = best_paths(AttackGraph(facts, ("start",), tuple(steps)), "end", 170)
    assert [path.chance for path in paths] == pytest.approx([0.5 * chance for chance in chances[:170]])


@pytest.mark.parametrize("shared", ["control", "step"])
def test_the_best_path_comes_first_although_what_it_shares_hides_it(shared: str) -> None:
    """Counted twice, the control or the step makes the better way look dearer than the other."""
    wall = (Cover("wall"),) if shared == "control" else ()
    steps = (
        Step("base", ("start",), "base", 1.0 if wall else 0.5),
        Step("left", ("base",), "left", 1.0, wall),
        Step("right", ("left",) if wall else ("base",), "right", 1.0, wall),
        Step("good", ("left", "right"), "end", 1.0),
        Step("other", ("start",), "end", 0.3),
    )
    if wall:
        steps = (*steps[:3], Step("good", ("right",), "end", 1.0), steps[4])
    graph = AttackGraph(
        ("start", "base", "left", "right", "end"), ("start",), steps, (GraphControl("wall", 0.5),) if wall else ()
    )
    (first,) = best_paths(graph, "end", 1)
    assert first.steps[-1].id == "good"
    assert first.chance == pytest.approx(0.5)
