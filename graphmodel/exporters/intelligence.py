"""What is known of attacks, for security tools: ATLAS Navigator layers, STIX 2.1 with Attack Flow, OpenGraph, SARIF."""

from __future__ import annotations

import uuid
from collections import defaultdict
from typing import Any
from urllib.parse import quote

from graphmodel.exporters.case import Case, Exporter, as_json, holding
from graphmodel.knowledge.vocabulary import View
from graphmodel.outputs.paths import path_json
from graphmodel.reading.printable import printable
from graphmodel.version import __version__

_SPACE = uuid.UUID("0f1b0d2e-2f62-5f0e-8f0c-3c7f8f6d9b01")
_FLOW_EXTENSION = "extension-definition--fb9c968a-745b-4ade-9b25-c324172197f4"


# ------------------------------------------------------------ Navigator
def navigator(case: Case) -> bytes:
    """A layer for the ATLAS Navigator: techniques on ways to losses, scored from 0 to 100 by the likelihood of the
    likeliest fact that one gains, with the assets and what is in force against it."""
    found: dict[str, list[tuple[float, str, bool]]] = defaultdict(list)
    for threat in case.threats:
        for technique in threat.pattern.techniques:
            if technique.edition.startswith("atlas"):
                asset = case.system.name_of(threat.asset)
                found[technique.id].append((threat.likelihood.value, asset, bool(threat.controls)))
    techniques = [
        {
            "techniqueID": id_,
            "score": round(100 * max(value for value, _, _ in uses)),
            "enabled": True,
            "comment": "; ".join(
                f"{printable(asset)}: {100 * value:.2g} %{', controlled' if covered else ''}"
                for value, asset, covered in uses[:20]
            ),
        }
        for id_, uses in sorted(found.items())
    ]
    return as_json(
        {
            "name": case.system.name,
            "versions": {"layer": "4.5", "navigator": "5.1.0"},
            "domain": "atlas-atlas",
            "description": f"Techniques on ways to losses, by graphmodel {__version__} on {case.date}; "
            "score: likelihood of what one gains, in per cent.",
            "sorting": 3,
            "hideDisabled": False,
            "techniques": techniques,
            "gradient": {"colors": ["#ffffff", "#ffe766", "#ff6666"], "minValue": 0, "maxValue": 100},
        }
    )


# ------------------------------------------------------------ STIX
def stix(case: Case) -> bytes:
    """A STIX 2.1 bundle: the assets as infrastructure, the techniques, and the best path to each loss as an attack
    flow, whose actions carry the chance of their steps."""
    when = f"{case.date}T00:00:00.000Z"
    objects: dict[str, dict[str, Any]] = {}

    def add(kind: str, key: str, **fields: Any) -> str:
        id_ = f"{kind}--{uuid.uuid5(_SPACE, f'{case.system.id} {kind} {key}')}"
        objects.setdefault(
            id_, {"type": kind, "spec_version": "2.1", "id": id_, "created": when, "modified": when, **fields}
        )
        return id_

    maker = add("identity", "graphmodel", name="graphmodel", identity_class="system")
    extension = {_FLOW_EXTENSION: {"extension_type": "new-sdo"}}
    objects[_FLOW_EXTENSION] = {
        "type": "extension-definition",
        "spec_version": "2.1",
        "id": _FLOW_EXTENSION,
        "created": "2022-08-02T19:34:35.143Z",
        "modified": "2022-08-02T19:34:35.143Z",
        "name": "Attack Flow",
        "created_by_ref": maker,
        "schema": "https://center-for-threat-informed-defense.github.io/attack-flow/stix/attack-flow-schema-2.0.0.json",
        "version": "2.0.0",
        "extension_types": ["new-sdo"],
    }
    assets = {
        one.id: add(
            "infrastructure",
            one.id,
            name=one.name,
            description=one.description or one.type,
            infrastructure_types=["unknown"],
        )
        for one in case.system.assets
    }
    for one in case.system.dependencies:
        add(
            "relationship",
            one.id,
            relationship_type="related-to",
            source_ref=assets[one.origin],
            target_ref=assets[one.target],
            description=one.relation,
        )
    for flow in case.system.flows:
        if flow.origin in assets and flow.target in assets:
            add(
                "relationship",
                flow.id,
                relationship_type="communicates-with",
                source_ref=assets[flow.origin],
                target_ref=assets[flow.target],
                description=flow.name or flow.relation,
            )
    actors = {
        one.id: add("threat-actor", one.id, name=one.name, description=one.description, threat_actor_types=["unknown"])
        for one in case.system.actors
    }
    for found in case.paths.targets:
        for number, path in enumerate(found.paths[:1], 1):
            said = path_json(case.assessment, found.actor, path, number, case.paths.view)
            following: list[str] = []
            for hop in reversed(said["hops"]):
                key = f"{found.actor} {found.target} {hop['step']}"
                technique = next((each for each in hop["techniques"] if each.startswith("AML.")), "")
                action = add(
                    "attack-action",
                    key,
                    name=hop["name"],
                    technique_id=technique.partition("@")[0] or hop["threat"],
                    description=f"Gains {hop['gains']}; chance {hop['chance']:.3g}.",
                    confidence=round(100 * hop["chance"]),
                    effect_refs=following[-1:],
                    extensions=extension,
                )
                following.append(action)
            if following:
                add(
                    "attack-flow",
                    f"{found.actor} {found.target}",
                    name=f"{case.system.name_of(found.actor)} to {found.target}",
                    description=f"The most probable way; chance {path.chance:.3g}.",
                    scope="attack-tree",
                    start_refs=following[-1:],
                    created_by_ref=maker,
                    extensions=extension,
                )
                add(
                    "relationship",
                    f"{found.actor} {found.target}",
                    relationship_type="related-to",
                    source_ref=actors[found.actor],
                    target_ref=following[-1],
                )
    return as_json(
        {
            "type": "bundle",
            "id": f"bundle--{uuid.uuid5(_SPACE, case.system.id)}",
            "objects": [_bare(one) for one in objects.values()],
        }
    )


