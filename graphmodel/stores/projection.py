"""A system with its results as one property graph, the same for every Cypher engine.

``docs/queries.md`` describes the labels, relationship types and properties.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from graphmodel.assessment.paths import paths_to, route_of
from graphmodel.assessment.results import Assessment
from graphmodel.binding.amounts import at_stake
from graphmodel.binding.attackgraph import entry_facts
from graphmodel.knowledge.vocabulary import ASSET, Skill, View
from graphmodel.stores.graph import Edge, Node, PropertyGraph

PATHS_PER_RISK = 5
_LIKELIHOODS = (
    (View.INHERENT, "likelihood_inherent"),
    (View.RESIDUAL, "likelihood"),
    (View.TARGET, "likelihood_target"),
)


def relation_type(relation: str) -> str:
    """The relationship type of a relation: ``trainedOn`` becomes ``TRAINED_ON``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", relation).upper()


def project(assessment: Assessment, paths_per_risk: int = PATHS_PER_RISK) -> PropertyGraph:
    """The property graph of an assessed system, with the best paths of each actor to each loss."""
    nodes: dict[tuple[str, str], Node] = {}
    edges: dict[tuple[str, tuple[str, str], tuple[str, str], str], Edge] = {}
    for item in (
        *_model(assessment),
        *_attack(assessment),
        *_knowledge(assessment),
        *_paths(assessment, paths_per_risk),
    ):
        if isinstance(item, Node):
            nodes.setdefault((item.label, item.key), item)
        else:
            edges.setdefault((item.type, item.source, item.target, str(item.properties.get("id", ""))), item)
    known = [edge for edge in edges.values() if edge.source in nodes and edge.target in nodes]
    return PropertyGraph(tuple(nodes.values()), tuple(known))


def _edge(type_: str, source: tuple[str, str], target: tuple[str, str], **properties: Any) -> Edge:
    return Edge(type_, source, target, properties)


def _model(assessment: Assessment) -> Iterator[Node | Edge]:
    compiled, system = assessment.compiled, assessment.compiled.system
    losses = {view: assessment.expected_loss(view).value for view in View}
    yield Node(
        "System",
        system.id,
        {
            "id": system.id,
            "name": system.name,
            "currency": system.currency,
            "expected_loss_inherent": losses[View.INHERENT],
            "expected_loss": losses[View.RESIDUAL],
            "expected_loss_target": losses[View.TARGET],
        },
    )
    for zone in system.zones:
        yield Node("Zone", zone.id, {"id": zone.id, "name": zone.name, "trust": zone.trust})
        if zone.parent is not None:
            yield _edge("IN_ZONE", ("Zone", zone.id), ("Zone", zone.parent))
    for result in assessment.assets:
        asset = result.asset
        types = sorted(compiled.catalogue.types[asset.type].ancestors)
        yield Node(
            "Asset",
            asset.id,
            {
                "id": asset.id,
                "name": asset.name,
                "type": asset.type,
                "types": types,
                "zone": asset.zone,
                "owner": asset.owner,
                "tags": list(asset.tags),
                **{name: result.likelihood[view].value for view, name in _LIKELIHOODS},
                "band": result.band,
                "worst_actor": result.actor,
                "expected_loss": result.expected[View.RESIDUAL].value,
            },
        )
        if asset.zone is not None:
            yield _edge("IN_ZONE", ("Asset", asset.id), ("Zone", asset.zone))
    for actor in system.actors:
        rate = actor.attempts_per_year.mean if actor.attempts_per_year else None
        yield Node(
            "Actor",
            actor.id,
            {
                "id": actor.id,
                "name": actor.name,
                "kind": str(actor.kind),
                "skill": str(actor.skill),
                "attempts_per_year": rate,
            },
        )
        if actor.zone is not None:
            yield _edge("IN_ZONE", ("Actor", actor.id), ("Zone", actor.zone))
        for fact in entry_facts(compiled, actor):
            yield _edge("STARTS", ("Actor", actor.id), ("Fact", fact))
    for flow in system.flows:
        ends = [("Actor" if end in system.actor_by_id else "Asset", end) for end in (flow.origin, flow.target)]
        yield _edge(
            "FLOW",
            ends[0],
            ends[1],
            id=flow.id,
            relation=flow.relation,
            authenticated=flow.authenticated,
            encrypted=flow.encrypted,
            crosses_boundary=system.crosses_boundary(flow),
            carries=list(flow.carries),
        )
    for one in system.dependencies:
        yield _edge(relation_type(one.relation), ("Asset", one.origin), ("Asset", one.target))


