"""Importers: what is taken, what is tolerated, and that nothing in a file can break them."""

from __future__ import annotations

import copy
import json
import random
import time
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphmodel.assessment.paths import paths_to, route_of
from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.typing_table import load_typing
from graphmodel.knowledge.vocabulary import Catalogue, Evidence, Severity, Status
from graphmodel.model.document import read_document
from graphmodel.model.system import Imported, System
from graphmodel.model.writing import write_document
from graphmodel.reading.yaml_text import read_yaml
from graphmodel.workspace import model_from_bytes
from importers.importer import Importer
from importers.registry import IMPORTERS, importer_of
from importers.registry import read as read_source
from importers.source import Source
from tests.model.test_document import BOMB, SMALL
from tests.thorough import cases, tries_more

DATA = Path(__file__).parent / "data"
SHOP, BIRDS = DATA / "shop.threagile.yaml", DATA / "birds.tmbom.json"
CATALOGUE = load_catalogue()[0]


TABLE = load_typing(CATALOGUE)[0]


def read(data: bytes, name: str, catalogue: Catalogue, format: str | None = None) -> Imported:
    return read_source(Source(data, name), catalogue, TABLE, format)


def detect(data: bytes, name: str) -> Importer | None:
    return importer_of(Source(data, name))


def taken(path: Path) -> System:
    found = read(path.read_bytes(), path.name, CATALOGUE)
    assert found.system is not None, found.problems
    return found.system


def said(path: Path) -> str:
    return "\n".join(str(one) for one in read(path.read_bytes(), path.name, CATALOGUE).problems)


def test_formats_are_told_by_content_and_not_by_name() -> None:
    assert detect(SHOP.read_bytes(), "x.json").id == "threagile"  # type: ignore[union-attr]
    assert detect(BIRDS.read_bytes(), "x.yaml").id == "tmbom"  # type: ignore[union-attr]
    assert detect(SMALL.encode(), "x.yaml") is None
    for other in (b"", b"hello", b"[1, 2]", b"{}", bytes(range(256)), BOMB.encode()):
        assert detect(other, "x") is None
        problems = read(other, "x", CATALOGUE).problems
        assert [one.level for one in problems] == ["error"]
        assert problems[0].fix
    assert "Threagile" in read(b"hello", "x", CATALOGUE).problems[0].fix


def test_threagile_assets_zones_and_ratings() -> None:
    system = taken(SHOP)
    assets = system.asset_by_id
    assert {id_: one.type for id_, one in assets.items()} == {
        "orders": "BusinessData", "weights": "Model", "browser": "Client", "shop-web": "WebApplication",
        "order-db": "Database", "assistant": "PredictiveEndpoint", "odd": "Application", "cluster": "Host",
    }  # fmt: skip
    assert assets["shop-web"].tags == ("customer-facing",)
    assert [zone.id for zone in system.zones] == ["dc", "vault-net"]
    assert system.zone_by_id["vault-net"].parent == "dc"
    assert assets["order-db"].zone == "vault-net"
    assert assets["cluster"].zone == "dc"
    losses = {str(one.held): one.severity for one in system.losses}
    assert losses["weights:read"] is Severity.CRITICAL
    assert losses["shop-web:write"] is Severity.HIGH
    assert "order-db:read" not in losses
    assert not any(fact.startswith("browser") for fact in losses)
    assert assets["odd"].source is not None
    assert assets["odd"].source.confidence < 0.5
    assert "quantum-toaster" in said(SHOP)


def test_threagile_links_keep_direction_and_opener_apart() -> None:
    flows = {one.name: one for one in taken(SHOP).flows}
    traffic, reports, ping = flows["Web traffic"], flows["Reports"], flows["Ping"]
    assert (traffic.origin, traffic.target, traffic.carries, traffic.returns) == (
        "browser",
        "shop-web",
        ("orders",),
        ("orders",),
    )
    assert (traffic.encrypted, traffic.authenticated) == (True, True)
    assert (reports.origin, reports.target, reports.opened_by) == ("order-db", "shop-web", "shop-web")
    assert (reports.encrypted, reports.authenticated) == (False, False)
    assert ping.two_way
    assert "Nowhere" not in flows
    assert "missing-thing" in said(SHOP)


