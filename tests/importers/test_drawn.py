"""Drawings and threat models of other tools: what each element becomes, and that no file can break a reader."""

from __future__ import annotations

import copy
import json
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
from graphmodel.model.system import Imported, System
from graphmodel.model.writing import write_document
from graphmodel.reading.yaml_text import read_yaml
from graphmodel.workspace import model_from_bytes
from importers.registry import importer_of, read
from importers.source import Source
from tests.golden import samples
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
    assert (order.two_way, order.encrypted, keep.encrypted, keep.two_way) == (True, True, None, False)
    assert relations(system) == {"credentials-in-orders storedIn orders"}
    assert {one.id: one.zone for one in system.actors} == {
        "malicious-user": "internet", "anyone-on-the-internet": "internet",
    }  # fmt: skip
    assert system.asset_by_id["orders"].tags == ("stores-credentials", "out-of-scope")
    assert left("kiosk.td2.json").keys() == {"boundary curve", "cell", "flow", "text"}
    assert [one.about for one in account("kiosk.td2.json").questions] == ["", "orders"]


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


EXPECTED = {
    "kiosk.otm.yaml": "otm",
    "kiosk.td2.json": "threatdragon",
    "kiosk.td1.json": "threatdragon",
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
