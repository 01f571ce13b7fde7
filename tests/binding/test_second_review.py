"""What an expert's second review found missing or wrong in the rules, on the smallest systems that show it."""

from __future__ import annotations

from functools import cache

import pytest

from graphmodel.binding.compiled import Compiled
from graphmodel.knowledge.vocabulary import Catalogue, Skill
from graphmodel.workspace import model_from_bytes

MODEL = """
graphmodel: 1
system: {id: small}
zones: {internet: {trust: 0}, inside: {trust: 7}}
assets:
  bot: {type: Agent, zone: inside}
  hosted: {type: LanguageModelEndpoint, zone: internet}
  weights: {type: LanguageModel, zone: internet}
  docs: {type: KnowledgeBase, zone: inside}
  orders: {type: Database, zone: inside}
  tool: {type: MCPServer, zone: inside}
  scores: {type: PredictiveEndpoint, zone: inside}
  scorer: {type: Model, zone: inside}
  tuning: {type: TrainingPipeline, zone: inside}
  features: {type: FeatureSet, zone: inside}
  valve: {type: Actuator, zone: inside}
  plc: {type: Device, zone: inside}
  shop: {type: Application, zone: inside}
  box: {type: Host, zone: inside}
  vault: {type: SecretStore, zone: inside}
  own-key: {type: Secret}
  other-key: {type: Secret}
  traces: {type: TelemetryLog}
  logs: {type: DataStore, zone: inside}
flows:
  - {from: visitor, to: shop}
  - {from: shop, to: logs, carries: [traces], authenticated: true, encrypted: true}
  - {from: bot, to: hosted, two_way: true, authenticated: true, encrypted: true}
  - {from: bot, to: tool, relation: invokes, authenticated: %s, encrypted: true}
  - {from: plc, to: valve, authenticated: true, encrypted: true}
  - {from: vault, to: shop, opened_by: shop, authenticated: true, encrypted: true}
dependencies:
  - bot usesModel weights
  - hosted servesModel weights
  - tuning usesModel weights
  - scores usesModel scorer
  - bot mayWrite orders
  - bot retrievesFrom docs
  - scores retrievesFrom features
  - shop runsIn box
  - plc dependsOn shop
  - shop usesSecret own-key
  - own-key storedIn vault
  - other-key storedIn vault
actors: {visitor: {kind: outsider, zone: internet}}
losses: [{fact: "orders:write", severity: high}]
controls:
  approval: {control: human-approval, protects: [bot]}
  spare: {control: failover, protects: [shop]}
  lock: {control: command-interlocks, protects: [valve]}
  wall: {control: web-application-firewall, protects: [shop]}
"""


@cache
def compiled(authenticated: str = "true") -> Compiled:
    model = model_from_bytes((MODEL % authenticated).encode(), "small.yaml")
    assert model.usable, model.problems
    return model.compile()


def steps(threat: str, authenticated: str = "true") -> set[str]:
    return {one.id for one in compiled(authenticated).bindings if one.pattern.id == threat}


def test_whoever_asks_a_hosted_model_has_not_loaded_it() -> None:
    assert steps("artifact-theft") == {
        "artifact-theft:weights<hosted",
        "artifact-theft:weights<tuning",
        "artifact-theft:scorer<scores",
    }
    assert steps("unsafe-model-loading") == {
        "unsafe-model-loading:hosted<weights",
        "unsafe-model-loading:tuning<weights",
        "unsafe-model-loading:scores<scorer",
    }
    # Its backdoor reaches the agent all the same.
    assert "backdoor-steers-agent:bot<weights" in steps("backdoor-steers-agent")


def test_a_right_that_an_agent_has_itself_can_be_kept_from_a_hijacker() -> None:
    assert compiled().covers["right-to-write:orders<bot"] == ("approval",)
    assert compiled().covers["right-to-destroy:orders<bot"] == ("approval",)


def test_failover_bridges_outages_and_hardly_a_flood(catalogue: Catalogue) -> None:
    for step in ("host-deny:shop<box", "run-gives-deny:shop", "dependency-down:plc<shop", "application-flooding:shop"):
        assert "spare" in compiled().covers[step]
    failover = catalogue.controls["failover"]
    outage, flood = (failover.strength_against(one).skilled.mean for one in ("host-deny", "application-flooding"))
    assert flood < 0.6 * outage
    # Its effect is a chance now, and is not taken off the loss a second time.
    assert not failover.limits


@pytest.mark.parametrize(("authenticated", "open_"), [("true", False), ("false", True)])
def test_a_tool_that_answers_anybody_is_called_past_its_agent(authenticated: str, open_: bool) -> None:
    assert bool(steps("open-tool", authenticated)) is open_


@pytest.mark.parametrize(
    ("threat", "found"),
    [
        ("direct-command", {"direct-command:valve"}),
        ("feature-tampering", {"feature-tampering:scores<features"}),
        ("content-in-logs", {"content-in-logs:traces<shop"}),
        # The other secrets of a vault, not one's own, which has a threat of its own.
        ("broad-vault", {"broad-vault:other-key<holder=shop"}),
        # A vault asks who calls, as a bucket does not.
        ("exposed-store", {"exposed-store:orders", "exposed-store:logs"}),
    ],
)
def test_types_that_had_no_threat_of_their_own(threat: str, found: set[str]) -> None:
    assert steps(threat) == found


def test_controls_that_the_field_knows_stand_where_it_puts_them() -> None:
    covers = compiled().covers
    assert covers["direct-command:valve"] == covers["actuator-obeys:valve<plc"] == ("lock",)
    assert "wall" in covers["service-exploit:shop"]


def test_what_is_noticed_in_time_is_ended_and_most_is_not(catalogue: Catalogue) -> None:
    ending = catalogue.controls["automatic-containment"]
    assert {"lateral-movement", "account-takeover", "model-extraction", "stolen-credential"} <= ending.mitigates
    assert ending.strength.of(Skill.SKILLED).mode < 0.15  # the share of attacks that raise an alarm at all
    for threat in ("model-extraction", "training-data-extraction", "black-box-evasion"):
        # What takes thousands of queries can be seen while it goes on.
        assert ending.strength_against(threat).skilled.mode > 2 * ending.strength.skilled.mode
    # One call of a hijacked agent cannot be.
    assert "tool-misuse" not in ending.mitigates


@pytest.mark.parametrize("threat", ["service-exploit", "account-takeover", "lateral-movement"])
def test_the_figures_that_matter_most_say_what_was_measured(catalogue: Catalogue, threat: str) -> None:
    assert catalogue.patterns[threat].source.startswith("measured: ")
    assert "judgement" in catalogue.patterns[threat].source


@pytest.mark.parametrize(("trust", "out"), [("0", True), ("2", True), ("3", False), ("9", False)])
def test_trust_says_what_is_outside_and_nothing_else(trust: str, out: bool) -> None:
    text = (MODEL % "true").replace("internet: {trust: 0}", f"internet: {{trust: {trust}}}")
    found = {one.id for one in model_from_bytes(text.encode(), "small.yaml").compile().bindings}
    sent = {one for one in steps("retrieval-abuse") if "docs" in one}
    assert len(sent) == 1
    assert found == {one.id for one in compiled().bindings} - (set() if out else sent)
