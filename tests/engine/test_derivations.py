"""Derivations in order of their cost against all that there are, in graphs with cycles and AND steps."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping

import pytest

from graphmodel.engine.derivations import Derivations, best_chances
from graphmodel.engine.graph import AttackGraph, Cover, GraphControl, Step
from tests.oracles import random_graph

HAIR = 1e-6  # more than what is added for each step to tell equal ways apart


def every_derivation(graph: AttackGraph, target: str) -> Iterator[Mapping[str, Step]]:
    """All ways to choose one step for each fact that is needed, without going round in a circle."""

    def complete(chosen: dict[str, Step], agenda: list[str]) -> Iterator[Mapping[str, Step]]:
        wanted = [fact for fact in agenda if fact not in chosen and fact not in graph.start]
        if not wanted:
            if cost(graph, chosen, target) < math.inf:
                yield dict(chosen)
            return
        for step in graph.producers.get(wanted[0], ()):
            yield from complete({**chosen, wanted[0]: step}, [*wanted[1:], *step.needs])

    yield from complete({}, [target])


def cost(graph: AttackGraph, chosen: Mapping[str, Step], fact: str, above: tuple[str, ...] = ()) -> float:
    """The sum over steps of -log chance, where what is needed twice counts twice; no number where it goes round."""
    if fact in graph.start:
        return 0.0
    if fact in above:
        return math.inf
    step = chosen[fact]
    passes = step.chance
    for cover in step.controls:
        passes *= 1 - graph.control_by_id[cover.control].holds * cover.coverage
    own = -math.log(passes) if passes > 0 else math.inf
    return own + sum(cost(graph, chosen, need, (*above, fact)) for need in dict.fromkeys(step.needs))


@pytest.mark.parametrize(("block", "first"), [(0, 200), (1, 2), (2, 5)])
def test_all_derivations_come_and_the_cheapest_first(block: int, first: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the search begins with few of the steps."""
    monkeypatch.setattr("graphmodel.engine.derivations._FIRST", first)
    total = conjunctions = 0
    for seed in range(block * 150, block * 150 + 150):
        graph = random_graph(seed, most_draws=40, facts=7)
        search = Derivations(graph)
        for target in graph.facts[1:]:
            known = {
                frozenset(step.id for step in chosen.values()): cost(graph, chosen, target)
                for chosen in every_derivation(graph, target)
            }
            found = [frozenset(step.id for step in steps) for steps in search.of(target, 10**6)]
            assert len(found) == len(set(found))
            assert set(found) == known.keys(), (seed, target)
            costs = [known[one] for one in found]
            assert costs == pytest.approx(sorted(costs), abs=HAIR), (seed, target)
            total += len(found)
            conjunctions += sum(len(graph.step_by_id[step].needs) > 1 for one in found for step in one)
    assert total > 400
    assert conjunctions > 100


def test_what_several_needs_cost_adds_up() -> None:
    """Two dear needs together cost more than one that is dearer than either."""
    steps = (
        Step("a", ("start",), "a", 0.4),
        Step("b", ("start",), "b", 0.4),
        Step("both", ("a", "b"), "end", 1.0),
        Step("c", ("start",), "c", 0.3),
        Step("one", ("c",), "end", 1.0),
    )
    graph = AttackGraph(("start", "a", "b", "c", "end"), ("start",), steps)
    (first,) = Derivations(graph).of("end", 1)
    assert [step.id for step in first] == ["c", "one"]


def test_controls_make_a_way_dearer() -> None:
    controls = (GraphControl("wall", 0.9), GraphControl("shut", 1.0))
    steps = (
        Step("guarded", ("start",), "end", 0.9, (Cover("wall", 0.5),)),
        Step("open", ("start",), "end", 0.5),
        Step("closed", ("start",), "end", 1.0, (Cover("shut"),)),
    )
    graph = AttackGraph(("start", "end"), ("start",), steps, controls)
    assert [[step.id for step in one] for one in Derivations(graph).of("end", 9)] == [["open"], ["guarded"]]


def test_what_lies_beyond_the_first_steps_comes_when_its_turn_comes() -> None:
    """Layers of AND steps with far more steps than the search begins with: the order holds across all of them."""
    rng = random.Random(4)
    layers = [["start"], *([f"l{depth}-{n}" for n in range(30)] for depth in range(1, 6)), ["end"]]
    steps: list[Step] = []
    for depth in range(1, len(layers)):
        for fact in layers[depth]:
            for _ in range(30 if fact == "end" else 4):
                needs = tuple(sorted(rng.sample(layers[depth - 1], min(len(layers[depth - 1]), rng.choice([1, 1, 2])))))
                steps.append(Step(f"s{len(steps):04}", needs, fact, rng.uniform(0.2, 1)))
    graph = AttackGraph(tuple(fact for layer in layers for fact in layer), ("start",), tuple(steps))
    assert len(steps) > 600
    found = list(Derivations(graph).of("end", 400))
    assert len(found) == 400
    costs = [cost(graph, {step.gains: step for step in one}, "end") for one in found]
    assert costs == pytest.approx(sorted(costs), abs=HAIR)
    best = dict.fromkeys(graph.facts, math.inf) | {"start": 0.0}
    for _ in layers:
        for step in steps:
            best[step.gains] = min(best[step.gains], sum(best[need] for need in step.needs) - math.log(step.chance))
    assert costs[0] == pytest.approx(best["end"], abs=HAIR)


def test_the_best_chance_of_a_fact_is_that_of_its_cheapest_derivation() -> None:
    steps = [
        ((), "a", 0.5),
        (("a",), "b", 0.5),
        ((), "b", 0.2),
        (("a", "b"), "c", 0.9),
        (("c",), "a", 1.0),
        ((), "d", 0.0),
    ]
    assert best_chances(steps) == pytest.approx({"a": 0.5, "b": 0.25, "c": 0.5 * 0.25 * 0.9})
