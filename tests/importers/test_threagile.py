"""Threagile: a model in several files, the risks that the tool found, and what its own list of technologies settles."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from graphmodel.gathering import beside_within
from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.typing_table import load_typing
from graphmodel.knowledge.vocabulary import Evidence, Status
from graphmodel.model.system import Imported
from graphmodel.reading.problems import refusal
from importers.folder import Folder, read_folder
from importers.registry import read
from importers.source import Source

CATALOGUE = load_catalogue()[0]
TABLE = load_typing(CATALOGUE)[0]
RISKS = (Path(__file__).parent / "data" / "shop.risks.json").read_bytes()
MAIN = b"""
threagile_version: 1.0.0
title: Kiosk
includes: [parts/assets.yaml, tracking.yaml, ../outside.yaml, nowhere.yaml, tracking.yaml]
questions: {Who patches it?: "", Is it insured?: "yes"}
technical_assets:
  Kiosk: {id: shop-web, technology: web-service-rest, communication_links: {Sales: {target: order-db, protocol: jdbc}}}
"""
ASSETS = b"""
technical_assets:
  Kiosk: {tags: [till], communication_links: {Help: {target: helper, protocol: https, authentication: token}}}
  Orders: {id: order-db, technologies: [database], type: datastore, encryption: transparent, internet: true}
  LLM agent for help: {id: helper, technology: ai}
  Vault command line: {id: cli, technology: cli}
  Index of meaning (vector database): {id: index, technology: database}
"""
TRACKING = b"""
risk_tracking:
  sql-nosql-injection@*@order-db@*: {status: in-progress, justification: prepared statements}
  gone@order-db: {status: accepted}
custom_risk_categories:
  - id: paper
    title: Paper
    risks_identified:
      <b>Paper</b> is lost:
        {severity: low, exploitation_likelihood: unlikely, exploitation_impact: low,
         most_relevant_technical_asset: shop-web}
"""
FILES = {"m/kiosk.yaml": MAIN, "m/parts/assets.yaml": ASSETS, "m/tracking.yaml": TRACKING, "outside.yaml": ASSETS}


def sources(files: Mapping[str, bytes]) -> list[Source]:
    def content(name: str) -> bytes:
        if name not in files:
            raise refusal(name, "there is no such file.", "")
        return files[name]

    return [Source(data, name, beside_within(name, content)) for name, data in sorted(files.items())]


def folder(files: Mapping[str, bytes]) -> Folder:
    return read_folder(sources(files), CATALOGUE, TABLE)


@pytest.fixture(scope="module")
def kiosk() -> Imported:
    files = {name.removeprefix("m/"): data for name, data in FILES.items() if name.startswith("m/")}
    (model,) = (one for one in sources({**files, "risks.json": RISKS}) if one.name == "kiosk.yaml")
    return read(model, CATALOGUE, TABLE)


def test_included_files_are_one_model_with_real_places_and_nothing_outside_is_read(kiosk: Imported) -> None:
    system, account = kiosk.system, kiosk.account
    assert system is not None and account is not None
    assert [(one.id, one.type) for one in system.assets] == [
        ("shop-web", "Application"), ("order-db", "Database"), ("helper", "Agent"), ("cli", "Client"),
        ("index", "VectorStore"),
    ]  # fmt: skip
    assert {one.name for one in system.flows} == {"Sales", "Help"}  # one asset in two files is one asset
    source = system.asset_by_id["order-db"].source
    assert source is not None
    assert (source.file, source.place) == ("parts/assets.yaml", "technical_assets.Orders")
    (include,) = (row for row in account.rows if row.kind == "include")
    assert (include.omitted, include.joined) == (2, 1)
    said = "\n".join(map(str, kiosk.problems))
    assert "lies outside of the folder" in said and "no such file" in said
    assert [one.question for one in account.questions if not one.about] == ["Who patches it?"]


def test_a_type_by_one_word_of_a_title_is_asked_about() -> None:
    data = b"otmVersion: 0.2.0\nproject: {id: a}\ncomponents:\n"
    for name in ("Stock API", "Order API", "Redis", "Payment API gateway", "Ledger"):
        data += f"  - {{id: {name.lower().replace(' ', '-')}, name: {name}, parent: {{trustZone: z}}}}\n".encode()
    found = read(Source(data, "x.yaml"), CATALOGUE, TABLE)
    assert found.system is not None and found.account is not None
    assert [one.type for one in found.system.assets] == [
        "Application",
        "Application",
        "Cache",
        "ApiGateway",
        "Application",
    ]
    (asked,) = found.account.questions
    assert asked.about == "stock-api"
    assert (
        asked.question == "Are “Stock API”, “Order API” of type Application? Only the word “api” in the name says so."
    )
    assert [one.asset for one in found.account.untyped] == ["ledger"]


def test_risks_of_the_tool_come_along_with_its_ratings_and_how_they_are_tracked(kiosk: Imported) -> None:
    system = kiosk.system
    assert system is not None
    told = {
        one.name: (one.on, one.status, one.likelihood, one.severity, bool(one.answered_by)) for one in system.stated
    }
    assert told == {
        "Paper is lost": (("shop-web",), "", "unlikely", "low", False),
        "SQL/NoSQL-Injection risk at Shop website": (("order-db",), "in-progress", "very-likely", "high", True),
        "Missing Hardening": (("order-db",), "unchecked", "likely", "low", False),
        "XSS": (("shop-web",), "mitigated", "likely", "elevated", False),
        "gone@order-db": (("order-db",), "accepted", "", "", False),
    }
    tracked = next(one for one in system.controls if one.control is None)
    assert (tracked.protects, tracked.status, tracked.evidence) == (("order-db",), Status.PLANNED, Evidence.NONE)
    encrypted = next(one for one in system.controls if one.control)
    assert (encrypted.control, encrypted.protects) == ("encryption-at-rest", ("order-db",))
    source = system.stated[1].source
    assert source is not None and (source.file, source.place) == ("risks.json", "[0]")
    assert "1 risks have a severity other than" in "\n".join(map(str, kiosk.problems))


def test_in_a_folder_included_files_are_no_models_and_risks_find_theirs() -> None:
    found = folder({**FILES, "out/risks.json": RISKS, "other.yaml": b"technical_assets: {A: {id: a}}"})
    assert sorted(one.file for one in found.files) == ["m/kiosk.yaml", "other.yaml"]
    by_file = {piece.file: piece.system for piece in found.pieces}
    assert {one.name for one in by_file["m/kiosk.yaml"].stated} >= {"XSS", "Missing Hardening"}
    assert not by_file["other.yaml"].stated
    alone = read(Source(RISKS, "risks.json"), CATALOGUE, TABLE).problems
    assert "risks that Threagile found" in alone[0].message
