"""``-`` is standard input wherever a file is read."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from graphmodel.cli.main import main
from tests.conftest import ROOT
from tests.model.test_document import SMALL

GRAPH = (ROOT / "tests" / "data" / "mal" / "small.json").read_bytes()


def run(given: bytes | str, *arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), input=given)


@pytest.mark.parametrize(
    "call",
    [
        ("check",),
        ("assess",),
        ("loss", "--years", "1000"),
        ("paths",),
        ("gaps",),
        ("plan", "--only-model"),
        ("importance",),
        ("explain", "agent"),
        ("attackgraph",),
    ],
    ids=lambda one: one[0],
)
def test_every_command_reads_it_as_the_same_text_in_a_file(call: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(SMALL)
    command, *others = call
    given, named = run(SMALL, command, "-", *others), run("", command, str(file), *others)
    assert given.exit_code == named.exit_code == 0, given.output
    assert given.stdout == named.stdout.replace(str(file), "standard input")
    assert given.stdout


def test_models_are_joined_and_catalogues_shown(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(SMALL.replace("  db:", "  extra: {type: Tool}\n  db:"))
    joined = run(SMALL, "import", "-", str(file)).stdout
    assert joined.startswith("# Read by graphmodel ")
    assert "from standard input, one.yaml." in joined.partition("\n")[0]
    assert "extra:" in joined
    assert "it is empty" in run(SMALL, "import", "-", "-").stderr
    assert "MCPServer" in run(SMALL, "catalogue", "--file", "-").stdout


@pytest.mark.parametrize("given", [GRAPH, b"{}", b"attack_steps: {}"], ids=["mal", "json", "yaml"])
def test_an_attack_graph_is_read_by_how_it_begins(given: bytes, tmp_path: Path) -> None:
    file = tmp_path / ("graph.yaml" if given.startswith(b"attack") else "graph.json")
    file.write_bytes(given)
    said, named = (run(given, "solve", one, "--start", "web:reach") for one in ("-", str(file)))
    assert said.exit_code == named.exit_code
    assert said.output == named.output.replace(str(file), "standard input")
    assert (said.exit_code == 0) == (given == GRAPH)


def test_problems_are_those_of_standard_input() -> None:
    wrong = SMALL.replace("type: Agent", "type: Agnet")
    assert "standard input:8 assets.agent.type: error" in run(wrong, "assess", "-").stderr
    found = json.loads(run(wrong, "check", "-", "--json").stdout)
    assert found["file"] == found["problems"][0]["file"] == "standard input"


def test_files_that_go_with_a_model_are_never_read_from_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.yaml").write_text("")
    for name in ("own.yaml", "-", "/dev/stdin"):
        result = run(f"{SMALL}catalogue: [{name}]\n", "check", "-")
        assert result.exit_code == 2
        assert f"“{name}” cannot be found: the model was not opened from a directory" in result.stderr
    (tmp_path / "small.yaml").write_text(f"{SMALL}catalogue: ['-']\n")
    assert "there is no such file" in run("", "check", "small.yaml").stderr


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (b"", "standard input: error: it is empty."),
        (b" \n", "standard input: error: this file is in no format that is read."),
        (b"#" * 20_000_001, "standard input: error: the file is larger than the limit of 20 MB."),
        (b"a: [1\nb", "not valid YAML"),
        (bytes(range(256)) * 50, "standard input"),
    ],
    ids=["empty", "blank", "large", "broken", "binary"],
)
def test_what_cannot_be_read_is_said(given: bytes, says: str) -> None:
    for command in ("check", "assess"):
        result = run(given, command, "-")
        assert result.exit_code == 2
        assert says in result.stderr
        assert not result.stdout
    assert run(given, "solve", "-").exit_code == 2


def test_a_terminal_is_not_waited_for() -> None:
    master, slave = pty.openpty()
    try:
        command = [sys.executable, "-m", "graphmodel", "check", "-"]
        ended = subprocess.run(command, stdin=slave, capture_output=True, text=True, timeout=60, cwd=ROOT)
    finally:
        os.close(master)
        os.close(slave)
    assert ended.returncode == 2
    assert "standard input: error: this is a terminal. Name a file, or pipe one in" in ended.stderr


def test_where_there_is_none_that_is_said() -> None:
    ended = subprocess.run(
        ["/bin/sh", "-c", 'exec "$0" -m graphmodel check - <&-', sys.executable],
        capture_output=True, text=True, timeout=60, cwd=ROOT,
    )  # fmt: skip
    assert ended.returncode == 2
    assert "standard input: error: it is closed." in ended.stderr


def test_it_is_no_file_to_write_or_to_open_the_app_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "save the model as a file first" in run(SMALL, "app", "-").stderr
    for call in (["new", "-"], ["import", "-", "-o", "-"]):
        refused = run(SMALL, *call)
        assert refused.exit_code == 2
        assert "a file of that name is written “./-”" in refused.stderr
    assert list(tmp_path.iterdir()) == []
    assert run("", "new", "./-").exit_code == 0
    assert run("", "check", "./-").exit_code == 0
