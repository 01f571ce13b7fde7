"""The Gantt chart of the roadmap on the page Plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphmodel.knowledge.framework import load_framework
from graphmodel.planning.options import Ask
from graphmodel.planning.plan import Planner
from graphmodel.posture.answers import Answers
from graphmodel.posture.posture import targets_of
from graphmodel.posture.roadmap import Task, roadmap
from graphmodel.ui.roadmap import gantt, quarters, state_of
from graphmodel.workspace import open_model
from tests.posture.systems import SYSTEM

pytestmark = pytest.mark.usefixtures("kept_answers")

CONTROLS = """\
controls:
  late: {control: input-guardrail, protects: [bot], status: planned, due: 2020-03-31, owner: Ada, cost: 10}
  soon: {control: content-isolation, protects: [bot], status: planned, due: 2027-01-15, cost: 10}
  other: {control: per-user-permissions, protects: [bot], status: proposed, cost: 10}
"""


def test_the_roadmap_draws_a_bar_for_each_measure_and_marks_what_is_late(tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").write_text(SYSTEM + CONTROLS)
    assessment = open_model(tmp_path / "desk.yaml").assess(today="2026-11-03")
    planner, framework = Planner(assessment, Ask(only_model=True)), load_framework()
    for phases in ((), quarters("2026-11-03", 4, 1)):
        answers = Answers(framework.id)
        found = roadmap(
            planner, planner.plan(30.0), phases, assessment, framework, answers, targets_of(framework, answers)
        )
        chart = gantt(assessment, found).to_dict()
        bars = {row["Measure"]: row for rows in chart["datasets"].values() for row in rows if "Measure" in row}
        tasks = [task for one in found.milestones for task in one.tasks]
        assert len(bars) == len(tasks) == 3
        assert sorted(row["State"] for row in bars.values()) == ["Chosen", "Decided", "Overdue"]
        (late,) = (row for row in bars.values() if row["State"] == "Overdue")
        assert (late["Owner"], late["Due"]) == ("Ada", "2020-03-31")
        if phases:
            (soon,) = (row for row in bars.values() if row["State"] == "Decided")
            assert (soon["Phase"], soon["From"], soon["Until"]) == ("2027 Q1", "2027-01-01", "2027-01-15")
            assert all("2026-11-03" <= row["From"] < row["Until"] <= "2027-09-30" for row in bars.values())
    slipping = Task(tasks[0].option, "2026-12-01", "", overdue=False, slipping=True, requirements=())
    assert state_of(slipping) == "Later than its date"


def test_quarters_begin_with_the_one_of_today() -> None:
    assert [(one.name, one.until, one.most) for one in quarters("2026-11-03", 2, 5)] == [
        ("2026 Q4", "2026-12-31", 5),
        ("2027 Q1", "2027-03-31", 5),
    ]
    assert [one.until for one in quarters("2027-12-31", 4)] == ["2027-12-31", "2028-03-31", "2028-06-30", "2028-09-30"]
    assert [one.until for one in quarters("2027-02-01", 3)] == ["2027-03-31", "2027-06-30", "2027-09-30"]
