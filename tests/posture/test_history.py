"""The history of a system: every figure is the one that was recorded, and nothing in the folder is passed over."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from graphmodel import snapshots
from graphmodel.knowledge.vocabulary import View
from graphmodel.posture.history import histories
from graphmodel.posture.posture import area_states
from graphmodel.snapshots import keep, kept, take
from graphmodel.workspace import Model
from tests.cli.calls import printed, run
from tests.posture.systems import ANSWERS, SYSTEM, answered

LATE = "answers: {MS-5.2.1.g1: {status: not met, due: 2026-01-01}, GEN-1.g4: {status: met}}\n"
RATED = SYSTEM.replace("zone: outside}\n  planter", "zone: outside, attempts_per_year: 2}\n  planter")
Kept = Callable[[str, str, str], Model]


@pytest.fixture
def keeping(tmp_path: Path) -> Kept:
    """Takes a snapshot of a system with answers on a date."""

    def taken(date: str, answers: str = ANSWERS, system: str = SYSTEM) -> Model:
        model, _ = answered(tmp_path, answers, system)
        keep(take(model, model.assess(today=date), date, f"on {date}"), tmp_path / "snapshots")
        return model

    return taken


def test_each_moment_has_what_was_found_then(tmp_path: Path, keeping: Kept) -> None:
    guarded = SYSTEM + "controls: {g: {control: content-isolation, protects: [bot]}}\n"
    models = [keeping("2026-06-01", ANSWERS + LATE, SYSTEM), keeping("2026-07-01", ANSWERS, guarded)]
    found, problems = kept(tmp_path / "snapshots")
    assert not problems
    (history,) = histories([(path.name, one) for path, one in found])
    assert (history.system, history.per) == ("desk", "campaign of each actor")
    for moment, model, date in zip(history.moments, models, ("2026-06-01", "2026-07-01"), strict=True):
        assessment = model.assess(today=date)
        whole = sum(one.solutions[View.RESIDUAL].loss.value for one in assessment.actors)
        assert moment.loss[View.RESIDUAL].value == pytest.approx(whole)
        assert model.answered is not None
        areas = area_states(assessment, model.answered.framework, model.answered.given)
        assert dict(moment.levels) == {one.area.id: pytest.approx(one.today) for one in areas if one.today is not None}
        assert moment.note == f"on {date}"
    first, second = history.moments
    assert (first.overdue, second.overdue) == (1, 0)
    assert first.contradictions == 1 and second.contradictions == 0
    assert second.open_items == first.open_items + 1  # that of governance; the graph knows the other


def test_losses_are_yearly_where_all_are(tmp_path: Path, keeping: Kept) -> None:
    keeping("2026-06-01", ANSWERS, RATED)
    yearly = printed("history", str(tmp_path / "snapshots"))["systems"][0]
    assert yearly["per"] == "year" and set(yearly["moments"][0]["loss"]) == {"inherent", "residual", "target"}
    keeping("2026-07-01", ANSWERS, SYSTEM)
    mixed = printed("history", str(tmp_path / "desk.yaml"))["systems"][0]
    assert mixed["per"] == "campaign of each actor"
    assert [one["date"] for one in mixed["moments"]] == ["2026-06-01", "2026-07-01"]
    said = run("history", str(tmp_path / "snapshots")).stdout
    assert "2026-07-01 (on 2026-07-01)" in said
    told = re.search(r"graphmodel diff \S*/(2026-06-01\S+) \S*/(2026-07-01\S+)", said)
    assert told and all((tmp_path / "snapshots" / one).is_file() for one in told.groups())


def test_what_is_no_snapshot_or_damaged_is_told(tmp_path: Path, keeping: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "takes one" in run("history", str(tmp_path)).stdout
    assert run("history", str(tmp_path / "nowhere")).exit_code == 2
    keeping("2026-06-01", ANSWERS, SYSTEM)
    keeping("2026-07-01", ANSWERS, SYSTEM)
    folder = tmp_path / "snapshots"
    path = sorted(folder.iterdir())[0]
    path.write_text(path.read_text().replace('"note": "on', '"note": "in'))
    (folder / "other.json").write_text(json.dumps({"a": 1}))
    (folder / "broken.json").write_text("{")
    result = run("history", str(folder))
    assert result.exit_code == 0
    assert "damaged, or was changed" in result.stderr and "no snapshot" in result.stderr
    assert "broken.json" in result.stderr
    assert "2026-07-01" in result.stdout and "2026-06-01" not in result.stdout
    monkeypatch.setattr(snapshots, "MOST", 1)
    assert "the last 1 are read" in run("history", str(folder)).stderr
