"""Drawings and threat models of other tools: what each element becomes, and that no file can break a reader."""

from __future__ import annotations

import base64
import copy
import json
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.typing_table import load_typing
from graphmodel.model.accounts import Account
from graphmodel.model.document import read_document
from graphmodel.model.system import Imported, Provenance, System
from graphmodel.model.writing import write_document
from graphmodel.reading.yaml_text import read_yaml
from graphmodel.workspace import model_from_bytes
from importers.registry import importer_of, read
from importers.source import Source
from tests.golden import samples
from tests.importers.fuzzing import told
from tests.importers.test_importers import JUNK, changed, places
from tests.thorough import cases, tries_more

DATA = Path(__file__).parent / "data" / "drawn"
FILES = sorted(DATA.iterdir())
CATALOGUE = load_catalogue()[0]
TABLE = load_typing(CATALOGUE)[0]
SAMPLES = samples()
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample files of other projects are not here")


def imported(data: bytes, name: str) -> Imported:
    return read(Source(data, name), CATALOGUE, TABLE)


@cache
def taken(name: str) -> System:
    found = imported((DATA / name).read_bytes(), name)
    assert found.system is not None, found.problems
    return found.system


@cache
def account(name: str) -> Account:
    found = imported((DATA / name).read_bytes(), name).account
    assert found is not None
    return found


def types(system: System) -> dict[str, str]:
    return {one.id: one.type for one in system.assets}


def zones(system: System) -> dict[str, str | None]:
    return {one.id: one.zone for one in system.assets}


def flows(system: System) -> list[tuple[str, str, str]]:
    return [(one.origin, one.target, one.name) for one in system.flows]


def relations(system: System) -> set[str]:
    return {one.id for one in system.dependencies}


def left(name: str) -> dict[str, dict[str, int]]:
    return {row.kind: dict(row.reasons) for row in account(name).rows if row.omitted}


# ------------------------------------------------------------ OTM
def test_otm_components_zones_and_flows() -> None:
    system = taken("kiosk.otm.yaml")
    assert types(system) == {
        "payment-data": "BusinessData", "machine": "Host", "shop": "Application", "phone": "Client",
        "tickets": "Database", "thing": "Application",
    }  # fmt: skip
    assert [(one.id, one.trust, one.parent) for one in system.zones] == [
        ("internet", 1, None), ("inside", 8, None), ("core", None, "inside"), ("net", None, "inside"),
    ]  # fmt: skip
    assert zones(system) == {
        "payment-data": None, "machine": "net", "shop": "net", "phone": "internet", "tickets": "core", "thing": None,
    }  # fmt: skip
    assert flows(system) == [("phone", "shop", "buys"), ("shop", "tickets", "keeps")]
    assert (system.flows[0].two_way, system.flows[0].carries) == (True, ("payment-data",))
    assert relations(system) == {
        "shop runsIn machine", "shop mayRead payment-data", "payment-data storedIn tickets",
    }  # fmt: skip
    assert {str(one.held): one.severity.value for one in system.losses} == {
        "payment-data:read": "critical", "payment-data:write": "medium",
    }  # fmt: skip
    assert [(one.id, one.zone) for one in system.actors] == [("anyone-on-the-internet", "internet")]


def test_otm_threats_come_along_and_credit_nothing() -> None:
    system = taken("kiosk.otm.yaml")
    first, second = system.stated
    assert (first.name, first.on, first.status, first.likelihood, first.severity) == (
        "Card theft", ("shop",), "exposed", "50 of 100", "100 of 100",
    )  # fmt: skip
    assert (second.name, second.on, second.status) == ("t9", ("tickets",), "mitigated")
    assert [(one.control, one.status.value, one.protects) for one in system.controls] == [
        (None, "implemented", ("shop",)), (None, "proposed", ("shop",)),
    ]  # fmt: skip
    assert first.answered_by == tuple(one.id for one in system.controls)
    assert {kind: sum(reasons.values()) for kind, reasons in left("kiosk.otm.yaml").items()} == {
        "data stored": 1, "dataflow": 2, "rating": 1, "representation": 1, "threat (definition)": 1,
    }  # fmt: skip
    assert [one.asset for one in account("kiosk.otm.yaml").untyped] == ["thing"]


