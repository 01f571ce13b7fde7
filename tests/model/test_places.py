"""Controls at places where they do nothing: what ``check`` says of them, and what ``gaps`` does."""

from __future__ import annotations

import pytest

from graphmodel.assessment.gaps import find_gaps
from graphmodel.workspace import Model, model_from_bytes

MODEL = """
graphmodel: 1
system: {id: places}
zones:
  out: {trust: 0}
  in: {trust: 3}
assets:
  gw: {type: ApiGateway, zone: in}
  ep: {type: PredictiveEndpoint, zone: in}
  m: {type: Model}
  p: {type: SystemPrompt}
  bot: {type: Agent, zone: in}
  app: {type: Application, zone: in}
  box: {type: Host, zone: in}
dependencies: [ep servesModel m, bot usesPrompt p]
flows:
  - {from: u, to: gw}
  - {from: gw, to: ep, two_way: true}
  - {id: call, from: gw, to: bot, two_way: true%s}
actors:
  u: {kind: outsider, zone: out}
controls:
  c: {control: %s, protects: [%s]}
losses:
  - {fact: "m:read", amount: 1000}
  - {fact: "bot:steer", amount: 1000}
"""


def model(control: str, place: str, more: str = "") -> Model:
    found = model_from_bytes((MODEL % (more, control, place)).encode(), "places.yaml")
    assert found.usable, found.problems
    return found


def told(one: Model) -> list[str]:
    return [f"{found.message} {found.fix}" for found in one.problems if found.path.startswith("controls.c.protects")]


@pytest.mark.parametrize(
    ("control", "place", "says"),
    [
        ("access-control", "app", "an Application, so it does nothing for “app”. Here it works on box."),
        ("safe-model-format", "p", "does not apply to a SystemPrompt"),
        ("network-segmentation", "m", "does not apply to a Model"),
        ("patching", "bot", ""),
        ("input-guardrail", "bot", ""),
        ("telemetry", "m", ""),
        ("dataset-provenance", "m", ""),
    ],
)
def test_check_says_where_a_control_does_nothing_and_where_it_would(control: str, place: str, says: str) -> None:
    found = told(model(control, place))
    assert len(found) == bool(says)
    assert all(says in one for one in found)


def test_a_control_works_on_the_ends_where_its_threats_are_defended() -> None:
    catalogue = model("output-encoding", "app").catalogue
    kind = catalogue.controls["output-obfuscation"]
    assert catalogue.works_on(kind, "PredictiveEndpoint", kind.mitigates)
    # What is done to a model counts for what answers with it, and the other way round.
    assert catalogue.works_on(kind, "PredictiveEndpoint", ["model-extraction"])
    assert catalogue.works_on(kind, "Dataset", ["membership-inference"])
    assert not catalogue.works_on(kind, "Dataset", ["model-extraction"])
    assert catalogue.works_on(kind, "LanguageModel", ["model-extraction"])


def test_what_mediates_a_flow_may_do_something_that_its_type_does_not_show() -> None:
    """Data are read in the clear on a flow; a gateway on its way can encrypt it."""
    (said,) = told(model("encryption-in-transit", "gw"))
    assert "stops none of its threats on an ApiGateway" in said
    assert told(model("encryption-in-transit", "gw", ", mediated_by: [gw]")) == []


@pytest.mark.parametrize(
    ("control", "place", "reason"),
    [
        ("prompt-hardening", "p", "what it covers lies on no way from an actor to a loss; it would on bot"),
        ("dependency-pinning", "ep", "it stops nothing where it is, and none of its threats lies on a way"),
        ("encryption-in-transit", "gw", "it stops nothing where it is, and none of its threats lies on a way"),
    ],
)
def test_gaps_tell_a_place_without_effect_from_a_way_without_loss(control: str, place: str, reason: str) -> None:
    (idle,) = find_gaps(model(control, place).assess()).idle
    assert idle.reason.startswith(reason)


def test_a_control_that_counts_is_not_idle() -> None:
    assert find_gaps(model("rate-limiting", "m").assess()).idle == ()
    assert find_gaps(model("rate-limiting", "ep").assess()).idle == ()
    assert find_gaps(model("input-guardrail", "bot").assess()).idle == ()
