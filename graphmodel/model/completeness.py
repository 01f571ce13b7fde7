"""What a sound description leaves out, so that an assessment would be blind there."""

from __future__ import annotations

from collections.abc import Iterator

from graphmodel.knowledge.vocabulary import Capability, Catalogue
from graphmodel.model.findings import Finding
from graphmodel.model.system import System


def gaps_in_description(system: System, catalogue: Catalogue) -> Iterator[Finding]:
    """Missing actors, losses, flows and models; nothing of it is an error."""
    if not system.actors:
        yield Finding(
            "warning",
            ("actors",),
            "there is no actor, so nothing can be attacked.",
            "Add an actor and where it starts.",
        )
    if not system.losses:
        yield Finding(
            "warning",
            ("losses",),
            "there is no loss, so nothing is at stake.",
            "Say what it costs when a fact comes true, such as crm:read.",
        )
    trained_by = {one.origin for one in system.dependencies if one.relation == "trainedBy"}
    fed = {(flow.target, item) for flow in system.flows for item in flow.carries}
    fed |= {(flow.origin, item) for flow in system.flows for item in flow.returns}
    feeds = {flow.target for flow in system.flows} | {
        one.origin for one in system.dependencies if one.relation == "retrievesFrom"
    }
    pipelines = {one.origin: one.target for one in system.dependencies if one.relation == "trainedBy"}
    for number, one in enumerate(system.dependencies):
        if one.relation == "trainedOn" and one.origin in trained_by:
            pipeline = pipelines[one.origin]
            if (pipeline, one.target) not in fed and pipeline not in feeds:
                message = (
                    f"“{pipeline}” trains “{one.origin}”, but no flow brings it “{one.target}”: poisoning is not seen."
                )
                yield Finding(
                    "warning", ("dependencies", number), message, f"Add a flow to {pipeline} that carries {one.target}."
                )
    touched = {end for flow in system.flows for end in (flow.origin, flow.target, *flow.carries, *flow.returns)}
    touched |= {one for flow in system.flows for one in flow.mediated_by}
    touched |= {end for one in system.dependencies for end in (one.origin, one.target)}
    touched |= {held.asset for actor in system.actors for held in actor.starts}
    for asset in system.assets:
        if asset.id not in touched:
            message = f"“{asset.id}” is joined to nothing, so nothing can happen to it."
            yield Finding("warning", ("assets", asset.id), message, "Add its flows or dependencies.")
    serving = {one.origin for one in system.dependencies if one.relation in ("servesModel", "usesModel")}
    for asset in system.assets:
        if asset.id not in serving and catalogue.is_a(asset.type, "InferenceEndpoint"):
            message = f"the endpoint “{asset.id}” serves no model of this document."
            yield Finding(
                "note", ("assets", asset.id), message, f"Add “{asset.id} servesModel …” to see attacks on the model."
            )
    yield from _front_ends(system, catalogue)
    touching = {Capability.REACH: "reached", Capability.CONNECT: "connected to"}
    for loss in system.losses:
        word = touching.get(loss.held.capability)
        if word is not None:
            yield Finding(
                "note",
                ("losses",),
                f"the loss on “{loss.held}” counts as soon as the asset can be {word}.",
                "Use what does harm, such as read, write, run, deny or spend, unless that is meant.",
            )


def _front_ends(system: System, catalogue: Catalogue) -> Iterator[Finding]:
    """Applications that actors talk to and that talk to an agent or model: nothing that is typed there arrives."""
    kinds = {one.id: one.type for one in system.assets}
    sent = {flow.target for flow in system.flows if flow.origin in system.actor_by_id}
    for asset in system.assets:
        if (
            asset.id not in sent
            or not catalogue.is_a(asset.type, "Application")
            or catalogue.is_a(asset.type, "Conduit")
        ):
            continue
        behind = sorted(
            flow.target
            for flow in system.flows
            if flow.origin == asset.id and catalogue.is_a(kinds.get(flow.target, ""), "Prompted")
        )
        if behind:
            message = f"“{asset.id}” is before “{behind[0]}”, but an Application passes nothing on that is typed there."
            yield Finding(
                "note",
                ("assets", asset.id),
                message,
                "Make it a WebApplication if it is the user interface; leave it if it keeps what it is sent.",
            )