@needs_samples
def test_every_otm_sample_is_taken_whole() -> None:
    for path in sorted((SAMPLES / "otm").glob("*.*")):
        value = yaml.safe_load(path.read_bytes())
        if "otmVersion" not in value:
            continue
        found = imported(path.read_bytes(), path.name)
        assert found.account is not None
        rows = {row.kind: row for row in found.account.rows}
        for field, kind in (("components", "component"), ("trustZones", "trust zone"), ("dataflows", "dataflow")):
            if value.get(field):
                assert rows[kind].found == len(value[field]), (path.name, kind)


# ------------------------------------------------------------ Threat Dragon
def test_threat_dragon_2_membership_is_computed() -> None:
    system = taken("kiosk.td2.json")
    assert types(system) == {
        "customer-phone": "Client", "shop": "WebApplication", "orders": "DataStore", "credentials-in-orders": "Secret",
        "orders-2": "DataStore",
    }  # fmt: skip
    assert [(one.id, one.parent) for one in system.zones] == [("cloud", None), ("private", "cloud"), ("internet", None)]
    assert zones(system) == {
        "customer-phone": "internet", "shop": "cloud", "orders": "private", "credentials-in-orders": "private",
        "orders-2": None,
    }  # fmt: skip
    assert flows(system) == [
        ("customer-phone", "shop", "order"), ("shop", "orders", ""), ("malicious-user", "shop", "abuse"),
    ]  # fmt: skip
    order, keep, _ = system.flows
    assert (order.two_way, order.encrypted, keep.encrypted, keep.two_way) == (True, True, None, True)
    assert relations(system) == {"credentials-in-orders storedIn orders"}
    assert {one.id: one.zone for one in system.actors} == {
        "malicious-user": "internet", "anyone-on-the-internet": "internet",
    }  # fmt: skip
    assert system.asset_by_id["orders"].tags == ("stores-credentials", "out-of-scope")
    assert left("kiosk.td2.json").keys() == {"boundary curve", "cell", "flow", "text"}
    assert [one.about for one in account("kiosk.td2.json").questions] == ["", "orders", "customer-phone"]


def test_threat_dragon_threats_and_mitigations() -> None:
    system = taken("kiosk.td2.json")
    controls = {one.name: (one.control, one.status.value, one.protects) for one in system.controls}
    assert controls == {
        "Encrypted store: Orders": ("encryption-at-rest", "implemented", ("orders",)),
        "Sign orders": (None, "proposed", ("shop",)),
        "Keep copies": (None, "implemented", ("shop",)),
    }
    fake, _ = system.stated
    assert (fake.name, fake.status, fake.severity, fake.on) == ("Fake orders", "Open", "High", ("shop",))
    assert "score 7" in fake.description


def test_threat_dragon_1() -> None:
    system = taken("kiosk.td1.json")
    assert types(system) == {"web-application": "WebApplication", "database": "Database"}
    assert flows(system) == [("web-application", "database", "Query")]
    assert [one.name for one in system.stated] == ["Tampering"]


@needs_samples
def test_threat_dragon_samples() -> None:
    counts = {}
    for path in sorted((SAMPLES / "threatdragon").glob("td*.json")):
        found = imported(path.read_bytes(), path.name)
        if found.system is None:
            assert [one.level for one in found.problems if one.level == "error"] == ["error"]
        else:
            counts[path.stem] = (len(found.system.assets), len(found.system.flows), len(found.system.stated))
    assert counts["td2-online-game"] == (12, 17, 0)
    assert counts["td2-renting-car"] == (15, 15, 0)
    assert counts["td1-demo-threat-model"] == (9, 10, 14)
    assert "td2-malformed" not in counts


# ------------------------------------------------------------ Microsoft Threat Modeling Tool
def test_tm7_stencils_boxes_and_arcs() -> None:
    system = taken("kiosk.tm7")
    assert types(system) == {
        "public-api": "Application", "keys": "SecretStore", "web-browser": "Client",
        "language-model": "LanguageModelEndpoint",
    }  # fmt: skip
    assert [(one.id, one.parent) for one in system.zones] == [
        ("cloud", None), ("inner", "cloud"), ("internet-boundary", None),
    ]  # fmt: skip
    assert zones(system) == {
        "public-api": "cloud", "keys": "inner", "web-browser": "internet-boundary", "language-model": None,
    }  # fmt: skip
    assert flows(system) == [
        ("web-browser", "public-api", "asks"), ("keys", "public-api", "reads"), ("attacker", "public-api", "attacks"),
    ]  # fmt: skip
    assert [(one.encrypted, one.authenticated) for one in system.flows[:2]] == [(True, True), (None, None)]
    assert {one.id for one in system.actors} == {"attacker", "anyone-on-the-internet"}
    assert system.asset_by_id["public-api"].description == "Running As: Kernel"
    assert system.asset_by_id["public-api"].tags == ("out-of-scope",)
    assert left("kiosk.tm7").keys() == {"flow", "line boundary"}
    assert [(one.name, one.status.split(" ")[0], one.on) for one in system.stated] == [
        ("Spoofed browser", "not", ("web-browser", "public-api")),
        ("Stolen token", "mitigated", ("web-browser", "public-api")),
    ]  # fmt: skip
    assert [(one.name, one.control) for one in system.controls] == [("Tokens live ten minutes", None)]


