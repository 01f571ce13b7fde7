"""Lines of cuts give exact numbers where a graph is narrow, however long its loops are, and say what is too wide."""

import math
import random
from itertools import combinations

import numpy as np
import pytest

from graphmodel.engine.events import event_graph
from graphmodel.engine.exact.closures import MOST_WAYS, NOTHING, Closure, with_step, within
from graphmodel.engine.exact.frontier import Frontier
from graphmodel.engine.exact.line import Kind, line_of
from graphmodel.engine.exact.rules import Rules, TooWideError
from graphmodel.engine.exact.sweep import sweep
from graphmodel.engine.graph import AttackGraph, Cover, GraphControl, Step
from graphmodel.engine.likelihood import Case, Options, Solver
from graphmodel.engine.worlds.arrays import Arrays, arrays_of
from tests.oracles import check_against_all_worlds, random_graph


def cuts_of(arrays: Arrays) -> Frontier:
    rules = Rules(arrays)
    return sweep(line_of(rules, rules.cone(range(len(arrays.certain), len(arrays.facts)))))


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
        exact = Solver(graph).diagram.evaluate(weights)
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


def test_the_closure_of_steps_is_the_least_set_that_they_close() -> None:
    """Whatever is given, and whatever of it is left out of account afterwards."""
    rng = random.Random(5)
    size, longer = 5, 0
    everything = (1 << size) - 1
    for _ in range(400):
        steps = [
            (rng.sample(range(size), rng.choice([0, 1, 1, 1, 2, 2, 3])), rng.randrange(size))
            for _ in range(rng.randrange(1, 9))
        ]
        steps = [(needs, gains) for needs, gains in steps if gains not in needs]
        closure: Closure = NOTHING
        for needs, gains in steps:
            closure = with_step(closure, needs, gains, everything)
        given, wanted = rng.randrange(1 << size), rng.randrange(1 << size)
        less = within(closure, given, wanted)
        for held in range(1 << size):
            true = held
            for _ in steps:
                for needs, gains in steps:
                    true |= all(true >> need & 1 for need in needs) << gains
            assert applied(closure, held) == true
            if not held & ~given:
                assert applied(less, held) & ~held == true & wanted & ~held
        longer += any(one.bit_count() > 1 for _, sets in closure for one in sets)
        for fact, sets in closure:
            assert not any(one >> fact & 1 for one in sets)
            assert not any(one & other == one for one, other in combinations(sets, 2))
    assert longer > 50


def applied(closure: Closure, held: int) -> int:
    for fact, sets in closure:
        if any(one & held == one for one in sets):
            held |= 1 << fact
    return held


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
    closure: Closure = NOTHING
    count = math.isqrt(MOST_WAYS) + 1
    for n in range(count):
        closure = with_step(closure, [2 + n], 0, (1 << (2 + 2 * count)) - 4)
        closure = with_step(closure, [2 + count + n], 1, (1 << (2 + 2 * count)) - 4)
    with pytest.raises(TooWideError):
        with_step(closure, [0, 1], 2 + 2 * count, 0)
    with pytest.raises(TooWideError):
        for n in range(MOST_WAYS):
            closure = with_step(closure, [100 + n], 0, 1 << (100 + n))


def test_limits_are_kept() -> None:
    rules = Rules(arrays_of(event_graph(lattice(3, 12))))
    line = line_of(rules, rules.cone(range(1, len(rules.arrays.facts))))
    most = max(len(one.start) for one in sweep(line).forward)
    with pytest.raises(TooWideError):
        sweep(line, states=most // 2)
    with pytest.raises(TooWideError):
        sweep(line, moves=most)
    with pytest.raises(TooWideError):
        line_of(rules, rules.cone(range(1, len(rules.arrays.facts))), most=100)


def test_as_many_cases_as_there_are_make_no_difference() -> None:
    graph = ring(50)
    events = event_graph(graph)
    cuts = cuts_of(arrays_of(events))
    factors = np.linspace(0.1, 1.0, 2000)
    together = cuts.evaluate(events.weights()[:, np.newaxis] * factors)
    assert cuts.cost * len(factors) > 1 << 21
    for number in (0, 777, 1999):
        alone = cuts.evaluate(events.weights()[:, np.newaxis] * factors[number])
        for fact, chances in together.items():
            assert chances[number] == pytest.approx(alone[fact][0], rel=1e-12)


def test_what_needs_everything_is_taken_apart() -> None:
    """One step that needs all of a ladder: few facts cross each cut all the same."""
    graph = lattice(2, 30)
    steps = (*graph.steps, Step("all", graph.facts, "every", 1.0))
    rules = Rules(arrays_of(event_graph(AttackGraph((*graph.facts, "every"), graph.start, steps))))
    line = line_of(rules, rules.cone(range(1, len(rules.arrays.facts))))
    spans = line.spans.values()
    assert max(sum(first < n <= last for first, last in spans) for n in range(len(line.items))) <= 6
    assert sum(item.kind is Kind.LOOK for item in line.items) == len(graph.facts)


def test_all_of_many_needs_count() -> None:
    chances = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4]
    names = [f"n{n}" for n in range(len(chances))]
    steps = [Step(f"s{n}", ("start",), names[n], chance) for n, chance in enumerate(chances)]
    steps.append(Step("all", tuple(names), "end", 0.3))
    events = event_graph(AttackGraph(("start", *names, "end"), ("start",), tuple(steps)))
    arrays = arrays_of(events)
    found = cuts_of(arrays).evaluate(events.weights()[:, np.newaxis])
    assert found[arrays.facts.index("end")][0] == pytest.approx(math.prod(chances) * 0.3, abs=1e-15)
