"""``graphmodel evidence``: results in, what they speak of, what that changes, and the document that holds it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.calls import CHEAPEST, printed, run
from tests.importers.test_results import lines

DOCUMENT = """\
# Ours; keep this line.
graphmodel: 1
system: {id: small, name: "A small one"}   # quoted
zones:
  outside: {trust: 0}
  inside: {trust: 5}
assets:
  app: {type: WebApplication, zone: inside}
  agent: {type: Agent, zone: inside}
flows:
  - {from: visitor, to: app}
  - {from: app, to: agent, two_way: true, authenticated: true, encrypted: true}
actors:
  visitor: {kind: outsider, zone: outside, attempts_per_year: 2}
controls:
  filter: {control: input-guardrail, protects: [agent], strength: 0.5, evidence: tested}
losses:
  - {fact: "agent:steer", severity: high}
"""


def report(hits: int, prompts: int, run_: str = "run-one", family: str = "dan") -> bytes:
    scores = [[1.0] if number < hits else [0.0] for number in range(prompts)]
    return lines(
        {"entry_type": "start_run setup", "run.generations": 1, "plugins.target_name": "bot"},
        {"entry_type": "init", "garak_version": "0.15", "start_time": "2026-11-20T00:00:00", "run": run_},
        *(
            {
                "entry_type": "attempt",
                "uuid": str(number),
                "seq": number,
                "status": 2,
                "probe_classname": f"{family}.Probe",
                "detector_results": {"d": one},
            }
            for number, one in enumerate(scores)
        ),
    )


@pytest.fixture(autouse=True)
def fixed_day(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("evidence", "check", "options"):
        monkeypatch.setattr(f"graphmodel.cli.{module}.today", lambda: "2026-12-01")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "system.yaml").write_text(DOCUMENT)
    (tmp_path / "first.jsonl").write_bytes(report(0, 60))
    return tmp_path


def call(place: Path, *arguments: str) -> Any:
    names = [str(place / one) if (place / one).exists() else one for one in arguments]
    return run("evidence", str(place / "system.yaml"), *names)


def test_a_target_that_nobody_has_bound_is_asked_for(place: Path) -> None:
    found = call(place, "first.jsonl")
    assert found.exit_code == 2
    assert "which asset is “bot”? it could be agent." in found.stderr
    assert "--tool-target 'bot=agent'" in found.stderr
    (place / "evil.jsonl").write_bytes(report(0, 60).replace(b'"bot"', b'"b\'; ls\\nwrote: all"'))
    evil = call(place, "evil.jsonl").stderr
    assert r"--tool-target 'b'\''; ls\nwrote: all=agent'" in evil and "\nwrote:" not in evil
    assert call(place, "first.jsonl", "--tool-target", "bot=agnt").exit_code == 2
    assert "it reads NAME=ASSET" in call(place, "first.jsonl", "--tool-target", "bot").stderr
    assert "its target was left out" in call(place, "first.jsonl", "--tool-target", "bot=-").stdout


def test_without_an_output_it_only_shows_what_would_change(place: Path) -> None:
    before = (place / "system.yaml").read_bytes()
    found = call(place, "first.jsonl", "--tool-target", "bot=agent")
    assert found.exit_code == 0, found.output
    assert "0 of 60 prompts" in found.stdout
    assert "it moves the chance of its steps" in found.stdout
    assert "- agent:steer: likelihood 0.252 → " in found.stdout
    assert (place / "system.yaml").read_bytes() == before


def test_evidence_is_written_beside_all_that_was_there_and_twice_is_once(place: Path) -> None:
    out = str(place / "system.yaml")
    assert call(place, "first.jsonl", "--on", "agent", "-o", out).exit_code == 0
    once = (place / "system.yaml").read_text()
    assert once.startswith(DOCUMENT)
    assert call(place, "first.jsonl", "--on", "agent", "-o", out).exit_code == 0
    assert (place / "system.yaml").read_text() == once
    assert "controls:\n      - filter" in once
    ways = [way for fact in printed("explain", out, "agent")["facts"] for way in fact["ways"]]
    (why,) = [way for way in ways if way["threat"] == "direct-prompt-injection"]
    assert why["evidence"]["data"] == {"attempts": 60, "hits": 0, "errors": 0}
    assert why["passes"] == pytest.approx(why["evidence"]["posterior"]["campaign"]["chance"])
    assert why["evidence"]["prior"]["campaign"]["chance"] == pytest.approx(0.24)
    assert "posterior:" in why["because"]


def test_two_runs_with_and_without_a_control_measure_it(place: Path) -> None:
    (place / "bare.jsonl").write_bytes(report(30, 60, "run-two"))
    out = str(place / "system.yaml")
    assert call(place, "bare.jsonl", "--on", "agent", "--controls", "none", "-o", out).exit_code == 0
    found = json.loads(call(place, "first.jsonl", "--on", "agent", "--controls", "filter", "--json").stdout)
    (control,) = found["controls"]
    assert (control["control"], control["counts"], control["why"]) == ("filter", True, "")
    assert control["strength"]["novice"]["mean"] > control["strength"]["expert"]["mean"]
    assert "there is no control “filtr”. Did you mean filter?" in call(
        place, "first.jsonl", "--on", "agent", "--controls", "filtr"
    ).stderr  # fmt: skip


def test_files_in_any_order_and_twice_come_to_the_same(place: Path) -> None:
    (place / "other.jsonl").write_bytes(report(3, 20, "run-two", "promptinject"))
    (place / "copy.jsonl").write_bytes((place / "first.jsonl").read_bytes() + b"\n")
    whole = json.loads(call(place, "first.jsonl", "other.jsonl", "--on", "agent", "--json").stdout)
    again = json.loads(call(place, "other.jsonl", "first.jsonl", "--on", "agent", "--json").stdout)
    assert whole == again
    both = json.loads(call(place, "first.jsonl", "copy.jsonl", "--on", "agent", "--json").stdout)
    assert len(both["new"]) == 1
    assert any("the same run is in" in one["why"] for one in both["results"])


def test_what_maps_to_nothing_says_why_and_own_rows_map_it(place: Path) -> None:
    (place / "own.jsonl").write_bytes(report(2, 30, family="ours"))
    assert "no row of the table knows it" in call(place, "own.jsonl", "--on", "agent").stdout
    (place / "own.yaml").write_text("trials:\n  - {family: ours, threats: [direct-prompt-injection]}\n")
    assert "2 of 30 prompts" in call(place, "own.jsonl", "--on", "agent", "--table", "own.yaml").stdout
    (place / "own.yaml").write_text("trials:\n  - {family: ours, threats: [nothing]}\n")
    assert "the table cannot be used" in call(place, "own.jsonl", "--on", "agent", "--table", "own.yaml").stderr
    (place / "app.jsonl").write_bytes(report(2, 30))
    assert "concern nothing on app" in call(place, "app.jsonl", "--on", "app").stdout


def test_check_says_which_evidence_counts_for_nothing(place: Path) -> None:
    old = "evidence:\n  spring: {threat: direct-prompt-injection, on: agent, attempts: 40, hits: 1, date: 2026-03-01}\n"
    (place / "system.yaml").write_text(DOCUMENT + old)
    found = run("check", str(place / "system.yaml"))
    assert found.exit_code == 0
    assert "evidence.spring: warning: this moves no number: it is too old: it counted until 2026-08-28." in found.stderr


def test_a_scan_is_a_weakness_and_no_trial(place: Path) -> None:
    vulnerability = {"VulnerabilityID": "CVE-2027-1", "Severity": "CRITICAL"}
    result = {"Target": "deb", "Vulnerabilities": [vulnerability]}
    report_ = {"SchemaVersion": 2, "ArtifactName": "shop:1", "Results": [result]}
    (place / "scan.json").write_text(json.dumps(report_))
    found = json.loads(call(place, "scan.json", "--on", "app", "--date", "2026-11-30", "--json").stdout)
    ((_, entry),) = found["new"].items()
    assert (entry["threat"], entry["on"], entry["findings"]) == ("service-exploit", "app", 1)
    assert "attempts" not in entry
    assert found["evidence"][0]["uses"] == ["weakness"]
    undated = json.loads(call(place, "scan.json", "--on", "app", "--json").stdout)
    assert undated["evidence"][0]["why"] == "its date is not known"


def test_what_cannot_hold_evidence_is_refused(place: Path) -> None:
    (place / "shop.yaml").write_text((Path(__file__).parent.parent / "importers/data/shop.threagile.yaml").read_text())
    found = run(
        "evidence", str(place / "shop.yaml"), str(place / "first.jsonl"), "--on", "x", "-o", str(place / "o.yaml")
    )
    assert found.exit_code == 2
    assert "graphmodel import" in found.stderr
    (place / "there.yaml").write_text("")
    assert "is there already" in call(place, "first.jsonl", "--on", "agent", "-o", "there.yaml").stderr
    assert "this is a System document, which holds no results" in run("evidence", CHEAPEST, CHEAPEST).stderr
