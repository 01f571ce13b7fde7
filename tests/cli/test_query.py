"""Queries on the command line."""

from __future__ import annotations

import pytest

from tests.cli.calls import ASSISTANT, printed, run

pytestmark = pytest.mark.usefixtures("kept_answers")


@pytest.mark.store
def test_queries_on_the_command_line() -> None:
    answer = printed("query", ASSISTANT, "MATCH (a:Asset {system: $system}) RETURN a.id AS id ORDER BY id LIMIT 2")
    assert answer["columns"] == ["id"]
    assert answer["rows"] == [["agent-framework"], ["agent-memory"]]
    assert printed("query", ASSISTANT, "MATCH (a:Asset) RETURN a.id", "--rows", "3")["truncated"] is True
    assert printed("query", ASSISTANT, "RETURN $n + 1 AS m", "--param", "n=41")["rows"] == [[42]]
    assert run("query", ASSISTANT, "--saved", "biggest-losses").exit_code == 0
    for text, says in (
        ("MATCH (n) DETACH DELETE n", "may only read"),
        ("MATCH (n) RETRUN n", "line 1"),
        ("LOAD CSV FROM 'file:///etc/passwd' AS l RETURN l", "must not read files"),
    ):
        result = run("query", ASSISTANT, text)
        assert result.exit_code == 2
        assert says in result.stderr


@pytest.mark.store
def test_a_wrong_query_is_told_before_anything_is_worked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("the model was assessed")

    monkeypatch.setattr("graphmodel.cli.query.assessed", never)
    for text in ("MATCH (n RETURN n", "RETURN x", "RETURN $nothing", "SHOW USERS"):
        result = run("query", ASSISTANT, text)
        assert (result.exit_code, result.stdout) == (2, "")
        assert text == "RETURN x" or "line 1, column" in result.stderr


def test_saved_queries_are_listed_and_misspelt_ones_suggested() -> None:
    assert "biggest-losses" in run("query", "--list").stdout
    assert "Did you mean biggest-losses" in run("query", ASSISTANT, "--saved", "bigest-losses").stderr
    assert run("query", ASSISTANT).exit_code == 2
