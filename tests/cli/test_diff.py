"""``snapshot`` and ``diff`` as a user meets them: what they print, write and end with."""

from __future__ import annotations

import json
import re
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from graphmodel.cli.main import main
from tests.cli.calls import ASSISTANT, printed, run
from tests.conftest import ROOT
from tests.posture.versions import EDITS, MODEL, edited

pytestmark = pytest.mark.usefixtures("kept_answers")

EXPIRING = ("protects: [agent], status: planned", "protects: [agent], evidence: tested, evidence_until: 2027-01-31")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.yaml").write_text(MODEL)
    return tmp_path


def write(name: str, *edits: tuple[str, str], text: str = MODEL) -> str:
    Path(name).write_text(edited(*edits, text=text))
    return name


def test_a_planned_control_that_was_implemented_is_the_cause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = Path(ASSISTANT).read_text()
    file = Path("support-assistant.yaml")
    file.write_text(text)
    first = run("snapshot", str(file), "--note", "before").stdout.strip()
    old = "    name: Retrieved text cannot call tools\n    protects: [support-agent]\n    status: planned\n"
    file.write_text(edited((old, old.replace("planned", "implemented")), text=text))
    second = run("snapshot", str(file)).stdout.strip()
    assert first != second
    said = run("diff", first, second)
    assert said.exit_code == 0
    assert "control isolate-content: status planned → implemented" in said.stdout
    assert "1,773,000 → 1,394,000, −379,000" in said.stdout
    page = (ROOT / "docs" / "snapshots.md").read_text()
    shown = re.search(r"```text\n(Expected.*?)```", page, re.DOTALL)
    assert shown is not None
    assert shown[1] in said.stdout + "\n"
    found = printed("diff", first, second)
    (cause,) = found["causes"]
    assert cause["name"] == "control isolate-content"
    assert cause["part"] == found["expected_loss"]["difference"]
    assert found["again"]["amount"] == 0


def test_what_is_printed_adds_up(folder: Path) -> None:
    new = write("new.yaml", *EDITS.values())
    found = json.loads(
        CliRunner().invoke(main, ["diff", "shop.yaml", new, "--json"]).stdout, parse_float=Decimal, parse_int=Decimal
    )
    whole = found["expected_loss"]
    assert whole["old"]["amount"] + whole["difference"]["amount"] == whole["new"]["amount"]
    parts = [one["part"]["amount"] for one in found["causes"]]
    assert len(parts) == 6
    assert sum(parts) + found["again"]["amount"] == whole["difference"]["amount"]
    for risk in found["risks"]:
        for kind in ("expected_loss", "likelihood"):
            moved = risk[kind]
            assert moved["old"]["amount"] + moved["difference"]["amount"] == moved["new"]["amount"]
            assert sum(one[kind]["amount"] for one in risk["because"]) == moved["difference"]["amount"]
    text = run("diff", "shop.yaml", new).stdout
    table = text.split("what changed\n")[1].split("together")[0].splitlines()[1:]
    numbers = [int(re.sub(r"[,+]", "", line.split()[0]).replace("−", "-")) for line in table if line.strip()]
    assert len(numbers) == 7
    assert sum(numbers[:-1]) == numbers[-1]


def test_nothing_changed(folder: Path) -> None:
    said = run("diff", "shop.yaml", "shop.yaml", "--fail-above", "0", "--fail-on-new-path", "--fail-on-expired")
    assert said.exit_code == 0
    assert "Nothing changed." in said.stdout
    found = printed("diff", "shop.yaml", "shop.yaml")
    assert found["causes"] == found["new_paths"] == found["expired_evidence"] == found["exceeded"] == []
    assert found["expected_loss"]["difference"]["amount"] == 0


def test_a_rise_beyond_a_threshold_ends_with_1(folder: Path) -> None:
    more = write("more.yaml", EDITS["loss records:read"])  # a fifth more of one of two losses
    for limit, status in (("25%", 0), ("19%", 1), ("1000000", 0), ("1", 1), ("0", 1), ("19.9 %", 1)):
        assert run("diff", "shop.yaml", more, "--fail-above", limit).exit_code == status, limit
        assert run("diff", more, "shop.yaml", "--fail-above", limit).exit_code == 0
    assert [one["rule"] for one in printed_with(1, "diff", "shop.yaml", more, "--fail-above", "19%")["exceeded"]]
    for limit in ("lots", "-5", "5%%", "", "1e5"):
        wrong = run("diff", "shop.yaml", more, "--fail-above", limit)
        assert wrong.exit_code == 2
        assert "--fail-above takes" in wrong.stderr


