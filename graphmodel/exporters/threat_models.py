"""Threat models for the tools that keep them as text: Threagile YAML, and TM-BOM of the OWASP Threat Model Library."""

from __future__ import annotations

import re
from typing import Any

import yaml

from graphmodel.exporters.case import Case, Exporter, as_json, holding
from graphmodel.knowledge.vocabulary import ActorKind, Capability, Severity, Status
from graphmodel.model.system import Asset, Flow

# What Threagile calls the types; the first ancestor that is here decides.
_TECHNOLOGIES = {
    "ApiGateway": "gateway",
    "ArtifactRepository": "artifact-registry",
    "BuildPipeline": "build-pipeline",
    "Client": "client-system",
    "DataStore": "file-server",
    "Database": "database",
    "Device": "iot-device",
    "Host": "container-platform",
    "IdentityProvider": "identity-provider",
    "InferenceEndpoint": "ai",
    "Agent": "ai",
    "MessageQueue": "message-queue",
    "SecretStore": "vault",
    "WebApplication": "web-application",
    "Workstation": "desktop",
}
_WEIGHTS = {Severity.CRITICAL: 4, Severity.HIGH: 3, Severity.MEDIUM: 2, Severity.LOW: 1, Severity.INFORMATIONAL: 0}
_SECRECY = ("public", "internal", "restricted", "confidential", "strictly-confidential")
_WORTH = ("archive", "operational", "important", "critical", "mission-critical")


def _worst(case: Case, assets: list[str], capability: Capability) -> int:
    """How bad the loss of a capability over any of these is, from 0 to 4."""
    return max(
        (
            _WEIGHTS[one.severity]
            for one in case.assessment.risks
            if one.held.asset in assets and one.held.capability is capability
        ),
        default=0,
    )


def _ratings(case: Case, assets: list[str]) -> dict[str, str]:
    return {
        "confidentiality": _SECRECY[_worst(case, assets, Capability.READ)],
        "integrity": _WORTH[_worst(case, assets, Capability.WRITE)],
        "availability": _WORTH[_worst(case, assets, Capability.DENY)],
    }


# ------------------------------------------------------------ Threagile
def threagile(case: Case) -> bytes:
    """A model for Threagile. Its links begin at who opens the connection; titles that occur twice get their id."""
    system = case.system
    titles = _titles([*system.zones, *system.assets, *system.actors])
    data = [one for one in system.assets if case.is_data(one)]
    parts = [one for one in system.assets if not case.is_data(one)]
    outside = {end for flow in system.flows for end in (flow.origin, flow.target) if end in system.actor_by_id}
    technical: dict[str, Any] = {}
    for one in parts:
        stored = [each.id for each in data if one.id in case.stores_of(each.id)]
        technical[titles[one.id]] = _technical(
            case, one.id, one.name, one.description, _technology(case, one), stored, one.tags
        )
    for actor in system.actors:
        if actor.id in outside:
            made = _technical(case, actor.id, actor.name, actor.description, "client-system", [], ())
            made.update(
                type="external-entity",
                internet=actor.kind is ActorKind.OUTSIDER,
                used_as_client_by_human=True,
                out_of_scope=True,
            )
            technical[titles[actor.id]] = made
    by_id = {one["id"]: one for one in technical.values()}
    for flow in system.flows:
        opener, target = (flow.target, flow.origin) if flow.opened_by == flow.target else (flow.origin, flow.target)
        links = by_id[opener]["communication_links"]
        title = flow.name or f"{system.name_of(opener)} to {system.name_of(target)}"
        links[title if title not in links else f"{title} ({flow.id})"] = _link(flow, target, opener)
    members = {
        zone.id: [one.id for one in parts if one.zone == zone.id]
        + [one.id for one in system.actors if one.zone == zone.id and one.id in outside]
        for zone in system.zones
    }
    value = {
        "threagile_version": "1.0.0",
        "title": system.name,
        "date": case.date,
        "author": {"name": "graphmodel", "homepage": ""},
        "management_summary_comment": "",
        "business_criticality": _WORTH[max((_WEIGHTS[one.severity] for one in case.assessment.risks), default=0)],
        "business_overview": {"description": system.description, "images": []},
        "technical_overview": {"description": "", "images": []},
        "questions": {},
        "abuse_cases": {},
        "security_requirements": {},
        "tags_available": sorted({_tag(tag) for one in system.assets for tag in one.tags}),
        "data_assets": {
            titles[one.id]: {
                "id": one.id,
                "description": one.description,
                "usage": "business",
                "tags": [_tag(tag) for tag in one.tags],
                "origin": "",
                "owner": one.owner,
                "quantity": "many",
                **_ratings(case, [one.id]),
                "justification_cia_rating": "From the losses that the model states.",
            }
            for one in data
        },
        "technical_assets": technical,
        "trust_boundaries": {
            titles[zone.id]: {
                "id": zone.id,
                "description": zone.description,
                "type": "network-cloud-security-group",
                "tags": [],
                "technical_assets_inside": members[zone.id],
                "trust_boundaries_nested": [one.id for one in system.zones if one.parent == zone.id],
            }
            for zone in system.zones
        },
        "shared_runtimes": {},
        "individual_risk_categories": {},
        "risk_tracking": {},
    }
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=110).encode()


