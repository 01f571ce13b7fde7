"""Budgets of queries: a limit holds against an attack that takes more of them than it lets through."""

from __future__ import annotations

import pytest

from graphmodel.assessment.explain import explain
from graphmodel.binding.compiled import Compiled
from graphmodel.knowledge.settings import Settings, load_settings
from graphmodel.knowledge.vocabulary import Catalogue, Skill
from graphmodel.model.writing import write_document
from graphmodel.workspace import model_from_bytes

MODEL = """
graphmodel: 1
system: {id: scoring}
assets: {api: {type: PredictiveEndpoint}, scorer: {type: Model}}
flows: [{from: asker, to: api, two_way: true}]
dependencies: [api servesModel scorer]
actors: {asker: {kind: user, skill: skilled}}
losses: [{fact: "scorer:read", severity: high}]
controls: {limit: {control: rate-limiting, protects: [api, scorer], evidence: tested%s}}
"""


def compiled(more: str = "") -> Compiled:
    model = model_from_bytes((MODEL % more).encode(), "scoring.yaml")
    assert model.usable, model.problems
    return model.compile()


def against(one: Compiled, threat: str, skill: Skill) -> float:
    """The chance that the limit stops a step of a threat."""
    (limit,) = one.system.controls
    return one.holds(limit, skill) * one.ratio(limit, threat, skill)


def test_more_queries_and_more_accounts_get_past_a_limit() -> None:
    strict, loose = compiled(", budget: 10000"), compiled(", budget: 1000000")
    found = [against(strict, "model-extraction", skill) for skill in Skill]
    assert found == pytest.approx([0.884, 0.535, 0.008], abs=2e-3)
    assert against(loose, "model-extraction", Skill.SKILLED) < 0.05
    # A question about one record takes few.
    assert against(strict, "membership-inference", Skill.SKILLED) == 0
    assert against(compiled(", budget: 0"), "model-extraction", Skill.EXPERT) == 1


def test_a_budget_says_nothing_of_floods(catalogue: Catalogue) -> None:
    usual = catalogue.controls["rate-limiting"].strength_against("service-flooding").skilled.mean
    for more in ("", ", budget: 10", ", budget: 1000000"):
        assert against(compiled(more), "service-flooding", Skill.SKILLED) == pytest.approx(usual)
    usual = catalogue.controls["rate-limiting"].strength_against("model-extraction").skilled.mean
    assert against(compiled(), "model-extraction", Skill.SKILLED) == pytest.approx(usual)


def test_a_budget_is_written_back_and_explained() -> None:
    model = model_from_bytes((MODEL % ", budget: 10000").encode(), "scoring.yaml")
    assert model.system is not None
    assert "budget: 10000" in write_document(model.system)
    assessment = model.assess()
    known = [why for why in explain(assessment, "scorer").facts if why.fact == "scorer:read"]
    said = [met.because for why in known for way, _ in why.ways for met in way.controls]
    assert any(one.startswith("a budget of 10,000 queries for each of 10 accounts of a skilled actor") for one in said)


@pytest.mark.parametrize(
    "text",
    [
        b"queries: {needed: {model-extraction: [0, 1, 2]}}",
        b"queries: {needed: {model-extraction: [3, 1, 2]}}",
        b"queries: {accounts: {expert: 0}}",
        b"queries: {accounts: {wizard: 3}}",
        b"queries: []",
    ],
)
def test_what_is_wrong_in_settings_is_told(text: bytes, settings: Settings) -> None:
    read, problems = load_settings(text)
    assert problems
    assert read.queries == settings.queries


def test_own_figures_take_the_place_of_the_shipped_ones() -> None:
    read, problems = load_settings(b"queries: {needed: {phishing: [5, 50, 500]}, accounts: {novice: 2}}")
    assert problems == ()
    assert read.queries.needed["phishing"].mode == 50
    assert read.queries.accounts[Skill.NOVICE] == 2
    assert "model-extraction" in read.queries.needed
