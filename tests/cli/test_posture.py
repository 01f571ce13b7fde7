"""``posture`` and ``roadmap`` as a user meets them: what they print, write and end with."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path

import openpyxl
import pytest

from tests.cli.calls import printed, run
from tests.posture.systems import ANSWERS, SYSTEM, answered
from tests.posture.test_roadmap import CONTROLS

pytestmark = pytest.mark.usefixtures("kept_answers")

SAID = (
    "use: {regulated-data: true}\nmaturity: {GEN-1: 4}\n"
    "answers: {GEN-1.g3: {status: met}, GEN-1.g4: {status: met, controls: [{control: input-guardrail, on: [bot]}]}}\n"
)


@pytest.fixture
def desk(tmp_path: Path) -> str:
    answered(tmp_path, ANSWERS + SAID, SYSTEM + CONTROLS.replace("planned", "proposed"))
    return str(tmp_path / "desk.yaml")


def test_posture_prints_what_its_json_has(desk: str) -> None:
    found, said = printed("posture", desk), run("posture", desk).stdout
    assert found["severity"]["level"] == "Critical"
    assert "Severity of the use: Critical." in said and "critical-1" in said
    assert found["from_answers"] == {"GEN-1.g4.input-guardrail": "GEN-1.g4"}
    areas = {one["id"]: one for one in found["areas"]}
    assert {one["id"]: one["today"] for one in areas["GEN"]["requirements"]}["GEN-1"] == 4
    gaps = {one["requirement"]: one for one in found["gaps"]}
    assert gaps["GEN-1"]["exposed"] and "still exposed" in said
    assert gaps["GEN-1"]["saves"]["amount"] > 0 and gaps["GEN-1"]["saves"]["method"] == "exact"
    assert [one["kind"] for one in found["findings"] if one["about"] == "GEN-1.g3"] == ["contradiction"]
    assert any(one["place"].startswith("answers.GEN-1.g3, line") for one in found["findings"])
    injection = next(one for one in found["attacks"] if one["id"] == "prompt-injection")
    assert injection["starter"]["likelihood"] is None
    assert injection["controls"] == ["GEN-1.g4.input-guardrail"]
    assert injection["residual"]["likelihood"]["value"] <= injection["inherent"]["likelihood"]["value"]


def test_several_systems_are_one_table(desk: str, tmp_path: Path) -> None:
    folder = tmp_path / "all"
    (folder / "below").mkdir(parents=True)
    dear = SYSTEM.replace("amount: 100000", "amount: 900000").replace("Help desk", "Dear desk")
    dear = dear.replace("skilled, zone: outside}", "skilled, zone: outside, attempts_per_year: 2}")
    (folder / "below" / "dear.yaml").write_text(dear)
    (folder / "desk.yaml").write_text(SYSTEM)
    (folder / "wrong.yaml").write_text(SYSTEM.replace("type: Agent", "type: Agnet"))
    (folder / "broken.json").write_text('{"graphmodel": 1,')
    (folder / "notes.yaml").write_text("about: [graphmodel: no system")
    (folder / "assessment.yaml").write_text(ANSWERS + "use: {regulated-data: true}\n")
    result = run("posture", str(folder), "--json")
    assert result.exit_code == 2
    assert "2 of 4 systems cannot be used" in result.stderr
    assert "“Agnet”" in result.stderr
    found = json.loads(result.stdout)
    assert found["unusable"] == [str(folder / "broken.json"), str(folder / "wrong.yaml")]
    first, second = found["systems"]
    assert (first["name"], first["severity"], second["name"], second["severity"]) == (
        "Help desk",
        "Critical",
        "Dear desk",
        None,
    )
    alone = printed("posture", str(folder / "desk.yaml"))
    assert {area["id"]: area["today"] for area in alone["areas"]} == {
        area: level["today"] for area, level in first["maturity"].items()
    }
    dear_loss = printed("assess", str(folder / "below" / "dear.yaml"), "--draws", "0")["yearly_loss"]["residual"]
    assert second["per"] == "year"
    assert second["loss"]["amount"] == dear_loss["amount"] == found["together"][0]["loss"]["amount"]
    said = run("posture", desk, str(folder / "below" / "dear.yaml"))
    assert said.exit_code == 0
    assert "2 systems, the gravest use first" in said.stdout
    assert said.stdout.index("Help desk") < said.stdout.index("Dear desk")
    assert run("posture", str(tmp_path), "--standard", "iso-42001").exit_code == 2


def test_answers_can_be_named_and_must_be_right(desk: str, tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(ANSWERS)
    assert printed("posture", desk, "--answers", str(tmp_path / "other.yaml"))["severity"]["level"] is None
    (tmp_path / "desk.assessment.yaml").write_text(ANSWERS + "answers: {GEN-1.g3: {status: maybe}}\n")
    for command in ("posture", "assess", "roadmap", "check"):
        wrong = run(command, desk)
        assert wrong.exit_code == 2, command
        assert "“maybe” is not an answer" in wrong.stdout + wrong.stderr


def test_roadmap_lays_out_phases_and_writes_tasks(desk: str, tmp_path: Path) -> None:
    phases = ("--phase", "Q1:2027-03-31:50:x2")
    found = printed("roadmap", desk, "--only-model", *phases, "--phase", "Q2:50")
    first, second = found["phases"]
    assert (first["name"], first["until"], first["budget"]) == ("Q1", "2027-03-31", 50)
    assert (second["until"], second["budget"]) == (None, 50)
    assert first["cost"] <= 50 and first["cost"] + second["cost"] <= 100 and len(first["tasks"]) <= 2
    assert second["loss"]["amount"] <= first["loss"]["amount"] < found["loss_now"]["amount"]
    said = run("roadmap", desk, "--only-model", *phases, "--phase", "Q2:50").stdout
    assert "Q1, until 2027-03-31" in said
    out = tmp_path / "tasks.csv"
    assert run("roadmap", desk, "--only-model", *phases, "--to", "jira", "-o", str(out)).exit_code == 0
    assert out.read_text().startswith("Summary,Issue Type,")


@pytest.mark.parametrize("phases", [["Q1:soon"], ["Q1", "Q1"], [""], ["Q1:2027-03-31:x"], ["Q1:2027-02-30"]])
def test_roadmap_refuses_phases_that_mean_nothing(desk: str, phases: list[str]) -> None:
    wrong = run("roadmap", desk, *(part for one in phases for part in ("--phase", one)))
    assert wrong.exit_code == 2
    assert "phase" in wrong.stderr


def test_the_draft_of_a_statement_of_applicability_is_written_and_never_over_another(tmp_path: Path) -> None:
    system, _ = tmp_path / "desk.yaml", (tmp_path / "desk.yaml").write_text(SYSTEM)
    (tmp_path / "desk.assessment.yaml").write_text(
        ANSWERS
        + "maturity: {GOV-1: {level: 3, owner: '=1+1'}}\n"
        + "answers:\n"
        + "".join(f"  GEN-8.g{n}: {{status: not applicable, reason: nobody approves}}\n" for n in range(1, 6))
        + "  GOV-1.g1: {status: met, evidence: [{reference: '@SUM(A1)'}]}\n"
    )
    for ending in ("csv", "xlsx"):
        out = str(tmp_path / f"soa.{ending}")
        asked = ("posture", str(system), "--standard", "iso-27001", "-o", out)
        assert run(*asked).exit_code == 0
        before = Path(out).read_bytes()
        again = run(*asked)
        assert again.exit_code == 2 and "is there already" in again.stderr
        assert run(*asked, "--force").exit_code == 0 and Path(out).read_bytes() == before
    lines = list(csv.DictReader(StringIO((tmp_path / "soa.csv").read_text(encoding="utf-8-sig"))))
    entries = {one["entry"]: one for one in lines if one["entry"]}
    assert len(entries) == 93 and next(iter(entries)) == "A.5.1"
    policies = entries["A.5.1"]
    assert (policies["applies (draft)"], policies["implementation (draft)"]) == ("yes", "supported")
    assert policies["owners"] == "'=1+1" and policies["evidence"] == "'@SUM(A1)"
    assert entries["A.5.3"]["applies (draft)"] == "no" and "nobody approves" in entries["A.5.3"]["why"]
    assert entries["A.5.5"]["applies (draft)"] == "to be decided"
    assert {one["decided: applies"] for one in lines} == {""}
    assert "none of this is a certification" in lines[-1]["title"]
    sheet = openpyxl.load_workbook(tmp_path / "soa.xlsx").worksheets[0]
    cells = {sheet.cell(row, 1).value: row for row in range(1, sheet.max_row + 1)}
    assert sheet.cell(cells["A.5.1"], 8).value == "=1+1" and sheet.cell(cells["A.5.1"], 8).data_type == "s"
    for wrong in (("-o", "x.csv"), ("--standard", "iso-27001", "-o", "x.doc"), ("--standard", "iso")):
        assert run("posture", str(system), *wrong).exit_code == 2