def test_threagile_dependencies_controls_and_the_attacker() -> None:
    system = taken(SHOP)
    assert {one.id for one in system.dependencies} == {
        "orders storedIn order-db",
        "assistant mayRead weights",
        "assistant mayWrite weights",
        "shop-web mayRead orders",
        "shop-web runsIn cluster",
        "assistant runsIn cluster",
    }
    controls = [(one.id, one.control, one.protects, one.status) for one in system.controls]
    assert controls == [
        # a word such as “patching” credits nothing
        ("tracked-sql-injection-shop-web", None, ("shop-web",), Status.IMPLEMENTED),
        ("tracked-something-else-order-db", None, ("order-db",), Status.IMPLEMENTED),
    ]
    assert system.controls[0].source is not None and "may be patching" in system.controls[0].source.note
    assert [(one.name, one.on, one.status, one.answered_by) for one in system.stated] == [
        ("sql-injection@shop-web", ("shop-web",), "mitigated", ("tracked-sql-injection-shop-web",)),
        ("something-else@order-db", ("order-db",), "mitigated", ("tracked-something-else-order-db",)),
    ]
    (actor,) = system.actors
    assert [str(one) for one in actor.starts] == ["browser:reach"]


def test_tmbom_elements_and_what_is_inferred() -> None:
    system = taken(BIRDS)
    types = {id_: one.type for id_, one in system.asset_by_id.items()}
    assert types == {
        "collector": "Application", "trainer": "Notebook", "answering": "Application", "front": "ApiGateway",
        "photo-blob": "DataStore", "model-store": "ModelRegistry", "photos": "Dataset", "bird-model": "Model",
        "photo-site": "DataSource", "wheel-makers": "SoftwarePackage", "operator": "Person", "watcher": "Person",
        "guest": "Person",
    }  # fmt: skip
    assert {one.id for one in system.dependencies} == {
        "photos storedIn photo-blob",
        "bird-model storedIn model-store",
        "answering usesModel bird-model",
        "bird-model trainedBy trainer",
        "bird-model trainedOn photos",
        "trainer usesPackage wheel-makers",
    }
    assert system.asset_by_id["front"].zone == "lab"
    ask = system.flow_by_id["ask"]
    assert (ask.origin, ask.authenticated, ask.encrypted) == ("watcher", True, True)
    assert system.flow_by_id["learn"].carries == ("photos",)
    text = said(BIRDS)
    for odd in (
        "photo-blobb",
        "labb",
        "guest",
        "nothing-like-it",
        "“front” is a component, not a data_store",
        "unheard-of",
        "someday",
    ):
        assert odd in text, odd
    inferred = [one for one in system.dependencies if one.relation == "usesModel"]
    assert inferred[0].source is not None
    assert inferred[0].source.confidence < 1


def test_tmbom_actors_controls_and_losses() -> None:
    system = taken(BIRDS)
    actors = system.actor_by_id
    # whoever is declared as a user is a person, and no attacker
    assert set(actors) == {"intruder-at-photo-site", "intruder-at-wheel-makers", "kid", "mole"}
    assert [str(one) for one in actors["kid"].starts] == ["front:reach"]
    assert [str(one) for one in actors["mole"].starts] == ["operator:run"]
    controls = {one.id: one for one in system.controls}
    counting = [one for one in controls.values() if one.status in (Status.IMPLEMENTED, Status.PLANNED)]
    assert counting and not any(one.control for one in counting)  # nothing that counts is credited by a word
    told = {one.id: (one.on, one.severity, one.answered_by) for one in system.stated}
    assert told["model-tampering"] == ((), "major", ("check-hashes", "hope"))  # it names no element
    assert told["photo-theft"] == (("photo-blob",), "minor", ("old", "odd"))
    assert controls["check-hashes"].protects == ("*",)
    assert (controls["hope"].control, controls["hope"].status, controls["hope"].evidence) == (
        None,
        Status.IMPLEMENTED,
        Evidence.NONE,
    )
    assert (controls["quota"].status, controls["quota"].protects) == (Status.PLANNED, ("*",))
    assert controls["old"].status is Status.RETIRED
    assert controls["odd"].status is Status.PROPOSED
    losses = {str(one.held): one.severity for one in system.losses}
    assert losses == {
        "photo-blob:read": Severity.LOW,
        "photos:read": Severity.MEDIUM,
        "bird-model:read": Severity.MEDIUM,
    }


