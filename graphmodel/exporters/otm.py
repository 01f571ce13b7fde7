"""Open Threat Model 0.2: trust zones, components, data, flows, the threats on ways to losses, and what answers them.

What the format has no word for, and its attributes can hold, stands in attributes that begin with ``graphmodel:``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphmodel.exporters.case import Case, Exporter, as_json, holding
from graphmodel.knowledge.vocabulary import Capability, Severity, Status
from graphmodel.model.system import Asset

NOWHERE = "graphmodel-no-zone"
"""The trust zone of what has none: the format wants one for every component."""

_RATING = {Severity.CRITICAL: 100, Severity.HIGH: 75, Severity.MEDIUM: 50, Severity.LOW: 25, Severity.INFORMATIONAL: 0}
_STATES = {
    Status.IMPLEMENTED: "implemented",
    Status.PLANNED: "required",
    Status.PROPOSED: "recommended",
    Status.RETIRED: "rejected",
}
_HARMS = {"confidentiality": Capability.READ, "integrity": Capability.WRITE, "availability": Capability.DENY}


def write(case: Case) -> bytes:
    """The model as OTM in JSON."""
    system = case.system
    data = [one for one in system.assets if case.is_data(one)]
    parts = [one for one in system.assets if not case.is_data(one)]
    components: list[dict[str, Any]] = [_component(case, one) for one in parts]
    for actor in system.actors:
        components.append(
            {
                "id": actor.id,
                "name": actor.name,
                "type": "actor",
                "description": actor.description,
                "parent": {"trustZone": actor.zone or NOWHERE},
                "attributes": _said(
                    {
                        "graphmodel:actor": actor.kind,
                        "graphmodel:skill": actor.skill,
                        "graphmodel:starts": " ".join(map(str, actor.starts)),
                    }
                ),
            }
        )
    zones = [_zone(case, one.id) for one in system.zones]
    if any(one["parent"].get("trustZone") == NOWHERE for one in components):
        zones.append({"id": NOWHERE, "name": "No zone stated", "type": NOWHERE, "risk": {"trustRating": 0}})
    value = {
        "otmVersion": "0.2.0",
        "project": {"id": system.id, "name": system.name, "description": system.description},
        "trustZones": zones,
        "assets": [
            {
                "id": one.id,
                "name": one.name,
                "description": one.description,
                "risk": _ratings(case, one.id),
                "attributes": _attributes(case, one),
            }
            for one in data
        ],
        "components": components,
        "dataflows": [
            {
                "id": one.id,
                "name": one.name or one.id,
                "description": one.description,
                "source": one.origin,
                "destination": one.target,
                "bidirectional": one.two_way or bool(one.returns),
                "assets": list(dict.fromkeys([*one.carries, *one.returns])),
                "attributes": _said(
                    {
                        "graphmodel:relation": one.relation,
                        "graphmodel:authenticated": one.authenticated,
                        "graphmodel:encrypted": one.encrypted,
                        "graphmodel:opened_by": one.opened_by,
                        "graphmodel:carries": " ".join(one.carries),
                        "graphmodel:returns": " ".join(one.returns),
                        "graphmodel:two_way": one.two_way,
                    }
                ),
            }
            for one in system.flows
        ],
        "threats": _threats(case),
        "mitigations": [
            {
                "id": one.id,
                "name": one.name or one.id,
                "description": one.description,
                "riskReduction": _reduction(case, one.id),
                "attributes": _said(
                    {
                        "graphmodel:control": one.control,
                        "graphmodel:protects": " ".join(one.protects),
                        "graphmodel:status": one.status,
                        "graphmodel:evidence": one.evidence,
                    }
                ),
            }
            for one in system.controls
        ],
    }
    return as_json(value)


def _said(values: Mapping[str, Any]) -> dict[str, str]:
    return {
        key: str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in values.items()
        if value not in (None, "")
    }


def _attributes(case: Case, one: Asset) -> dict[str, str]:
    relations = [f"{each.relation} {each.target}" for each in case.system.dependencies if each.origin == one.id]
    return _said(
        {
            "graphmodel:type": one.type,
            "graphmodel:owner": one.owner,
            "graphmodel:tags": ";".join(one.tags) if case.is_data(one) else None,
            "graphmodel:relations": "; ".join(relations),
            "graphmodel:zone": one.zone if case.is_data(one) else None,
        }
    )


def _zone(case: Case, id_: str) -> dict[str, Any]:
    zone = case.system.zone_by_id[id_]
    value: dict[str, Any] = {"id": zone.id, "name": zone.name, "type": zone.id, "description": zone.description}
    value["risk"] = {"trustRating": (zone.trust or 0) * 10}
    if zone.trust is None:
        value["attributes"] = {"graphmodel:trust": "unknown"}
    if zone.parent:
        value["parent"] = {"trustZone": zone.parent}
    return value


def _component(case: Case, one: Asset) -> dict[str, Any]:
    stored = [data.id for data in case.system.assets if one.id in case.stores_of(data.id)]
    return {
        "id": one.id,
        "name": one.name,
        "type": one.type,
        "description": one.description,
        "tags": list(one.tags),
        "parent": {"trustZone": one.zone or NOWHERE},
        "assets": {"stored": stored, "processed": []},
        "attributes": _attributes(case, one),
        "threats": [
            {
                "threat": threat.id,
                "state": "mitigated" if threat.controls else "exposed",
                "mitigations": [
                    {"mitigation": control, "state": _STATES[case.system.control_by_id[control].status]}
                    for control in (*threat.controls, *threat.planned)
                ],
            }
            for threat in case.threats_of.get(one.id, ())
        ],
    }


def _ratings(case: Case, asset: str) -> dict[str, int]:
    found = dict.fromkeys(_HARMS, 0)
    for risk in case.assessment.risks:
        for name, capability in _HARMS.items():
            if risk.held.asset == asset and risk.held.capability is capability:
                found[name] = max(found[name], _RATING[risk.severity])
    return found


def _impact(case: Case, asset: str) -> int:
    return max((_RATING[risk.severity] for risk in case.assessment.risks if risk.held.asset == asset), default=0)


def _threats(case: Case) -> list[dict[str, Any]]:
    return [
        {
            "id": one.id,
            "name": f"{one.pattern.name}: {case.system.name_of(one.asset)}",
            "description": one.pattern.meaning,
            "categories": [str(one.pattern.attack)] if one.pattern.attack else [],
            "cwes": [each.id for each in one.pattern.techniques if each.id.startswith("CWE-")],
            "risk": {"likelihood": round(100 * one.likelihood.value), "impact": _impact(case, one.asset)},
            "tags": [each.pinned for each in one.pattern.techniques],
        }
        for one in case.threats
    ]


def _reduction(case: Case, control: str) -> int:
    compiled = case.assessment.compiled
    found = case.system.control_by_id[control]
    if found.control is None:
        return 0
    skills = [one.actor.skill for one in case.assessment.actors]
    return round(100 * max((compiled.holds(found, skill) for skill in skills), default=0.0))


OTM = Exporter(
    "otm",
    "Open Threat Model 0.2 (JSON)",
    ".otm.json",
    write,
    holding(
        zones="id name trust parent description",
        assets="id name type zone description tags owner",
        flows="id origin target relation name carries returns two_way opened_by authenticated encrypted description",
        dependencies="origin relation target",
        actors="id name kind skill zone starts description",
        controls="id control name protects status evidence description",
    ),
)