@needs_samples
@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("MTMT_MVP", "MTMT_MVP"), ("missing_coordinates", "missing_coordinates"), ("MTMT_nested_tz", "nested_tz"),
        ("MTMT_nested_tz_line", "nested_tz_line"), ("MTMT_example_coordinates", "MTMT_example_coordinates"),
    ],
)  # fmt: skip
def test_tm7_zones_are_those_of_the_otm_beside_it(file: str, expected: str) -> None:
    path = SAMPLES / "tm7" / f"startleft-{file}.tm7"
    system = imported(path.read_bytes(), path.name).system
    assert system is not None
    otm = json.loads((SAMPLES / "tm7" / f"startleft-{expected}.expected.otm").read_bytes())
    named = {one["id"]: one["name"] for one in otm["trustZones"] if one["name"] != "Default trustzone"}
    wanted = {one["name"]: named.get(one["parent"]["trustZone"]) for one in otm["components"]}
    names = {one.id: one.name for one in system.zones}
    assert {one.name: names.get(one.zone or "") or None for one in system.assets} == wanted
    parents = {names[one.id]: names.get(one.parent or "") for one in system.zones}
    assert parents == {one["name"]: named.get((one.get("parent") or {}).get("trustZone")) for one in otm["trustZones"]
                       if one["name"] in named.values()}  # fmt: skip
    flowing = {(one["source"], one["destination"]) for one in otm["dataflows"]}
    assert len(system.flows) == len(otm["dataflows"])
    assert len({(one.origin, one.target) for one in system.flows}) == len(flowing)
    assert file != "MTMT_MVP" or len(system.stated) == 43


@needs_samples
def test_tm7_with_a_bomb_in_it_is_refused() -> None:
    found = imported((SAMPLES / "tm7" / "msparser-BillionLaughs.tm7").read_bytes(), "x")
    assert [one.level for one in found.problems] == ["error"]
    assert "entities" in found.problems[0].message


# ------------------------------------------------------------ arrows
def test_an_arrow_into_what_is_asked_is_answered_unless_it_only_brings_something() -> None:
    drawn = """flowchart LR
        app[Shop backend] -->|look up| orders[(Orders database)]
        app -->|export metrics| stats[(Statistics database)]
        app --> files[(Documents database)]
        files --> app
        app --> partner[Partner backend]"""
    system = imported(drawn.encode(), "x.mmd").system
    assert system is not None
    assert {f"{one.origin} {one.target}": one.two_way for one in system.flows} == {
        "shop-backend orders-database": True, "shop-backend statistics-database": False,
        "shop-backend documents-database": False, "documents-database shop-backend": False,
        "shop-backend partner-backend": False,
    }  # fmt: skip
    assert "no arrow leads back" in (system.flows[0].source or Provenance()).note


# ------------------------------------------------------------ draw.io
def test_drawio_pages_plain_and_compressed() -> None:
    system = taken("kiosk.drawio")
    assert types(system) == {
        "function": "Application", "orders-prod": "DataStore", "thingamajig": "Application",
        "llm": "LanguageModelEndpoint", "vector-store": "VectorStore",
    }  # fmt: skip
    assert [(one.id, one.parent) for one in system.zones] == [("vpc", None), ("unnamed-boundary", "vpc")]
    assert zones(system) == {
        "function": "vpc", "orders-prod": "vpc", "thingamajig": None, "llm": None, "vector-store": None,
    }  # fmt: skip
    assert flows(system) == [
        ("function", "orders-prod", "SQL over TLS"), ("internet", "function", "asks"), ("thingamajig", "function", ""),
        ("vector-store", "llm", ""),
    ]  # fmt: skip
    assert [(one.two_way, one.encrypted) for one in system.flows] == [
        (True, True), (False, None), (True, None), (True, None),
    ]  # fmt: skip
    orders = system.asset_by_id["orders-prod"]
    assert (orders.tags, orders.description) == (("pci", "core"), "env: prod; owner: Ada; db_password: (not shown)")
    assert [one.id for one in system.actors] == ["internet"]
    assert left("kiosk.drawio") == {
        "connector": {"its target is a boundary": 1, "its target is joined to nothing": 1},
        "page": {"what stands in it is neither XML nor compressed as draw.io does": 1},
        "shape": {"it has no label, and nothing is joined to it": 1}, "text": {"it is a caption": 1},
    }  # fmt: skip


