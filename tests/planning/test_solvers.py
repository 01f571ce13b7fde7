"""Two solvers of the same programs: against trying every choice, against each other, and ended early."""

from __future__ import annotations

import itertools
import random
import threading
import time

import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.families import defended, walled
from graphmodel.assessment.results import Assessment
from graphmodel.planning import solvers
from graphmodel.planning.breaking import asked
from graphmodel.planning.choices import Choices
from graphmodel.planning.options import Ask
from graphmodel.planning.programs import Front, breaking_program, cheapest_break
from graphmodel.planning.solvers import Program, by_cpsat, by_highs, solved, whole_units
from graphmodel.workspace import open_model
from tests.conftest import EXAMPLES
from tests.thorough import cases, tries_more

MANY = settings(max_examples=cases(60, 200), deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
SEEDS = st.integers(0, 10**9)


def program_of(rng: random.Random, whole: bool) -> Program:
    """Up to seven variables with a cost and four without, and clauses of every length, some of them the same."""
    count, free = rng.randint(0, 7), rng.randint(0, 4)
    size = max(1, count + free)
    clauses = []
    for _ in range(rng.randint(0, 12) if size else 0):
        some = rng.sample(range(size), rng.randint(1, min(4, size)))
        cut = rng.randint(0, len(some))
        clauses.append((tuple(some[:cut]), tuple(some[cut:])))
    kinds = [0, 1, 2, 3, 8, 2.5, 0.01, 120_000] if whole else [0, 1 / 3, 2 / 7, 1.1, 100 / 3]
    fixed = tuple(one for one in range(count) if rng.random() < 0.15)
    return Program(tuple(float(rng.choice(kinds)) for _ in range(count)), size, tuple(clauses), fixed)


def least(program: Program) -> float | None:
    """The least cost of all choices that satisfy the program, by trying each."""
    costs = []
    for taken in itertools.product((False, True), repeat=program.size):
        sound = all(taken[one] for one in program.fixed) and all(
            any(taken[one] for one in either) or not all(taken[one] for one in unless)
            for either, unless in program.clauses
        )
        if sound:
            costs.append(sum(cost for cost, chosen in zip(program.costs, taken, strict=False) if chosen))
    return min(costs, default=None)


def extends(program: Program, chosen: frozenset[int]) -> bool:
    """Whether the variables without a cost can be such that the program is satisfied with these chosen."""
    count = len(program.costs)
    rest = [((one,), ()) if one in chosen else ((), (one,)) for one in range(count)]
    return least(Program(program.costs, program.size, (*program.clauses, *rest), program.fixed)) is not None


@tries_more
@MANY
@given(SEEDS)
def test_both_solvers_find_the_least_cost_of_all_choices(seed: int) -> None:
    program = program_of(random.Random(seed), whole=True)
    truth, units = least(program), whole_units(program.costs)
    assert units is not None
    # In floating point what is a millionth of the dearest is nothing; whole numbers tell a cent from 120,000.
    for found, close in (
        (by_cpsat(program, *units), 1e-9),
        (by_highs(program), 2e-6 * max(program.costs, default=0.0)),
    ):
        if truth is None:
            assert found.chosen is None
            continue
        assert found.chosen is not None
        assert extends(program, found.chosen)
        assert sum(program.costs[one] for one in found.chosen) == pytest.approx(truth, abs=close)
        assert found.bound == pytest.approx(truth, abs=close)


@tries_more
@MANY
@given(SEEDS)
def test_costs_without_a_unit_are_not_rounded(seed: int) -> None:
    program = program_of(random.Random(seed), whole=False)
    truth, found = least(program), solved(program)
    assert (found.chosen is None) == (truth is None)
    if found.chosen is not None:
        assert sum(program.costs[one] for one in found.chosen) == pytest.approx(truth, abs=1e-9)


def test_a_unit_measures_every_cost_exactly_or_there_is_none() -> None:
    assert whole_units([]) == ((), 1)
    assert whole_units([0.0, 120_000.0, 3.0]) == ((0, 120_000, 3), 1)
    assert whole_units([0.1, 0.2, 19.99]) == ((10, 20, 1999), 100)
    assert whole_units([1e-6, 1.0]) == ((1, 1_000_000), 1_000_000)
    for beyond in ([1 / 3], [1e-7], [1e300], [2e9, 1e-6]):
        assert whole_units(beyond) is None


@tries_more
@settings(MANY, max_examples=cases(6, 12))
@given(SEEDS)
def test_both_solvers_prove_the_same_cost_for_graphs_too_large_to_try(seed: int) -> None:
    rng = random.Random(seed)
    kind = rng.choice(["layers", "shared", "own"])
    if kind == "layers":
        front, choices = defended(rng.randint(300, 1_500), rng.randint(10, 60), seed, rng.choice([0.0, 0.2, 0.5]))
    else:
        controls = rng.randint(12, 40) if kind == "shared" else 0
        front, choices = walled(rng.randint(4, 8), rng.randint(3, 7), controls, seed)
    if rng.random() < 0.4:  # cents, what is decided, and what needs or bars another
        names = sorted(choices.cost)
        choices = Choices(
            {name: cost + rng.choice([0.0, 0.25, 0.99]) for name, cost in choices.cost.items()},
            frozenset(rng.sample(names, 1)),
            {name: (rng.choice(names),) for name in rng.sample(names, 3)},
            [tuple(rng.sample(names, 2)) for _ in range(2)],
        )
    if not choices.allows(choices.decided):
        return
    program = breaking_program([front], choices)
    units = whole_units(program.costs)
    assert units is not None
    first, second = by_cpsat(program, *units), by_highs(program)
    assert (first.chosen is None) == (second.chosen is None)
    if first.chosen is not None and second.chosen is not None:
        costs = [sum(program.costs[one] for one in chosen) for chosen in (first.chosen, second.chosen)]
        assert costs[0] == pytest.approx(costs[1])
        assert first.bound == pytest.approx(costs[0])
    assert by_cpsat(program, *units) == first


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_both_solvers_prove_the_same_cost_for_every_loss_of_the_examples(path) -> None:  # type: ignore[no-untyped-def]
    assessment: Assessment = open_model(path).assess()
    for loss in assessment.compiled.system.losses:
        choice, fronts, _ = asked(assessment, [str(loss.held)], Ask(), sorted(assessment.actor_by_id))
        program = breaking_program(fronts, choice.choices, choice.standing)
        units = whole_units(program.costs)
        assert units is not None
        if program.size:
            assert by_cpsat(program, *units).bound == pytest.approx(by_highs(program).bound)


def test_a_minimum_cut_of_hundreds_of_measures_is_proven() -> None:
    """Out of reach of clause learning alone: it needs the linear relaxation."""
    front, choices = walled(20, 8)
    network: nx.DiGraph[str] = nx.DiGraph()
    for step in front.graph.steps:
        cost = sum(choices.cost[cover.control] for cover in step.controls) or float("inf")
        known = network.get_edge_data(step.needs[0], step.gains, {"capacity": 0.0})["capacity"]
        network.add_edge(step.needs[0], step.gains, capacity=known + cost)
    found = cheapest_break([front], choices)
    assert found.optimal
    assert found.cost == nx.minimum_cut_value(network, "start", "target")
    assert len(found.chosen or ()) > 20


def test_with_little_work_the_bound_still_holds() -> None:
    program = breaking_program(*_one(walled(10, 8, 30)))
    units = whole_units(program.costs)
    assert units is not None
    best = by_highs(program).bound
    gaps = set()
    for work in (0.002, 0.01, 0.02):
        found = by_cpsat(program, *units, work=work)
        assert found.chosen is not None
        cost = sum(program.costs[one] for one in found.chosen)
        assert found.bound <= best + 1e-6
        assert cost >= best - 1e-6
        assert by_cpsat(program, *units, work=work) == found
        gaps.add(cost - found.bound)
    assert max(gaps) > 0
    with pytest.raises(ArithmeticError, match="not solved"):
        by_cpsat(program, *units, work=1e-9)


class LeftError(Exception):
    pass


def test_a_search_ends_when_nobody_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    front, choices = walled(20, 20, 60)
    threads, asked_in = threading.active_count(), []

    def gone() -> None:
        asked_in.append(threading.current_thread())
        raise LeftError

    monkeypatch.setattr(solvers, "_LOOK", 0.01)
    start = time.process_time()
    with pytest.raises(LeftError):
        cheapest_break([front], choices, awaited=gone)
    assert time.process_time() - start < 20  # to the end of its work it takes some minutes
    assert asked_in == [threading.current_thread()]
    assert threading.active_count() == threads


def _one(found: tuple[Front, Choices]) -> tuple[list[Front], Choices]:
    return [found[0]], found[1]