def test_poison_travels_from_the_source_to_the_service_in_an_imported_model() -> None:
    model = model_from_bytes(BIRDS.read_bytes(), BIRDS.name)
    assert model.usable, model.problems
    assessment = model.assess()
    found = [route_of(assessment, one) for one in paths_to(assessment, "intruder-at-photo-site", "answering:write", 2)]
    assert ("photo-site", "collector", "photo-blob", "trainer", "bird-model", "answering") in found


@pytest.mark.parametrize("path", [SHOP, BIRDS], ids=lambda path: path.stem)
def test_an_imported_system_is_a_document(path: Path) -> None:
    system = taken(path)
    again = read_document(read_yaml(write_document(system).encode(), "x.yaml"), CATALOGUE)
    assert again.system == system, again.problems
    everything = (*system.assets, *system.flows, *system.zones, *system.actors, *system.dependencies, *system.losses)
    assert all(one.source is not None and one.source.importer and one.source.place for one in everything)


@pytest.mark.parametrize("path", [SHOP, BIRDS], ids=lambda path: path.stem)
def test_order_in_the_file_changes_no_element(path: Path) -> None:
    value = yaml.safe_load(path.read_bytes())
    rng = random.Random(3)

    def mixed(part: Any) -> Any:
        if isinstance(part, dict):
            items = [(key, mixed(inner)) for key, inner in part.items()]
            rng.shuffle(items)
            return dict(items)
        return part

    def plain(system: System) -> list[str]:
        from dataclasses import replace

        parts = (*system.assets, *system.flows, *system.zones, *system.actors, *system.dependencies, *system.losses)
        return sorted(repr(replace(one, source=None)) for one in parts)

    shuffled = read(json.dumps(mixed(value)).encode(), path.name, CATALOGUE).system
    assert shuffled is not None
    assert plain(shuffled) == plain(taken(path))


JUNK: list[Any] = [
    None,
    7,
    -1.5,
    "",
    "x",
    "a b:c",
    True,
    [],
    {},
    [[]],
    {"a": {"b": []}},
    ["*", 3, None],
    "é" * 200,
    "x" * 400,
    "line\nline\t\u0000\u2028",
    {"id": {"id": 1}},
]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    if isinstance(value, dict):
        for key, inner in value.items():
            found += places(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            found += places(inner, (*path, number))
    return found


def changed(value: Any, path: tuple[Any, ...], junk: Any) -> Any:
    if not path:
        return copy.deepcopy(junk)
    inner = value
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = copy.deepcopy(junk)
    return value


@cache
def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_bytes())


