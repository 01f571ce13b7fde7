"""The map of a system for drawing programs, where it looks as it does here: draw.io and OWASP Threat Dragon."""

from __future__ import annotations

import uuid
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from graphmodel.drawing.graphs import GraphDrawing, GraphNode
from graphmodel.exporters.case import Case, Exporter, FoundThreat, as_json, holding
from graphmodel.knowledge.vocabulary import Severity, Status
from graphmodel.model.system import Flow
from graphmodel.outputs.drawings import system_map

_SPACE = uuid.UUID("6f1d9f5c-6a1b-5b39-9a55-0a5f2c1f2e11")  # ids of cells are the same at every export
_STYLES = {
    "actor": "ellipse;whiteSpace=wrap;html=0;fillColor=#f5f5f5;strokeColor=#666666;",
    "data": "shape=cylinder3;whiteSpace=wrap;html=0;boundedLbl=1;size=8;fillColor=#dae8fc;strokeColor=#6c8ebf;",
    "other": "rounded=1;whiteSpace=wrap;html=0;fillColor=#ffffff;strokeColor=#333333;",
}
_ZONE = (
    "rounded=0;whiteSpace=wrap;html=0;verticalAlign=top;align=left;spacingLeft=8;dashed=1;fillColor=none;"
    "container=1;collapsible=0;"
)
_HOLDS = {
    "zones": "id name trust parent",
    "assets": "id name type zone",
    "flows": "id origin target relation name two_way authenticated encrypted opened_by carries returns",
    "dependencies": "origin relation target",
    "actors": "id name kind skill zone",
}


def _drawing(case: Case) -> GraphDrawing:
    return system_map(case.assessment, with_data=True, whole=True).drawing


def _text(text: str) -> str:
    """A text without the characters that XML cannot hold."""
    return "".join(
        one
        for one in text
        if one in "\t\n" or (one >= " " and not 0xD800 <= ord(one) <= 0xDFFF and one not in "\ufffe\uffff")
    )


# ------------------------------------------------------------ draw.io
def drawio(case: Case) -> bytes:
    """An uncompressed draw.io file. Each shape keeps what it is in properties that begin with ``graphmodel``."""
    system, drawing = case.system, _drawing(case)
    root = Element("mxfile", host="graphmodel")
    page = SubElement(SubElement(root, "diagram", name=_text(system.name)[:100], id="map"), "mxGraphModel")
    cells = SubElement(page, "root")
    SubElement(cells, "mxCell", id="0")
    SubElement(cells, "mxCell", {"id": "1", "parent": "0"})
    corners: dict[str, tuple[float, float]] = {"1": (0.0, 0.0)}
    for zone in sorted(drawing.zones, key=lambda one: one.depth):
        known = system.zone_by_id.get(zone.id)
        parent = f"zone {known.parent}" if known and known.parent and f"zone {known.parent}" in corners else "1"
        said = {
            "graphmodel_zone": zone.id,
            "graphmodel_trust": "" if known is None or known.trust is None else str(known.trust),
        }
        label = known.name if known else zone.label
        key = f"zone {zone.id}"
        style = _ZONE
        _shape(cells, key, label, style, parent, (zone.x, zone.y, zone.width, zone.height), corners, said)
        corners[key] = (zone.x, zone.y)
    for node in drawing.nodes:
        asset, actor = system.asset_by_id.get(node.id), system.actor_by_id.get(node.id)
        inside = system.zone_of(node.id)
        parent = f"zone {inside}" if inside and f"zone {inside}" in corners else "1"
        if actor is not None:
            said, style = {"graphmodel_actor": str(actor.kind), "graphmodel_skill": str(actor.skill)}, _STYLES["actor"]
        elif asset is not None:
            said, style = {"graphmodel_type": asset.type}, _STYLES["data" if case.is_data(asset) else "other"]
        else:
            continue
        said["graphmodel_id"] = node.id
        _shape(
            cells,
            f"node {node.id}",
            node.label,
            style,
            parent,
            (node.x, node.y, node.width, node.height),
            corners,
            said,
        )
    for flow in system.flows:
        ends = "startArrow=classic;endArrow=classic;" if flow.two_way else "endArrow=classic;"
        _edge(
            cells,
            f"flow {flow.id}",
            flow.name,
            f"edgeStyle=orthogonalEdgeStyle;rounded=1;html=0;{ends}",
            flow.origin,
            flow.target,
            _flow(flow),
        )
    for one in system.dependencies:
        style = "edgeStyle=orthogonalEdgeStyle;rounded=1;html=0;dashed=1;endArrow=open;"
        _edge(
            cells,
            f"relation {one.id}",
            one.relation,
            style,
            one.origin,
            one.target,
            {"graphmodel_relation": one.relation, "graphmodel_kind": "dependency"},
        )
    indent(root)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _flow(flow: Flow) -> dict[str, str]:
    values = {
        "graphmodel_id": flow.id,
        "graphmodel_relation": flow.relation,
        "graphmodel_authenticated": flow.authenticated,
        "graphmodel_encrypted": flow.encrypted,
        "graphmodel_two_way": flow.two_way or None,
        "graphmodel_opened_by": flow.opened_by,
        "graphmodel_carries": " ".join(flow.carries),
        "graphmodel_returns": " ".join(flow.returns),
    }
    return {
        key: str(value).lower() if isinstance(value, bool) else value
        for key, value in values.items()
        if value not in (None, "")
    }