def _attack(assessment: Assessment) -> Iterator[Node | Edge]:
    compiled = assessment.compiled
    steps: dict[str, float] = {}
    facts: set[str] = set()
    for actor in assessment.actors:
        facts.update(fact for fact in actor.graph.facts if not fact.startswith("actor@"))
        for step in actor.graph.steps:
            if step.id in compiled.binding_by_id:
                steps[step.id] = max(steps.get(step.id, 0.0), step.chance)
    for fact in sorted(facts):
        element, _, capability = fact.rpartition(":")
        now = assessment.worst(fact)[1]
        yield Node(
            "Fact",
            fact,
            {
                "id": fact,
                "asset": element,
                "capability": capability,
                **{name: assessment.worst(fact, view)[1].value for view, name in _LIKELIHOODS},
                "low": now.low,
                "high": now.high,
                "method": now.method,
            },
        )
        label = "Zone" if element in compiled.system.zone_by_id else "Asset"
        yield _edge("OF", ("Fact", fact), (label, element))
    for id_, chance in sorted(steps.items()):
        binding = compiled.binding_by_id[id_]
        pattern = binding.pattern
        yield Node(
            "Step",
            id_,
            {
                "id": id_,
                "threat": pattern.id,
                "name": pattern.name,
                "chance": chance,
                "techniques": [one.pinned for one in pattern.techniques],
                "area": str(pattern.area or ""),
                "attack": str(pattern.attack or ""),
                "propagation": pattern.propagation,
            },
        )
        for need in binding.needs:
            yield _edge("NEEDS", ("Step", id_), ("Fact", need))
        yield _edge("GAINS", ("Step", id_), ("Fact", binding.gains))
        label = "Zone" if binding.asset in compiled.system.zone_by_id else "Asset"
        yield _edge("ON", ("Step", id_), (label, binding.asset))
        for element in binding.others:
            label = "Zone" if element in compiled.system.zone_by_id else "Asset"
            parts = [name for name, found in binding.ends.items() if name != ASSET and element in found]
            yield _edge("OVER", ("Step", id_), (label, element), parts=parts)
        yield _edge("BY", ("Step", id_), ("Threat", pattern.id))
        for control in compiled.covers.get(id_, ()):
            yield _edge("COVERS", ("Implementation", control), ("Step", id_))
    for number, stake in enumerate(compiled.stakes):
        fact = str(stake.held)
        id_ = f"{fact}#{number}"
        yield Node(
            "Loss",
            id_,
            {
                "id": id_,
                "fact": fact,
                "severity": str(assessment.risk_by_fact[fact].severity),
                "amount": at_stake(compiled, stake).mean,
                "impact": stake.loss.impact,
            },
        )
        yield _edge("OF_FACT", ("Loss", id_), ("Fact", fact))


def _knowledge(assessment: Assessment) -> Iterator[Node | Edge]:
    """The catalogue's threats, techniques and controls, and the implementations in this system."""
    compiled, catalogue = assessment.compiled, assessment.compiled.catalogue
    for pattern in catalogue.patterns.values():
        area, attack = str(pattern.area or ""), str(pattern.attack or "")
        relations = [f"{link.origin} {link.relation} {link.target}" for link in pattern.links]
        properties = {"id": pattern.id, "name": pattern.name, "area": area, "attack": attack, "relations": relations}
        yield Node("Threat", pattern.id, properties)
        for technique in pattern.techniques:
            told = {"id": technique.id, "edition": technique.edition, "name": technique.name}
            yield Node("Technique", technique.pinned, told)
            yield _edge("USES", ("Threat", pattern.id), ("Technique", technique.pinned))
    for control in catalogue.controls.values():
        properties = {
            "id": control.id,
            "name": control.name,
            "function": str(control.function),
            "area": str(control.area),
        }
        yield Node("Control", control.id, properties)
        for threat in sorted(control.mitigates):
            yield _edge("MITIGATES", ("Control", control.id), ("Threat", threat))
    everything: Mapping[str, str] = compiled.elements
    for one in compiled.system.controls:
        kind = catalogue.controls.get(one.control or "")
        strength = compiled.strength(one, Skill.SKILLED) if kind else one.strength
        yield Node(
            "Implementation",
            one.id,
            {
                "id": one.id,
                "name": one.name or (kind.name if kind else one.id),
                "status": str(one.status),
                "strength": strength.mean if strength else None,
                "coverage": one.coverage,
                "evidence": str(one.evidence),
                "owner": one.owner,
                "due": one.due,
            },
        )
        if kind is not None:
            yield _edge("IMPLEMENTS", ("Implementation", one.id), ("Control", kind.id))
            for element in everything:
                if compiled.credit.protects(one, element) or element in one.named:
                    label = "Zone" if element in compiled.system.zone_by_id else "Asset"
                    yield _edge("PROTECTS", ("Implementation", one.id), (label, element))


def _paths(assessment: Assessment, count: int) -> Iterator[Node | Edge]:
    for actor in assessment.actors:  # one after the other, since what is known of a graph serves all its facts
        for risk in assessment.risks:
            if actor.likelihood(risk.fact).value <= 0:
                continue
            for rank, path in enumerate(paths_to(assessment, actor.actor.id, risk.fact, count), start=1):
                id_ = f"{actor.actor.id}>{risk.fact}#{rank}"
                yield Node(
                    "Path",
                    id_,
                    {
                        "id": id_,
                        "actor": actor.actor.id,
                        "target": risk.fact,
                        "rank": rank,
                        "chance": path.chance,
                        "route": list(route_of(assessment, path)),
                    },
                )
                yield _edge("BY_ACTOR", ("Path", id_), ("Actor", actor.actor.id))
                yield _edge("TO_FACT", ("Path", id_), ("Fact", risk.fact))
                for hop, step in enumerate(path.steps, start=1):
                    yield _edge("USES_STEP", ("Path", id_), ("Step", step.id), hop=hop)
