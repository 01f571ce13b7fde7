"""The cheapest breaking set and the best set for a budget, against trying every set there is."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Sequence
from dataclasses import replace

import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphmodel.engine.graph import AttackGraph, Cover, GraphControl, Step
from graphmodel.engine.likelihood import Case, Solver
from graphmodel.planning import budgets
from graphmodel.planning.budgets import Search
from graphmodel.planning.choices import Choices
from graphmodel.planning.programs import Front, cheapest_break, still_reached
from tests.oracles import enumerate_worlds, least_set
from tests.thorough import cases, tries_more

SEEDS = st.integers(0, 10**9)
MANY = settings(max_examples=cases(120, 400), deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
SOME = settings(max_examples=cases(40, 120), deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def graph_of(rng: random.Random, facts: int = 6, steps: int = 13, controls: int = 6) -> AttackGraph:
    """Cycles, AND steps, shared controls, partial coverage, controls that never hold, impossible steps."""
    names = [f"f{number}" for number in range(facts)]
    held = [
        GraphControl(f"c{n}", rng.choice([1.0, 0.6, 0.3, 0.9, 0.0 if n == 0 else 0.5]), rng.random() < 0.2)
        for n in range(controls)
    ]
    made = []
    for number in range(steps):
        count = rng.choice([0, 1, 1, 1, 1, 2, 2, 3])
        needs = ("start",) if number < 2 else tuple(sorted(set(rng.choices(["start", *names], k=count))))
        covers = tuple(
            Cover(one.id, rng.choice([1.0, 1.0, 1.0, 1.0, 0.5]))
            for one in rng.sample(held, rng.choice([0, 1, 1, 1, 2, 2]))
        )
        made.append(Step(f"s{number}", needs, rng.choice(names), rng.choice([0.5, 0.9, 1.0, 1.0, 0.0]), covers))
    losses = {name: float(rng.randint(1, 50)) for name in rng.sample(names, 2)}
    return AttackGraph(("start", *names), ("start",), tuple(made), tuple(held), losses)


def choices_of(rng: random.Random, names: Sequence[str]) -> Choices:
    requires: dict[str, tuple[str, ...]] = {}
    excludes: list[tuple[str, str]] = []
    for one in names:
        if rng.random() < 0.25:
            requires[one] = tuple(rng.sample(list(names), rng.choice([1, 1, 2])))
        if rng.random() < 0.2:
            excludes.append((one, rng.choice([other for other in names if other != one])))
    fixed = frozenset(one for one in names if rng.random() < 0.1)
    return Choices({one: float(rng.choice([0, 1, 2, 3, 5, 8])) for one in names}, fixed, requires, excludes)


def allowed(choices: Choices, chosen: frozenset[str]) -> bool:
    """What ``Choices.allows`` means, said another way."""
    for one in choices.fixed:
        if one not in chosen:
            return False
    for one, needed in choices.requires.items():
        if one in chosen and not set(needed) <= chosen:
            return False
    return all(not (first in chosen and second in chosen) for first, second in choices.excludes)


def every_set(choices: Choices) -> list[frozenset[str]]:
    names = sorted(choices.cost)
    found = (frozenset(some) for size in range(len(names) + 1) for some in itertools.combinations(names, size))
    return [one for one in found if allowed(choices, one)]


def cost(choices: Choices, chosen: Iterable[str]) -> float:
    return sum(choices.cost[one] for one in chosen)


def safe(graph: AttackGraph, targets: Sequence[str], holding: frozenset[str]) -> bool:
    """Whether no target is in the least closed set, by naive iteration over the steps that are left."""
    able = {one.id for one in graph.controls if one.holds > 0}
    left = {
        step.id
        for step in graph.steps
        if step.chance > 0 and not any(one.control in holding & able and one.coverage == 1.0 for one in step.controls)
    }
    return not least_set(graph, left) & set(targets)


@tries_more
@MANY
@given(SEEDS)
def test_the_cheapest_breaking_set_is_that_of_trying_every_set(seed: int) -> None:
    rng = random.Random(seed)
    graphs = [graph_of(rng) for _ in range(rng.choice([1, 1, 2]))]
    fronts = [Front(graph, tuple(rng.sample(graph.facts[1:], rng.choice([1, 2])))) for graph in graphs]
    names = [one.id for one in graphs[0].controls]
    given = frozenset(rng.sample(names, 1)) if rng.random() < 0.3 else frozenset[str]()
    choices = choices_of(rng, [one for one in names if one not in given])

    def enough(chosen: frozenset[str]) -> bool:
        return all(safe(front.graph, front.targets, chosen | given) for front in fronts)

    costs = [cost(choices, one) for one in every_set(choices) if enough(one)]
    found = cheapest_break(fronts, choices, given)
    if not costs:
        assert found.chosen is None
        # What is said to stay open is open with everything possible in force, or only exclusions bar the way.
        union = frozenset().union(*every_set(choices)) if every_set(choices) else frozenset(choices.cost)
        assert bool(found.open) == (not enough(union)) or not every_set(choices)
        return
    assert found.chosen is not None
    assert allowed(choices, found.chosen)
    assert enough(found.chosen)
    assert found.cost == cost(choices, found.chosen) == min(costs)
    assert found.optimal
    assert found.bound <= min(costs) + 1e-9
    for one in found.chosen - choices.decided:
        assert not (allowed(choices, found.chosen - {one}) and enough(found.chosen - {one})), one


def test_random_breaks_are_of_every_kind() -> None:
    kinds = set()
    for seed in range(300):
        rng = random.Random(seed)
        graph = graph_of(rng)
        found = cheapest_break([Front(graph, (graph.facts[1],))], choices_of(rng, [one.id for one in graph.controls]))
        kinds.add("open" if found.open else "barred" if found.chosen is None else min(len(found.chosen), 3))
    assert kinds >= {"open", "barred", 0, 1, 2, 3}


def test_large_breaks_leave_no_path_and_every_measure_in_them_is_needed() -> None:
    """Far more sets than could be tried: 24 measures, cycles and AND steps, checked by naive reachability alone."""
    sizes = set()
    for seed in range(60):
        rng = random.Random(seed)
        graph = graph_of(rng, facts=40, steps=110, controls=24)
        graph = replace(
            graph, steps=tuple(one for one in graph.steps if one.needs and (one.controls or one.chance < 1))
        )
        targets = tuple(rng.sample(graph.facts[1:], 3))
        names = [one.id for one in graph.controls]
        choices = Choices({one: float(rng.choice([1, 2, 3, 5, 8])) for one in names})
        found = cheapest_break([Front(graph, targets)], choices)
        if found.chosen is None:
            assert not safe(graph, targets, frozenset(names)), seed
            assert {target for _, target in found.open} == {
                one for one in targets if not safe(graph, (one,), frozenset(names))
            }
            continue
        assert found.optimal
        assert found.cost == cost(choices, found.chosen)
        assert safe(graph, targets, found.chosen), seed
        for one in found.chosen:
            assert not safe(graph, targets, found.chosen - {one}), (seed, one)
        sizes.add(len(found.chosen))
    assert sizes >= {0, 1, 2, 3}


def test_without_and_steps_and_shared_measures_the_cheapest_break_is_a_minimum_cut() -> None:
    """The case that a flow solves: Ford and Fulkerson's theorem, by another program."""
    larger = 0
    for seed in range(40):
        rng = random.Random(seed)
        network: nx.DiGraph[str] = nx.DiGraph()
        steps, controls = [], []
        for number in range(120):
            one, other = rng.sample(range(25), 2)
            ends = f"f{one}", f"f{other}"
            if network.has_edge(*ends):
                continue
            controls.append(GraphControl(f"c{number}", 0.5))
            network.add_edge(*ends, capacity=rng.randint(1, 9), control=controls[-1].id)
            steps.append(Step(f"s{number}", ends[:1], ends[1], 0.5, (Cover(controls[-1].id),)))
        graph = AttackGraph(tuple(sorted(network)), ("f0",), tuple(steps), tuple(controls))
        choices = Choices({data["control"]: float(data["capacity"]) for _, _, data in network.edges(data=True)})
        found = cheapest_break([Front(graph, ("f1",))], choices)
        assert found.optimal
        assert found.cost == nx.minimum_cut_value(network, "f0", "f1"), seed
        larger += found.chosen is not None and len(found.chosen) > 2
    assert larger > 10