def test_a_page_that_unpacks_without_end_is_refused() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(b"x" * 30_000_000) + packer.flush()
    data = b"<mxfile><diagram>" + base64.b64encode(packed) + b"</diagram></mxfile>"
    assert len(data) < 60_000
    found = imported(data, "x.drawio")
    assert [one.level for one in found.problems] == ["error"]
    assert "larger than what is read" in found.problems[0].message


@needs_samples
def test_drawio_samples() -> None:
    counts = {}
    for path in sorted((SAMPLES / "drawio").glob("[!_]*")):
        system = imported(path.read_bytes(), path.name).system
        if system is not None:
            counts[path.name] = (len(system.zones), len(system.assets), len(system.flows))
    assert counts == {
        "lfai-ai-code-assistant-v1.drawio.xml": (4, 12, 15), "michenriksen-example-attacktree.xml": (0, 13, 12),
        "michenriksen-example-dfd.xml": (5, 11, 12), "startleft-aws_minimal.drawio": (2, 2, 0),
        "startleft-aws_minimal.drawio.xml": (2, 2, 0), "startleft-aws_two_component_multiple_dataflows.xml": (0, 2, 1),
        "startleft-drawio-basic-example.drawio": (3, 4, 3), "startleft-drawio_aws.drawio": (4, 16, 17),
        "startleft-lean_ix.drawio.xml": (2, 2, 0),
    }  # fmt: skip


# ------------------------------------------------------------ bills of materials
def test_cyclonedx_models_data_packages_and_services() -> None:
    system = taken("kiosk.cdx.json")
    assert types(system) == {
        "kiosk-backend": "Application", "writer": "LanguageModel", "hugging-face": "PublicHub", "sorter": "Model",
        "orders-2024": "Dataset", "torch": "SoftwarePackage", "api-gateway": "ApiGateway", "pii": "BusinessData",
        "postgres": "Database", "letters": "Dataset",
    }  # fmt: skip
    assert relations(system) == {
        "writer trainedOn letters", "writer trainedOn orders-2024", "writer storedIn hugging-face",
        "letters storedIn hugging-face", "kiosk-backend usesModel writer", "kiosk-backend usesPackage torch",
        "api-gateway mayRead pii",
    }  # fmt: skip
    assert [(one.origin, one.target, one.authenticated, one.encrypted) for one in system.flows] == [
        ("kiosk-backend", "api-gateway", True, True), ("api-gateway", "postgres", False, False),
    ]  # fmt: skip
    assert system.asset_by_id["writer"].identifiers == ("pkg:huggingface/acme/writer",)
    assert system.asset_by_id["torch"].identifiers == ("pkg:pypi/torch",)
    assert system.asset_by_id["api-gateway"].zone == "edge"
    (stated,) = system.stated
    assert (stated.name, stated.on, stated.status, stated.severity) == ("CVE-2024-1", ("torch",), "exploitable", "high")
    assert {kind: sum(told.values()) for kind, told in left("kiosk.cdx.json").items()} == {
        "data set of a model card": 2, "dependency": 1, "file": 1,
    }  # fmt: skip


def test_cyclonedx_in_xml_says_the_same() -> None:
    system = taken("kiosk.cdx.xml")
    same = taken("kiosk.cdx.json")
    assert types(system).items() <= types(same).items()
    assert set(types(same)) - set(types(system)) == {"sorter", "postgres"}
    assert relations(system) | {"letters storedIn hugging-face", "kiosk-backend usesPackage torch"} == relations(same)
    assert [(one.origin, one.target, one.authenticated) for one in system.flows] == [
        ("kiosk-backend", "api-gateway", True)
    ]
    assert system.assets[0].source is not None


