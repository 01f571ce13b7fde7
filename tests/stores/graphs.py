"""A small property graph made by hand: every label and every question has something in it."""

from __future__ import annotations

from typing import Any

from graphmodel.stores.graph import Edge, Node, PropertyGraph

TYPES = {
    "chat": ["Application", "Asset", "Component", "Service", "WebApplication"],
    "agent": ["Agent", "Asset", "Component", "Service"],
    "crm-tool": ["Asset", "Component", "Tool"],
    "records": ["Asset", "BusinessData", "DataAsset"],
    "token": ["Asset", "DataAsset", "Secret"],
    "model": ["Asset", "DataAsset", "LanguageModel", "Model"],
    "corpus": ["Asset", "DataAsset", "Dataset"],
}
FACTS = {
    "chat:reach": 1.0,
    "agent:reach": 1.0,
    "agent:steer": 0.5,
    "agent:run": 0.4,
    "crm-tool:steer": 0.3,
    "token:read": 0.2,
    "records:read": 0.1,
}
STEPS = {
    "pass-on:agent": ("pass-on", 1.0, ["chat:reach"], "agent:reach"),
    "injection:agent": ("injection", 0.6, ["agent:reach"], "agent:run"),
    "theft:token": ("theft", 0.5, ["agent:run"], "token:read"),
    "abuse:records": ("abuse", 0.5, ["token:read"], "records:read"),
}
BESIDE = {
    "asked:agent": ("asked", 0.5, ["agent:reach"], "agent:steer"),
    "tool-asked:crm-tool": ("tool-asked", 0.6, ["agent:steer"], "crm-tool:steer"),
    "tool-answers:records": ("tool-answers", 0.3, ["crm-tool:steer"], "records:read"),
}
"""Consequences that are on no listed path."""


def small(system: str = "shop", name: str = "Shop") -> PropertyGraph:
    nodes = [
        Node("System", system, {"id": system, "name": name, "currency": "EUR", "expected_loss": 10_000.0}),
        Node("Zone", "internet", {"id": "internet", "name": "Internet", "trust": 0}),
        Node("Zone", "inside", {"id": "inside", "name": "Inside", "trust": 5}),
        Node("Actor", "visitor", {"id": "visitor", "name": "Anyone", "kind": "outsider", "skill": "skilled"}),
    ]
    edges = [_edge("IN_ZONE", ("Actor", "visitor"), ("Zone", "internet"))]
    edges.append(_edge("STARTS", ("Actor", "visitor"), ("Fact", "chat:reach")))
    for asset, types in TYPES.items():
        nodes.append(Node("Asset", asset, _asset(asset, types)))
        edges.append(_edge("IN_ZONE", ("Asset", asset), ("Zone", "inside")))
    for fact, likelihood in FACTS.items():
        asset, capability = fact.split(":")
        values = {"likelihood": likelihood, "likelihood_inherent": 1.0, "likelihood_target": likelihood / 2}
        nodes.append(Node("Fact", fact, {"id": fact, "asset": asset, "capability": capability, **values}))
        edges.append(_edge("OF", ("Fact", fact), ("Asset", asset)))
    for hop, (step, (threat, chance, needs, gains)) in enumerate((STEPS | BESIDE).items(), start=1):
        quiet = threat == "pass-on" or step in BESIDE
        area = "" if quiet else "model-deployment"
        nodes.append(Node("Threat", threat, {"id": threat, "name": threat.title(), "area": area}))
        nodes.append(Node("Step", step, _step(step, threat, chance, area, quiet)))
        edges += [_edge("NEEDS", ("Step", step), ("Fact", need)) for need in needs]
        edges.append(_edge("GAINS", ("Step", step), ("Fact", gains)))
        edges.append(_edge("ON", ("Step", step), ("Asset", gains.split(":")[0])))
        edges.append(_edge("BY", ("Step", step), ("Threat", threat)))
        if step in STEPS:
            edges.append(_edge("USES_STEP", ("Path", "visitor>records:read#1"), ("Step", step), hop=hop))
    return PropertyGraph((*nodes, *_knowledge()), (*edges, *_links()))


