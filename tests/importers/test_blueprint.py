"""CycloneDX 2.0: what a blueprint of its draft gives, and what is stated of threats."""

from __future__ import annotations

import json

from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.vocabulary import Severity, Status
from importers.registry import read
from importers.source import Source
from tests.importers.fuzzing import holds_under_mutation

BLUEPRINT = {
    "specFormat": "CycloneDX",
    "specVersion": "2.0",
    "components": [{"type": "machine-learning-model", "bom-ref": "m", "name": "Ranker"}],
    "blueprints": [
        {
            "name": "Till",
            "zones": [
                {"bom-ref": "out", "name": "Street", "characteristics": ["untrusted"]},
                {"bom-ref": "in", "name": "Shop", "parent": "gone"},
            ],
            "boundaries": [{"zones": ["out", "in"], "crossingRequirements": {"authentication": ["totp"]}}],
            "assets": [
                {"bom-ref": "till", "type": "service", "name": "Till", "zone": "in"},
                {"bom-ref": "helper", "type": "service", "name": "Support chatbot", "zone": "in"},
                {"bom-ref": "ranker", "type": "model", "componentRef": "m"},
                {"bom-ref": "box", "type": "infrastructure", "name": "Box"},
            ],
            "dataStores": [{"bom-ref": "notes", "name": "Notes", "type": "vector", "zone": "in"}],
            "dataSets": [{"bom-ref": "sales", "name": "Sales", "placements": [{"dataStore": "notes"}]}],
            "actors": [{"bom-ref": "buyer", "party": {"persona": {"archetype": "buyer"}}, "zone": "out"}],
            "flows": [
                {"source": "buyer", "destination": "till", "synchronous": True, "protocols": ["https"],
                 "dataObjects": [{"name": "card"}]},
                {"source": "till", "destination": "nobody"},
            ],
            "relationships": [{"ref": "box", "contains": ["till"]}, {"ref": "till", "dependsOn": ["ranker", "notes"]}],
            "assumptions": [{"description": "nobody steals"}],
        }
    ],
    "controls": [{"bom-ref": "c", "name": "Guard", "status": "implemented", "appliesTo": ["till"]}],
    "threats": {"threats": [{"bom-ref": "t", "name": "Skimming", "affectedAssets": ["till"], "mitigations": ["c"]}],
                "attackTrees": [{}]},
    "risks": {"risks": [{"bom-ref": "r", "name": "Loss", "affects": ["sales"], "status": "accepted",
                         "inherentRisk": {"likelihood": {"level": "high"},
                                          "impact": {"level": "major", "riskAttributes": ["confidentiality"]}}}]},
}  # fmt: skip


def test_a_blueprint_of_the_draft() -> None:
    found = read(Source(json.dumps(BLUEPRINT).encode(), "till.json"), load_catalogue()[0])
    system, account = found.system, found.account
    assert system is not None and account is not None
    assert {one.name: one.type for one in system.assets} == {
        "Ranker": "Model", "Till": "Application", "Support chatbot": "Agent", "Box": "Host", "Notes": "VectorStore",
        "Sales": "BusinessData", "Buyer": "Person", "card": "BusinessData",
    }  # fmt: skip
    assert [(one.name, one.trust) for one in system.zones] == [("Street", 0), ("Shop", None)]
    (pays,) = system.flows
    assert (pays.two_way, pays.encrypted, pays.authenticated, pays.carries) == (True, True, True, ("card",))
    assert {one.id for one in system.dependencies} == {
        "sales storedIn notes", "till runsIn box", "till dependsOn ranker", "till dependsOn notes",
    }  # fmt: skip
    (control,) = system.controls
    assert (control.control, control.protects, control.status) == (None, ("till",), Status.IMPLEMENTED)
    assert [(one.name, one.on, one.status, one.likelihood, one.severity, one.answered_by) for one in system.stated] == [
        ("Skimming", ("till",), "", "", "", ("guard",)), ("Loss", ("sales",), "accepted", "high", "major", ()),
    ]  # fmt: skip
    assert {str(one.held): one.severity for one in system.losses} == {"sales:read": Severity.HIGH}
    left = {row.kind: row.omitted for row in account.rows if row.omitted}
    assert left == {"assumption": 1, "attack tree": 1, "boundary": 1, "flow": 1}


def test_junk_in_a_blueprint_is_tolerated() -> None:
    holds_under_mutation(BLUEPRINT, "cyclonedx-2.0", 60)
