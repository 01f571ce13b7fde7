"""Exports: what is in them, what is told to be missing, that nothing hostile gets through, and that schemas hold."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import networkx as nx
import openpyxl
import pytest
import yaml
from click.testing import CliRunner
from defusedxml.ElementTree import fromstring
from jsonschema.validators import validator_for

from graphmodel.cli.main import main
from graphmodel.exporters.case import Case, Exporter, Lost
from graphmodel.exporters.registry import EXPORTERS
from graphmodel.knowledge.vocabulary import View
from graphmodel.model.system import System
from graphmodel.workspace import model_from_bytes
from tests.golden import samples

SMALL = b"""
graphmodel: 1
system: {id: shop, name: Shop, description: A shop.}
zones:
  outside: {trust: 0}
  inside: {trust: 5, name: Inside}
  core: {parent: inside}
assets:
  chat: {type: WebApplication, zone: outside, name: Chat}
  agent: {type: Agent, zone: core, name: Agent, tags: [ai], description: Answers., owner: Ada}
  handbook: {type: KnowledgeBase, zone: core, name: Handbook}
  wiki: {type: DataStore, zone: core, name: Wiki}
  orders: {type: BusinessData, name: Orders}
flows:
  - {from: visitor, to: chat, two_way: true}
  - {from: chat, to: agent, name: questions, two_way: true, opened_by: chat, authenticated: false, encrypted: true}
  - {from: wiki, to: agent, name: pages, carries: [handbook], opened_by: agent}
dependencies:
  - handbook storedIn wiki
  - orders storedIn wiki
  - agent retrievesFrom handbook
  - agent mayRead orders
actors:
  visitor: {kind: outsider, zone: outside, attempts_per_year: 2}
controls:
  shield: {control: input-guardrail, name: Shield, protects: [agent], evidence: tested}
  later: {control: human-approval, name: Later, protects: [agent], status: planned}
losses:
  - {fact: "orders:read", severity: high, amount: 100000}
  - {fact: "agent:run", severity: critical}
