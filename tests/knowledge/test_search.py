"""Entries of the catalogue are found by the words that people have for them."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from graphmodel.cli.catalogue import search as search_command
from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.search import KINDS, search, suggestion
from graphmodel.knowledge.vocabulary import Catalogue

CATALOGUE = load_catalogue()[0]


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("LLM", {"LanguageModelEndpoint"}),
        ("chatbot", {"LanguageModelEndpoint", "Agent"}),
        ("RAG index", {"VectorStore"}),
        ("vector DB", {"VectorStore"}),
        ("vectordb", {"VectorStore"}),
        ("prompt shield", {"input-guardrail", "Guardrail"}),
        ("prompt-shields", {"input-guardrail", "Guardrail"}),
        ("guardrail", {"input-guardrail", "output-guardrail", "Guardrail"}),
        ("WAF", {"ApiGateway", "web-application-firewall"}),
        ("MFA", {"strong-authentication"}),
        ("sso", {"IdentityProvider", "strong-authentication"}),
        ("RBAC", {"access-control"}),
        ("DLP", {"output-guardrail"}),
        ("SBOM", {"ai-bom", "dependency-pinning"}),
        ("red team", {"red-teaming"}),
        ("HITL", {"human-approval", "human-review-of-decisions"}),
        ("human in the loop", {"human-approval"}),
        ("XPIA", {"indirect-prompt-injection"}),
        ("pickle", {"unsafe-model-loading"}),
        ("runs on", {"runsIn"}),
        ("jailbreak", {"jailbreak"}),
    ],
)
def test_words_of_the_field_are_known(words: str, ids: set[str], catalogue: Catalogue) -> None:
    found = search(words, catalogue)
    best = {one.id for one in found if one.score == 1}
    assert ids <= best
    assert all("is called" in one.why for one in found if one.score == 1)


def test_words_in_the_meaning_and_misspelt_words_are_found_and_say_so(catalogue: Catalogue) -> None:
    (first, *_) = search("personal data in answers", catalogue, ["control"])
    assert first.id == "output-guardrail"
    misspelt = search("rate-limitting", catalogue)[0]
    assert (misspelt.id, misspelt.kind) == ("rate-limiting", "control")
    assert "spelt" in misspelt.why
    meant = search("embeddings retrieved", catalogue, ["asset type"])
    assert "VectorStore" in {one.id for one in meant}
    assert search("zebra crossing", catalogue) == ()
    assert search("", catalogue) == ()


def test_kinds_and_number_can_be_limited(catalogue: Catalogue) -> None:
    assert {one.kind for one in search("prompt", catalogue, ["threat", "relation"])} == {"threat", "relation"}
    assert len(search("model", catalogue, most=3)) == 3


def test_abstract_types_and_derived_relations_are_never_offered(catalogue: Catalogue) -> None:
    for words in ("Asset", "Component", "contentFrom", "Prompted"):
        assert not {one.id for one in search(words, catalogue)} & {"Asset", "Component", "contentFrom", "Prompted"}


@given(st.text(max_size=400), st.sampled_from(KINDS))
def test_any_words_give_an_ordered_answer(words: str, kind: str) -> None:
    found = search(words, CATALOGUE, [kind])
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert all(0 < one.score <= 1 for one in found)
    assert search(words, CATALOGUE, [kind]) == found
    assert suggestion(words, CATALOGUE, kind)


@pytest.mark.parametrize(
    ("word", "kind", "says"),
    [
        ("LLM", "asset type", "Did you mean LanguageModelEndpoint?"),
        ("Agnet", "asset type", "Did you mean Agent?"),
        ("prompt-shield", "control", "Did you mean input-guardrail?"),
        ("prompt shield", "control", "Did you mean input-guardrail?"),
        ("storredIn", "relation", "Did you mean storedIn?"),
        ("phising", "threat", "Did you mean phishing?"),
        ("xyzzy", "control", "graphmodel catalogue search"),
        ("xyzzy", "relation", "Known here: "),
    ],
)
def test_advice_on_a_wrong_word(word: str, kind: str, says: str, catalogue: Catalogue) -> None:
    assert says in suggestion(word, catalogue, kind)


def test_every_entry_is_found_by_its_own_id_and_no_synonym_is_an_id_of_its_kind(catalogue: Catalogue) -> None:
    for kind, entries in (
        ("asset type", {name: one for name, one in catalogue.types.items() if not one.abstract}),
        ("control", catalogue.controls),
    ):
        for id_, entry in entries.items():
            assert id_ in {one.id for one in search(id_, catalogue, [kind]) if one.score == 1}
            assert not set(entry.synonyms) & set(entries)  # type: ignore[attr-defined]
    assert all(one.synonyms for one in catalogue.controls.values())


def test_the_command_searches() -> None:
    result = CliRunner().invoke(search_command, ["prompt", "shield", "--top", "2"])
    assert result.exit_code == 0
    assert "input-guardrail" in result.stdout
    assert len(result.stdout.splitlines()) == 4
    found = json.loads(CliRunner().invoke(search_command, ["LLM", "--json"]).stdout)
    assert found["found"][0]["id"] == "LanguageModelEndpoint"
    nothing = CliRunner().invoke(search_command, ["zebra", "crossing"])
    assert nothing.exit_code == 2
    assert "another word" in nothing.stderr
    assert json.loads(CliRunner().invoke(search_command, ["zebra", "--json"]).stdout)["found"] == []
