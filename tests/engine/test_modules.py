"""Parts of a graph that hang together by one fact are solved apart, and exactly."""

from dataclasses import replace

import pytest

from graphmodel.engine.events import event_graph
from graphmodel.engine.exact.diagrams import build_diagram
from graphmodel.engine.exact.modules import apart
from graphmodel.engine.graph import AttackGraph, Cover, GraphControl, Step
from graphmodel.engine.likelihood import Options, Solver
from tests.oracles import enumerate_worlds, random_graph

DIAGRAM_ONLY = Options(width=0, pairs=0)


def renamed(graph: AttackGraph, prefix: str, start: str) -> AttackGraph:
    """The graph with names of its own, entered from the fact ``start``."""

    def fact(name: str) -> str:
        return start if name == "start" else f"{prefix}{name}"

    return AttackGraph(
        tuple(fact(one) for one in graph.facts),
        (start,),
        tuple(
            Step(
                f"{prefix}{one.id}",
                tuple(fact(need) for need in one.needs),
                fact(one.gains),
                one.chance,
                tuple(Cover(f"{prefix}{cover.control}", cover.coverage) for cover in one.controls),
            )
            for one in graph.steps
        ),
        tuple(replace(one, id=f"{prefix}{one.id}") for one in graph.controls),
    )


def joined(*graphs: AttackGraph) -> AttackGraph:
    return AttackGraph(
        tuple(dict.fromkeys(fact for one in graphs for fact in one.facts)),
        graphs[0].start,
        tuple(step for one in graphs for step in one.steps),
        tuple(control for one in graphs for control in one.controls),
    )


@pytest.mark.parametrize("block", range(4))
def test_small_graphs_with_cut_vertices_agree_with_enumeration(block: int) -> None:
    """Two random graphs, cycles and all, of which one is entered from a fact of the other."""
    used = 0
    for seed in range(block * 25, block * 25 + 25):
        first = renamed(random_graph(seed, most_draws=8, facts=4), "a", "start")
        second = renamed(random_graph(seed + 1000, most_draws=7, facts=4), "b", first.facts[1 + seed % 4])
        graph = joined(first, second)
        truth, _ = enumerate_worlds(graph)
        (solution,) = Solver(graph, DIAGRAM_ONLY).solve()
        used += bool(apart(event_graph(graph)))
        for fact in graph.facts:
            estimate = solution.of(fact)
            assert estimate.is_exact
            assert estimate.value == pytest.approx(truth[fact], abs=1e-12), (seed, fact)
    assert used > 8


def test_a_long_chain_of_tangled_parts_is_exact() -> None:
    """Of each part the chances of its end with and without its start are known by themselves."""
    parts, chance, start = [], 1.0, "start"
    for seed in range(120):
        part = renamed(random_graph(seed, most_draws=60, facts=10), f"p{seed:03}-", start)
        (with_start,) = Solver(part, DIAGRAM_ONLY).solve()
        end = max(part.facts[1:], key=lambda fact: with_start.of(fact).value)
        if not 0.6 < with_start.of(end).value < 1:
            continue
        (without,) = Solver(replace(part, start=()), DIAGRAM_ONLY).solve()
        chance = chance * with_start.of(end).value + (1 - chance) * without.of(end).value
        parts.append(part)
        start = end
    graph = joined(*parts)
    assert len(parts) > 30
    (solution,) = Solver(graph, DIAGRAM_ONLY).solve()
    assert solution.of(start).is_exact
    assert solution.of(start).value == pytest.approx(chance, rel=1e-12)


def test_parts_that_meet_one_control_are_one_part() -> None:
    control = GraphControl("filter", 0.5)
    steps = (
        Step("first", ("start",), "a", 0.8, (Cover("filter"),)),
        Step("second", ("a",), "b", 0.5, (Cover("filter"),)),
        Step("third", ("b",), "c", 0.5),
    )
    graph = AttackGraph(("start", "a", "b", "c"), ("start",), steps, (control,))
    assert [sorted(needs) for needs in apart(event_graph(graph)).values()] == [["b"]]
    (solution,) = Solver(graph, DIAGRAM_ONLY).solve()
    assert solution.of("c").value == pytest.approx(0.5 * 0.8 * 0.5 * 0.5)


def test_functions_stay_small_where_parts_are_joined() -> None:
    """A tree of two hundred AND steps: without modules the last function holds every event of the tree."""
    facts, steps = ["start"], []
    layer = []
    for number in range(128):
        facts.append(f"leaf{number}")
        layer.append(facts[-1])
        steps.append(Step(f"s-{facts[-1]}", ("start",), facts[-1], 0.99))
    while len(layer) > 1:
        pairs = list(zip(layer[::2], layer[1::2], strict=True))
        layer = [f"{first}+" for first, _ in pairs]
        facts += layer
        steps += [Step(f"s-{name}", pair, name, 0.99) for name, pair in zip(layer, pairs, strict=True)]
    graph = AttackGraph(tuple(facts), ("start",), tuple(steps))
    diagram = build_diagram(event_graph(graph), 10)
    assert len(diagram.roots) == len(facts)
    (solution,) = Solver(graph, Options(nodes=10, width=0, pairs=0)).solve()
    assert solution.of(layer[0]).value == pytest.approx(0.99**255)