def _knowledge() -> list[Node]:
    technique = {"id": "AML.T0051.000", "edition": "atlas-2026.09", "name": "Direct"}
    path = {"actor": "visitor", "target": "records:read", "rank": 1, "chance": 0.15, "route": ["chat", "agent"]}
    return [
        Node("Technique", "AML.T0051.000@atlas-2026.09", technique),
        Node("Control", "guardrail", {"id": "guardrail", "name": "Guardrail", "function": "prevent"}),
        Node("Control", "broker", {"id": "broker", "name": "Token broker", "function": "prevent"}),
        Node("Implementation", "guard-1", _implementation("guard-1", "implemented", "")),
        Node("Implementation", "broker-1", _implementation("broker-1", "planned", "2027-01-31")),
        Node("Loss", "records:read#0", {"id": "records:read#0", "fact": "records:read", "amount": 100_000.0}),
        Node("Path", "visitor>records:read#1", {"id": "visitor>records:read#1", **path}),
    ]


def _links() -> list[Edge]:
    def asset(one: str) -> tuple[str, str]:
        return "Asset", one

    flow = {"authenticated": True, "encrypted": True, "crosses_boundary": False, "carries": ["records"]}
    path = ("Path", "visitor>records:read#1")
    return [
        _edge("FLOW", ("Actor", "visitor"), asset("chat"), id="ask", relation="sendsTo", crosses_boundary=True),
        _edge("FLOW", asset("agent"), asset("crm-tool"), id="use", relation="invokes", **flow),
        _edge("USES_SECRET", asset("agent"), asset("token")),
        _edge("UNLOCKS", asset("token"), asset("records")),
        _edge("TRAINED_ON", asset("model"), asset("corpus")),
        _edge("USES", ("Threat", "injection"), ("Technique", "AML.T0051.000@atlas-2026.09")),
        _edge("MITIGATES", ("Control", "guardrail"), ("Threat", "injection")),
        _edge("MITIGATES", ("Control", "broker"), ("Threat", "theft")),
        _edge("IMPLEMENTS", ("Implementation", "guard-1"), ("Control", "guardrail")),
        _edge("IMPLEMENTS", ("Implementation", "broker-1"), ("Control", "broker")),
        _edge("PROTECTS", ("Implementation", "guard-1"), asset("agent")),
        _edge("PROTECTS", ("Implementation", "broker-1"), asset("token")),
        _edge("COVERS", ("Implementation", "guard-1"), ("Step", "injection:agent")),
        _edge("OVER", ("Step", "abuse:records"), asset("token"), parts=["other"]),
        _edge("OF_FACT", ("Loss", "records:read#0"), ("Fact", "records:read")),
        _edge("BY_ACTOR", path, ("Actor", "visitor")),
        _edge("TO_FACT", path, ("Fact", "records:read")),
    ]


def _edge(type_: str, source: tuple[str, str], target: tuple[str, str], **properties: Any) -> Edge:
    return Edge(type_, source, target, properties)


def _asset(asset: str, types: list[str]) -> dict[str, Any]:
    likelihood = max((value for fact, value in FACTS.items() if fact.startswith(f"{asset}:")), default=0.0)
    return {
        "id": asset,
        "name": asset.title(),
        "type": types[-1],
        "types": types,
        "zone": "inside",
        "owner": "",
        "tags": [],
        "likelihood": likelihood,
        "likelihood_inherent": likelihood,
        "expected_loss": 0.0,
        "worst_actor": None,
    }


def _step(step: str, threat: str, chance: float, area: str, quiet: bool) -> dict[str, Any]:
    techniques = ("AML.T0051.000@atlas-2026.09",) if threat == "injection" else ()
    return {
        "id": step,
        "threat": threat,
        "name": threat.title(),
        "chance": chance,
        "techniques": techniques,
        "area": area,
        "propagation": quiet,
    }


def _implementation(one: str, status: str, due: str) -> dict[str, Any]:
    return {"id": one, "name": one, "status": status, "evidence": "declared", "strength": 0.7, "due": due}