@tries_more
@settings(max_examples=cases(60, 400), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_junk_anywhere_is_tolerated(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([SHOP, BIRDS]))
    value = copy.deepcopy(loaded(path))
    for _ in range(data.draw(st.integers(1, 4))):
        value = changed(value, data.draw(st.sampled_from(places(value))), data.draw(st.sampled_from(JUNK)))
        if not isinstance(value, dict | list):
            break
    found = read(json.dumps(value).encode(), path.name, CATALOGUE)
    assert isinstance(found, Imported)
    assert found.system is not None or any(one.level == "error" for one in found.problems)
    if found.system is not None:
        model = model_from_bytes(json.dumps(value).encode(), path.name)
        assert model.usable, [one for one in model.problems if one.level == "error"]
        again = read_document(read_yaml(write_document(found.system).encode(), "x.yaml"), CATALOGUE)
        assert again.system is not None, again.problems


@pytest.mark.parametrize("one", IMPORTERS, ids=lambda one: one.id)
def test_another_file_is_one_clear_error(one: Any) -> None:
    for content in (b"", b"[1]", b"a: [", BOMB.encode(), b"{" * 5000, bytes(range(256)), SMALL.encode()):
        problems = one.read(Source(content, "x"), CATALOGUE, TABLE).problems
        assert [p.level for p in problems] == ["error"], content[:20]
        assert problems[0].fix


def test_an_unknown_format_is_said_to_be_one() -> None:
    assert "there is no format" in read(b"", "x", CATALOGUE, format="nothing").problems[0].message


def many(count: int) -> dict[str, bytes]:
    """Models that hold much of everything that costs time to join, all of it alike or wrong."""
    same = [{"title": f"Part {n % 7}!", "symbolic_name": f"part{'?' * (n % 5)}{n}"} for n in range(count)]
    ends = [
        {"symbolic_name": f"f{n}", "source": {"type": "component", "object": f"zz{n}"},
         "destination": {"type": "component", "object": "part0"}}
        for n in range(count)
    ]  # fmt: skip
    tmbom = {
        "scope": {"title": "x"},
        "components": same,
        "data_stores": [{"symbolic_name": f"store{n}"} for n in range(count)],
        "data_sets": [{"symbolic_name": f"d{n}", "placements": [{"data_store": f"stor{n}x"}]} for n in range(count)],
        "data_flows": ends,
        "threats": [{"symbolic_name": f"t{n}", "title": "model agent key prompt"} for n in range(count)],
        "controls": [{"symbolic_name": "!" * (n + 1), "title": "rate limit", "status": "x"} for n in range(count)],
    }
    link = {"target": "part0", "protocol": "https"}
    threagile = {
        "threagile_version": "1",
        "technical_assets": {
            f"Part {n}": {"id": f"part{n}", "communication_links": {f"l{n}": link, f"m{n}": {"target": f"zz{n}"}}}
            for n in range(count)
        },
        "data_assets": {f"Data {n}": {"id": "d" + "?" * n} for n in range(min(count, 150))},
        "trust_boundaries": {f"z{n}": {"technical_assets_inside": [f"part{n}", f"nothing{n}"]} for n in range(count)},
        "risk_tracking": {f"x@part{n}": {"status": "mitigated", "justification": "rate limit"} for n in range(count)},
    }
    return {"tmbom": json.dumps(tmbom).encode(), "threagile": json.dumps(threagile).encode()}


@pytest.mark.parametrize("kind", ["tmbom", "threagile"])
def test_time_grows_with_the_file_and_not_with_its_square(kind: str) -> None:
    data = many(4000)[kind]
    before = time.process_time()
    found = read(data, "x", CATALOGUE)
    assert time.process_time() - before < 60
    assert found.system is not None
    assert len(found.problems) <= 1001
    assert "further problems" in found.problems[-1].message


def test_boundaries_nested_without_end_are_put_outside_in_time() -> None:
    text = "threagile_version: 1\ntechnical_assets: {a: {id: a}}\ntrust_boundaries:\n"
    text += "".join(f"  B{n}: {{id: b{n}, trust_boundaries_nested: [b{n + 1}]}}\n" for n in range(15_000))
    before = time.process_time()
    found = read(text.encode(), "x", CATALOGUE)
    assert time.process_time() - before < 15
    assert any("inside more than 59 others" in one.message for one in found.problems)
    assert found.system is not None
    assert not any(one.level == "error" for one in model_from_bytes(text.encode(), "x").problems)


def test_hints_at_controls_are_controls_of_the_catalogue() -> None:
    from importers.control_hints import _WORDS

    assert {control for _, control in _WORDS} <= set(CATALOGUE.controls)
