"""Trees of cuts give exact numbers where a graph is narrow as a tree, however long its loops are."""

import math
import subprocess
import sys

import numpy as np
import pytest

from benchmarks.waiting import graph_of
from graphmodel.engine.events import event_graph
from graphmodel.engine.exact import joins, tiers, treecuts
from graphmodel.engine.exact.branching import Tree, leaves_of
from graphmodel.engine.exact.diagrams import build_diagram
from graphmodel.engine.exact.joins import Part
from graphmodel.engine.exact.reductions import CutStep, reduced, steps_of
from graphmodel.engine.exact.rules import Rules, TooWideError
from graphmodel.engine.exact.tiers import PAIRS, TREES
from graphmodel.engine.exact.treecuts import TreeOfCuts, cuts
from graphmodel.engine.graph import AttackGraph, Cover, GraphControl, Step
from graphmodel.engine.likelihood import Case, Options, Solver
from graphmodel.engine.worlds.arrays import Arrays, arrays_of
from tests.oracles import check_against_all_worlds, random_graph


def cuts_of(arrays: Arrays) -> TreeOfCuts:
    rules, facts = Rules(arrays), range(len(arrays.certain), len(arrays.facts))
    return cuts(rules, rules.cone(facts), facts, PAIRS, TREES).joined(PAIRS)


@pytest.mark.parametrize("block", range(8))
def test_cuts_agree_with_enumeration_of_all_worlds(block: int) -> None:
    def likelihoods(graph: AttackGraph) -> dict[str, float]:
        events = event_graph(graph)
        arrays = arrays_of(events)
        found = cuts_of(arrays).evaluate(events.weights()[:, np.newaxis]) if len(arrays.gains) else {}
        return {arrays.facts[fact]: float(chance[0]) for fact, chance in found.items()}

    check_against_all_worlds(block, likelihoods)


def test_cuts_agree_with_diagrams_in_several_cases_at_once() -> None:
    loops = conjunctions = covers = partly = 0
    for seed in range(200):
        graph = random_graph(seed, most_draws=60, facts=9)
        events = event_graph(graph)
        arrays = arrays_of(events)
        weights = np.stack([events.weights(), events.weights() * 0.5, np.sqrt(events.weights())], axis=1)
        exact = build_diagram(events).evaluate(weights)
        try:
            found = cuts_of(arrays).evaluate(weights)
        except TooWideError:
            continue
        for fact, chances in found.items():
            assert chances == pytest.approx(exact[arrays.facts[fact]], abs=1e-10), (seed, fact)
        loops += bool(arrays.loop.any())
        conjunctions += bool((np.diff(arrays.need_at) > 1).any())
        covers += len(arrays.control) > 0
        partly += bool((arrays.coverage >= 0).any())
    assert min(loops, conjunctions, covers, partly) > 20


def test_derivatives_are_differences_between_what_happens_and_what_does_not() -> None:
    """Against cuts with each event sure and impossible, since a chance is linear in that of an event; and diagrams."""
    checked = 0
    for seed in range(120):
        graph = random_graph(seed, most_draws=60, facts=9)
        events = event_graph(graph)
        arrays = arrays_of(events)
        if not len(arrays.gains):
            continue
        cuts, weights = cuts_of(arrays), events.weights()
        amounts = {fact: 1.0 + n for n, fact in enumerate(sorted(cuts.facts))}
        found = cuts.slopes(weights, amounts)
        by_name = {arrays.facts[fact]: amount for fact, amount in amounts.items()}
        assert found == pytest.approx(build_diagram(events).slopes(weights, by_name), abs=1e-10)
        cases = np.repeat(weights[:, np.newaxis], 2 * len(weights), axis=1)
        for event in range(len(weights)):
            cases[event, 2 * event], cases[event, 2 * event + 1] = 1.0, 0.0
        chances = cuts.evaluate(cases)
        sums = sum(amount * chances[fact] for fact, amount in amounts.items())
        assert found == pytest.approx(sums[::2] - sums[1::2], abs=1e-10), seed
        checked += len(weights)
    assert checked > 500


@pytest.mark.parametrize("block", range(4))
def test_any_tree_of_the_same_steps_gives_the_same(block: int) -> None:
    """Annealed or not, and whatever ties are broken how: only the time differs."""
    for seed in range(block, 80, 4):
        arrays = arrays_of(event_graph(graph := random_graph(seed, most_draws=60, facts=9)))
        rules, facts = Rules(arrays), range(len(arrays.certain), len(arrays.facts))
        if not len(arrays.gains):
            continue
        steps = steps_of(rules, rules.cone(facts))
        looks = {step.gains for step in steps if step.gains >= 0}
        weights = event_graph(graph).weights()[:, np.newaxis]
        found = []
        for number, effort, hot in ((0, 0, 0.0), (1, 0, 0.0), (2, 50, 3.0), (3, 200, 0.2)):
            chances = {}
            for leaves in leaves_of(steps, looks):
                tree = Tree(leaves, len(arrays.facts), number)
                part = Part(
                    tree.annealed(effort, hot, number + 1).annealed(effort, hot, 7), len(arrays.facts), 1_000_000
                )
                values = part.values(weights)
                chances |= {fact: float(values[where].sum()) for fact, where in part.true.items()}
            found.append([chances[fact] for fact in sorted(looks)])
        for other in found[1:]:
            assert other == pytest.approx(found[0], abs=1e-12)


