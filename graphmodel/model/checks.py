"""What a schema cannot see: references, types at the ends of relations, and gaps in a description.

``check_system`` is pure and knows nothing of files; whoever read one turns places into lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from typing import NamedTuple

from graphmodel.knowledge.vocabulary import Capability, Catalogue, Status
from graphmodel.model.system import System
from graphmodel.reading.problems import nearest
from graphmodel.reading.values import Place


class Finding(NamedTuple):
    """A problem at a place of the System document."""

    level: str
    place: Place
    message: str
    fix: str


def check_system(system: System, catalogue: Catalogue, declared: Collection[str] = ()) -> list[Finding]:
    """Everything wrong or odd about a system, errors first.

    ``declared`` holds ids of elements that were left out because they are broken themselves, so
    that a reference to one is not reported a second time.
    """
    findings = [
        *_ids(system),
        *_zones(system, declared),
        *_flows(system, catalogue, declared),
        *_dependencies(system, catalogue, declared),
        *_actors(system, declared),
        *_controls(system, catalogue, declared),
        *_choices(system, declared),
        *_losses_and_overrides(system, catalogue, declared),
    ]
    if not any(one.level == "error" for one in findings):
        findings += _completeness(system, catalogue)
    order = {"error": 0, "warning": 1, "note": 2}
    return sorted(findings, key=lambda one: order[one.level])


def _missing(place: Place, what: str, id_: str, known: Collection[str]) -> Finding:
    return Finding("error", place, f"there is no {what} “{id_}”.", nearest(id_, known) or f"Declare the {what} first.")


def _ids(system: System) -> Iterator[Finding]:
    places: list[tuple[str, Place]] = [
        *((zone.id, ("zones", zone.id)) for zone in system.zones),
        *((asset.id, ("assets", asset.id)) for asset in system.assets),
        *((actor.id, ("actors", actor.id)) for actor in system.actors),
        *((flow.id, ("flows", number)) for number, flow in enumerate(system.flows)),
    ]
    seen: set[str] = set()
    for id_, place in places:
        if id_ in seen:
            fix = "Zones, assets, actors and flows share one set of ids; rename one, or give the flow an id of its own."
            yield Finding("error", place, f"the id “{id_}” is used twice.", fix)
        seen.add(id_)


def _zones(system: System, declared: Collection[str]) -> Iterator[Finding]:
    zones = {*system.zone_by_id, *declared}
    for zone in system.zones:
        if zone.parent is not None and zone.parent not in zones:
            yield _missing(("zones", zone.id, "parent"), "zone", zone.parent, system.zone_by_id)
        seen, around = {zone.id}, zone.parent
        while around in system.zone_by_id and around is not None:
            if around in seen:
                yield Finding(
                    "error",
                    ("zones", zone.id, "parent"),
                    f"the zone “{zone.id}” lies inside itself.",
                    "Break the circle.",
                )
                break
            seen.add(around)
            around = system.zone_by_id[around].parent
    for kind, elements in (("assets", system.assets), ("actors", system.actors)):
        for element in elements:
            if element.zone is not None and element.zone not in zones:
                yield _missing((kind, element.id, "zone"), "zone", element.zone, system.zone_by_id)


def _flows(system: System, catalogue: Catalogue, declared: Collection[str]) -> Iterator[Finding]:
    ends = {*system.asset_by_id, *system.actor_by_id}
    known = {*ends, *declared}
    for number, flow in enumerate(system.flows):
        place: Place = ("flows", number)
        for name, end in (("from", flow.origin), ("to", flow.target)):
            if end not in known:
                yield _missing((*place, name), "asset or actor", end, ends)
        if flow.origin == flow.target:
            yield Finding(
                "error", place, "the flow goes from an element to itself.", "Remove it, or name the other end."
            )
        if flow.opened_by is not None and flow.opened_by not in (flow.origin, flow.target):
            yield Finding(
                "error",
                (*place, "opened_by"),
                f"“{flow.opened_by}” is not an end of this flow.",
                f"Use {flow.origin} or {flow.target}.",
            )
        for name, ids in (("carries", flow.carries), ("returns", flow.returns)):
            for index, id_ in enumerate(ids):
                where = (*place, name, index)
                asset = system.asset_by_id.get(id_)
                if asset is None:
                    if id_ not in declared:
                        yield _missing(where, "data asset", id_, system.asset_by_id)
                elif not catalogue.is_a(asset.type, "DataAsset"):
                    fix = "A flow carries data assets; its ends are what the data pass between."
                    yield Finding("error", where, f"“{id_}” is a {asset.type}, not data.", fix)
        for index, id_ in enumerate(flow.mediated_by):
            if id_ not in system.asset_by_id and id_ not in declared:
                yield _missing((*place, "mediated_by", index), "asset", id_, system.asset_by_id)
        yield from _relation(system, catalogue, place, flow.origin, flow.relation, flow.target)


def _dependencies(system: System, catalogue: Catalogue, declared: Collection[str]) -> Iterator[Finding]:
    seen: set[str] = set()
    for number, one in enumerate(system.dependencies):
        place: Place = ("dependencies", number)
        for name, end in (("from", one.origin), ("to", one.target)):
            if end not in system.asset_by_id and end not in declared:
                yield _missing((*place, name), "asset", end, system.asset_by_id)
        if one.relation not in catalogue.relations:
            yield _missing((*place, "relation"), "relation", one.relation, catalogue.declarable_relations())
        elif one.origin == one.target:
            yield Finding(
                "error", place, "the dependency goes from an asset to itself.", "Remove it, or name the other end."
            )
        else:
            yield from _relation(system, catalogue, place, one.origin, one.relation, one.target)
        if one.id in seen:
            yield Finding("warning", place, f"“{one.id}” stands here twice.", "Remove one; it counts once.")
        seen.add(one.id)


def _relation(
    system: System, catalogue: Catalogue, place: Place, origin: str, name: str, target: str
) -> Iterator[Finding]:
    relation = catalogue.relations.get(name)
    if relation is None:
        return
    for end, wanted, label in ((origin, relation.subject, "from"), (target, relation.object, "to")):
        asset = system.asset_by_id.get(end)
        if asset is not None and asset.type in catalogue.types and not catalogue.is_a(asset.type, wanted):
            ends = f"from {_a(catalogue, relation.subject)} to {_a(catalogue, relation.object)}"
            message = f"“{name}” goes {ends}, but “{end}” is a {asset.type}."
            yield Finding("error", (*place, label), message, "Use another relation, or correct the asset's type.")


def _a(catalogue: Catalogue, type_name: str) -> str:
    names = sorted(name for name, one in catalogue.types.items() if not one.abstract and type_name in one.ancestors)
    shown = ", ".join(names[:4]) + (", …" if len(names) > 4 else "")
    return type_name if type_name in names or not names else f"{type_name} ({shown})"


def _actors(system: System, declared: Collection[str]) -> Iterator[Finding]:
    moving = {end for flow in system.flows for end in (flow.origin, flow.target)}
    for actor in system.actors:
        for number, held in enumerate(actor.starts):
            if held.asset not in system.asset_by_id and held.asset not in declared:
                yield _missing(("actors", actor.id, "starts", number), "asset", held.asset, system.asset_by_id)
        if not actor.starts and actor.zone is None and actor.id not in moving:
            message = f"the actor “{actor.id}” can reach nothing: it has no start, no zone and no flow."
            yield Finding("warning", ("actors", actor.id), message, "Add “starts”, such as [web-app:reach], or a zone.")


def _controls(system: System, catalogue: Catalogue, declared: Collection[str]) -> Iterator[Finding]:
    known = {*system.asset_by_id, *system.flow_by_id, *system.zone_by_id}
    for control in system.controls:
        place: Place = ("controls", control.id)
        for number, id_ in enumerate(control.protects):
            if id_ not in known and id_ != "*" and id_ not in declared:
                yield _missing((*place, "protects", number), "asset, flow or zone", id_, known)
        if control.control is None:
            message = (
                f"“{control.name or control.id}” has no counterpart in the catalogue, so it counts for nothing yet."
            )
            yield Finding(
                "warning",
                (*place, "control"),
                message,
                "Name a catalogue control, or add one of your own; see docs/catalogue.md.",
            )
            continue
        kind = catalogue.controls.get(control.control)
        if kind is None:
            yield _missing((*place, "control"), "control", control.control, catalogue.controls)
            continue
        for number, id_ in enumerate(control.protects):
            asset = system.asset_by_id.get(id_)
            if asset is not None and not catalogue.is_any(asset.type, kind.applies_to):
                message = f"“{kind.id}” does not apply to a {asset.type}, so it does nothing for “{id_}”."
                yield Finding(
                    "warning", (*place, "protects", number), message, f"It applies to {', '.join(kind.applies_to)}."
                )


def _choices(system: System, declared: Collection[str]) -> Iterator[Finding]:
    """What controls require and exclude: ids that exist, and no contradiction."""
    known = system.control_by_id
    sound = True
    for control in system.controls:
        place: Place = ("controls", control.id)
        for name, ids in (("requires", control.requires), ("excludes", control.excludes)):
            for number, id_ in enumerate(ids):
                if id_ not in known and id_ not in declared:
                    sound = False
                    yield _missing((*place, name, number), "control", id_, known)
        if control.status is Status.RETIRED:
            continue
        for number, id_ in enumerate(control.requires):
            if id_ in known and known[id_].status is Status.RETIRED:
                message = f"“{control.id}” requires “{id_}”, which is retired."
                yield Finding("error", (*place, "requires", number), message, "Require another one, or none.")
    if not sound:
        return
    rivals = {tuple(sorted((one.id, other))) for one in system.controls for other in one.excludes}
    retired = {one.id for one in system.controls if one.status is Status.RETIRED}
    for control in system.controls:
        if control.id in retired:
            continue
        for first, second in _clashes(_bundle(system, [control.id]), rivals):
            message = (
                f"“{control.id}” can never be chosen: it needs “{first}” and “{second}”, which exclude each other."
            )
            if first == second:
                message = f"“{control.id}” can never be chosen: “{first}” excludes itself."
            yield Finding("error", ("controls", control.id), message, "Remove one of “requires” and “excludes”.")
    standing = [one.id for one in system.controls if one.status is Status.IMPLEMENTED]
    planned = [one.id for one in system.controls if one.status is Status.PLANNED]
    decided = _bundle(system, planned) | set(standing)
    for first, second in _clashes(decided, rivals):
        if first != second:
            message = (
                f"“{first}” and “{second}” exclude each other, but both are decided: implemented, planned or needed."
            )
            yield Finding("error", ("controls", first), message, "Make one of them “proposed” or “retired”.")


def _bundle(system: System, controls: Collection[str]) -> set[str]:
    """These controls with everything that they require."""
    found: set[str] = set()
    agenda = list(controls)
    while agenda:
        one = agenda.pop()
        if one not in found and one in system.control_by_id:
            found.add(one)
            agenda.extend(system.control_by_id[one].requires)
    return found


def _clashes(controls: set[str], rivals: Collection[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return sorted(pair for pair in rivals if controls.issuperset(pair))


def _losses_and_overrides(system: System, catalogue: Catalogue, declared: Collection[str]) -> Iterator[Finding]:
    for number, loss in enumerate(system.losses):
        if loss.held.asset not in system.asset_by_id and loss.held.asset not in declared:
            yield _missing(("losses", number, "fact"), "asset", loss.held.asset, system.asset_by_id)
    twice = Counter((one.threat, one.asset) for one in system.overrides)
    for number, override in enumerate(system.overrides):
        place: Place = ("overrides", number)
        if override.threat not in catalogue.patterns:
            yield _missing((*place, "threat"), "threat", override.threat, catalogue.patterns)
        if override.asset not in system.asset_by_id and override.asset not in declared:
            yield _missing((*place, "asset"), "asset", override.asset, system.asset_by_id)
        if (override.chance is not None) == override.excluded:
            yield Finding(
                "error",
                place,
                "an override gives a chance or excludes the threat.",
                "Write one of “chance” and “excluded: true”.",
            )
        if twice[override.threat, override.asset] > 1:
            yield Finding(
                "error", place, f"“{override.threat}” on “{override.asset}” is overridden twice.", "Keep one."
            )


def _completeness(system: System, catalogue: Catalogue) -> Iterator[Finding]:
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
    touched |= {end for one in system.dependencies for end in (one.origin, one.target)}
    touched |= {held.asset for actor in system.actors for held in actor.starts}
    for asset in system.assets:
        if asset.id not in touched:
            message = f"“{asset.id}” is joined to nothing, so nothing can happen to it."
            yield Finding("warning", ("assets", asset.id), message, "Add its flows or dependencies.")
    for asset in system.assets:
        if catalogue.is_a(asset.type, "InferenceEndpoint") and not any(
            one.origin == asset.id and one.relation in ("servesModel", "usesModel") for one in system.dependencies
        ):
            message = f"the endpoint “{asset.id}” serves no model of this document."
            yield Finding(
                "note", ("assets", asset.id), message, f"Add “{asset.id} servesModel …” to see attacks on the model."
            )
    unreadable = [loss for loss in system.losses if loss.held.capability is Capability.REACH]
    for loss in unreadable:
        yield Finding(
            "note",
            ("losses",),
            f"the loss on “{loss.held}” counts as soon as the asset can be reached.",
            "Use read, write, run or deny unless that is meant.",
        )
