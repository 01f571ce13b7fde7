"""The roadmap: what fits where, in which order, and what is left to lose after each phase."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmodel.assessment.results import Assessment
from graphmodel.outputs.roadmap import tasks_table
from graphmodel.planning.options import Ask
from graphmodel.planning.plan import Planner
from graphmodel.posture.answers import AnswerStatus
from graphmodel.posture.posture import area_states, targets_of
from graphmodel.posture.roadmap import Phase, Roadmap, roadmap
from tests.posture.systems import ANSWERS, SYSTEM, stands

CONTROLS = """\
controls:
  isolation: {control: content-isolation, protects: [bot], status: planned, cost: 40, due: 2027-03-01, owner: Ada}
  rights: {control: least-privilege-tools, protects: [tool], status: proposed, cost: 30, requires: [people]}
  people: {control: human-approval, protects: [tool], status: proposed, cost: 20}
  guard: {control: input-guardrail, protects: [bot], status: proposed, cost: 10, due: 2027-03-15, name: "=1+1"}
"""
RISK = """\
answers:
  MS-5.2.1.g1: {status: not met, accepted: {by: CISO, reason: small, until: 2026-01-01, compensating: guard}}
"""


def laid_out(tmp_path: Path, phases: Sequence[Phase], today: str = "2027-04-01") -> tuple[Assessment, Roadmap]:
    assessment, found, _ = stands(tmp_path, ANSWERS + RISK, SYSTEM + CONTROLS, today)
    planner = Planner(assessment, Ask(only_model=True))
    framework, answers = found.framework, found.given
    plan = planner.plan(100.0)
    return assessment, roadmap(planner, plan, phases, assessment, framework, answers, targets_of(framework, answers))


def test_each_phase_leaves_what_an_assessment_with_its_measures_finds(tmp_path: Path) -> None:
    assessment, found = laid_out(tmp_path, [Phase("a", "2027-03-31", 50), Phase("b", "", 50)])
    assert found.now.value == pytest.approx(sum(one.value for one in _losses(assessment)))
    taken: set[str] = set()
    for one in found.milestones:
        taken |= {task.option.id for task in one.tasks}
        lines = [line for line in CONTROLS.splitlines() if line.partition(":")[0].strip() in taken]
        text = "\n".join(["controls:", *lines]).replace("planned", "implemented").replace("proposed", "implemented")
        then, _, _ = stands(tmp_path, ANSWERS, SYSTEM + text)
        assert one.loss.value == pytest.approx(sum(loss.value for loss in _losses(then)), rel=1e-9)
    assert found.milestones[-1].loss.value < found.now.value


def _losses(assessment: Assessment) -> list:  # type: ignore[type-arg]
    from graphmodel.knowledge.vocabulary import View

    return [one.solutions[View.RESIDUAL].loss for one in assessment.actors]


def test_what_is_decided_stands_where_its_date_is_and_says_when_it_is_late(tmp_path: Path) -> None:
    phases = [Phase("q1", "2027-03-31", 5), Phase("q2", "2027-06-30", 100)]
    _, found = laid_out(tmp_path, phases)
    first = found.milestones[0]
    assert [task.option.id for task in first.tasks] == ["isolation"]
    assert first.over and first.tasks[0].overdue and first.tasks[0].owner == "Ada"
    _, before = laid_out(tmp_path, phases, "2027-02-01")
    assert not before.milestones[0].tasks[0].overdue
    slipping = {task.option.id: task.slipping for one in before.milestones for task in one.tasks}
    assert slipping["guard"] and not slipping["isolation"]
    _, fine = laid_out(tmp_path, [Phase("year", "2027-12-31", 100)], "2027-02-01")
    assert not any(task.slipping for task in fine.milestones[0].tasks)


@settings(deadline=None, max_examples=25)
@given(budgets=st.lists(st.integers(0, 70), min_size=1, max_size=4), most=st.integers(1, 3))
def test_no_phase_spends_what_was_not_given_and_nothing_comes_before_what_it_requires(
    tmp_path_factory: pytest.TempPathFactory, budgets: list[int], most: int
) -> None:
    phases = [Phase(str(number), "", float(one), most) for number, one in enumerate(budgets)]
    _, found = laid_out(tmp_path_factory.mktemp("roadmap"), phases)
    placed = {task.option.id: number for number, one in enumerate(found.milestones) for task in one.tasks}
    spent = 0.0
    for number, one in enumerate(found.milestones):
        assert len(one.tasks) <= most
        spent += one.cost
        assert spent <= sum(budgets[: number + 1])
    if "rights" in placed:
        assert placed["people"] <= placed["rights"]
    assert found.plan.best is not None
    left = {one.id for one in found.left}
    assert left | set(placed) == set(found.plan.best.chosen) and not left & set(placed)
    for one, later in zip(found.milestones, found.milestones[1:], strict=False):
        assert later.loss.value <= one.loss.value + 1e-9


def test_maturity_begins_where_posture_says_and_grows_by_what_is_put_in_place(tmp_path: Path) -> None:
    said = "answers:\n  GEN-1.g3: {status: not met}\n  GEN-1.g4: {status: not met}\n"
    system = SYSTEM + CONTROLS + "  other: {control: input-guardrail, protects: [bot]}\n"
    assessment, found, _ = stands(tmp_path, ANSWERS + said, system, "2027-02-01")
    planner, framework, answers = Planner(assessment, Ask(only_model=True)), found.framework, found.given
    result = roadmap(planner, planner.plan(100.0), [], assessment, framework, answers, targets_of(framework, answers))
    assert result.areas == area_states(assessment, framework, answers)
    items = {item.item.id: item for area in result.milestones[0].areas for item in area.items()}
    assert items["GEN-1.g4"].status is AnswerStatus.NOT_MET  # answered so though it stands: no measure changes that
    assert items["GEN-1.g3"].status is AnswerStatus.MET


def test_without_phases_they_are_those_of_the_plan(tmp_path: Path) -> None:
    _, found = laid_out(tmp_path, [])
    assert [one.phase.name for one in found.milestones] == ["now", "next", "later"]
    # What is decided is now; of the other 60 the first 20 are now, and what begins at 20 and at 30 is next.
    assert [[task.option.id for task in one.tasks] for one in found.milestones] == [
        ["isolation", "people"],
        ["guard", "rights"],
        [],
    ]
    assert found.left == ()
    assert [(one.item, one.expired) for one in found.accepted] == [("MS-5.2.1.g1", True)]


def test_tasks_go_into_issue_trackers_and_no_text_is_a_formula(tmp_path: Path) -> None:
    from graphmodel.knowledge.framework import load_framework

    assessment, found = laid_out(tmp_path, [])
    framework = load_framework()
    for form in ("csv", "jira"):
        rows = list(csv.reader(StringIO(tasks_table(assessment, framework, found, form))))
        assert len({len(row) for row in rows}) == 1 and len(rows) == 1 + sum(len(one.tasks) for one in found.milestones)
        assert not any(cell[:1] in "=+-@" for row in rows for cell in row if cell)
        assert any("'=1+1" in cell for row in rows for cell in row)
    issues = [json.loads(line) for line in tasks_table(assessment, framework, found, "github").splitlines()]
    assert all(set(one) == {"title", "body", "labels"} for one in issues) and len(issues) == len(rows) - 1
    assert any("Cost a year: 40 EUR." in one["body"] for one in issues)
