"""The commands with answers that are kept: the same bytes again, and nothing solved for them."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from graphmodel.engine import likelihood
from graphmodel.keeping.opening import VARIABLE
from tests.cli.calls import printed, run
from tests.posture.versions import EDITS, MODEL, edited

GRAPH = {
    "facts": ["a", "b"],
    "start": ["a"],
    "steps": [{"id": "one", "needs": ["a"], "gains": "b", "chance": 0.25}],
    "losses": [{"fact": "b", "amount": 8}],
}
COMMANDS = (
    "assess shop.yaml",
    "gaps shop.yaml",
    "importance shop.yaml",
    "plan shop.yaml --budget 90000 --only-model",
    "loss shop.yaml --years 1000 --worlds 1000 --draws 110",
    "posture shop.yaml --json",
    "roadmap shop.yaml --only-model",
    "diff shop.yaml other.yaml",
    "solve graph.json --simulate",
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("shop")
    (found / "shop.yaml").write_text(MODEL)
    (found / "other.yaml").write_text(edited(EDITS["control filter"], EDITS["flow app->agent"]))
    (found / "graph.json").write_text(json.dumps(GRAPH))
    return found


@pytest.fixture(autouse=True)
def kept(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(place)
    monkeypatch.setenv(VARIABLE, str(place / "kept"))
    return place / "kept"


def refuse(*_arguments: Any) -> Any:
    raise AssertionError("a graph was solved")


def result(command: str) -> tuple[int, str]:
    found = run(*shlex.split(command))
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found.exit_code, found.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_what_was_asked_before_is_answered_alike_and_nothing_is_solved(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    anew = result(command)
    monkeypatch.setattr(likelihood, "event_graph", refuse)
    assert anew[0] == 0
    assert result(command) == anew
    with pytest.raises(AssertionError, match="was solved"):
        result(f"{command} --no-cache")


def test_another_budget_is_another_question() -> None:
    assert [result(f"plan shop.yaml --budget {budget} --only-model")[0] for budget in ("90000", "1")] == [0, 1]


def test_what_had_only_so_much_time_is_not_kept(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert result("cache --clear")[0] == 0
    assert result("assess shop.yaml --time 100")[0] == 0
    assert printed("cache")["answers"] == 0
    assert result("assess shop.yaml")[0] == 0
    found = printed("cache")
    assert found["answers"] == len(list(kept.glob("*.json"))) > 0
    assert printed("cache", "--clear")["answers"] == found["answers"]
    monkeypatch.setenv(VARIABLE, "off")
    assert result("cache")[0] == 2


def changed(path: Path, change: Callable[[str], str]) -> bool:
    """Change a kept answer, with a digest that fits; whether anything in it is to be changed."""
    body = path.read_bytes().partition(b"\n")[2].decode()
    after = change(body)
    path.write_bytes(hashlib.sha256(after.encode()).hexdigest().encode() + b"\n" + after.encode())
    return after != body


@pytest.mark.parametrize("command", ["assess shop.yaml --draws 110", "loss shop.yaml --years 1000 --draws 110"])
def test_a_kept_answer_that_can_be_none_is_worked_out_anew(command: str, kept: Path) -> None:
    for one in kept.glob("*.json"):
        one.unlink()
    anew = result(command)
    assert anew[0] == 0
    last, most = r"\d+\.\d+(?!.*\d\.\d)", r"\[\d+\.\d+,"
    for pattern, other, same in (
        (last, "NaN", True),
        (last, "Infinity", True),
        (most, "[1e9,", False),
        (":read", "", False),
    ):
        files = [one for one in kept.glob("*.json") if changed(one, partial(re.sub, pattern, other))]
        assert files
        found = result(command)
        assert found == anew if same else found[0] == 0