def _shape(
    cells: Element,
    key: str,
    label: str,
    style: str,
    parent: str,
    box: tuple[float, float, float, float],
    corners: dict[str, tuple[float, float]],
    said: dict[str, str],
) -> None:
    x, y, width, height = box
    left, top = corners[parent]
    around = SubElement(
        cells, "object", {"label": _text(label), "id": _id(key), **{name: _text(one) for name, one in said.items()}}
    )
    cell = SubElement(
        around, "mxCell", {"style": style, "vertex": "1", "parent": parent if parent == "1" else _id(parent)}
    )
    place = {"x": x - left, "y": y - top, "width": width, "height": height}
    SubElement(cell, "mxGeometry", {**{name: f"{one:.1f}" for name, one in place.items()}, "as": "geometry"})


def _edge(cells: Element, key: str, label: str, style: str, origin: str, target: str, said: dict[str, str]) -> None:
    around = SubElement(
        cells, "object", {"label": _text(label), "id": _id(key), **{name: _text(one) for name, one in said.items()}}
    )
    ends = {"source": _id(f"node {origin}"), "target": _id(f"node {target}")}
    cell = SubElement(around, "mxCell", {"style": style, "edge": "1", "parent": "1", **ends})
    SubElement(cell, "mxGeometry", {"relative": "1", "as": "geometry"})


def _id(key: str) -> str:
    return str(uuid.uuid5(_SPACE, key))