def test_spdx_lineage() -> None:
    system = taken("kiosk.spdx3.json")
    assert types(system) == {
        "acme-writer": "LanguageModel", "hugging-face": "PublicHub", "letters": "Dataset", "torch": "SoftwarePackage",
        "train.py": "SourceCode", "books": "Dataset",
    }  # fmt: skip
    assert relations(system) == {
        "acme-writer trainedOn letters", "acme-writer trainedOn books", "acme-writer storedIn hugging-face",
        "acme-writer dependsOn torch", "acme-writer derivedFrom train.py",
    }  # fmt: skip
    assert system.asset_by_id["acme-writer"].identifiers == ("pkg:huggingface/acme/writer",)
    assert {row.kind: row.joined for row in account("kiosk.spdx3.json").rows if row.joined} == {"Package": 1}
    assert len(left("kiosk.spdx3.json")) == 5


@needs_samples
@pytest.mark.parametrize(
    "name", ["FacebookAI/roberta-large", "Qwen/Qwen2.5-7B-Instruct", "meta-llama/Llama-3.1-8B-Instruct"]
)
def test_one_model_in_four_bills_is_one_model(name: str) -> None:
    stem, known = name.replace("/", "_"), set()
    for folder, ending in (("cyclonedx-mlbom", "cdx16"), ("spdx3-ai", "spdx301")):
        for maker in ("aloha", "owasp-aibom"):
            path = SAMPLES / folder / f"{maker}-{stem}.{ending}.json"
            system = imported(path.read_bytes(), path.name).system
            assert system is not None
            (model,) = [one for one in system.assets if CATALOGUE.is_a(one.type, "Model")]
            known.add((f"pkg:huggingface/{name}" in model.identifiers, model.type))
    assert len(known) == 1
    assert known.pop()[0]


# ------------------------------------------------------------ Mermaid
def test_mermaid_nodes_subgraphs_and_arrows() -> None:
    system = taken("kiosk.mmd")
    assert system.name == "Kiosk"
    assert types(system) == {
        "customer-browser": "Client", "api-gateway": "ApiGateway", "chatbot": "Agent", "orders": "Database",
        "vector-store": "VectorStore", "odd_thing": "Application",
    }  # fmt: skip
    assert [(one.id, one.parent) for one in system.zones] == [("internet", None), ("cloud", None), ("inner", "cloud")]
    assert zones(system) == {
        "customer-browser": "internet", "api-gateway": "cloud", "chatbot": "cloud", "orders": "inner",
        "vector-store": "inner", "odd_thing": None,
    }  # fmt: skip
    assert [(*ends, one.two_way) for ends, one in zip(flows(system), system.flows, strict=True)] == [
        ("customer-browser", "api-gateway", "asks; (HTTPS)", False), ("api-gateway", "chatbot", "calls", True),
        ("chatbot", "vector-store", "", True), ("chatbot", "orders", "reads, writes", True),
        ("chatbot", "vector-store", "reads, writes", True), ("attacker", "api-gateway", "", False),
        ("api-gateway", "odd_thing", "", True),
    ]  # fmt: skip
    assert system.flows[0].encrypted is True
    assert {one.id for one in system.actors} == {"attacker", "anyone-on-the-internet"}
    assert {kind: sum(told.values()) for kind, told in left("kiosk.mmd").items()} == {
        "arrow": 1, "line": 1, "node": 2, "subgraph": 1,
    }  # fmt: skip
    assert {one.name: one.source.place for one in system.assets if one.source}["Chatbot"] == "flowchart[0].node.bot"


def test_mermaid_within_markdown() -> None:
    assert flows(taken("kiosk.md")) == [("llm", "agent", "")]
    found = imported(b"```mermaid\nflowchart TD\n  A[Thing] --> B[User]\n```\n", "x.md")
    assert [one.line for one in found.problems if one.level == "warning"] == [3]


@needs_samples
def test_the_chatbot_of_lf_ai() -> None:
    counts = {}
    for path in sorted((SAMPLES / "mermaid-ai").glob("*.mmd")):
        system = imported(path.read_bytes(), path.name).system
        assert system is not None
        counts[path.stem] = (len(system.assets), len(system.flows))
    assert counts == {"lfai-chatbot_code": (14, 19), "lfai-chatbot_mermaid": (14, 19), "lfai-code_generator": (18, 26)}


