"""Plans of whole systems: what may be chosen, what it costs, what is proven, and what is said."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from graphmodel.assessment.assess import assess
from graphmodel.assessment.paths import find_targets
from graphmodel.assessment.results import Assessment
from graphmodel.binding.attackgraph import attack_graph
from graphmodel.binding.compiled import compile_system
from graphmodel.engine.likelihood import Options
from graphmodel.knowledge.settings import Settings, load_settings
from graphmodel.knowledge.vocabulary import Catalogue, Status, View
from graphmodel.model.system import ControlImplementation
from graphmodel.planning.breaking import break_plan
from graphmodel.planning.budgets import Search
from graphmodel.planning.choices import Choices
from graphmodel.planning.options import Ask, PlanError
from graphmodel.planning.plan import Evaluator, Planner
from graphmodel.workspace import open_model
from tests.conftest import EXAMPLES, read, system
from tests.oracles import least_set
from tests.thorough import quick_first

OWN = Ask(only_model=True)
MODEL = """\
graphmodel: 1
system: {id: small}
zones:
  outside: {trust: 0}
  inside: {trust: 5}
assets:
  app: {type: WebApplication, zone: inside}
  agent: {type: Agent, zone: inside}
  records: {type: BusinessData}
  db: {type: Database, zone: inside}
flows:
  - {from: visitor, to: app}
  - {from: app, to: agent, two_way: true}
  - {from: db, to: agent, carries: [records]}
dependencies:
  - records storedIn db
actors:
  visitor: {kind: outsider, zone: outside, attempts_per_year: 2}
controls:
  filter: {control: input-guardrail, protects: [agent], status: proposed, cost: 10}
  rights: {control: per-user-permissions, protects: [agent], status: proposed, cost: 20}
  answers: {control: incident-response, protects: ["*"], status: proposed, cost: 15}
losses:
  - {fact: records:read, severity: high}
