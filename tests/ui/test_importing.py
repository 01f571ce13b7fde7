"""Several files at once in the app: what each gave, types that a person says, nothing before it is asked, and undo."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from streamlit.testing.v1 import AppTest

from tests.test_gathering import COMPOSE, MCP
from tests.ui.test_file import app, press

pytestmark = pytest.mark.slow  # real processes, or many files: .ci/run has the time
ODD = COMPOSE + "  odd: {image: 'acme/xyzzy<script>'}\n"


def dropped(*files: tuple[str, bytes]) -> AppTest:
    test = app()
    test.file_uploader[1].set_value([(name, data, "application/octet-stream") for name, data in files]).run()
    assert not test.exception, test.exception
    return test


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("deploy/mcp.json", MCP)
        made.writestr("examples/mcp.json", MCP.replace("files", "sample"))
    return out.getvalue()


def test_files_are_read_typed_taken_in_and_undone() -> None:
    test = dropped(("docker-compose.yml", ODD.encode()), ("x.zip", archive()))
    before = test.session_state["work"]
    tables = [one.value for one in test.dataframe]
    read = next(one for one in tables if "read as" in one)
    assert list(read["file"]) == ["deploy/mcp.json", "docker-compose.yml"]
    questions = next(one for one in tables if "Question" in one)
    assert questions["Question"][0].startswith("What is at stake?")
    aside = next(one for one in tables if "because" in one)
    assert list(aside["file"]) == ["examples/mcp.json"]
    test.multiselect[0].set_value(["examples/mcp.json"]).run()
    read = next(one.value for one in test.dataframe if "read as" in one.value)
    assert list(read["file"]) == ["deploy/mcp.json", "examples/mcp.json", "docker-compose.yml"]
    choice = next(one for one in test.selectbox if one.label.replace("\\", "").startswith("odd"))
    choice.set_value("Agent").run()
    test.toggle[0].set_value(True).run()
    assert not test.exception, test.exception
    likely = next(one.value for one in test.dataframe if any("Likelihood then" in each for each in one.value))
    assert "Likelihood now" not in " ".join(likely) and "odd" in set(likely["Asset"])
    test.checkbox[1].set_value(True).run()  # join with what is open
    assert not test.exception, test.exception
    losses = next(one.value for one in test.dataframe if "Loss" in one.value)
    assert any("Likelihood now" in one for one in losses) and len(losses) > 1
    test.checkbox[1].set_value(False).run()
    assert test.session_state["work"].name == before.name  # nothing before it is asked for
    press(test, "Take it in")
    work = test.session_state["work"]
    assert work.name == "imported.yaml" and work.model.usable
    types = {one.id: one.type for one in work.model.system.assets}
    assert types["odd"] == "Agent" and types["llm"] == "LanguageModelEndpoint" and types["files"] == "MCPServer"
    press(test, "Undo")
    assert test.session_state["work"].name == before.name


def test_what_is_in_no_format_is_told_and_cannot_be_taken_in() -> None:
    test = dropped(("notes.json", b'{"a": 1}'), ("bad.zip", b"PK\x03\x04nothing"))
    assert "is in a format that is read" in "\n".join(one.value for one in test.warning)
    assert not [one for one in test.button if one.label == "Take it in"]


def test_archives_that_hold_files_of_one_name_are_read_side_by_side() -> None:
    files = []
    for name in ("one.zip", "two.zip"):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as made:
            made.writestr("docker-compose.yml", ODD.replace("xyzzy", name[:3]))
        files.append((name, out.getvalue()))
    test = dropped(*files)
    odd = [one for one in test.selectbox if one.label.replace("\\", "").startswith("odd")]
    assert [re.findall("acme/(one|two)", one.label) for one in odd] == [["one"], ["two"]]


def test_a_file_name_is_no_formula_in_what_the_tables_export() -> None:
    test = dropped(("=1+1.yml", COMPOSE.encode()))
    read = next(one.value for one in test.dataframe if "read as" in one.value)
    assert list(read["file"]) == ["\u2060=1+1.yml"]