def printed_with(status: int, *arguments: str) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == status, result.output
    return json.loads(result.stdout)  # type: ignore[no-any-return]


def test_a_new_path_ends_with_1_and_another_order_of_paths_does_not(folder: Path) -> None:
    door = write(
        "door.yaml", ("  - {from: visitor, to: app}", "  - {from: visitor, to: app}\n  - {from: visitor, to: db}")
    )
    found = printed_with(1, "diff", "shop.yaml", door, "--fail-on-new-path")
    assert ["db", "records"] in [one["route"] for one in found["new_paths"]]
    assert {one["rule"] for one in found["exceeded"]} == {"new-path"}
    assert run("diff", "shop.yaml", door).exit_code == 0
    closed = write("closed.yaml", EDITS["control filter"], EDITS["control rights"])
    for old, new in (("shop.yaml", closed), (closed, "shop.yaml"), (door, "shop.yaml")):
        assert run("diff", old, new, "--fail-on-new-path", "-k", "10").exit_code == 0
    perfect = write(
        "perfect.yaml", ("protects: [agent], status: planned", "protects: [agent], evidence: tested, strength: 1")
    )
    certain = printed("diff", perfect, "shop.yaml", "-k", "20")["new_paths"]
    assert {one["target"] for one in certain} >= {"records:read"}  # the filter held for certain


def test_evidence_that_expires_ends_with_1(folder: Path) -> None:
    file = write("shop.yaml", EXPIRING)
    snapshot = run("snapshot", file, "--at", "2027-01-15").stdout.strip()
    assert run("diff", snapshot, file, "--at", "2027-01-31", "--fail-on-expired").exit_code == 0
    found = printed_with(1, "diff", snapshot, file, "--at", "2027-02-01", "--fail-on-expired")
    assert found["expired_evidence"] == [{"id": "filter", "until": "2027-01-31"}]
    assert [one["name"] for one in found["causes"]] == ["date"]
    assert "the date, 2027-01-15 → 2027-02-01" in run("diff", snapshot, file, "--at", "2027-02-01").stdout
    assert run("diff", file, file, "--old-at", "2027-02-01", "--at", "2027-02-02", "--fail-on-expired").exit_code == 0