def _bare(one: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in one.items() if value not in ("", [], None)}


# ------------------------------------------------------------ OpenGraph
def opengraph(case: Case) -> bytes:
    """A graph for BloodHound: assets and actors by type, flows and dependencies as edges, likelihoods as properties."""
    results = {one.asset.id: one for one in case.assessment.assets}
    nodes: list[dict[str, Any]] = []
    for asset in case.system.assets:
        found = results[asset.id]
        properties = {
            "name": asset.name,
            "zone": asset.zone or "",
            "likelihood": found.likelihood[View.RESIDUAL].value,
            "expected_loss": found.expected[View.RESIDUAL].value,
        }
        nodes.append({"id": asset.id, "kinds": [asset.type, "GraphmodelAsset"], "properties": properties})
    for actor in case.system.actors:
        nodes.append(
            {
                "id": actor.id,
                "kinds": ["GraphmodelActor"],
                "properties": {"name": actor.name, "kind": str(actor.kind), "skill": str(actor.skill)},
            }
        )

    def edge(kind: str, origin: str, target: str, **properties: Any) -> dict[str, Any]:
        said = {key: value for key, value in properties.items() if value is not None}
        return {
            "kind": kind,
            "start": {"value": origin, "match_by": "id"},
            "end": {"value": target, "match_by": "id"},
            "properties": said,
        }

    edges = [
        edge(
            one.relation,
            one.origin,
            one.target,
            name=one.name,
            authenticated=one.authenticated,
            encrypted=one.encrypted,
            two_way=one.two_way,
        )
        for one in case.system.flows
    ]
    edges += [edge(one.relation, one.origin, one.target) for one in case.system.dependencies]
    return as_json({"metadata": {"source_kind": "Graphmodel"}, "graph": {"nodes": nodes, "edges": edges}})


# ------------------------------------------------------------ SARIF
def sarif(case: Case) -> bytes:
    """SARIF 2.1.0: a result for each threat on a way to a loss that nothing in force covers, the likeliest first."""
    open_threats = [one for one in case.threats if not one.controls]
    rules = sorted({one.pattern.id for one in open_threats})
    files = {one.id: one.source.file for one in case.system.assets if one.source is not None and one.source.file}
    results = []
    for one in open_threats:
        said = (
            f"{one.pattern.name} on {case.system.name_of(one.asset)}: {one.pattern.meaning} Nothing in force "
            f"covers it; likelihood of what it gains {100 * one.likelihood.value:.2g} %."
        )
        location: dict[str, Any] = {
            "logicalLocations": [{"name": one.asset, "fullyQualifiedName": f"assets.{one.asset}", "kind": "resource"}]
        }
        if one.asset in files:
            location["physicalLocation"] = {"artifactLocation": {"uri": quote(files[one.asset])}}
        results.append(
            {
                "ruleId": one.pattern.id,
                "ruleIndex": rules.index(one.pattern.id),
                "level": "error" if one.likelihood.value >= 0.1 else "warning",
                "message": {"text": printable(said)},
                "locations": [location],
                "partialFingerprints": {"graphmodel/v1": one.id},
                "rank": round(100 * one.likelihood.value, 1),
            }
        )
    described = [
        {
            "id": id_,
            "name": id_,
            "shortDescription": {"text": case.catalogue.patterns[id_].name},
            "fullDescription": {"text": case.catalogue.patterns[id_].meaning},
            "properties": {"tags": [each.pinned for each in case.catalogue.patterns[id_].techniques]},
        }
        for id_ in rules
    ]
    driver = {"name": "graphmodel", "version": __version__, "rules": described}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return as_json({"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]})


NAVIGATOR = Exporter(
    "navigator",
    "ATLAS Navigator layer",
    ".layer.json",
    navigator,
    {},
    "A layer holds results, and nothing of the system.",
)
STIX = Exporter(
    "stix",
    "STIX 2.1 with Attack Flow",
    ".stix.json",
    stix,
    holding(
        assets="id name description",
        flows="id origin target name",
        dependencies="origin relation target",
        actors="id name description",
    ),
)
OPENGRAPH = Exporter(
    "opengraph",
    "BloodHound OpenGraph",
    ".opengraph.json",
    opengraph,
    holding(
        assets="id name type zone",
        flows="id origin target relation name two_way authenticated encrypted",
        dependencies="origin relation target",
        actors="id name kind skill",
    ),
)
SARIF = Exporter(
    "sarif",
    "Threats that nothing covers (SARIF)",
    ".sarif",
    sarif,
    {},
    "SARIF holds results, and nothing of the system.",
)
