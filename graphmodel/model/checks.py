"""What a schema cannot see: references, types at the ends of relations, and gaps in a description.

``check_system`` is pure and knows nothing of files; whoever read one turns places into lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from functools import cache

from graphmodel.knowledge.vocabulary import Catalogue, Control
from graphmodel.model.choices import check_choices
from graphmodel.model.completeness import gaps_in_description
from graphmodel.model.evidence import check_evidence
from graphmodel.model.findings import Finding, Sought, missing, told, unknown
from graphmodel.model.plausibility import odd_numbers
from graphmodel.model.sizes import excesses
from graphmodel.model.system import Held, System
from graphmodel.reading.limits import MAX_DEPTH
from graphmodel.reading.problems import an
from graphmodel.reading.values import Place, brief, is_day

_SHOWN = 6  # assets that a finding names


def check_system(
    system: System, catalogue: Catalogue, declared: Collection[str] = (), whole: bool = True
) -> list[Finding]:
    """Everything wrong or odd about a system, errors first; of a multitude the first thousand.

    ``declared`` holds ids of elements that were left out because they are broken themselves, so
    that a reference to one is not reported a second time. ``whole`` is False where anything was left
    out: then nothing is said of what is missing.
    """
    findings: list[Finding | Sought] = [
        *_ids(system),
        *_zones(system, declared),
        *_flows(system, catalogue, declared),
        *_dependencies(system, catalogue, declared),
        *_actors(system, catalogue, declared),
        *_controls(system, catalogue, declared),
        *_days(system),
        *check_choices(system, declared),
        *_losses_and_overrides(system, catalogue, declared),
        *_stated(system, catalogue, declared),
        *check_evidence(system, catalogue, declared),
    ]
    if not findings or not any(one.level == "error" for one in findings):
        findings += excesses(system)
    if whole and not any(one.level == "error" for one in findings):
        findings += gaps_in_description(system, catalogue)
        findings += odd_numbers(system)
    return told(findings)


def _days(system: System) -> Iterator[Finding | Sought]:
    """The days of controls that no calendar has."""
    for one in system.controls:
        for name in ("evidence_until", "due"):
            text = getattr(one, name)
            if text and not is_day(text):
                fix = "Write year, month and day, such as 2027-01-31."
                yield Finding("error", ("controls", one.id, name), f"there is no day “{brief(text)}”.", fix)


def _ids(system: System) -> Iterator[Finding | Sought]:
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


def _zones(system: System, declared: Collection[str]) -> Iterator[Finding | Sought]:
    zones = {*system.zone_by_id, *declared}
    for zone in system.zones:
        if zone.parent is not None and zone.parent not in zones:
            yield missing(("zones", zone.id, "parent"), "zone", zone.parent, system.zone_by_id)
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
            if len(seen) == MAX_DEPTH:
                message = f"the zone “{zone.id}” lies inside more than {MAX_DEPTH - 1} others."
                yield Finding("error", ("zones", zone.id, "parent"), message, "Leave out zones that say nothing new.")
                break
            seen.add(around)
            around = system.zone_by_id[around].parent
    for kind, elements in (("assets", system.assets), ("actors", system.actors)):
        for element in elements:
            if element.zone is not None and element.zone not in zones:
                yield missing((kind, element.id, "zone"), "zone", element.zone, system.zone_by_id)


def _flows(system: System, catalogue: Catalogue, declared: Collection[str]) -> Iterator[Finding | Sought]:
    ends = {*system.asset_by_id, *system.actor_by_id}
    known = {*ends, *declared}
    for number, flow in enumerate(system.flows):
        place: Place = ("flows", number)
        for name, end in (("from", flow.origin), ("to", flow.target)):
            if end not in known:
                yield missing((*place, name), "asset or actor", end, ends)
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
                        yield missing(where, "data asset", id_, system.asset_by_id)
                elif not catalogue.is_a(asset.type, "DataAsset"):
                    fix = "A flow carries data assets; its ends are what the data pass between."
                    yield Finding("error", where, f"“{id_}” is {an(asset.type)}, not data.", fix)
        for index, id_ in enumerate(flow.mediated_by):
            if id_ not in system.asset_by_id and id_ not in declared:
                yield missing((*place, "mediated_by", index), "asset", id_, system.asset_by_id)
        yield from _relation(system, catalogue, place, flow.origin, flow.relation, flow.target)


def _dependencies(system: System, catalogue: Catalogue, declared: Collection[str]) -> Iterator[Finding | Sought]:
    seen: set[str] = set()
    for number, one in enumerate(system.dependencies):
        place: Place = ("dependencies", number)
        for name, end in (("from", one.origin), ("to", one.target)):
            if end not in system.asset_by_id and end not in declared:
                yield missing((*place, name), "asset", end, system.asset_by_id)
        if one.relation not in catalogue.relations:
            yield unknown((*place, "relation"), "relation", one.relation, catalogue)
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
) -> Iterator[Finding | Sought]:
    relation = catalogue.relations.get(name)
    if relation is None:
        return
    for end, wanted, label in ((origin, relation.subject, "from"), (target, relation.object, "to")):
        asset = system.asset_by_id.get(end)
        if asset is not None and asset.type in catalogue.types and not catalogue.is_a(asset.type, wanted):
            ends = f"from {_a(catalogue, relation.subject)} to {_a(catalogue, relation.object)}"
            message = f"“{name}” goes {ends}, but “{end}” is {an(asset.type)}."
            yield Finding("error", (*place, label), message, "Use another relation, or correct the asset's type.")


def _a(catalogue: Catalogue, type_name: str) -> str:
    names = sorted(name for name, one in catalogue.types.items() if not one.abstract and type_name in one.ancestors)
    shown = ", ".join(names[:4]) + (", …" if len(names) > 4 else "")
    return type_name if type_name in names or not names else f"{type_name} ({shown})"


def _executed(system: System, catalogue: Catalogue, held: Held, place: Place) -> Iterator[Finding]:
    asset = system.asset_by_id.get(held.asset)
    if asset is not None and asset.type in catalogue.types:
        meant = catalogue.told_apart(asset.type, held.capability)
        if meant is not held.capability:
            message = f"“{held}”: only of agents and language models {held.capability} is more than {meant}."
            yield Finding("error", place, message, f"Write {held.asset}:{meant}.")


def _actors(system: System, catalogue: Catalogue, declared: Collection[str]) -> Iterator[Finding | Sought]:
    moving = {end for flow in system.flows for end in (flow.origin, flow.target)}
    for actor in system.actors:
        for number, held in enumerate(actor.starts):
            place: Place = ("actors", actor.id, "starts", number)
            if held.asset not in system.asset_by_id and held.asset not in declared:
                yield missing(place, "asset", held.asset, system.asset_by_id)
            yield from _executed(system, catalogue, held, place)
        if not actor.starts and actor.zone is None and actor.id not in moving:
            message = f"the actor “{actor.id}” can reach nothing: it has no start, no zone and no flow."
            yield Finding("warning", ("actors", actor.id), message, "Add “starts”, such as [web-app:reach], or a zone.")


def _controls(system: System, catalogue: Catalogue, declared: Collection[str]) -> Iterator[Finding | Sought]:
    known = {*system.asset_by_id, *system.flow_by_id, *system.zone_by_id}
    mediators = {one for flow in system.flows for one in flow.mediated_by}
    types = {asset.type for asset in system.assets}

    @cache
    def working(kind: str) -> frozenset[str]:
        one = catalogue.controls[kind]
        return frozenset(name for name in types if catalogue.works_on(one, name, one.mitigates))

    @cache
    def where(kind: str) -> str:
        one = catalogue.controls[kind]
        return _where(system, one, working(kind) if one.mitigates else None, catalogue)

    for control in system.controls:
        place: Place = ("controls", control.id)
        for number, id_ in enumerate(control.protects):
            if id_ not in known and id_ != "*" and id_ not in declared:
                yield missing((*place, "protects", number), "asset, flow or zone", id_, known)
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
            yield unknown((*place, "control"), "control", control.control, catalogue)
            continue
        for number, id_ in enumerate(control.protects):
            asset = system.asset_by_id.get(id_)
            if asset is None:
                continue
            if not catalogue.is_any(asset.type, kind.applies_to):
                message = f"“{kind.id}” does not apply to {an(asset.type)}, so it does nothing for “{id_}”."
                yield Finding("warning", (*place, "protects", number), message, where(kind.id))
            elif kind.mitigates and id_ not in mediators and asset.type not in working(kind.id):
                message = f"“{kind.id}” stops none of its threats on {an(asset.type)}, so it does nothing for “{id_}”."
                yield Finding("warning", (*place, "protects", number), message, where(kind.id))


def _where(system: System, kind: Control, working: Collection[str] | None, catalogue: Catalogue) -> str:
    """On which assets of a system a control works, or else on which types; ``working`` are those where it can."""
    found = [
        one.id
        for one in system.assets
        if (catalogue.is_any(one.type, kind.applies_to) if working is None else one.type in working)
    ]
    if not found:
        return f"It applies to {', '.join(kind.applies_to)}."
    return f"Here it works on {', '.join(found[:_SHOWN])}" + (", …" if len(found) > _SHOWN else "") + "."


def _stated(system: System, catalogue: Catalogue, declared: Collection[str]) -> Iterator[Finding | Sought]:
    known = {*system.asset_by_id, *system.flow_by_id, *system.zone_by_id, *system.actor_by_id}
    for one in system.stated:
        place: Place = ("stated", one.id)
        for number, id_ in enumerate(one.on):
            if id_ not in known and id_ not in declared:
                yield missing((*place, "on", number), "asset, flow, zone or actor", id_, known)
        for number, id_ in enumerate(one.answered_by):
            if id_ not in system.control_by_id and id_ not in declared:
                yield missing((*place, "answered_by", number), "control", id_, system.control_by_id)
        if one.threat is not None and one.threat not in catalogue.patterns:
            yield unknown((*place, "threat"), "threat", one.threat, catalogue)


def _losses_and_overrides(
    system: System, catalogue: Catalogue, declared: Collection[str]
) -> Iterator[Finding | Sought]:
    for number, loss in enumerate(system.losses):
        if loss.held.asset not in system.asset_by_id and loss.held.asset not in declared:
            yield missing(("losses", number, "fact"), "asset", loss.held.asset, system.asset_by_id)
        yield from _executed(system, catalogue, loss.held, ("losses", number, "fact"))
    twice = Counter((one.threat, one.asset) for one in system.overrides)
    for number, override in enumerate(system.overrides):
        place: Place = ("overrides", number)
        if override.threat not in catalogue.patterns:
            yield unknown((*place, "threat"), "threat", override.threat, catalogue)
        if override.asset not in system.asset_by_id and override.asset not in declared:
            yield missing((*place, "asset"), "asset", override.asset, system.asset_by_id)
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
