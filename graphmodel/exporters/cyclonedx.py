"""CycloneDX: a bill of materials of an AI system (1.7), and its threat model (2.0, which is still being made)."""

from __future__ import annotations

import uuid
from typing import Any

from graphmodel.exporters.case import Case, Exporter, as_json, holding
from graphmodel.knowledge.vocabulary import View
from graphmodel.model.system import Asset
from graphmodel.outputs.paths import path_json
from graphmodel.version import __version__

_SPACE = uuid.UUID("9b7c1c0e-3a3b-5d52-8a4a-5cf2a2f0b8a7")
_TYPES = (
    ("Model", "machine-learning-model"),
    ("DataAsset", "data"),
    ("SoftwarePackage", "library"),
    ("Host", "platform"),
    ("Device", "device"),
    ("Asset", "application"),
)


def bill(case: Case) -> bytes:
    """A bill of materials: services with their data flows, models, data and packages as components, what depends on
    what."""
    return as_json(_bom(case, "1.7"))


def _bom(case: Case, version: str) -> dict[str, Any]:
    system = case.system
    services = [one for one in system.assets if case.catalogue.is_any(one.type, ("Service", "DataStore", "Tool"))]
    served = {one.id for one in services}
    uses: dict[str, list[str]] = {one.id: [] for one in system.assets}
    for one in system.dependencies:
        uses[one.origin].append(one.target)
    for flow in system.flows:
        opener, other = (flow.target, flow.origin) if flow.opened_by == flow.target else (flow.origin, flow.target)
        if opener in uses and other in uses:
            uses[opener].append(other)
    return {
        "$schema": f"http://cyclonedx.org/schema/bom-{version}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": version,
        "serialNumber": f"urn:uuid:{uuid.uuid5(_SPACE, system.id)}",
        "version": 1,
        "metadata": {
            "timestamp": f"{case.date}T00:00:00Z",
            "tools": {"components": [{"type": "application", "name": "graphmodel", "version": __version__}]},
            "component": {
                "type": "application",
                "bom-ref": f"system:{system.id}",
                "name": system.name,
                **_described(system.description),
            },
        },
        "components": [_component(case, one) for one in system.assets if one.id not in served],
        "services": [_service(case, one) for one in services],
        "dependencies": [{"ref": ref, "dependsOn": sorted(set(found) - {ref})} for ref, found in uses.items() if found],
    }


def _described(text: str) -> dict[str, str]:
    return {"description": text} if text else {}


def _properties(one: Asset, **more: str) -> list[dict[str, str]]:
    said = {
        "graphmodel:type": one.type,
        "graphmodel:zone": one.zone or "",
        "graphmodel:tags": " ".join(one.tags),
        **more,
    }
    return [{"name": name, "value": value} for name, value in said.items() if value]


def _component(case: Case, one: Asset) -> dict[str, Any]:
    kind = next(word for type_, word in _TYPES if case.catalogue.is_any(one.type, (type_,)))
    value: dict[str, Any] = {"type": kind, "bom-ref": one.id, "name": one.name, **_described(one.description)}
    purl = next((each for each in one.identifiers if each.startswith("pkg:")), "")
    if purl:
        value["purl"] = purl
    relations = [f"{each.relation} {each.target}" for each in case.system.dependencies if each.origin == one.id]
    value["properties"] = _properties(one, **{"graphmodel:relations": "; ".join(relations)})
    return value