def test_reductions_find_something_in_graphs_that_are_held_against_enumeration() -> None:
    """Trees of cuts are made of what they leave, and agree with all worlds above."""
    joined = dropped = followed = 0
    for seed in range(200):
        graph = random_graph(seed)
        arrays = arrays_of(event_graph(graph))
        rules, facts = Rules(arrays), range(len(arrays.certain), len(arrays.facts))
        steps = steps_of(rules, rules.cone(facts))
        found = reduced(steps, facts)
        joined += any(fact != other for fact, other in found.same.items())
        dropped += len(found.steps) < len(steps)
        followed += bool(found.after)
    assert min(joined, dropped, followed) > 20


def test_what_must_be_true_before_is_brought_about_by_nothing_after_it() -> None:
    steps = [
        CutStep(frozenset(), 0, 0, ()),
        CutStep(frozenset({0}), 1, 1, ()),
        CutStep(frozenset({1}), 2, 2, ()),
        CutStep(frozenset({2}), 1, 3, ()),  # 1 comes before 2
        CutStep(frozenset({0}), 2, 4, ()),
    ]
    assert steps[3] in reduced(steps, [2]).steps  # 0 leads to 2 past 1
    assert steps[3] not in reduced(steps[:4], [2]).steps


@pytest.mark.slow
def test_losses_of_an_ai_system_of_forty_assets_are_exact_with_more_pairs() -> None:
    """The first trees differ a hundredfold in their price, so that none is given up for one try; the simulation of
    the same graph agrees."""
    graph = graph_of(40)
    solver = Solver(graph, Options(pairs=30_000_000))
    assert solver.is_exact
    (exact,) = solver.solve(facts=graph.losses)
    (simulated,) = Solver(graph, Options(nodes=0, confidence=0.9999)).solve(facts=graph.losses)
    for fact in graph.losses:
        assert simulated.of(fact).low < exact.of(fact).value < simulated.of(fact).high


def test_without_a_compiler_the_numbers_are_the_same() -> None:
    script = """
import sys
if sys.argv[1] == "plain":
    sys.modules["numba"] = None
from graphmodel.engine.exact import kernel_joins, kernel_trees
from tests.engine.test_treecuts import cuts_of
from graphmodel.engine.events import event_graph
from graphmodel.engine.worlds.arrays import arrays_of
from tests.oracles import random_graph
assert hasattr(kernel_joins.joined, "py_func") == (sys.argv[1] != "plain")
for seed in range(6):
    events = event_graph(random_graph(seed, most_draws=60, facts=9))
    found = cuts_of(arrays_of(events)).evaluate(events.weights()[:, None])
    print(seed, {fact: float(chance[0]).hex() for fact, chance in found.items()})
"""
    told = [
        subprocess.run([sys.executable, "-c", script, how], capture_output=True, text=True, check=True).stdout
        for how in ("compiled", "plain")
    ]
    assert told[0] == told[1]
    assert told[0].count("0x") > 20


