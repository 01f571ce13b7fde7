"""Chains of language models, as flows draw them: a false answer is built on by the next, and not by one that asks."""

from __future__ import annotations

import pytest

from graphmodel.assessment.assess import assess
from graphmodel.binding.compiled import compile_system
from graphmodel.workspace import model_from_bytes

CHAIN = """
graphmodel: 1
system: {id: chain}
zones: {site: {trust: 5}}
assets:
  docs: {type: KnowledgeBase, zone: site}
  one: {type: LanguageModelEndpoint, zone: site}
  two: {type: LanguageModelEndpoint, zone: site}
  app: {type: Application, zone: site}
actors: {guest: {kind: outsider, starts: ["docs:write"]}}
flows:
  - {from: docs, to: one}
  - {from: one, to: two, two_way: %s}
  - {from: two, to: app}
losses: [{fact: "app:write", severity: high}]
"""


def likelihoods(text: str) -> dict[str, float]:
    model = model_from_bytes(text.encode(), "chain.yaml")
    assert model.system is not None, model.problems
    (actor,) = assess(compile_system(model.system, model.catalogue, model.settings)).actors
    found = actor.solver.solve()[0].likelihood
    return {fact: found[fact].value if fact in found else 0.0 for fact in ("one:write", "two:write", "app:write")}


def test_a_false_answer_goes_down_a_chain_of_models() -> None:
    found = likelihoods(CHAIN % "false")
    assert found["two:write"] == pytest.approx(found["one:write"] * 0.775)
    assert 0 < found["app:write"] < found["two:write"]


def test_what_a_model_is_asked_in_one_session_falsifies_its_answers_to_nobody_else() -> None:
    assert likelihoods(CHAIN % "true")["two:write"] == 0