"""


def planned(
    text: str, catalogue: Catalogue, settings: Settings, ask: Ask = OWN, options: Options | None = None
) -> Planner:
    return Planner(assess(compile_system(system(text, catalogue), catalogue, settings), options), ask)


def changed(id_: str, fields: str) -> str:
    """The model with fields added to one of its controls."""
    line = next(line for line in MODEL.splitlines() if line.startswith(f"  {id_}:"))
    return MODEL.replace(line, line.replace("status: proposed", fields))


def chosen(planner: Planner, budget: float) -> set[str] | None:
    best = planner.plan(budget).best
    return None if best is None else set(best.chosen)


@pytest.fixture(scope="module")
def examples() -> dict[str, Assessment]:
    return {path.stem: open_model(path).assess() for path in EXAMPLES}


# ---------------------------------------------------------------- documents
@pytest.mark.parametrize(
    ("id_", "fields", "place", "says"),
    [
        ("filter", "requires: [rihgts]", "controls.filter.requires[0]", "there is no control “rihgts”.*rights"),
        ("filter", "excludes: [nobody]", "controls.filter.excludes[0]", "there is no control “nobody”"),
        ("filter", "excludes: [filter]", "controls.filter", "excludes itself"),
        ("filter", "requires: [rights], excludes: [rights]", "controls.filter", "can never be chosen"),
        (
            "answers",
            "status: retired}\n  x: {control: telemetry, protects: [app], requires: [answers]",
            "controls.x.requires[0]",
            "retired",
        ),
    ],
)
def test_wrong_dependencies_are_errors_with_their_place(
    id_: str, fields: str, place: str, says: str, catalogue: Catalogue
) -> None:
    text = changed(id_, fields).replace("cost: 15}", "cost: 15}" if "retired" not in fields else "}")
    found = read(text, catalogue)
    assert found.system is None
    errors = [one for one in found.problems if one.level == "error"]
    assert any(one.path == place and re.search(says, f"{one.message} {one.fix}") for one in errors), errors
    assert all(one.fix and one.line for one in errors)


def test_what_is_decided_must_not_exclude_itself_and_a_circle_is_fine(catalogue: Catalogue) -> None:
    both = changed("filter", "status: planned, excludes: [rights]").replace(
        "[agent], status: proposed, cost: 20", "[agent], status: implemented"
    )
    errors = [one for one in read(both, catalogue).problems if one.level == "error"]
    assert ["both are decided" in one.message for one in errors] == [True]
    circle = changed("filter", "status: proposed, requires: [rights, filter]").replace(
        "status: proposed, cost: 20", "status: proposed, cost: 20, requires: [filter]"
    )
    assert not [one for one in read(circle, catalogue).problems if one.level == "error"]


# ---------------------------------------------------------------- budgets
def test_requires_excludes_fixed_and_left_out_are_respected(catalogue: Catalogue, settings: Settings) -> None:
    assert chosen(planned(MODEL, catalogue, settings), 45) == {"filter", "rights", "answers"}
    needs = planned(changed("filter", "status: proposed, requires: [answers]"), catalogue, settings)
    assert all("answers" in one.chosen for one in needs.frontier if "filter" in one.chosen)
    assert chosen(needs, 10) == set()
    apart = planned(changed("filter", "status: proposed, excludes: [rights]"), catalogue, settings)
    assert not any({"filter", "rights"} <= one.chosen for one in apart.frontier)
    decided = planned(changed("answers", "status: planned"), catalogue, settings)
    assert all("answers" in one.chosen for one in decided.frontier)
    assert chosen(decided, 14.9) is None
    assert chosen(decided, 15) == {"answers"}
    opened = planned(changed("answers", "status: planned"), catalogue, settings, replace(OWN, reconsider=True))
    assert frozenset() in {one.chosen for one in opened.frontier}
    fixed = planned(MODEL, catalogue, settings, replace(OWN, fix=("filter",)))
    assert all("filter" in one.chosen for one in fixed.frontier)
    without = planned(MODEL, catalogue, settings, replace(OWN, without=("rights",)))
    assert not any("rights" in one.chosen for one in without.frontier)
    assert [one.id for one in needs.field.unmet] == []
    lacking = planned(
        changed("filter", "status: proposed, requires: [rights]"),
        catalogue,
        settings,
        replace(OWN, without=("rights",)),
    )
    assert [one.id for one in lacking.field.unmet] == ["filter"]


@pytest.mark.parametrize(
    ("fields", "ask", "says"),
    [
        ("status: proposed", Ask(only_model=True, fix=("nothing",)), "there is no measure “nothing”"),
        ("status: proposed", Ask(only_model=True, fix=("rights",), without=("rights",)), "both fixed and left out"),
        ("status: planned, requires: [rights]", Ask(only_model=True, without=("rights",)), "requires rights"),
        ("status: proposed, excludes: [rights]", Ask(only_model=True, fix=("filter", "rights")), "excludes itself"),
    ],
)
def test_what_cannot_be_asked_is_said(
    fields: str, ask: Ask, says: str, catalogue: Catalogue, settings: Settings
) -> None:
    with pytest.raises(PlanError, match=says):
        planned(changed("filter", fields), catalogue, settings, ask)


def test_the_frontier_of_a_model_is_that_of_assessing_every_set_anew(catalogue: Catalogue, settings: Settings) -> None:
    """Losses of plans are the losses of the model with these controls implemented."""
    planner = planned(MODEL, catalogue, settings)
    base = system(MODEL, catalogue)
    truth = {}
    for size in range(4):
        for some in itertools.combinations(("filter", "rights", "answers"), size):
            controls = tuple(
                replace(one, status=Status.IMPLEMENTED) if one.id in some else one for one in base.controls
            )
            found = assess(compile_system(replace(base, controls=controls), catalogue, settings)).yearly_loss()
            assert found is not None
            truth[frozenset(some)] = found.value
            assert planner.search.loss(frozenset(some)) == pytest.approx(found.value, rel=1e-9)
    costs = {"filter": 10, "rights": 20, "answers": 15}
    for budget in range(0, 46, 5):
        best = planner.plan(budget).best
        assert best is not None
        within = min(loss for one, loss in truth.items() if sum(costs[name] for name in one) <= budget)
        assert best.loss == pytest.approx(within, rel=1e-9)
        assert best.optimal


def test_catalogue_measures_count_as_if_they_stood_in_the_model(examples: dict[str, Assessment]) -> None:
    assessment = examples["edge-inspection"]
    planner = Planner(assessment, Ask(shortlist=6))
    plan = planner.plan(200_000)
    assert plan.best is not None
    assert any(one.status == "recommended" for one in (planner.field.by_id[id_] for id_ in plan.best.chosen))
    taken = [planner.field.by_id[one].implementation for one in sorted(plan.best.chosen)]
    known = assessment.compiled.system
    ids = {one.id for one in taken}
    controls = [one for one in known.controls if one.id not in ids]
    controls += [replace(one, status=Status.IMPLEMENTED) for one in taken]
    again = assess(
        compile_system(
            replace(known, controls=tuple(controls)), assessment.compiled.catalogue, assessment.compiled.settings
        )
    )
    loss = again.yearly_loss()
    assert loss is not None
    assert plan.loss.value == pytest.approx(loss.value, rel=1e-9)
    now = assessment.yearly_loss(View.RESIDUAL)
    assert now is not None
    assert plan.now.value == pytest.approx(now.value, rel=1e-9)
    assert plan.saved.value == pytest.approx(now.value - loss.value, rel=1e-9)


@pytest.mark.parametrize("name", quick_first(1, [path.stem for path in EXAMPLES]))
def test_the_plans_of_the_examples_are_certain_and_add_up(name: str, examples: dict[str, Assessment]) -> None:
    plan = Planner(examples[name]).plan()
    assert plan.complete
    assert plan.best is not None
    assert plan.best.optimal
    assert all(point.best.optimal for point in plan.frontier)
    for before, after in itertools.pairwise(plan.frontier):
        assert (before.best.cost < after.best.cost) and (before.loss.value > after.loss.value)
    least = min(point.best.cost + point.loss.value for point in plan.frontier)
    assert plan.best.cost + plan.loss.value == pytest.approx(least)
    assert plan.order[-1].cost == pytest.approx(plan.best.cost)
    assert plan.order[-1].loss.value == pytest.approx(plan.loss.value)
    assert sorted(one.id for stage in plan.order for one in stage.measures) == sorted(plan.best.chosen)
    assert [stage.phase for stage in plan.order] == sorted(
        (stage.phase for stage in plan.order), key=["now", "next", "later"].index
    )


def test_a_simulated_plan_says_so_and_meets_the_same_worlds(
    catalogue: Catalogue, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = Options(nodes=0, worlds=4_000)
    plan = planned(MODEL, catalogue, settings, OWN, options).plan(30)
    exact = planned(MODEL, catalogue, settings).plan(30)
    assert not plan.exact
    assert plan.best is not None
    assert exact.best is not None
    assert plan.loss.low < plan.loss.value < plan.loss.high
    assert plan.loss.low <= exact.loss.value <= plan.loss.high
    planner = planned(MODEL, catalogue, settings, OWN, options)
    assert planner.plan(30).loss == plan.loss
    losses = [point.loss.value for point in plan.frontier]
    assert losses == sorted(losses, reverse=True)
    # What is foreseen, and worked out beside others, is what it is by itself.
    evaluator, alone = Evaluator(planner.field), Evaluator(planner.field)
    chosen = frozenset(planner.field.by_id)
    sets = [frozenset[str](), *(chosen - {one} for one in sorted(chosen)), chosen]
    evaluator.foresee(sets[1:])
    evaluator.losses(sets[:1])
    monkeypatch.setattr(evaluator, "estimates", None)
    assert evaluator.losses(sets) == [alone.losses([one])[0] for one in sets]
    by_pairs = [alone.estimates([chosen - {one}, chosen])[1][1] for one in sorted(chosen)]
    assert alone.last(chosen, sorted(chosen)) == by_pairs


def test_adding_a_measure_never_raises_the_loss(examples: dict[str, Assessment]) -> None:
    planner = Planner(examples["support-assistant"], Ask(shortlist=30))
    evaluator = Evaluator(planner.field)
    names = sorted(planner.field.by_id)
    growing = [frozenset(names[:count]) for count in range(len(names) + 1)]
    losses = evaluator.losses(growing)
    assert all(after <= before * (1 + 1e-12) for before, after in itertools.pairwise(losses))


# ---------------------------------------------------------------- costs
def test_costs_are_stated_assumed_or_asked_for(catalogue: Catalogue, settings: Settings) -> None:
    text = MODEL.replace("status: proposed, cost: 10", "status: proposed")
    assumed = planned(text, catalogue, settings).field.by_id["filter"]
    assert (assumed.cost, assumed.assumed) == (settings.function_costs[assumed.control.function], True)  # type: ignore[union-attr]
    own, problems = load_settings(b"control_costs: {input-guardrail: 7}\nfunction_costs: {prevent: null}\n")
    assert problems == ()
    assert planned(text, catalogue, own).field.by_id["filter"].cost == 7
    none, _ = load_settings(b"function_costs: {prevent: null}\n")
    field = planned(text, catalogue, none).field
    assert "filter" not in field.by_id
    assert [one.id for one in field.unpriced] == ["filter"]
    assert load_settings(b"function_costs: {prevnt: 1}\n")[1][0].fix == "Did you mean prevent?"
    assert "not a number" in load_settings(b"control_costs: {input-guardrail: -1}\n")[1][0].message


def test_a_cost_for_a_control_that_there_is_not_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("control_costs: {input-guardrial: 5}\n")
    (tmp_path / "model.yaml").write_text(MODEL.replace("zones:", "settings: own.yaml\nzones:", 1))
    model = open_model(tmp_path / "model.yaml")
    assert not model.usable
    (problem,) = [one for one in model.problems if one.level == "error"]
    assert (problem.path, problem.file) == ("control_costs.input-guardrial", "own.yaml")
    assert "input-guardrail" in problem.fix


# ---------------------------------------------------------------- no path
def reached(assessment: Assessment, added: list[ControlImplementation], holding: set[str], target: str) -> set[str]:
    """The actors who still come to the target, worked out anew from the model with the measures in it."""
    known = assessment.compiled.system
    names = {one.id for one in known.controls}
    controls = (*known.controls, *(one for one in added if one.id not in names))
    compiled = compile_system(
        replace(known, controls=controls), assessment.compiled.catalogue, assessment.compiled.settings
    )
    found = set()
    for actor in known.actors:
        graph = attack_graph(compiled, actor, whole=True)
        left = {
            step.id
            for step in graph.steps
            if not any(cover.control in holding and cover.coverage == 1.0 for cover in step.controls)
        }
        if target in least_set(graph, left):
            found.add(actor.id)
    return found


@pytest.mark.parametrize("name", quick_first(1, [path.stem for path in EXAMPLES]))
def test_every_loss_of_the_examples_is_broken_or_shown_to_be_open(name: str, examples: dict[str, Assessment]) -> None:
    assessment = examples[name]
    standing = set(assessment.compiled.in_force(View.RESIDUAL))
    for target in find_targets(assessment):
        found = break_plan(assessment, (target,), Ask(reconsider=True))
        everything = [one.implementation for one in found.field.options]
        holders = {actor for actor, _ in found.by_position}
        if found.chosen is None:
            holding = standing | {one.id for one in everything}
            assert reached(assessment, everything, holding, target) - holders == {
                found.actors[number] for number, _ in found.found.open
            }
            assert found.path is not None
            assert not any(cover.control in holding for step in found.path[1].steps for cover in step.controls)
            continue
        taken = {one.id for one in found.chosen}
        assert not reached(assessment, everything, standing | taken, target) - holders
        assert found.found.optimal
        assert found.minimal
        for one in taken:
            assert reached(assessment, everything, (standing | taken) - {one}, target) - holders, one
        for one in found.relies_on:
            assert reached(assessment, everything, (standing | taken) - {one}, target) - holders, one
        (left,) = found.remaining
        assert left.then.value <= left.now.value


def test_only_exclusions_in_the_way_are_told_from_an_open_path(catalogue: Catalogue, settings: Settings) -> None:
    assessment = assess(compile_system(system(MODEL, catalogue), catalogue, settings))
    needed = break_plan(assessment, ("records:read",))
    assert needed.chosen is not None
    nothing = break_plan(assessment, ("records:read",), Ask(only_model=True, without=("filter", "rights", "answers")))
    assert nothing.chosen is None
    assert nothing.path is not None
    assert nothing.path[0] == "visitor"
    unreached = break_plan(assessment, ("app:deny",), OWN, ("visitor",))
    assert unreached.actors == ("visitor",)


# ---------------------------------------------------------------- command
@pytest.mark.parametrize("batches", [1, 2, 5])
@pytest.mark.parametrize("count", [8, 20])
def test_a_search_that_is_ended_says_so_and_its_bound_still_holds(batches: int, count: int) -> None:
    """Measures that each take a share off one of two losses, so that the true optimum is known by enumeration."""
    names = [f"m{number:02}" for number in range(count)]
    cost = {name: 1.0 + (number * 7 % 5) for number, name in enumerate(names)}

    def losses(sets: Sequence[frozenset[str]]) -> list[float]:
        found = []
        for chosen in sets:
            left = [100.0, 70.0]
            for number, name in enumerate(names):
                if name in chosen:
                    left[number % 2] *= 0.5 + 0.02 * (number % 11)
            found.append(sum(left))
        return found

    calls = 0

    def progress(_done: int, _most: int) -> bool:
        nonlocal calls
        calls += 1
        return calls < batches

    search = Search(Choices(cost), losses, 1_000_000, progress)
    budget = 9.0
    found = search.best(budget)
    assert found is not None and found.cost <= budget
    small = [name for name in names if cost[name] <= budget]
    best = min(
        losses([frozenset(some)])[0]
        for size in range(6)
        for some in itertools.combinations(small, size)
        if sum(cost[one] for one in some) <= budget
    )
    assert found.bound <= best + 1e-9 <= found.loss + 1e-9
    whole = Search(Choices(cost), losses, 1_000_000)
    complete = whole.best(budget)
    assert complete is not None and not whole.ended
    if search.ended:
        assert search.done < whole.done or complete.loss <= found.loss
    assert batches > 2 or search.ended
