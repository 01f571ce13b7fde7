"""The typing table: which row decides, when none does, and what is wrong with a row."""

from __future__ import annotations

import pytest

from graphmodel.knowledge.typing_table import TypingTable, load_typing
from graphmodel.knowledge.vocabulary import Catalogue

ROWS = b"""
rows:
  - {type: Database, confidence: 0.9, image: ["*postgres*", mysql]}
  - {type: VectorStore, confidence: 0.8, image: ["*postgres-vector*"], name: [vector store]}
  - {type: DataStore, confidence: 0.6, image: [mysql], name: [store]}
  - {type: Agent, confidence: 0.6, name: [assistant]}
  - {type: Tool, confidence: 0.6, name: [calculator]}
  - {type: SecretStore, confidence: 0.4, name: [vault]}
"""


def table(catalogue: Catalogue, *files: bytes) -> TypingTable:
    found, problems = load_typing(catalogue, [(f"own-{number}.yaml", data) for number, data in enumerate(files)])
    assert not problems
    return TypingTable(found.own, ())


@pytest.mark.parametrize(
    ("signs", "type_", "reason"),
    [
        ([("image", "acme/Postgres")], "Database", "image “acme/Postgres”"),
        ([("image", "postgres-vector")], "VectorStore", "image “postgres-vector”"),
        ([("image", "mysql")], "Database", "image “mysql”"),  # a Database is a kind of DataStore
        ([("image", "unknown"), ("name", "Our store")], "DataStore", "name “Our store”"),
        ([("name", "My vector store")], "VectorStore", "name “My vector store”"),
        ([("name", "restored")], None, ""),
        ([("name", "calculator assistant")], "Agent", "name “calculator assistant”"),
        ([("kind", "mysql")], None, ""),
    ],
)
def test_the_row_that_decides(
    catalogue: Catalogue, signs: list[tuple[str, str]], type_: str | None, reason: str
) -> None:
    verdict = table(catalogue, ROWS).verdict(signs, catalogue)
    assert (verdict.type, verdict.reason) == (type_, reason)


def test_the_last_word_says_what_it_is_and_unsure_rows_only_suggest(catalogue: Catalogue) -> None:
    unsure = b"{type: SecretStore, confidence: 0.4, name: [vault]}"
    found = table(catalogue, b"rows: [{type: Agent, name: [abcd]}, {type: Tool, name: [efgh]}, " + unsure + b"]")
    assert found.verdict([("name", "abcd efgh")], catalogue).type == "Tool"  # what stands last says what it is
    assert found.verdict([("name", "the vault")], catalogue).suggestions == ("SecretStore",)
    assert found.verdict([("name", "the vault"), ("name", "abcd")], catalogue).type == "Agent"


def test_own_rows_come_before_all_that_are_shipped(catalogue: Catalogue) -> None:
    shipped = load_typing(catalogue)[0]
    assert shipped.verdict([("image", "ollama/ollama")], catalogue).type == "LanguageModelEndpoint"
    own, problems = load_typing(catalogue, [("own.yaml", b"rows: [{type: Tool, name: [thing]}]")])
    assert not problems
    assert own.verdict([("image", "ollama/ollama"), ("name", "A thing")], catalogue).type == "Tool"


@pytest.mark.parametrize(
    ("rows", "path"),
    [
        (b"rows: 3", ""),
        (b"- 1", ""),
        (b"rows: [3]", "rows[0]"),
        (b"rows: [{type: Agnet, image: [x]}]", "rows[0].type"),
        (b"rows: [{type: Component, image: [x]}]", "rows[0].type"),
        (b"rows: [{type: Agent, confidence: 2, image: [x]}]", "rows[0].confidence"),
        (b"rows: [{type: Agent, confidence: true, image: [x]}]", "rows[0].confidence"),
        (b"rows: [{type: Agent, image: ['*']}]", "rows[0].image"),
        (b"rows: [{type: Agent, image: {}}]", "rows[0].image"),
        (b"rows: [", ""),
    ],
)
def test_what_is_wrong_with_a_row(catalogue: Catalogue, rows: bytes, path: str) -> None:
    found, (problem, *_) = load_typing(catalogue, [("own.yaml", rows)])
    assert (problem.level, problem.path, problem.file) == ("error", path, "own.yaml")
    assert not found.own


@pytest.mark.parametrize("name", ["vuln-scanner-agent", "Datadog agent", "Agent scanner", "Image scanner for agents"])
def test_a_program_that_is_called_an_agent_or_looks_for_them_is_none(catalogue: Catalogue, name: str) -> None:
    shipped = load_typing(catalogue)[0]
    assert shipped.verdict([("name", name)], catalogue).type == "Application"
    assert shipped.verdict([("name", "research agent")], catalogue).type == "Agent"
