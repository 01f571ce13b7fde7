"""``graphmodel plan``: what it prints, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from graphmodel.cli.main import main
from tests.conftest import ROOT
from tests.planning.test_plan import MODEL

pytestmark = pytest.mark.usefixtures("kept_answers")

ASSISTANT = ROOT / "examples" / "support-assistant.yaml"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["plan", str(ASSISTANT), *arguments])


def test_the_command_prints_what_is_documented() -> None:
    result = run("--budget", "200000", "--break", "customer-records", "--frontier", "--shortlist", "3", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["plan"]["best"]["cost"] <= 200_000
    assert found["plan"]["best"]["gap"] == 0
    assert found["break"]["chosen"]
    page = (ROOT / "docs" / "cli.md").read_text()

    def keys(value: object) -> set[str]:
        if isinstance(value, dict):
            return set(value).union(*(keys(one) for one in value.values()))
        return set().union(*(keys(one) for one in value)) if isinstance(value, list) else set()

    known = {"amount", "low", "high", "method", "likelihood"}
    assert {key for key in keys(found) - known if f"`{key}`" not in page} == set()
    assert any(one.startswith("ASSUMED costs") for one in found["assumptions"])


def test_the_command_says_what_is_proven_and_marks_assumed_costs() -> None:
    text = run("--budget", "200000", "--break", "customer-records:read", "--shortlist", "3").stdout
    for said in ("(gap 0)", "(assumed)", "planned, decided", "no cheaper set", "No measure holds for sure", "ASSUMED"):
        assert said in text
    assert "Frontier" not in text
    assert "Frontier" in run("--shortlist", "0").stdout
    assert "(assumed)" not in run("--only-model").stdout


def test_exit_status_and_refusals(tmp_path: Path) -> None:
    over = run("--budget", "1000", "--shortlist", "0")
    assert over.exit_code == 1
    assert "the decided measures alone cost 90 k EUR" in over.stdout
    open_ = run("--break", "customer-records:read", "--only-model", "--json")
    assert open_.exit_code == 1
    found = json.loads(open_.stdout)["break"]
    assert not found["possible"]
    assert found["path"]["hops"]
    small = tmp_path / "small.yaml"
    small.write_text(MODEL)
    for arguments in (
        ["--break", "nowhere"],
        ["--fix", "nothing"],
        ["--from", "visitor"],
        ["--from", "who", "--break", "db"],
    ):
        refused = CliRunner().invoke(main, ["plan", str(small), *arguments])
        assert refused.exit_code == 2, arguments
        assert refused.stderr.splitlines()[-1].startswith("error: ")
    only = json.loads(run("--break", "customer-records:read", "--from", "visitor", "--reconsider", "--json").stdout)
    assert only["break"]["actors"] == ["visitor"]
    assert only["plan"] is None