"""
RICH = SMALL.replace(
    b"  - {from: wiki, to: agent, name: pages, carries: [handbook], opened_by: agent}",
    b"  - {from: wiki, to: agent, name: pages, carries: [handbook], opened_by: agent, encrypted: false}\n"
    b"  - {from: agent, to: wiki, carries: [orders], returns: [handbook, orders], authenticated: true}",
)
NASTY = '"><script>alert(1)</script>`|]"); DROP -->\\ &amp; %0a \u202e #quot;'


@cache
def case_of(data: bytes) -> Case:
    model = model_from_bytes(data, "shop.yaml")
    assert model.usable, model.problems
    return Case(model.assess(today="2026-03-31"), "2026-03-31")


def exported(exporter: Exporter, data: bytes = SMALL) -> bytes:
    return exporter.export(case_of(data)).data


def by_id(id_: str) -> Exporter:
    return next(one for one in EXPORTERS if one.id == id_)


def as_value(id_: str) -> Any:
    return json.loads(exported(by_id(id_)))


def nasty(data: bytes) -> bytes:
    """The same with a hostile text as the name of everything."""
    value = yaml.safe_load(data)
    value["system"]["name"] = NASTY
    for section in ("zones", "assets", "actors", "controls"):
        for one in value[section].values():
            one["name"] = NASTY
            one["description"] = NASTY
    for one in value["flows"]:
        one["name"] = NASTY
    return yaml.safe_dump(value).encode()


@pytest.mark.parametrize("exporter", EXPORTERS, ids=lambda one: one.id)
def test_the_same_case_gives_the_same_bytes_and_every_asset_is_in_them(exporter: Exporter) -> None:
    first = exported(exporter)
    assert first == exporter.export(replace(case_of(SMALL))).data
    if exporter.holds and not exporter.binary:
        for name in ("Chat", "Agent", "Handbook", "Wiki"):
            assert name in first.decode(), name


@pytest.mark.parametrize(
    "exporter", [one for one in EXPORTERS if one.id not in ("csv", "xlsx")], ids=lambda one: one.id
)
def test_hostile_names_stay_names(exporter: Exporter) -> None:
    data = exported(exporter, nasty(SMALL))
    text = data.decode()
    if exporter.ending.endswith((".json", ".sarif")):
        json.loads(text)
    elif exporter.ending.endswith(".yaml"):
        value = yaml.safe_load(text)
        assert len(value["technical_assets"]) == 4 and value["title"] == NASTY
    elif exporter.id in ("drawio", "graphml"):
        fromstring(data)
        assert "<script" not in text
    elif exporter.id == "mermaid":
        assert "<" not in text.replace("<-->", "") and "`" not in text
        assert text.count('"') == 2 * sum(line.count('"') // 2 for line in text.splitlines())
        assert all(line.count('"') in (0, 2) for line in text.splitlines())
    elif exporter.id == "dot":
        plain = text.replace("\\\\", "").replace('\\"', "")
        assert all(line.count('"') % 2 == 0 for line in plain.splitlines())
    else:
        raise AssertionError(f"what is hostile in {exporter.id}?")


def test_what_a_format_cannot_hold_is_told_with_its_number() -> None:
    found = {one.what: one.count for one in by_id("otm").export(case_of(SMALL)).lost}
    assert found == {
        "actors: attempts_per_year": 1,
        "losses": 2,
    }
    assert by_id("sarif").export(case_of(SMALL)).lost == ()
    assert Lost("dependencies", 4) in by_id("threagile").export(case_of(SMALL)).lost


def test_threats_are_those_on_ways_to_losses_with_what_covers_them() -> None:
    case = case_of(SMALL)
    assert case.threats and [one.likelihood.value for one in case.threats] == sorted(
        (one.likelihood.value for one in case.threats), reverse=True
    )
    injection = next(
        one for one in case.threats if one.pattern.id == "direct-prompt-injection" and one.asset == "agent"
    )
    assert (injection.controls, injection.planned) == (("shield",), ())
    assert injection.likelihood == case.assessment.worst("agent:hijack")[1] or injection.likelihood.value > 0
    assert not any(one.pattern.propagation for one in case.threats)


def test_a_control_answers_a_threat_only_where_it_covers_every_way_of_it() -> None:
    data = (
        SMALL.replace(b"  later:", b"  pages: {control: content-isolation, protects: [wiki->agent]}\n  later:")
        .replace(b"  - agent mayRead", b"  - agent retrievesFrom forum\n  - agent mayRead")
        .replace(b"  orders: {", b"  forum: {type: UserContent, zone: outside}\n  orders: {")
        .replace(b"flows:\n", b"flows:\n  - {from: visitor, to: forum}\n")
    )
    injection = next(one for one in case_of(data).threats if one.id == "indirect-prompt-injection@agent")
    assert injection.controls == ()  # what comes from the forum does not pass where the pages are isolated
    parts = {one["id"]: one for one in json.loads(exported(by_id("otm"), data))["components"]}
    told = {one["threat"]: one["state"] for one in parts["agent"]["threats"]}
    assert told["indirect-prompt-injection@agent"] == "exposed"
    assert told["direct-prompt-injection@agent"] == "mitigated"


def test_open_threat_model() -> None:
    value = as_value("otm")
    zones = {one["id"]: one for one in value["trustZones"]}
    assert {id_: one["risk"]["trustRating"] for id_, one in zones.items()} == {"outside": 0, "inside": 50, "core": 0}
    assert zones["core"]["parent"] == {"trustZone": "inside"} and zones["core"]["attributes"] == {
        "graphmodel:trust": "unknown"
    }
    parts = {one["id"]: one for one in value["components"]}
    assert set(parts) == {"chat", "agent", "wiki", "visitor"}
    assert parts["wiki"]["assets"]["stored"] == ["handbook", "orders"]
    assert parts["agent"]["attributes"]["graphmodel:type"] == "Agent"
    threat = next(one for one in parts["agent"]["threats"] if one["threat"] == "direct-prompt-injection@agent")
    assert threat["state"] == "mitigated" and {"mitigation": "shield", "state": "implemented"} in threat["mitigations"]
    data = {one["id"]: one["risk"] for one in value["assets"]}
    assert data["orders"] == {"confidentiality": 75, "integrity": 0, "availability": 0}
    flow = next(one for one in value["dataflows"] if one["source"] == "chat")
    assert flow["attributes"] == {
        "graphmodel:relation": "sendsTo",
        "graphmodel:authenticated": "false",
        "graphmodel:encrypted": "true",
        "graphmodel:opened_by": "chat",
        "graphmodel:two_way": "true",
    }
    shield = next(one for one in value["mitigations"] if one["id"] == "shield")
    compiled = case_of(SMALL).assessment.compiled
    actor = case_of(SMALL).assessment.actors[0].actor
    assert shield["riskReduction"] == round(100 * compiled.holds(compiled.system.control_by_id["shield"], actor.skill))


def test_threagile_links_begin_at_who_opens_them() -> None:
    value = yaml.safe_load(exported(by_id("threagile")))
    links = value["technical_assets"]["Agent"]["communication_links"]
    assert links["pages"]["target"] == "wiki" and links["pages"]["data_assets_received"] == ["handbook"]
    assert links["pages"]["readonly"] is True and links["pages"]["data_assets_sent"] == []
    assert value["technical_assets"]["Chat"]["communication_links"]["questions"]["protocol"] == "https"
    assert value["data_assets"]["Orders"]["confidentiality"] == "confidential"
    assert value["business_criticality"] == "mission-critical"
    assert value["trust_boundaries"]["Inside"]["trust_boundaries_nested"] == ["core"]


def test_navigator_and_sarif_tell_results() -> None:
    case = case_of(SMALL)
    scores = {one["techniqueID"]: one["score"] for one in as_value("navigator")["techniques"]}
    atlas = [
        (each.id, one.likelihood.value)
        for one in case.threats
        for each in one.pattern.techniques
        if each.edition.startswith("atlas")
    ]
    assert scores == {id_: round(100 * max(value for other, value in atlas if other == id_)) for id_, _ in atlas}
    results = as_value("sarif")["runs"][0]["results"]
    assert [one["partialFingerprints"]["graphmodel/v1"] for one in results] == [
        one.id for one in case.threats if not one.controls
    ]


def test_attack_paths_in_stix_and_in_cyclonedx() -> None:
    case = case_of(SMALL)
    objects = as_value("stix")["objects"]
    flows = [one for one in objects if one["type"] == "attack-flow"]
    told = [one for one in case.paths.targets if one.paths and one.paths[0].steps]
    assert len(flows) == len(told) > 0
    by_stix = {one["id"]: one for one in objects}
    for flow, found in zip(flows, told, strict=True):
        step, chance = by_stix[flow["start_refs"][0]], 0
        while True:
            chance += 1
            following = step.get("effect_refs")
            if not following:
                break
            step = by_stix[following[0]]
        assert chance == len(found.paths[0].steps)
    value = as_value("cyclonedx-2.0")
    assert len(value["attackPaths"]) == sum(len(one.paths) for one in case.paths.targets)
    risks = {one["bom-ref"]: one["residualRisk"]["expectedLoss"] for one in value["risks"]}
    assert risks == {f"risk:{one.fact}": one.expected[View.RESIDUAL].value for one in case.assessment.risks}


def test_graphs_have_every_element_and_relation(tmp_path: Path) -> None:
    path = tmp_path / "x.graphml"
    path.write_bytes(exported(by_id("graphml")))
    graph = nx.read_graphml(path, force_multigraph=True)
    system: System = case_of(SMALL).system
    assert set(graph) == {*system.zone_by_id, *system.asset_by_id, *system.actor_by_id}
    assert graph.number_of_edges() == 3 + 2 + 4
    mermaid = exported(by_id("mermaid")).decode().splitlines()
    assert sum("-->" in line for line in mermaid) == 3 and sum("-.->" in line for line in mermaid) == 4
    assert sum(line.strip() == "end" for line in mermaid) == 3
    root = fromstring(exported(by_id("drawio")))
    edges = [one for one in root.iter("mxCell") if one.get("edge") == "1"]
    shapes = {one.get("id") for one in root.iter("object")}
    assert len(edges) == 7 and all({one.get("source"), one.get("target")} <= shapes for one in edges)


SCHEMAS = {
    "otm": "otm/_otm_schema_0.2.0.json",
    "threat-dragon": "threatdragon/_threat-dragon-v2.schema.json",
    "threagile": "threagile/_threagile_schema.json",
}


@pytest.mark.skipif(not samples().is_dir(), reason="the schemas of other projects are not here")
@pytest.mark.parametrize("id_", SCHEMAS)
@pytest.mark.parametrize("data", [SMALL, nasty(SMALL)], ids=["small", "nasty"])
def test_schemas_of_other_projects_hold(id_: str, data: bytes) -> None:
    schema = json.loads((samples() / SCHEMAS[id_]).read_text())
    value = yaml.safe_load(exported(by_id(id_), data))
    kind = validator_for(schema, default=validator_for({}))
    assert [one.message for one in kind(schema).iter_errors(value)] == []


def test_the_command(tmp_path: Path) -> None:
    file, out = tmp_path / "shop.yaml", tmp_path / "shop.mmd"
    file.write_bytes(SMALL)
    call = ["export", str(file), "--to", "mermaid", "-o", str(out), "--date", "2026-03-31"]
    done = CliRunner().invoke(main, call)
    assert done.exit_code == 0 and "not in the file: losses (2)" in done.stderr
    assert out.read_bytes() == exported(by_id("mermaid"))
    assert CliRunner().invoke(main, call).exit_code == 2
    assert "is no text" in CliRunner().invoke(main, ["export", str(file), "--to", "xlsx"]).stderr
    assert "none of otm" in CliRunner().invoke(main, ["export", str(file), "--to", "nothing"]).stderr
    assert CliRunner().invoke(main, [*call[:-1], "2026-02-30", "--force"]).exit_code == 2


def kept(system: System, holds: Mapping[str, frozenset[str]]) -> dict[str, list[str]]:
    """What a format says that it holds of a system; order is not among it."""
    return {
        section: sorted(
            repr([(name, getattr(one, name)) for name in sorted(names)]) for one in getattr(system, section)
        )
        for section, names in holds.items()
    }


@pytest.mark.parametrize("id_", ["otm", "drawio", "csv", "xlsx"])
def test_our_own_file_comes_back_as_the_same_system_in_all_that_the_format_holds(id_: str) -> None:
    exporter = by_id(id_)
    again = model_from_bytes(exported(exporter, RICH), "back").system
    assert again is not None
    assert kept(again, exporter.holds) == kept(case_of(RICH).system, exporter.holds)


@pytest.mark.parametrize("id_", ["csv", "xlsx"])
def test_a_table_comes_back_whatever_its_texts_are_and_nothing_in_it_is_calculated(id_: str) -> None:
    exporter = by_id(id_)
    odd = yaml.safe_load(nasty(SMALL))
    for name, text in zip(odd["assets"], ("=1+1", "-2; b", "Chat", "'=x", "a:run"), strict=True):
        odd["assets"][name]["name"] = text
        odd["assets"][name]["description"] = "@SUM(A1)"
    data = yaml.safe_dump(odd).encode()
    again = model_from_bytes(exported(exporter, data), "back").system
    assert again is not None and again.name == NASTY
    assert kept(again, exporter.holds) == kept(case_of(data).system, exporter.holds)
    if id_ == "csv":
        cells = [cell for row in csv.reader(exported(exporter, data).decode().splitlines()) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(exported(exporter, data))).active
        assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_what_no_cell_can_hold_stands_in_it_as_its_escape() -> None:
    data = SMALL.replace(b"name: Shop", rb'name: "a\e[31m\u0000b"')
    sheet = openpyxl.load_workbook(io.BytesIO(exported(by_id("xlsx"), data))).active
    assert "a\\u001b[31m\\u0000b" in {cell.value for row in sheet.iter_rows() for cell in row}


@pytest.mark.parametrize("id_", ["threat-dragon", "threagile", "tmbom", "cyclonedx", "stix", "mermaid", "opengraph"])
def test_our_own_file_is_read_again(id_: str) -> None:
    model = model_from_bytes(exported(by_id(id_)), "back")
    assert model.usable, model.problems
    assert model.system is not None and {"Agent", "Chat"} <= {one.name for one in model.system.assets}