def chain(*covered: str, coverage: float = 1.0, holds: float = 0.5) -> AttackGraph:
    facts = ("start", *(f"f{number}" for number in range(len(covered))))
    steps = tuple(
        Step(f"s{n}", (facts[n],), facts[n + 1], 0.9, (Cover(name, coverage),) if name else ())
        for n, name in enumerate(covered)
    )
    controls = tuple(GraphControl(name, holds) for name in sorted(set(covered) - {""}))
    return AttackGraph(facts, ("start",), steps, controls, {facts[-1]: 100.0})


def test_what_does_not_hold_or_covers_only_in_part_breaks_nothing() -> None:
    for graph in (chain("a", coverage=0.99), chain("a", holds=0.0)):
        found = cheapest_break([Front(graph, ("f0",))], Choices({"a": 1.0}))
        assert found.chosen is None
        assert found.open == ((0, "f0"),)
    assert cheapest_break([Front(chain("a"), ("f0",))], Choices({"a": 1.0})).chosen == {"a"}


def test_an_and_step_is_broken_by_the_cheaper_of_its_needs_and_a_shared_control_counts_once() -> None:
    steps = (
        Step("left", ("start",), "a", 0.9, (Cover("dear"),)),
        Step("right", ("start",), "b", 0.9, (Cover("cheap"),)),
        Step("both", ("a", "b"), "goal", 0.9),
        Step("around", ("goal2",), "goal", 0.9),
        Step("circle", ("goal",), "goal2", 0.9),
    )
    graph = AttackGraph(
        ("start", "a", "b", "goal", "goal2"), ("start",), steps, (GraphControl("dear", 0.9), GraphControl("cheap", 0.1))
    )
    found = cheapest_break([Front(graph, ("goal",))], Choices({"dear": 5.0, "cheap": 2.0}))
    assert (found.chosen, found.cost) == ({"cheap"}, 2.0)
    two = [Front(chain("x", "y"), ("f1",)), Front(chain("x", "z"), ("f1",))]
    found = cheapest_break(two, Choices({"x": 3.0, "y": 2.0, "z": 2.0}))
    assert found.chosen == {"x"}