# ------------------------------------------------------------ threat-composer
def test_threat_composer_keeps_threats_and_credits_nothing() -> None:
    system = taken("kiosk.tc.json")
    assert types(system) == {"kiosk": "Application", "customer-records": "BusinessData"}
    records, flood = system.stated
    assert (records.name, records.status, records.severity, records.on, records.answered_by) == (
        "ask the model for records", "threatIdentified", "High", ("customer-records",), ("filter-what-the-model-says",),
    )  # fmt: skip
    assert (flood.on, flood.answered_by) == (("kiosk",), ())
    assert [(one.name, one.control, one.status.value, one.protects) for one in system.controls] == [
        ("Filter what the model says", None, "implemented", ("customer-records",)),
        ("Train staff", None, "proposed", ("kiosk",)),
    ]  # fmt: skip
    assert left("kiosk.tc.json").keys() == {
        "assumption", "description", "link of a mitigation", "link of an assumption", "picture",
    }  # fmt: skip


@needs_samples
def test_every_threat_of_the_chatbot_has_a_mitigation_and_none_is_implemented() -> None:
    path = SAMPLES / "threat-composer" / "GenAIChatbot.tc.json"
    system = imported(path.read_bytes(), path.name).system
    assert system is not None
    assert (len(system.stated), sum(bool(one.answered_by) for one in system.stated)) == (37, 37)
    assert (len(system.controls), {one.status.value for one in system.controls}) == (84, {"proposed"})
    assert sum(len(one.answered_by) for one in system.stated) == 122


# ------------------------------------------------------------ pytm
def test_pytm_json() -> None:
    system = taken("kiosk.pytm.json")
    assert types(system) == {"password": "Secret", "user": "Person", "buyer": "Agent", "files": "DataStore"}
    assert zones(system) == {"password": None, "user": "internet", "buyer": "inner", "files": None}
    (asks,) = system.flows
    assert (asks.carries, asks.encrypted, asks.authenticated) == (("password",), True, True)
    assert relations(system) == {"password storedIn files"}
    assert [(one.control, one.protects) for one in system.controls] == [("encryption-at-rest", ("files",))]
    assert system.asset_by_id["files"].tags == ("is-encrypted-at-rest", "is-hardened", "out-of-scope")
    assert {str(one.held): one.severity.value for one in system.losses} == {"password:read": "high"}
    assert [(one.name, one.on, one.status) for one in system.stated] == [("Theft", ("files",), "accepted by Ada")]
    assert {kind: sum(told.values()) for kind, told in left("kiosk.pytm.json").items()} == {"finding": 1, "flow": 2}


def test_pytm_python_is_read_and_not_run() -> None:
    system = taken("kiosk.pytm.txt")
    assert types(system) == {
        "payment-data": "BusinessData", "prompt-text": "BusinessData", "user": "Person", "web-server": "WebApplication",
        "helper": "LanguageModelEndpoint", "system-prompt-of-helper": "SystemPrompt", "orders": "Database",
    }  # fmt: skip
    assert [(one.id, one.parent) for one in system.zones] == [("internet", None), ("inner", "outer"), ("outer", None)]
    assert flows(system) == [
        ("user", "web-server", "asks"), ("web-server", "helper", "prompts"), ("web-server", "orders", "writes …"),
    ]  # fmt: skip
    assert (system.flows[0].carries, system.flows[0].encrypted) == (("payment-data",), True)
    assert system.flows[1].carries == ("prompt-text",)
    assert [one.control for one in system.controls] == ["strong-authentication"]
    assert sum(left("kiosk.pytm.txt")["statement"].values()) == 2
    assert not Path("/tmp/never").exists()
    inside = b"from pytm import TM, Server\nTM('t')\n"
    assert [told(one) for one in (inside, b"# About\n```python\n" + inside, inside.replace(b"TM('t')", b"pass"))] == [
        "pytm", "", "",
    ]  # fmt: skip


@needs_samples
def test_pytm_samples() -> None:
    counts = {}
    for path in sorted((SAMPLES / "pytm").glob("*.json")):
        value = json.loads(path.read_bytes())
        found = imported(path.read_bytes(), path.name)
        assert found.system is not None
        assert found.account is not None
        rows = {row.kind: row.found for row in found.account.rows}
        counts[path.name] = (len(value["elements"]), len(found.system.flows), rows.get("finding", 0))
        assert sum(rows.get(one, 0) for one in {one["__class__"] for one in value["elements"]}) == len(
            value["elements"]
        )
    assert counts["sample_llm.pytm.json"] == (6, 7, 91)


