"""What gateways, guardrails and queues pass on: answers to who asked, and nothing to who was asked beside."""

from __future__ import annotations

import pytest

from graphmodel.binding.relations import Reach, relations
from graphmodel.workspace import model_from_bytes

SYSTEM = """
graphmodel: 1
system: {{id: passing}}
zones: {{inside: {{trust: 7}}}}
assets:
  app: {{type: Application, zone: inside}}
  other: {{type: Application, zone: inside}}
  page: {{type: WebApplication, zone: inside}}
  gateway: {{type: {between}, zone: inside}}
  filter: {{type: Guardrail, zone: inside}}
  bot: {{type: {kind}, zone: inside}}
flows: [{flows}]
"""


def hears(
    flows: str, between: str = "ApiGateway", kind: str = "Agent", reach: Reach = Reach.DATA
) -> set[tuple[str, str]]:
    drawn = []
    for one in flows.split(", "):
        origin, arrow, target = one.split(" ")
        drawn.append(f"{{from: {origin}, to: {target}, two_way: {'true' if arrow == '<>' else 'false'}}}")
    text = SYSTEM.format(between=between, kind=kind, flows=", ".join(drawn))
    model = model_from_bytes(text.encode(), "passing.yaml")
    assert model.system is not None, model.problems
    found = relations(model.system, model.catalogue, reach).get("hearsFrom", {})
    passing = {"gateway", "filter"}
    return {(one, other) for one, others in found.items() for other in others if not {one, other} & passing}


@pytest.mark.parametrize("between", ["ApiGateway", "Router", "Guardrail", "MessageQueue"])
def test_who_asks_through_what_passes_on_is_given_the_answer(between: str) -> None:
    assert ("app", "bot") in hears("app <> gateway, gateway <> bot", between)
    assert ("app", "bot") in hears("bot > gateway, gateway > app", between)


def test_several_of_them_may_stand_one_behind_the_other() -> None:
    assert ("app", "bot") in hears("app <> gateway, gateway <> filter, filter <> bot")


def test_a_user_interface_shows_what_is_its_own() -> None:
    assert ("app", "bot") not in hears("bot > page, page > app")


def test_what_is_asked_beside_hears_nothing_and_neither_does_another_caller() -> None:
    assert ("other", "bot") not in hears("app <> gateway, gateway <> bot, gateway <> other")
    assert ("other", "bot") not in hears("bot <> gateway, other <> gateway, gateway <> app")


def test_a_service_of_a_model_answers_whoever_drew_its_flow_first() -> None:
    drawn = "bot <> gateway, gateway <> app"
    assert ("app", "bot") in hears(drawn, kind="PredictiveEndpoint")
    assert ("app", "bot") in hears("bot <> gateway, app <> gateway", kind="PredictiveEndpoint")


def test_nothing_comes_back_over_a_link_that_goes_one_way_but_where_both_ends_are_open() -> None:
    assert ("app", "bot") not in hears("app > gateway, gateway > bot")
    assert ("app", "bot") in hears("app > gateway, gateway > bot", reach=Reach.BOTH)


def test_a_device_hands_on_what_its_sensor_reports_and_nothing_else() -> None:
    text = SYSTEM.replace("app: {{type: Application", "app: {{type: Device")
    text = text.replace("page: {{type: WebApplication", "page: {{type: Sensor")
    for giver, told in (("page", True), ("bot", False)):
        flows = f"{{from: {giver}, to: app}}, {{from: app, to: other}}"
        model = model_from_bytes(text.format(between="Router", kind="Agent", flows=flows).encode(), "passing.yaml")
        assert model.system is not None, model.problems
        found = relations(model.system, model.catalogue, Reach.DATA)["hearsFrom"]
        assert (giver in found.get("other", ())) is told
