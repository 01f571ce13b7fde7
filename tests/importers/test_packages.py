"""Libraries of a program: what they tell of whom it calls, always as a guess, and what they do not tell."""

from __future__ import annotations

import json

import pytest

from importers.folder import read_folder
from importers.packages.known import known
from importers.packages.manifests import manifest_of
from importers.source import Source
from tests.importers.fuzzing import CATALOGUE, TABLE, dependencies, flows, read, taken, told, types

PYPROJECT = b"""[project]
name = "desk"
dependencies = [
    "langchain>=0.3",
    "langgraph==1.0.1",
    "langchain-openai",
    "qdrant-client[fastembed]==1.9.0 ; python_version > '3.9'",
    "tavily-python",
    "nemoguardrails",
    "requests",
]
"""
PACKAGE = {"name": "site", "dependencies": {"ai": "4.0.0", "@ai-sdk/anthropic": "^1.0.0", "react": "19.0.0"}}


def test_a_program_with_whom_its_libraries_call() -> None:
    system = taken(PYPROJECT, "pyproject.toml")
    kinds = {one: type_ for one, type_ in types(system).items() if type_ != "SoftwarePackage"}
    assert kinds == {
        "desk": "Agent", "source-code-of-desk": "SourceCode", "openai": "LanguageModelEndpoint",
        "qdrant": "VectorStore", "web-pages": "DataSource",
    }  # fmt: skip
    assert flows(system) == {"desk <-> openai", "desk <-> qdrant"}
    assert {one.source.ground for one in system.flows if one.source} == {"guess"}
    assert "desk retrievesFrom web-pages" in dependencies(system) and not system.controls
    pinned = system.asset_by_id["langgraph"]
    assert pinned.identifiers == ("pkg:pypi/langgraph@1.0.1",) and pinned.source is not None and not pinned.source.note


def test_what_says_nothing_is_counted_and_what_cannot_be_told_is_asked() -> None:
    found = read(PYPROJECT, "pyproject.toml")
    assert found.account is not None
    (row,) = (one for one in found.account.rows if one.kind == "library")
    assert (row.found, row.taken, row.omitted) == (7, 6, 1)
    assert any("nemoguardrails" in one.question for one in found.account.questions)


def test_other_lists() -> None:
    assert types(taken(PACKAGE))["anthropic"] == "LanguageModelEndpoint"
    assert told(b"# for AI\nopenai==1.0\n-r base.txt\nboto3 # aws\n") == "packages"
    assert told(b"requests\nflask==3\n") == "" and told({"name": "x", "dependencies": {"react": "1"}}) == ""
    assert told(b"openai is a library, and this is prose\n") == ""
    assert told({"name": "x", "lockfileVersion": 3, "dependencies": {"openai": "1"}}) == ""


@pytest.mark.parametrize(
    "data", [b"[project]\n" + b"[" * 50_000, b"[project]\nname = 7\ndependencies = [[], 1, {}]", b"[project]\n\xff"]
)
def test_broken_lists_are_none(data: bytes) -> None:
    assert manifest_of(Source(data, "pyproject.toml")) is None


def test_names_are_told_apart_by_registry() -> None:
    assert known("ai", "npm") and not known("ai", "pypi") and not known("@acme/openai", "npm")
    assert not known("google", "pypi") and known("@ai-sdk/google", "npm")[0].word == "Google Gemini"


def test_beside_what_runs_lists_are_left_aside_and_twins_too() -> None:
    compose = Source(b"services: {web: {image: acme/web}}", "compose.yml")
    lists = [Source(PYPROJECT, "a/pyproject.toml"), Source(b"openai\n", "a/requirements.txt"),
             Source(json.dumps(PACKAGE).encode(), "b/package.json")]  # fmt: skip
    assert [one.file for one in read_folder([compose, *lists], CATALOGUE, TABLE).files] == ["compose.yml"]
    alone = read_folder(lists, CATALOGUE, TABLE)
    assert {one.file for one in alone.files} == {"a/pyproject.toml", "b/package.json"}