def test_sarif_points_at_the_lines_of_the_new_document(folder: Path) -> None:
    Path("models").mkdir()
    new = write(
        "models/new model.yaml",
        EDITS["actor visitor"],
        EXPIRING,
        ("  - {from: visitor, to: app}", "  - {from: visitor, to: app}\n  - {from: visitor, to: db}"),
    )
    assert (
        run(
            "diff",
            "shop.yaml",
            new,
            "--sarif",
            "out.sarif",
            "--fail-above",
            "10%",
            "--old-at",
            "2027-01-01",
            "--at",
            "2027-03-01",
        ).exit_code
        == 1
    )
    found = json.loads(Path("out.sarif").read_text())
    assert found["version"] == "2.1.0"
    assert found["$schema"].endswith("sarif-2.1.0.json")
    (run_,) = found["runs"]
    rules = run_["tool"]["driver"]["rules"]
    assert run_["tool"]["driver"]["name"] == "graphmodel"
    assert len({one["id"] for one in rules}) == len(rules) == 5
    lines = Path(new).read_text().splitlines()
    seen = set()
    for result in run_["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
        assert result["partialFingerprints"]
        assert result["locations"]
        for place in result["locations"]:
            at = place["physicalLocation"]
            assert at["artifactLocation"]["uri"] == "models/new%20model.yaml"
            assert 1 <= at["region"]["startLine"] <= len(lines)
        seen.add(result["ruleId"])
        line = lines[result["locations"][0]["physicalLocation"]["region"]["startLine"] - 1]
        if result["ruleId"] == "evidence-expired":
            assert line.startswith("  filter:")
        if result["ruleId"] == "cause-of-rise" and "actor visitor" in result["message"]["text"]:
            assert line.startswith("  visitor:")
        if result["ruleId"] == "cause-of-rise" and "flow visitor->db" in result["message"]["text"]:
            assert line == "  - {from: visitor, to: db}"
    assert seen == {one["id"] for one in rules}
    assert {one["level"] for one in run_["results"] if one["ruleId"] == "loss-rises"} == {"error"}
    assert run("diff", "shop.yaml", new, "--sarif", "no/where/x.sarif").exit_code == 2


def test_answers_are_compared_by_id_and_what_they_stand_for_is_a_cause(folder: Path) -> None:
    guard = "controls: [{control: content-isolation, on: [agent]}]"
    first = "graphmodel-answers: 1\nanswers:\n  GEN-1.g3: {status: not met, owner: IT}\n  GEN-1.g1: {status: met}\n"
    Path("shop.assessment.yaml").write_text(first)
    old = run("snapshot", "shop.yaml").stdout.strip()
    then = f"graphmodel-answers: 1\nmaturity: {{GEN-1: 2}}\nanswers:\n  GEN-1.g3: {{status: met, owner: IT, {guard}}}\n"
    Path("new.yaml").write_text(then)
    new = run("snapshot", "shop.yaml", "--answers", "new.yaml").stdout.strip()
    for newer in ([new], ["shop.yaml", "--answers", "new.yaml"]):
        found = printed("diff", old, *newer)
        assert {(one["id"], one["what"]) for one in found["changes"]["answers"]} == {
            ("GEN-1.g1", "removed"),
            ("GEN-1.g3", "changed"),
            ("maturity GEN-1", "added"),
        }
        assert [one["name"] for one in found["causes"]] == ["control GEN-1.g3.content-isolation"]
        assert found["expected_loss"]["difference"]["amount"] < 0
    assert "answer GEN-1.g3: status not met → met" in run("diff", old, new).stdout
    subprocess.run(["git", "init", "-q"], check=True)
    subprocess.run(["git", "add", "shop.yaml", "shop.assessment.yaml"], check=True)
    who = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
    subprocess.run(["git", *who, "commit", "-qm", "first"], check=True)
    Path("shop.assessment.yaml").write_text(then)
    assert [one["name"] for one in printed("diff", "shop.yaml@HEAD", "shop.yaml")["causes"]] == [
        "control GEN-1.g3.content-isolation"
    ]
    Path("bad.yaml").write_text("x: 1\n")
    for call in (
        ["diff", old, "shop.yaml", "--answers", "bad.yaml"],
        ["snapshot", "shop.yaml", "--answers", "bad.yaml"],
    ):
        wrong = run(*call)
        assert wrong.exit_code == 2
        assert "no answers to the questionnaire" in wrong.stderr


def test_a_snapshot_is_taken_once_and_opens_as_a_model(folder: Path) -> None:
    taken = printed("snapshot", "shop.yaml", "--at", "2027-01-15", "-o", "kept")
    assert taken["new"]
    assert Path(taken["file"]).parent == Path("kept")
    assert re.fullmatch(r"2027-01-15-shop-[0-9a-f]{16}\.json", Path(taken["file"]).name)
    assert not printed("snapshot", "shop.yaml", "--at", "2027-01-15", "-o", "kept")["new"]
    assert printed("assess", taken["file"])["yearly_loss"] == printed("assess", "shop.yaml")["yearly_loss"]
    assert "is a snapshot already" in run("snapshot", taken["file"]).stderr
    given = CliRunner().invoke(main, ["snapshot", "-", "-o", "kept"], input=MODEL)
    assert given.exit_code == 0
    assert CliRunner().invoke(main, ["snapshot", "-"], input=MODEL).exit_code == 2
    for wrong in (["--at", "2027-13-01"], ["--at", "20270115"], ["--note", "x" * 3000], ["-o", "shop.yaml"]):
        assert run("snapshot", "shop.yaml", *wrong).exit_code == 2, wrong


@pytest.mark.parametrize(
    ("old", "says"),
    [
        ("gone.yaml", "no such file"),
        ("gone.yaml@HEAD", "in no git repository"),
        ("broken.yaml", "not valid YAML"),
        ("damaged.json", "is damaged"),
        ("later.json", "Install that version"),
        ("dollars.yaml", "State both in one currency"),
    ],
)
def test_what_cannot_be_compared_ends_with_2(folder: Path, old: str, says: str) -> None:
    Path("broken.yaml").write_text("a: [1\nb")
    taken = Path(run("snapshot", "shop.yaml").stdout.strip()).read_text()
    Path("damaged.json").write_text(taken.replace('"residual": 0.', '"residual": 0.1', 1))
    Path("later.json").write_text(json.dumps({"graphmodel_snapshot": 7, "program": {"version": "3.0"}}))
    write("dollars.yaml", ("currency: EUR", "currency: USD"))
    wrong = run("diff", old, "shop.yaml")
    assert wrong.exit_code == 2
    assert says in wrong.stderr
    assert wrong.stdout == ""


def test_a_record_of_another_program_is_a_part_of_its_own(folder: Path) -> None:
    from dataclasses import replace

    from graphmodel.posture.snapshot import read_snapshot

    path = Path(run("snapshot", "shop.yaml").stdout.strip())
    one = read_snapshot(path.read_bytes(), path.name)
    results = json.loads(json.dumps(dict(one.results)))
    results["yearly_loss"]["residual"] -= 1000
    entries = {**one.catalogue, "patterns": {**one.catalogue["patterns"], "old-threat": "realized #0"}}
    older = replace(one, results=results, catalogue=entries, program="0.0.9")
    Path("older.json").write_text(older.to_text())
    new = write("new.yaml", EDITS["control filter"])
    found = printed("diff", "older.json", new)
    assert found["again"]["amount"] == pytest.approx(1000)
    assert found["expected_loss"]["old"]["amount"] == pytest.approx(found["worked_out"]["old"]["amount"] - 1000)
    assert [one["id"] for one in found["changes"]["knowledge"]] == ["old-threat"]
    said = run("diff", "older.json", new).stdout
    assert "worked out by another program or knowledge" in said
    assert "snapshot by graphmodel 0.0.9" in said


def test_a_snapshot_is_worked_out_as_it_was(folder: Path) -> None:
    first = run("snapshot", "shop.yaml", "--seed", "7", "--worlds", "500", "--reach", "both").stdout.strip()
    found = printed("diff", first, first)
    assert (found["seed"], found["reach"]) == (7, "both")
    assert printed("diff", first, first, "--seed", "8", "--reach", "data")["seed"] == 8


def test_the_files_for_ci_in_the_documentation_are_sound_and_run(folder: Path) -> None:
    page = (ROOT / "docs" / "snapshots.md").read_text()
    action, hook = (yaml.safe_load(one) for one in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL))
    (job,) = action["jobs"].values()
    calls = [step["run"] for step in job["steps"] if "run" in step and "graphmodel diff" in step["run"]]
    calls.append(hook["repos"][0]["hooks"][0]["entry"])
    assert len(calls) == 2
    Path("threat-model").mkdir()
    file = Path(write("threat-model/system.yaml"))
    for call in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-q", "-m", "1"],
    ):
        subprocess.run(["git", *call], check=True)
    file.write_text(edited(EDITS["actor visitor"]))
    for call in calls:
        words = call.replace("${{ github.event.pull_request.base.sha }}", "HEAD").replace('"', "").split()
        assert words[0] == "graphmodel"
        assert run(*words[1:]).exit_code == 1
        file.write_text(MODEL)
        assert run(*words[1:]).exit_code == 0
        file.write_text(edited(EDITS["actor visitor"]))
    assert json.loads(Path("threat-model.sarif").read_text())["runs"]


def test_what_a_model_says_cannot_drive_the_terminal(folder: Path) -> None:
    new = write("new.yaml", ("name: Shop", r'name: "\e[31m\u202eX"'))
    said = run("diff", "shop.yaml", new, "--json").stdout + run("diff", "shop.yaml", new).stdout
    assert "\x1b" not in said
    assert "\u202e" not in said