# ------------------------------------------------------------ CSV, Excalidraw, STIX
def test_a_table_by_the_template() -> None:
    system = taken("kiosk.csv")
    assert types(system) == {
        "web-shop": "WebApplication", "helper": "LanguageModelEndpoint", "orders": "Database", "cards": "BusinessData",
    }  # fmt: skip
    assert [(one.id, one.trust) for one in system.zones] == [("internet", 0), ("inside", 8)]
    assert system.asset_by_id["web-shop"].description == 'Sells, "tickets"'
    (asks,) = system.flows
    assert (asks.origin, asks.target, asks.name, asks.carries, asks.two_way, asks.encrypted, asks.authenticated) == (
        "web-shop", "helper", "asks", ("cards",), True, True, False,
    )  # fmt: skip
    assert relations(system) == {"cards storedIn orders"}
    assert [(one.id, one.zone, [str(held) for held in one.starts]) for one in system.actors] == [
        ("thief", "internet", ["web-shop:connect"]),
    ]  # fmt: skip
    assert [(one.control, one.status.value, one.protects) for one in system.controls] == [
        ("strong-authentication", "implemented", ("orders",)),
    ]  # fmt: skip
    assert {str(one.held): one.severity.value for one in system.losses} == {"cards:read": "high"}
    assert left("kiosk.csv").keys() == {"flow", "loss", "thing"}
    assert system.assets[0].source is not None
    assert system.assets[0].source.place == "row[5]"


def test_excalidraw_frames_boxes_and_arrows() -> None:
    system = taken("kiosk.excalidraw.json")
    assert types(system) == {"vector-store": "VectorStore", "llm": "LanguageModelEndpoint", "user": "Person"}
    assert [(one.id, one.parent) for one in system.zones] == [("cloud", None), ("private", "cloud")]
    assert zones(system) == {"vector-store": "private", "llm": "cloud", "user": None}
    assert flows(system) == [("user", "llm", "HTTPS"), ("llm", "vector-store", "")]
    assert [(one.two_way, one.encrypted) for one in system.flows] == [(True, True), (True, None)]
    assert left("kiosk.excalidraw.json").keys() == {"arrow", "drawing", "erased element", "shape", "text"}


AFB = {
    "schema": "attack_flow_v2",
    "objects": [
        {"id": "flow", "instance": "f", "properties": [["name", "Theft of the model"]], "objects": ["a", "s", "o"]},
        {
            "id": "action",
            "instance": "a",
            "properties": [["name", "Ask often"], ["ttp", [["tactic", None], ["technique", "AML.T0024"]]]],
            "anchors": {"0": "a0"},
        },
        {"id": "asset", "instance": "s", "properties": [["name", "Model API"]], "anchors": {"0": "s0"}},
        {"id": "AND_operator", "instance": "o", "properties": [["operator", "AND"]], "anchors": {}},
        {"id": "vertical_anchor", "instance": "a0", "latches": ["l1"]},
        {"id": "vertical_anchor", "instance": "s0", "latches": ["l2"]},
        {"id": "dynamic_line", "instance": "d", "source": "l1", "target": "l2", "handles": []},
        {"id": "generic_latch", "instance": "l1"},
        {"id": "generic_latch", "instance": "l2"},
    ],
}


def test_a_flow_of_the_attack_flow_builder_is_read_as_its_stix_would_be() -> None:
    found = read(Source(json.dumps(AFB).encode(), "theft.afb"), CATALOGUE)
    assert found.system is not None
    (threat,) = found.system.stated
    assert threat.name == "AML.T0024: Ask often"
    names = {one.id: one.name for one in found.system.assets}
    assert [names[one] for one in threat.on] == ["Model API"]
    assert found.system.name == "Theft of the model"
    assert found.account is not None
    assert any("joined anew" in str(row) for row in found.account.rows)


@pytest.mark.parametrize(
    "objects",
    [[None, 3], [{"id": "action", "properties": [["name"], 3, ["name", {}]], "anchors": {"0": 1}}],
     [{"id": "dynamic_line", "source": [], "target": {}}]],
)  # fmt: skip
def test_odd_flows_of_the_builder_are_no_traceback(objects: list[object]) -> None:
    read(Source(json.dumps({"schema": "attack_flow_v2", "objects": objects}).encode(), "x.afb"), CATALOGUE)


def test_stix_and_attack_flow() -> None:
    system = taken("kiosk.stix.json")
    assert types(system) == {"chatbot": "Agent", "web-server": "WebApplication", "system-under-attack": "Application"}
    assert flows(system) == [("web-server", "chatbot", "")]
    assert [(one.id, one.skill.value) for one in system.actors] == [("crew", "expert")]
    assert [(one.name, one.on, one.answered_by) for one in system.stated] == [
        ("AML.T0051: Prompt injection", ("chatbot",), ()), ("T1498: Flood", ("web-server",), ("limit-the-rate",)),
    ]  # fmt: skip
    assert [(one.control, one.status.value) for one in system.controls] == [(None, "proposed")]
    assert left("kiosk.stix.json").keys() == {"attack-flow", "identity", "infrastructure", "relationship uses"}