def ring(size: int, controls: tuple[GraphControl, ...] = (), coverage: float = 1.0) -> AttackGraph:
    """Facts in a circle, each brought about by both of its neighbours."""
    names = [f"r{n}" for n in range(size)]
    covers = tuple(Cover(one.id, coverage) for one in controls)
    steps = [Step(f"on{n}", (names[n],), names[(n + 1) % size], 0.99 - n % 7 / 100, covers) for n in range(size)]
    steps += [Step(f"back{n}", (names[n],), names[n - 1], 0.98 - n % 5 / 100, covers) for n in range(size)]
    return AttackGraph(tuple(names), (names[0],), tuple(steps), controls, {names[size // 2]: 1000.0})


def of_ring(graph: AttackGraph, fact: int, passes: float = 1.0) -> float:
    """There are two ways to a fact of a ring, and they share no step."""
    size = len(graph.facts)
    on = math.prod(step.chance * passes for step in graph.steps[:fact])
    back = math.prod(graph.step_by_id[f"back{n % size}"].chance * passes for n in range(fact + 1, size + 1))
    return 1.0 - (1.0 - on) * (1.0 - back)


def test_a_long_loop_is_exact() -> None:
    graph = ring(400)
    solver = Solver(graph)
    (solution,) = solver.solve()
    assert solver.is_exact
    for n in range(1, 400):
        assert solution.of(f"r{n}").is_exact
        assert solution.of(f"r{n}").value == pytest.approx(of_ring(graph, n), abs=1e-12)


@pytest.mark.parametrize("coverage", [1.0, 0.3])
def test_a_control_at_every_step_of_a_long_loop_is_one_draw(coverage: float) -> None:
    graph = ring(60, (GraphControl("wall", 0.4),), coverage)
    (solution,) = Solver(graph).solve()
    for n in range(1, 60):
        expected = 0.6 * of_ring(graph, n) + 0.4 * of_ring(graph, n, 1.0 - coverage)
        assert solution.of(f"r{n}").is_exact
        assert solution.of(f"r{n}").value == pytest.approx(expected, abs=1e-12)


def test_a_loop_that_is_no_easy_one_is_tried_as_a_whole_all_the_same() -> None:
    """Six controls cross every cut, so nothing is quickly found, and there is no room for diagrams."""
    size, controls = 30, tuple(GraphControl(f"wall{n}", 0.2) for n in range(6))
    loop = ring(size, controls, 0.3)
    steps = (*loop.steps, Step("on", ("r15",), "after", 0.5))
    graph = AttackGraph((*loop.facts, "after"), loop.start, steps, controls, loop.losses)
    (solution,) = Solver(graph, Options(nodes=1, worlds=1_000)).solve()
    assert solution.of("after").is_exact
    assert solution.of("after").value == pytest.approx(solution.of("r15").value / 2, abs=1e-12)
    for n in range(1, size):
        by_count = [math.comb(6, holds) * 0.2**holds * 0.8 ** (6 - holds) for holds in range(7)]
        expected = sum(chance * of_ring(loop, n, 0.7**holds) for holds, chance in enumerate(by_count))
        assert solution.of(f"r{n}").is_exact
        assert solution.of(f"r{n}").value == pytest.approx(expected, abs=1e-12)


def test_what_ifs_of_a_long_loop_are_exact() -> None:
    graph = ring(80, (GraphControl("wall", 0.4),))
    solver = Solver(graph)
    (now,) = solver.solve()
    changes = [solver.events.change({}, {}, {f"on{n}"}) for n in range(5)] + [solver.events.change({}, {"wall": 0}, ())]
    for number, saved in enumerate(solver.compare(Case(), changes)):
        if number < 5:
            steps = tuple(step for step in graph.steps if step.id != f"on{number}")
            (then,) = Solver(AttackGraph(graph.facts, graph.start, steps, graph.controls, graph.losses)).solve()
        else:
            (then,) = Solver(ring(80)).solve()
        assert saved.is_exact
        assert saved.value == pytest.approx(now.loss.value - then.loss.value, abs=1e-9)


def lattice(rows: int, columns: int) -> AttackGraph:
    """A grid with a step from each place to each of its neighbours."""
    names = [[f"v{row}.{column}" for column in range(columns)] for row in range(rows)]
    steps = []
    for row in range(rows):
        for column in range(columns):
            for other, across in ((row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)):
                if 0 <= other < rows and 0 <= across < columns:
                    chance = 0.3 + len(steps) % 13 / 20
                    steps.append(Step(f"s{len(steps)}", (names[row][column],), names[other][across], chance))
    facts = tuple(name for row in names for name in row)
    return AttackGraph(facts, (facts[0],), tuple(steps), (), {facts[-1]: 1.0})


@pytest.mark.slow
def test_a_wide_lattice_is_left_to_simulation() -> None:
    (played,) = Solver(lattice(9, 9), Options(worlds=2_000)).solve()
    assert not played.of("v8.8").is_exact


def test_a_narrow_lattice_is_exact() -> None:
    narrow = Solver(lattice(3, 40))
    (exact,) = narrow.solve()
    assert all(exact.of(fact).is_exact for fact in narrow.graph.facts)
    options = Options(nodes=0, worlds=40_000, confidence=1 - 1e-3 / len(narrow.graph.facts))
    (simulated,) = Solver(narrow.graph, options).solve()
    for fact in narrow.graph.facts:
        assert simulated.of(fact).low <= exact.of(fact).value <= simulated.of(fact).high, fact


def test_no_single_operator_takes_long() -> None:
    """Each of two facts follows from many others, so both together follow from many more pairs."""
    count, steps = 12, []
    for n in range(count):
        for side in ("a", "b"):
            steps.append(Step(f"{side}{n}", (f"{side}{n}",), side, 0.5))
            steps.append(
                Step(
                    f"to {side}{n}", ("start", f"b{(n + 5) % count}"[: 5 * (side == "a")] or "start"), f"{side}{n}", 0.5
                )
            )
    steps.append(Step("both", ("a", "b"), "end", 0.5))
    names = ("start", "a", "b", "end", *(f"{side}{n}" for side in "ab" for n in range(count)))
    (solution,) = Solver(AttackGraph(names, ("start",), tuple(steps), (), {"end": 1.0}), Options(worlds=500)).solve()
    assert 0 < solution.of("end").value < 0.5


def test_limits_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = Rules(arrays_of(event_graph(lattice(3, 12))))
    facts = range(1, len(rules.arrays.facts))
    cone = rules.cone(facts)
    pairs = cuts(rules, cone, facts, PAIRS, TREES).joined(PAIRS).pairs
    assert cuts(rules, cone, facts, pairs, TREES).joined(pairs).pairs == pairs
    with pytest.raises(TooWideError):
        cuts(rules, cone, facts, pairs - 1, TREES).joined(pairs - 1)
    with pytest.raises(TooWideError):
        cuts(rules, cone, facts, 10, TREES).joined(10)
    monkeypatch.setattr(joins, "STATES", 10)
    with pytest.raises(TooWideError):
        cuts(rules, cone, facts, PAIRS, TREES).joined(PAIRS)


def test_as_many_cases_as_there_are_make_no_difference() -> None:
    graph = ring(50)
    events = event_graph(graph)
    cuts = cuts_of(arrays_of(events))
    factors = np.linspace(0.1, 1.0, 5000)
    together = cuts.evaluate(events.weights()[:, np.newaxis] * factors)
    assert cuts.parts[0].operators * len(factors) > treecuts._TOGETHER
    for number in (0, 777, 4999):
        alone = cuts.evaluate(events.weights()[:, np.newaxis] * factors[number])
        for fact, chances in together.items():
            assert chances[number] == pytest.approx(alone[fact][0], rel=1e-12)


def test_what_needs_everything_is_taken_apart() -> None:
    """One step that needs all of a ladder: few facts cross each cut all the same."""
    graph = lattice(2, 30)
    steps = (*graph.steps, Step("all", graph.facts, "every", 1.0))
    found = cuts_of(arrays_of(event_graph(AttackGraph((*graph.facts, "every"), graph.start, steps))))
    assert found.pairs < 200_000


def test_all_of_many_needs_count() -> None:
    chances = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4]
    names = [f"n{n}" for n in range(len(chances))]
    steps = [Step(f"s{n}", ("start",), names[n], chance) for n, chance in enumerate(chances)]
    steps.append(Step("all", tuple(names), "end", 0.3))
    events = event_graph(AttackGraph(("start", *names, "end"), ("start",), tuple(steps)))
    arrays = arrays_of(events)
    found = cuts_of(arrays).evaluate(events.weights()[:, np.newaxis])
    assert found[arrays.facts.index("end")][0] == pytest.approx(math.prod(chances) * 0.3, abs=1e-15)


def test_losses_have_a_program_of_their_own_and_losses_elsewhere_do_not_matter() -> None:
    """Facts that another actor may bring about have a loss here as well, and are no reason to ask for everything."""
    graph = lattice(3, 12)
    solver = Solver(graph)
    elsewhere = {**graph.losses, "of somebody else": 5.0}
    assert solver.tiers(elsewhere) is solver.tiers(graph.losses)
    assert max(one.cost for one in solver.tiers(elsewhere)) < max(one.cost for one in solver.tiers())
    (saved,) = solver.compare(Case(losses=elsewhere), [solver.events.change({}, {}, {"s1"})])
    assert saved.is_exact


def test_a_long_chain_behind_a_loop_is_followed_to_its_end() -> None:
    """Only its last fact is asked for, and each hangs on the one before: no recursion goes so deep."""
    grid, count = lattice(3, 12), 2_500
    names = [f"c{n:04}" for n in range(count)]
    chain = [Step(name, (before,), name, 0.9995) for before, name in zip((grid.facts[-1], *names), names, strict=False)]
    graph = AttackGraph((*grid.facts, *names), grid.start, (*grid.steps, *chain), (), {names[-1]: 1.0})
    (solution,) = Solver(graph).solve(facts=())
    (before,) = Solver(grid).solve(facts=[grid.facts[-1]])
    assert solution.loss.value == pytest.approx(before.of(grid.facts[-1]).value * 0.9995**count, rel=1e-9)


def test_without_a_compiler_large_graphs_are_left_to_simulation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiers, "find_spec", lambda _: None)
    options = Options(nodes=1, worlds=1_000)
    large, small = Solver(lattice(3, 20), options), Solver(lattice(3, 7), options)
    assert len(large.exact_facts()) < 60
    assert len(small.exact_facts()) == 21