def _titles(elements: list[Any]) -> dict[str, str]:
    seen: set[str] = set()
    titles = {}
    for one in elements:
        title = one.name or one.id
        titles[one.id] = title if title not in seen else f"{title} ({one.id})"
        seen.add(titles[one.id])
    return titles


def _tag(text: str) -> str:
    return re.sub(r"[^a-z0-9-]+", "-", text.lower()).strip("-") or "tag"


def _technology(case: Case, one: Asset) -> str:
    found = [name for name in _TECHNOLOGIES if case.catalogue.is_a(one.type, name)]
    return (
        _TECHNOLOGIES[one.type]
        if one.type in _TECHNOLOGIES
        else _TECHNOLOGIES[found[-1]]
        if found
        else "application-server"
    )


def _technical(
    case: Case, id_: str, name: str, description: str, technology: str, stored: list[str], tags: tuple[str, ...]
) -> dict[str, Any]:
    handled = {
        each
        for flow in case.system.flows
        if id_ in (flow.origin, flow.target)
        for each in (*flow.carries, *flow.returns)
    }
    data = sorted({*stored, *handled})
    store = technology in ("database", "file-server", "vault", "artifact-registry")
    return {
        "id": id_,
        "description": description or name,
        "type": "datastore" if store else "process",
        "usage": "business",
        "used_as_client_by_human": False,
        "out_of_scope": False,
        "justification_out_of_scope": "",
        "size": "component",
        "technology": technology,
        "tags": [_tag(tag) for tag in tags],
        "internet": False,
        "machine": "virtual",
        "encryption": "none",
        "owner": "",
        **_ratings(case, [id_, *stored]),
        "justification_cia_rating": "From the losses that the model states.",
        "multi_tenant": False,
        "redundant": False,
        "custom_developed_parts": False,
        "data_assets_processed": data,
        "data_assets_stored": stored,
        "data_formats_accepted": [],
        "communication_links": {},
    }


def _link(flow: Flow, target: str, opener: str) -> dict[str, Any]:
    forward = list(flow.carries if opener == flow.origin else flow.returns)
    back = list(flow.returns if opener == flow.origin else flow.carries)
    return {
        "target": target,
        "description": flow.description or flow.name or flow.id,
        "protocol": "https" if flow.encrypted else "unknown-protocol" if flow.encrypted is None else "http",
        "authentication": "token" if flow.authenticated else "none",
        "authorization": "technical-user" if flow.authenticated else "none",
        "tags": [],
        "vpn": False,
        "ip_filtered": False,
        "readonly": not flow.two_way and opener == flow.target,
        "usage": "business",
        "data_assets_sent": forward,
        "data_assets_received": back,
    }


