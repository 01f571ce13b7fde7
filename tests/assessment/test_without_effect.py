"""Statements of a model that count for nothing are told."""

from __future__ import annotations

from graphmodel.outputs.advice import without_effect
from graphmodel.workspace import model_from_bytes

MODEL = """
graphmodel: 1
system: {id: shop}
zones: {internet: {trust: 0}}
assets:
  scores: {type: PredictiveEndpoint, zone: internet}
  history: {type: Dataset, zone: internet}
flows:
  - {from: stranger, to: scores, two_way: true}
  - {from: scores, to: history}
actors:
  stranger: {kind: outsider, zone: internet%s}
losses:
  - {fact: "history:%s", severity: high}
  - {fact: "scores:write", severity: high}
"""


def said(capability: str, starts: str = "") -> tuple[str, ...]:
    model = model_from_bytes((MODEL % (starts, capability)).encode(), "shop.yaml")
    assert model.usable, model.problems
    return without_effect(model.assess())


def test_a_loss_that_nothing_leads_to_is_told_with_what_can_be_had_instead() -> None:
    (one,) = said("run")
    assert one.startswith(
        "the loss on history:run counts for nothing: no threat gains run on a dataset. Here it can be "
    )
    assert "read" in one


def test_a_loss_that_something_leads_to_is_not() -> None:
    assert said("write") == ()


def test_what_an_actor_holds_from_the_start_counts() -> None:
    assert said("run", ", starts: ['history:run']") == ()
