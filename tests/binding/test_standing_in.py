"""What stands for a component against a threat: the model that it answers with, and the guardrail before it."""

from __future__ import annotations

import pytest

from graphmodel.binding.compiled import Compiled
from graphmodel.workspace import model_from_bytes

MODEL = """
graphmodel: 1
system: {id: chat}
zones: {internet: {trust: 0}, inside: {trust: 7}}
assets:
  web: {type: WebApplication, zone: inside}
  shield: {type: Guardrail, zone: inside}
  bot: {type: Agent, zone: inside}
  model: {type: LanguageModel, zone: inside}
  docs: {type: KnowledgeBase, zone: inside}
flows:
  - {from: visitor, to: web, two_way: true}
FLOWS
dependencies: [bot retrievesFrom docs, bot usesModel model]
actors: {visitor: {kind: outsider, zone: internet}}
losses: [{fact: "bot:steer", severity: high}]
controls:
  c: {control: CONTROL, protects: [PLACE], strength: 1, evidence: tested}
"""
MEDIATED = "  - {id: ask, from: web, to: bot, two_way: true, mediated_by: [shield]}"
IN_LINE = "  - {from: web, to: shield, two_way: true}\n  - {from: shield, to: bot, two_way: true}"
BESIDE = IN_LINE + "\n  - {from: web, to: bot}"


def compiled(flows: str, control: str, place: str) -> Compiled:
    text = MODEL.replace("FLOWS", flows).replace("CONTROL", control).replace("PLACE", place)
    model = model_from_bytes(text.encode(), "chat.yaml")
    assert model.usable, model.problems
    return model.compile()


@pytest.mark.parametrize(("flows", "covered"), [(MEDIATED, True), (IN_LINE, True), (BESIDE, False)])
def test_a_guardrail_counts_for_what_stands_wholly_behind_it(flows: str, covered: bool) -> None:
    known = compiled(flows, "input-guardrail", "shield")
    assert ("c" in known.covers.get("direct-prompt-injection:bot", ())) is covered


def test_what_is_done_to_a_model_counts_where_it_answers() -> None:
    known = compiled(MEDIATED, "model-alignment", "model")
    assert known.covers["direct-prompt-injection:bot"] == ("c",)
    assert known.covers["indirect-prompt-injection:bot<docs"] == ("c",)


def test_it_limits_no_loss_of_what_it_stands_for() -> None:
    known = compiled(MEDIATED, "incident-response", "model")
    (control,) = known.system.controls
    assert known.credit.protects(control, "model")
    assert not known.credit.protects(control, "bot")


@pytest.mark.parametrize(("place", "calls"), [("shield", False), ("bot", True)])
def test_what_works_at_a_gate_is_said_for_each_threat(place: str, calls: bool) -> None:
    """A guardrail before an agent sees its answers, and none of the calls by which data leave behind it."""
    text = MODEL.replace("  docs:", "  out: {type: Tool, zone: internet}\n  docs:")
    flows = MEDIATED + "\n  - {from: bot, to: out, relation: invokes}"
    text = text.replace("FLOWS", flows).replace("CONTROL", "output-guardrail").replace("PLACE", place)
    known = model_from_bytes(text.encode(), "chat.yaml").compile()
    assert known.covers["leak-through-answers:docs<bot"] == ("c",)
    assert ("retrieval-abuse:docs<agent=bot" in known.covers) is calls


HOSTED = """
graphmodel: 1
system: {id: hosted}
zones: {internet: {trust: 0}}
assets:
  gate: {type: ApiGateway}
  bot: {type: Agent}
  llm: {type: LanguageModelEndpoint}
  weights: {type: LanguageModel}
  scores: {type: PredictiveEndpoint}
  scorer: {type: Model}
flows:
  - {from: visitor, to: gate}
  - {from: gate, to: bot, two_way: true}
  - {from: gate, to: scores, two_way: true}
  - {from: bot, to: llm, two_way: true}
dependencies: [llm servesModel weights, scores servesModel scorer]
actors: {visitor: {kind: outsider, zone: internet}}
losses: [{fact: "bot:steer", severity: high}, {fact: "scorer:read", severity: high}]
controls:
  c: {control: CONTROL, protects: [PLACE], strength: 1, evidence: tested}
"""


@pytest.mark.parametrize(
    ("control", "place", "step", "covered"),
    [
        # What counts requests or reads them works at the gateway that all of them pass.
        ("rate-limiting", "gate", "model-extraction:scorer<scores", True),
        ("rate-limiting", "gate", "service-flooding:scores", True),
        ("resource-limits", "gate", "cost-abuse:bot", True),
        ("input-guardrail", "gate", "direct-prompt-injection:bot", True),
        # What is done to the gateway itself is not done to what stands behind it.
        ("patching", "gate", "service-exploit:gate", True),
        ("patching", "gate", "service-exploit:bot", False),
        # Training goes where the model is used, hosted or not.
        ("model-alignment", "llm", "direct-prompt-injection:bot", True),
        ("model-alignment", "weights", "direct-prompt-injection:bot", True),
        ("rate-limiting", "llm", "cost-abuse:bot", False),
    ],
)
def test_a_control_at_its_natural_place_has_effect(control: str, place: str, step: str, covered: bool) -> None:
    model = model_from_bytes(HOSTED.replace("CONTROL", control).replace("PLACE", place).encode(), "hosted.yaml")
    assert model.usable, model.problems
    known = model.compile()
    assert step in known.binding_by_id
    assert ("c" in known.covers.get(step, ())) is covered


def test_one_of_two_hosted_models_stands_for_nothing() -> None:
    text = HOSTED.replace("  scorer: ", "  other: {type: LanguageModelEndpoint}\n  scorer: ", 1)
    text = text.replace("flows:\n", "flows:\n  - {from: bot, to: other, two_way: true}\n")
    text = text.replace("CONTROL", "model-alignment").replace("PLACE", "llm")
    known = model_from_bytes(text.encode(), "hosted.yaml").compile()
    assert "c" not in known.covers.get("direct-prompt-injection:bot", ())
