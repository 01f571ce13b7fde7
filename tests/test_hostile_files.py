"""Whatever bytes a file holds, opening it ends in a model or in problems with advice, and never in an exception."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphmodel.cli.main import main
from graphmodel.reading.problems import has_errors
from graphmodel.workspace import Model, model_from_bytes, open_model
from tests.conftest import EXAMPLES
from tests.importers.test_importers import BIRDS, SHOP, changed, places
from tests.model.test_document import SMALL

pytestmark = pytest.mark.slow  # real processes, or many files: .ci/run has the time

GOOD = [one.read_bytes() for one in (*EXAMPLES, SHOP, BIRDS)] + [SMALL.encode()]
VALUES = [yaml.safe_load(one) for one in GOOD]
PIECES = [b"\n", b": ", b"{", b"- ", b"*a", b"&a ", b"1e400", b"!!x ", b'"', b"<<: "]
FUZZ = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])

SCALARS: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from(["*", "a:read", "a b c", "a->b", "\x00", "..", "\n", "\u202e", 10**400, -1, 1e308, "x" * 400])
)
JUNK = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)


def sound(model: Model) -> None:
    assert model.usable or has_errors(model.problems)
    assert all(one.message and one.level in ("error", "warning", "note") for one in model.problems)
    assert all(one.fix for one in model.problems if one.level == "error")
    str(model.problems)


@FUZZ
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_arbitrary_bytes(data: bytes) -> None:
    sound(model_from_bytes(data, "x", Path("/nonexistent")))
    sound(model_from_bytes(b"graphmodel: 1\n" + data, "x", Path("/nonexistent")))


@FUZZ
@given(st.sampled_from(GOOD), st.data())
def test_good_files_with_bytes_changed(good: bytes, data: st.DataObject) -> None:
    text = bytearray(good)
    for _ in range(data.draw(st.integers(1, 5))):
        where = data.draw(st.integers(0, len(text) - 1))
        what = data.draw(st.sampled_from(["set", "cut", "copy", "put"]))
        if what == "set":
            text[where] = data.draw(st.integers(0, 255))
        elif what == "cut":
            del text[where : where + data.draw(st.integers(1, 200))]
        elif what == "copy":
            text[where:where] = text[where : where + data.draw(st.integers(1, 200))]
        else:
            text[where:where] = data.draw(
                st.sampled_from([b"\n", b": ", b"{", b"- ", b"*a", b"&a ", b"1e400", b"!!x "])
            )
        text = text or bytearray(b" ")
    sound(model_from_bytes(bytes(text), "x", Path("/nonexistent")))


@FUZZ
@given(st.integers(0, len(VALUES) - 1), st.data())
def test_good_documents_with_values_changed(number: int, data: st.DataObject) -> None:
    value = json.loads(json.dumps(VALUES[number], default=str))
    for _ in range(data.draw(st.integers(1, 4))):
        value = changed(value, data.draw(st.sampled_from(places(value))), data.draw(JUNK))
        if not isinstance(value, dict | list):
            break
    sound(model_from_bytes(json.dumps(value).encode(), "x", Path("/nonexistent")))
    text = yaml.safe_dump(value, allow_unicode=True) if isinstance(value, dict | list) else str(value)
    sound(model_from_bytes(text.encode("utf-8", "replace"), "x", Path("/nonexistent")))


@pytest.mark.parametrize(
    "name", ["a\\0b.yaml", "..", "../x.yaml", "/etc/passwd", "", ".", "x" * 290, "a/" * 140, "~", "\\e[2J", "\\u202e"]
)
@pytest.mark.parametrize("field", ["catalogue", "settings"])
def test_names_of_other_files(name: str, field: str, tmp_path: Path) -> None:
    text = f'"{name}"' if field == "settings" else f'["{name}"]'
    model = model_from_bytes(f"{SMALL}{field}: {text}\n".encode(), "x.yaml", tmp_path)
    sound(model)
    assert model.usable == (field == "settings" and not name)
    assert all(one.path == field or one.file for one in model.problems if one.level == "error")


def link_in_a_circle(folder: Path) -> None:
    (folder / "own.yaml").symlink_to(folder / "own.yaml")


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "own.yaml")


def link_outside(folder: Path) -> None:
    (folder / "own.yaml").symlink_to("/etc/passwd")


@pytest.mark.parametrize("make", [link_in_a_circle, pipe, link_outside, lambda folder: (folder / "own.yaml").mkdir()])
def test_other_files_that_are_none(make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path)
    file = tmp_path / "x.yaml"
    file.write_text(SMALL + "catalogue: [own.yaml]\n")
    model = open_model(file)
    sound(model)
    assert not model.usable


EVIL = "evil\nassets: {owned: {type: Agent}}\r# \x1b]0;owned\x07\u202e.yaml"


def test_a_file_name_cannot_write_into_the_document_that_is_made_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / EVIL
    file.write_bytes(SHOP.read_bytes())
    result = CliRunner().invoke(main, ["import", str(file)])
    assert result.exit_code == 0
    (heading, *rest) = result.stdout.splitlines()
    assert heading.startswith("# Read by graphmodel")
    assert "\\nassets: {owned" in heading
    assert rest[0] == "graphmodel: 1"
    assert "owned" not in model_from_bytes(result.stdout.encode(), "x").system.asset_by_id  # type: ignore[union-attr]
    undecodable = tmp_path / os.fsdecode(b"\xff.yaml")
    undecodable.write_bytes(SHOP.read_bytes())
    result = CliRunner().invoke(main, ["import", str(undecodable), "-o", str(tmp_path / "out.yaml")])
    assert result.exit_code == 0, result.exception
    assert open_model(tmp_path / "out.yaml").usable


def test_problems_on_a_terminal_are_one_line_each_and_drive_nothing(tmp_path: Path) -> None:
    file = tmp_path / EVIL
    file.write_text(SMALL + '"\\e]52;c;cHduZWQ=\\a\\nCI: all checks passed": 1\n')
    result = CliRunner().invoke(main, ["check", str(file)])
    assert result.exit_code == 2
    problems = [one for one in result.stderr.splitlines() if ": error: " in one and "there is no field" in one]
    assert len(problems) == 1
    assert "\\x1b]52;c" in problems[0]
    assert "\x1b" not in problems[0]
    assert "\u202e" not in problems[0]
    assert not any(one.startswith("assets:") for one in result.stderr.splitlines())


def test_a_threat_of_somebody_elses_makes_no_line_of_an_explanation(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(
        'overrides: {threats: {direct-prompt-injection: {name: "evil\\nCI: all checks passed\\e[8m"}}}\n'
    )
    file = tmp_path / "x.yaml"
    file.write_text(SMALL + "catalogue: [own.yaml]\n")
    result = CliRunner().invoke(main, ["explain", str(file), "agent"])
    assert result.exit_code == 0, result.output
    assert "evil\\nCI: all checks passed\\x1b[8m" in result.stdout
    assert not any(one.startswith("CI:") for one in result.stdout.splitlines())


@pytest.mark.parametrize("number", ["nan", "inf", "1e400"])
@pytest.mark.parametrize("command", ["plan --budget", "roadmap --budget", "assess --precision"])
def test_options_take_no_number_that_nobody_can_count_with(command: str, number: str, tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(SMALL)
    name, option = command.split()
    result = CliRunner().invoke(main, [name, str(file), option, number])
    assert result.exit_code == 2 and isinstance(result.exception, SystemExit)