def _service(case: Case, one: Asset) -> dict[str, Any]:
    system = case.system
    data = []
    for flow in system.flows:
        if one.id not in (flow.origin, flow.target):
            continue
        inward = flow.target == one.id
        names = [system.name_of(each) for each in (*flow.carries, *flow.returns)] or [flow.name or flow.relation]
        way = "bi-directional" if flow.two_way or flow.returns else "inbound" if inward else "outbound"
        other = flow.origin if inward else flow.target
        ends = {"source": [f"urn:graphmodel:{other}"]} if inward else {"destination": [f"urn:graphmodel:{other}"]}
        data += [{"flow": way, "classification": "not stated", "name": name, **ends} for name in names]
    relations = [f"{each.relation} {each.target}" for each in system.dependencies if each.origin == one.id]
    value: dict[str, Any] = {"bom-ref": one.id, "name": one.name, **_described(one.description)}
    if one.zone:
        value["trustZone"] = system.name_of(one.zone)
    crossing = any(one.id in (flow.origin, flow.target) and system.crosses_boundary(flow) for flow in system.flows)
    value["x-trust-boundary"] = crossing
    asked = [flow.authenticated for flow in system.flows if flow.target == one.id and flow.authenticated is not None]
    if asked:
        value["authenticated"] = all(asked)
    if data:
        value["data"] = data
    value["properties"] = _properties(one, **{"graphmodel:relations": "; ".join(relations)})
    return value


def threat_model(case: Case) -> bytes:
    """The same with a threat model as the draft of version 2.0 has it: threats, attack paths, risk as ranges."""
    value = _bom(case, "2.0")
    assessment = case.assessment
    value["threats"] = [
        {
            "bom-ref": f"threat:{one.id}",
            "name": one.pattern.name,
            "description": one.pattern.meaning,
            "affects": [one.asset],
            "techniques": [each.pinned for each in one.pattern.techniques],
            "likelihood": {
                "value": one.likelihood.value,
                "minimum": one.likelihood.low,
                "maximum": one.likelihood.high,
            },
            "mitigations": [f"control:{each}" for each in (*one.controls, *one.planned)],
        }
        for one in case.threats
    ]
    value["mitigations"] = [
        {
            "bom-ref": f"control:{one.id}",
            "name": one.name or one.id,
            "status": str(one.status),
            "protects": list(one.protects),
        }
        for one in case.system.controls
    ]
    paths = []
    for found in case.paths.targets:
        for number, path in enumerate(found.paths, 1):
            said = path_json(assessment, found.actor, path, number, case.paths.view)
            steps = [
                {
                    "order": order,
                    "asset": hop["gains"].rpartition(":")[0],
                    "threat": hop["threat"],
                    "techniques": hop["techniques"],
                    "likelihood": hop["chance"],
                }
                for order, hop in enumerate(said["hops"], 1)
            ]
            paths.append(
                {
                    "bom-ref": f"path:{found.actor}:{found.target}:{number}",
                    "actor": found.actor,
                    "target": found.target,
                    "likelihood": path.chance,
                    "steps": steps,
                }
            )
    value["attackPaths"] = paths
    value["risks"] = [
        {
            "bom-ref": f"risk:{one.fact}",
            "asset": one.held.asset,
            "statement": one.description or one.fact,
            "severity": str(one.severity),
            "inherentRisk": _range(one.expected[View.INHERENT]),
            "residualRisk": _range(one.expected[View.RESIDUAL]),
            "targetRisk": _range(one.expected[View.TARGET]),
            "currency": case.system.currency,
        }
        for one in assessment.risks
    ]
    return as_json(value)


def _range(estimate: Any) -> dict[str, float]:
    return {"expectedLoss": estimate.value, "minimum": estimate.low, "maximum": estimate.high}


_HELD = holding(assets="id name type zone description tags identifiers", dependencies="origin relation target")
CYCLONEDX = Exporter("cyclonedx", "CycloneDX 1.7 (JSON)", ".cdx.json", bill, _HELD)
CYCLONEDX_2 = Exporter(
    "cyclonedx-2.0",
    "CycloneDX 2.0 threat model (JSON, experimental)",
    ".cdx2.json",
    threat_model,
    {**_HELD, **holding(controls="id name status protects", losses="held severity")},
    "Experimental: version 2.0 is not published, and other programs may not read this file.",
)