# ------------------------------------------------------------ Threat Dragon
def threat_dragon(case: Case) -> bytes:
    """A model of OWASP Threat Dragon 2 with one diagram, and on each element the threats on ways to losses."""
    system, drawing = case.system, _drawing(case)
    numbers = {one.id: number for number, one in enumerate(case.threats, 1)}
    cells: list[dict[str, Any]] = []
    for zone in sorted(drawing.zones, key=lambda one: one.depth):
        known = system.zone_by_id.get(zone.id)
        if known is None:
            continue
        cells.append(
            {
                "id": _id(f"zone {zone.id}"),
                "shape": "trust-boundary-box",
                "zIndex": -10 + zone.depth,
                "position": {"x": round(zone.x), "y": round(zone.y)},
                "size": {"width": round(zone.width), "height": round(zone.height)},
                "attrs": {"label": {"text": known.name}},
                "data": {
                    "type": "tm.BoundaryBox",
                    "name": known.name,
                    "description": known.description,
                    "isTrustBoundary": True,
                    "hasOpenThreats": False,
                },
            }
        )
    cells.extend(_cell(case, node, numbers) for node in drawing.nodes)
    for flow in system.flows:
        cells.append(
            {
                "id": _id(f"flow {flow.id}"),
                "shape": "flow",
                "zIndex": 10,
                "source": {"cell": _id(f"node {flow.origin}")},
                "target": {"cell": _id(f"node {flow.target}")},
                "labels": [flow.name],
                "data": {
                    "type": "tm.Flow",
                    "name": flow.name,
                    "description": flow.description,
                    "outOfScope": False,
                    "isTrustBoundary": False,
                    "isBidirectional": flow.two_way,
                    "isEncrypted": flow.encrypted is True,
                    "isPublicNetwork": False,
                    "protocol": "",
                    "hasOpenThreats": False,
                    "threats": [],
                },
            }
        )
    diagram = {
        "id": 0,
        "title": system.name,
        "diagramType": "STRIDE",
        "placeholder": "",
        "thumbnail": "./public/content/images/thumbnail.stride.jpg",
        "version": "2.0.0",
        "cells": cells,
    }
    detail = {
        "contributors": [],
        "diagrams": [diagram],
        "diagramTop": 1,
        "reviewer": "",
        "threatTop": len(case.threats),
    }
    summary = {"title": system.name, "owner": "", "description": system.description, "id": 0}
    return as_json({"version": "2.0.0", "summary": summary, "detail": detail})


def _cell(case: Case, node: GraphNode, numbers: dict[str, int]) -> dict[str, Any]:
    asset = case.system.asset_by_id.get(node.id)
    threats = case.threats_of.get(node.id, ())
    shape = (
        "actor"
        if asset is None
        else "store"
        if case.is_data(asset) or case.catalogue.is_any(asset.type, ("DataStore",))
        else "process"
    )
    description = asset.description if asset is not None else case.system.actor_by_id[node.id].description
    return {
        "id": _id(f"node {node.id}"),
        "shape": shape,
        "zIndex": 1,
        "position": {"x": round(node.x), "y": round(node.y)},
        "size": {"width": round(node.width), "height": round(node.height)},
        "attrs": {"text": {"text": node.label}},
        "data": {
            "type": f"tm.{shape.capitalize()}",
            "name": node.label,
            "description": description,
            "outOfScope": False,
            "isTrustBoundary": False,
            "hasOpenThreats": any(not one.controls for one in threats),
            "threats": [_threat(case, one, numbers[one.id]) for one in threats],
        },
    }


def _threat(case: Case, one: FoundThreat, number: int) -> dict[str, Any]:
    order = list(Severity)
    found = [risk.severity for risk in case.assessment.risks if risk.held.asset == one.asset]
    severity = min(found, key=order.index) if found else None
    word = {"critical": "Critical", "high": "High", "medium": "Medium", "low": "Low"}.get(str(severity), "TBD")
    controls = [case.system.control_by_id[id_] for id_ in (*one.controls, *one.planned)]
    answers = [
        f"{each.name or each.id} ({'in force' if each.status is Status.IMPLEMENTED else each.status})"
        for each in controls
    ]
    return {
        "id": _id(f"threat {one.id}"),
        "title": one.pattern.name,
        "status": "Mitigated" if one.controls else "Open",
        "severity": word,
        "type": str(one.pattern.attack or "other"),
        "description": one.pattern.meaning,
        "mitigation": "; ".join(answers),
        "modelType": "STRIDE",
        "new": False,
        "number": number,
        "score": f"{100 * one.likelihood.value:.2g} %",
    }


DRAWIO = Exporter("drawio", "draw.io drawing", ".drawio", drawio, holding(**_HOLDS))
THREAT_DRAGON = Exporter(
    "threat-dragon",
    "OWASP Threat Dragon 2",
    ".threat-dragon.json",
    threat_dragon,
    holding(
        zones="id name description",
        assets="id name zone description",
        flows="id origin target name two_way encrypted description",
        actors="id name zone description",
    ),
)