def test_a_given_control_costs_nothing_and_a_target_at_the_start_cannot_be_broken() -> None:
    found = cheapest_break([Front(chain("a", "b"), ("f1",))], Choices({"b": 1.0}), given={"a"})
    assert (found.chosen, found.cost) == (frozenset(), 0.0)
    assert cheapest_break([Front(chain("a"), ("start",))], Choices({"a": 1.0})).open == ((0, "start"),)
    assert still_reached([Front(chain("a"), ("f0",))], {"a"}) == ()


# ---------------------------------------------------------------- budgets
def searching(graph: AttackGraph, choices: Choices, work: int = 10_000) -> tuple[Search, dict[frozenset[str], float]]:
    solver = Solver(graph)
    holds = {one.id: one.holds for one in graph.controls}

    def losses(sets: Sequence[frozenset[str]]) -> list[float]:
        cases = [Case({name: held if name in one else 0.0 for name, held in holds.items()}) for one in sets]
        return [solution.loss.value for solution in solver.solve(*cases)]

    sets = every_set(choices)
    truth = dict(zip(sets, losses(sets), strict=True)) if sets else {}
    return Search(choices, losses, work), truth


@tries_more
@SOME
@given(SEEDS, st.sampled_from([0, 12]))
def test_the_best_set_for_every_budget_is_that_of_trying_every_set(seed: int, exhaustive: int) -> None:
    rng = random.Random(seed)
    graph = graph_of(rng)
    choices = choices_of(rng, [one.id for one in graph.controls])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(budgets, "EXHAUSTIVE", exhaustive)
        search, truth = searching(graph, choices)
        slack = 1e-6 * max(1.0, sum(graph.losses.values()))
        for budget in (0.0, 1.0, 3.0, 6.0, 11.0, 100.0):
            within = [loss for one, loss in truth.items() if cost(choices, one) <= budget]
            found = search.best(budget)
            if not within:
                assert found is None
                continue
            assert found is not None
            assert allowed(choices, found.chosen)
            assert found.cost == cost(choices, found.chosen) <= budget
            assert found.loss == pytest.approx(truth[found.chosen], abs=slack)
            assert found.loss == pytest.approx(min(within), abs=slack)
            assert found.optimal
            assert found.gap == 0
        frontier = search.frontier()
        assert bool(frontier) == bool(truth)
        for before, after in itertools.pairwise(frontier):
            assert before.cost < after.cost
            assert before.loss > after.loss
        for point in frontier:
            assert allowed(choices, point.chosen)
            best = min(loss for one, loss in truth.items() if cost(choices, one) <= point.cost)
            assert point.bound <= best + slack
            if search.complete:
                assert point.loss == pytest.approx(best, abs=slack)
        if search.complete and truth:
            unbeaten = min(truth.values())
            assert frontier[-1].loss == pytest.approx(unbeaten, abs=slack)