@needs_samples
def test_atlas_as_stix() -> None:
    path = SAMPLES / "stix" / "stix-atlas.json"
    system = imported(path.read_bytes(), path.name).system
    assert system is not None
    assert (len(system.stated), len(system.controls)) == (170, 35)


# ------------------------------------------------------------ all of them
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_is_told_by_its_content_and_is_a_document(path: Path) -> None:
    importer = importer_of(Source(path.read_bytes(), "x"))
    assert importer is not None
    assert importer.id in EXPECTED[path.name]
    model = model_from_bytes(path.read_bytes(), path.name)
    assert model.usable, [one for one in model.problems if one.level == "error"]
    system = taken(path.name)
    again = read_document(read_yaml(write_document(system).encode(), "x.yaml"), CATALOGUE)
    assert again.system == system, again.problems
    everything = (*system.assets, *system.flows, *system.zones, *system.actors, *system.dependencies, *system.losses)
    assert all(one.source is not None and one.source.importer == importer.id for one in everything)
    for row in account(path.name).rows:
        assert row.found == row.taken + row.joined + row.omitted


def test_what_has_no_name_is_called_by_its_id() -> None:
    zones = [{"id": "z", "name": "", "risk": {"trustRating": 1}}]
    parts = [{"id": "c", "name": " ", "type": "web", "parent": {"trustZone": "z"}}]
    value = {"otmVersion": "0.2.0", "project": {"name": "x", "id": "x"}, "trustZones": zones, "components": parts}
    system = imported(json.dumps(value).encode(), "x.otm").system
    assert system is not None
    assert [one.name for one in (*system.zones, *system.assets)] == ["z", "c"]
    assert read_document(read_yaml(write_document(system).encode(), "x.yaml"), CATALOGUE).system == system


EXPECTED = {
    "kiosk.otm.yaml": "otm",
    "kiosk.td2.json": "threatdragon",
    "kiosk.td1.json": "threatdragon",
    "kiosk.tm7": "tm7",
    "kiosk.drawio": "drawio",
    "kiosk.cdx.json": "cyclonedx",
    "kiosk.cdx.xml": "cyclonedx",
    "kiosk.spdx3.json": "spdx3",
    "kiosk.tc.json": "threat-composer",
    "kiosk.pytm.json": "pytm",
    "kiosk.pytm.txt": "pytm",
    "kiosk.csv": "table",
    "kiosk.excalidraw.json": "excalidraw",
    "kiosk.stix.json": "stix",
    "kiosk.mmd": "mermaid",
    "kiosk.md": "mermaid",
}


@cache
def _value(name: str) -> Any:
    return yaml.safe_load((DATA / name).read_bytes())


STRUCTURED = [path.name for path in FILES if path.name.endswith((".json", ".yaml"))]
WORDS = [path.name for path in FILES if path.name not in STRUCTURED]


def tolerated(data: bytes, name: str) -> None:
    found = imported(data, name)
    if found.system is None:
        assert any(one.level == "error" for one in found.problems)
        return
    written = write_document(found.system).encode()
    again = read_document(read_yaml(written, "x.yaml"), CATALOGUE)
    assert again.system is not None, again.problems
    assert not [one for one in again.problems if one.level == "error"]


@tries_more
@settings(max_examples=cases(60, 600), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_junk_anywhere_is_tolerated(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(STRUCTURED))
    value = copy.deepcopy(_value(name))
    for _ in range(data.draw(st.integers(1, 4))):
        value = changed(value, data.draw(st.sampled_from(places(value))), data.draw(st.sampled_from(JUNK)))
        if not isinstance(value, dict | list):
            break
    tolerated(json.dumps(value).encode(), name)


@tries_more
@settings(max_examples=cases(60, 600), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_torn_text_is_tolerated(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(WORDS))
    text = (DATA / name).read_bytes()
    for _ in range(data.draw(st.integers(1, 3))):
        start, length = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 200))
        put = data.draw(
            st.sampled_from([b"", b"<", b">", b'"', b"\n", b"&#0;", b"x" * 300, b"-1e999", b"\xff", text[:90]])
        )
        text = text[:start] + put + text[start + length :]
    if importer_of(Source(text, name)) is not None:
        tolerated(text, name)
