"""What controls require and exclude: ids that exist, and no contradiction."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from graphmodel.knowledge.vocabulary import Status
from graphmodel.model.findings import Finding, Sought, missing
from graphmodel.model.system import System
from graphmodel.reading.values import Place


def check_choices(system: System, declared: Collection[str]) -> Iterator[Finding | Sought]:
    """What controls require and exclude: ids that exist, and no contradiction."""
    known = system.control_by_id
    sound = True
    for control in system.controls:
        place: Place = ("controls", control.id)
        for name, ids in (("requires", control.requires), ("excludes", control.excludes)):
            for number, id_ in enumerate(ids):
                if id_ not in known and id_ not in declared:
                    sound = False
                    yield missing((*place, name, number), "control", id_, known)
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