@tries_more
@SOME
@given(SEEDS, st.sampled_from([1, 5, 12, 25]))
def test_with_little_work_the_bound_still_holds_and_the_gap_is_said(seed: int, work: int) -> None:
    rng = random.Random(seed)
    graph = graph_of(rng)
    choices = choices_of(rng, [one.id for one in graph.controls])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(budgets, "EXHAUSTIVE", 0)
        patch.setattr(budgets, "_NODES", 1)
        search, truth = searching(graph, choices, work)
        for budget in (2.0, 5.0, 9.0):
            within = [loss for one, loss in truth.items() if cost(choices, one) <= budget]
            found = search.best(budget)
            if found is None:
                assert not within
                continue
            slack = 1e-6 * max(1.0, sum(graph.losses.values()))
            assert allowed(choices, found.chosen)
            assert found.cost <= budget
            assert found.bound <= min(within) + slack
            assert found.loss >= min(within) - slack
            assert found.gap >= found.loss - min(within) - slack
            if found.optimal:
                assert found.loss == pytest.approx(min(within), abs=slack)
        for point in search.frontier():
            assert point.bound <= min(v for one, v in truth.items() if cost(choices, one) <= point.cost) + 1e-4


def parallel() -> AttackGraph:
    """Two ways to the prize, a measure on each, and a decoy that saves a little by itself."""
    steps = (
        Step("left", ("start",), "prize", 1.0, (Cover("left-lock"),)),
        Step("right", ("start",), "prize", 1.0, (Cover("right-lock"),)),
        Step("aside", ("start",), "trinket", 1.0, (Cover("decoy"),)),
    )
    controls = tuple(GraphControl(name, 1.0) for name in ("decoy", "left-lock", "right-lock"))
    return AttackGraph(("start", "prize", "trinket"), ("start",), steps, controls, {"prize": 1000.0, "trinket": 10.0})


