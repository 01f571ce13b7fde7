"""What follows from a flow of which nobody has said what it carries: stores that are asked, tools that are called."""

from __future__ import annotations

import pytest

from graphmodel.assessment.assess import Assessment
from graphmodel.workspace import model_from_bytes

MODEL = """
graphmodel: 1
system: {id: desk}
zones: {internet: {trust: 0}, inside: {trust: 7}}
assets:
  web: {type: WebApplication, zone: inside}
  bot: {type: Agent, zone: inside}
  orders: {type: Database, zone: inside}
  mailer: {type: Tool, zone: inside}
  rows: {type: BusinessData}
flows:
  - {from: visitor, to: web, two_way: true}
  - {from: web, to: bot, two_way: true}
  - {from: web, to: orders, two_way: true, authenticated: true}
  - {from: bot, to: orders, two_way: true, authenticated: true CARRIED}
  - {from: bot, to: mailer, two_way: true}
DEPENDENCIES
actors: {visitor: {kind: outsider, zone: internet}}
losses: [{fact: "orders:read", severity: high}]
"""


def assessed(carried: str = "", dependencies: str = "") -> Assessment:
    text = MODEL.replace(" CARRIED", carried).replace("DEPENDENCIES", dependencies)
    model = model_from_bytes(text.encode(), "desk.yaml")
    assert model.usable, model.problems
    return model.assess()


def test_whoever_runs_what_asks_a_store_or_talks_its_agent_into_it_reads_the_store() -> None:
    bindings = assessed().compiled.bindings
    assert {"retrieval-in-a-session:orders<bot", "retriever-read:orders<web"} <= {one.id for one in bindings}


@pytest.mark.parametrize(
    ("carried", "dependencies"), [(", returns: [rows]", ""), ("", "dependencies: [rows storedIn orders]")]
)
def test_where_the_data_are_named_only_these_are_asked_for(carried: str, dependencies: str) -> None:
    bindings = {one.id for one in assessed(carried, dependencies).compiled.bindings}
    assert "retrieval-in-a-session:orders<bot" not in bindings


def test_a_tool_that_an_agent_sends_to_is_one_that_it_invokes() -> None:
    bindings = {one.id for one in assessed().compiled.bindings}
    assert {"tool-misuse:mailer<bot", "poisoned-tool:bot<mailer"} <= bindings


def test_a_flow_with_a_store_that_names_nothing_is_one_of_all_that_is_named_of_the_store() -> None:
    bindings = {one.id for one in assessed(dependencies="dependencies: [rows storedIn orders]").compiled.bindings}
    assert {"disclosure-in-a-session:rows<bot", "handler-read:rows<web"} <= bindings


def test_a_vault_gives_each_its_own() -> None:
    text = MODEL.replace(" CARRIED", "").replace("DEPENDENCIES", "dependencies: [rows storedIn orders]")
    text = text.replace("type: Database", "type: SecretStore").replace("BusinessData", "Secret")
    model = model_from_bytes(text.encode(), "desk.yaml")
    assert model.usable, model.problems
    assert not {one.id for one in model.assess().compiled.bindings if one.id.startswith("handler-secret")}


def test_what_runs_on_a_laptop_or_a_device_takes_it_over_and_is_taken_with_it() -> None:
    text = MODEL.replace("  rows:", "  laptop: {type: Workstation, zone: inside}\n  box: {type: Device}\n  rows:")
    added = "dependencies: [mailer runsIn laptop, bot runsIn box]"
    model = model_from_bytes(text.replace(" CARRIED", "").replace("DEPENDENCIES", added).encode(), "desk.yaml")
    assert model.usable, model.problems
    bindings = {one.id for one in model.assess().compiled.bindings}
    assert {"process-to-host:laptop<mailer", "host-run:mailer<laptop", "process-to-host:box<bot"} <= bindings