# ------------------------------------------------------------ TM-BOM
_STATUS = {
    Status.IMPLEMENTED: "active",
    Status.PLANNED: "scheduled",
    Status.PROPOSED: "suggested",
    Status.RETIRED: "retired",
}


def tmbom(case: Case) -> bytes:
    """A threat model of the OWASP Threat Model Library, with the threats on ways to losses and what answers them."""
    system = case.system
    data = [one for one in system.assets if case.is_data(one)]
    stores = [one for one in system.assets if case.catalogue.is_any(one.type, ("DataStore",))]
    kept = {one.id for one in (*data, *stores)}
    value = {
        "version": "1.0.2",
        "scope": {"title": system.name, "description": system.description},
        "trust_zones": [
            {"symbolic_name": one.id, "title": one.name, "description": one.description} for one in system.zones
        ],
        "actors": [
            {
                "symbolic_name": one.id,
                "title": one.name,
                "description": one.description,
                "type": "user"
                if one.kind is ActorKind.USER
                else "external"
                if one.kind is ActorKind.OUTSIDER
                else str(one.kind),
                "permissions": [],
                **({"trust_zone": one.zone} if one.zone else {}),
            }
            for one in system.actors
        ],
        "components": [
            {
                "symbolic_name": one.id,
                "title": one.name,
                "description": one.description or one.type,
                **({"trust_zone": one.zone} if one.zone else {}),
            }
            for one in system.assets
            if one.id not in kept
        ],
        "data_stores": [
            {
                "symbolic_name": one.id,
                "title": one.name,
                "description": one.description or one.type,
                "type": one.type,
                **({"trust_zone": one.zone} if one.zone else {}),
            }
            for one in stores
        ],
        "data_sets": [
            {
                "symbolic_name": one.id,
                "title": one.name,
                "description": one.description or one.type,
                "placements": [{"data_store": store} for store in case.stores_of(one.id)],
            }
            for one in data
        ],
        "data_flows": [
            {
                "symbolic_name": one.id,
                "title": one.name or one.id,
                "description": one.description,
                "source": {"object": one.origin, "type": _end(case, one.origin)},
                "destination": {"object": one.target, "type": _end(case, one.target)},
                "encrypted": one.encrypted is True,
                "has_sensitive_data": bool(one.carries or one.returns),
            }
            for one in system.flows
        ],
        "threats": [
            {
                "symbolic_name": one.id,
                "title": f"{one.pattern.name}: {system.name_of(one.asset)}",
                "description": one.pattern.meaning,
                "components_affected": [one.asset],
                "status": "mitigated" if one.controls else "identified",
            }
            for one in case.threats
        ],
        "controls": [
            {
                "symbolic_name": one.id,
                "title": one.name or one.id,
                "description": one.description,
                "status": _STATUS[one.status],
                "threats": [each.id for each in case.threats if one.id in (*each.controls, *each.planned)],
            }
            for one in system.controls
        ],
    }
    return as_json(value)


def _end(case: Case, id_: str) -> str:
    asset = case.system.asset_by_id.get(id_)
    if asset is None:
        return "actor"
    return "data_store" if case.catalogue.is_any(asset.type, ("DataStore",)) else "component"


THREAGILE = Exporter(
    "threagile",
    "Threagile (YAML)",
    ".threagile.yaml",
    threagile,
    holding(
        zones="id name parent description",
        assets="id name zone description tags owner",
        flows="id origin target name carries returns two_way opened_by description",
    ),
)
TMBOM = Exporter(
    "tmbom",
    "OWASP Threat Model Library, TM-BOM (JSON)",
    ".tmbom.json",
    tmbom,
    holding(
        zones="id name description",
        assets="id name zone description",
        flows="id origin target name description",
        actors="id name zone description",
        controls="id name status description",
    ),
)