@pytest.mark.parametrize("exhaustive", [0, 12])
def test_two_measures_that_save_nothing_alone_are_taken_together(
    exhaustive: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budgets, "EXHAUSTIVE", exhaustive)
    graph = parallel()
    choices = Choices({"left-lock": 1.0, "right-lock": 1.0, "decoy": 1.0})
    search, truth = searching(graph, choices)
    # Greedy by saving per cost takes the decoy first, and then has money for one lock, which saves nothing.
    assert truth[frozenset({"left-lock"})] == truth[frozenset({"right-lock"})] == truth[frozenset()]
    best = search.best(2.0)
    assert best is not None
    assert best.chosen == {"left-lock", "right-lock"}
    assert (best.loss, best.gap) == (10.0, 0.0)
    assert [measures for measures, _ in search.order(best.chosen)] == [{"left-lock", "right-lock"}]
    one = search.best(1.0)
    assert one is not None
    assert one.chosen == {"decoy"}


@pytest.mark.parametrize("exhaustive", [0, 12])
def test_three_measures_that_save_only_together_are_found_although_no_swap_leads_there(
    exhaustive: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Greedy takes the three decoys, and no exchange of one of them for a lock saves anything."""
    monkeypatch.setattr(budgets, "EXHAUSTIVE", exhaustive)
    ways = [Step(f"way{n}", ("start",), "prize", 1.0, (Cover(f"lock{n}"),)) for n in range(3)]
    ways += [Step(f"aside{n}", ("start",), f"trinket{n}", 1.0, (Cover(f"decoy{n}"),)) for n in range(3)]
    names = [f"{kind}{n}" for kind in ("lock", "decoy") for n in range(3)]
    graph = AttackGraph(
        ("start", "prize", *(f"trinket{n}" for n in range(3))),
        ("start",),
        tuple(ways),
        tuple(GraphControl(name, 1.0) for name in names),
        {"prize": 1000.0} | {f"trinket{n}": 10.0 for n in range(3)},
    )
    search, _ = searching(graph, Choices(dict.fromkeys(names, 1.0)))
    best = search.best(3.0)
    assert best is not None
    assert best.chosen == {"lock0", "lock1", "lock2"}
    assert (best.loss, best.gap) == (30.0, 0.0)


def test_losses_of_sets_are_those_of_all_worlds() -> None:
    for seed in range(12):
        rng = random.Random(seed)
        graph = graph_of(rng, facts=4, steps=6, controls=2)
        search, _ = searching(graph, Choices({one.id: 1.0 for one in graph.controls}))
        for chosen in every_set(search.choices):
            held = graph.with_holds({one.id: one.holds for one in graph.controls if one.id in chosen})
            assert search.loss(chosen) == pytest.approx(enumerate_worlds(held)[1], abs=1e-9)


@tries_more
@SOME
@given(SEEDS)
def test_the_order_takes_everything_once_and_each_measure_with_what_it_requires(seed: int) -> None:
    rng = random.Random(seed)
    graph = graph_of(rng)
    choices = choices_of(rng, [one.id for one in graph.controls])
    search, truth = searching(graph, choices)
    for chosen in list(truth)[:: max(1, len(truth) // 5)]:
        taken: set[str] = set()
        last = search.loss(frozenset())
        for bundle, loss in search.order(chosen):
            assert bundle
            assert not bundle & taken
            taken |= bundle
            assert all(set(choices.requires.get(one, ())) <= taken for one in taken)
            assert loss <= last + 1e-9
            last = loss
        assert taken == chosen


def test_the_same_question_is_answered_the_same_and_from_what_is_known() -> None:
    rng = random.Random(3)
    graph = graph_of(rng)
    choices = choices_of(rng, [one.id for one in graph.controls])
    first, _ = searching(graph, choices)
    second, _ = searching(graph, choices)
    assert first.best(6.0) == second.best(6.0)
    done = first.done
    assert first.best(6.0) == second.best(6.0)
    assert first.done == done
    assert first.frontier() == second.frontier()
