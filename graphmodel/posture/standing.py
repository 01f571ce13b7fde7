"""Answers in the graph: the control implementations that answers stand for, beside those that a system states itself.

An answer that names a control and where it is in place becomes one implementation of it: over the whole of what it
names where the item is met, over a part where it is partly met, with the evidence that is given, until that expires.
What the system says itself comes first: an answer adds nothing where the system has, or plans, the same control, nor
where another answer that covers more has named it. A control is never counted twice at one place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from graphmodel.binding.credit import EVERYWHERE
from graphmodel.binding.patterns import element_types
from graphmodel.knowledge.framework import Framework
from graphmodel.knowledge.settings import Settings
from graphmodel.knowledge.vocabulary import Catalogue, Status
from graphmodel.model.system import ControlImplementation, System
from graphmodel.posture.answers import Answer, Answers, AnswerStatus, Claim


@dataclass(frozen=True)
class Astray:
    """A place that an answer names and the system does not have, or where the system has the control already."""

    item: str
    control: str
    place: str
    already: tuple[str, ...] = ()


@dataclass(frozen=True)
class Standing:
    """A system with what the answers stand for in it. ``made`` maps each implementation that was added to its item."""

    system: System
    made: Mapping[str, str]
    astray: tuple[Astray, ...]


def with_answers(
    system: System, answers: Answers, framework: Framework, catalogue: Catalogue, settings: Settings
) -> Standing:
    """The system as its answers have it. Answers to items of another edition count for nothing, and are kept."""
    added: dict[str, ControlImplementation] = {}
    made: dict[str, str] = {}
    astray: list[Astray] = []
    claims = [
        (answer, claim)
        for answer in answers.answers.values()
        if answer.item in framework.item_by_id and answer.status in (AnswerStatus.MET, AnswerStatus.PARTLY)
        for claim in answer.controls
    ]
    # Of two answers that name a control at the same place the one that covers more of it counts.
    claims.sort(key=lambda one: -_coverage(one[0], one[1], settings))
    for answer, claim in claims:
        places: list[str] = []
        for named in claim.on:
            found = tuple(_places(system, catalogue, claim, named))
            if not found:
                astray.append(Astray(answer.item, claim.control, named))
            for place in found:
                free, held = _free(system, catalogue, claim.control, place, (*system.controls, *added.values()))
                places += [one for one in free if one not in places]
                astray += [Astray(answer.item, claim.control, one, by) for one, by in held.items()]
        if places:
            one = _implementation(answer, claim, tuple(places), catalogue, settings, added, system)
            added[one.id], made[one.id] = one, answer.item
    return Standing(replace(system, controls=(*system.controls, *added.values())), made, tuple(astray))


def _coverage(answer: Answer, claim: Claim, settings: Settings) -> float:
    if claim.coverage is not None:
        return claim.coverage
    return 1.0 if answer.status is AnswerStatus.MET else settings.partly_met


def _places(system: System, catalogue: Catalogue, claim: Claim, named: str) -> Iterator[str]:
    """The elements that a claim means by a name: itself, or the assets of that type to which the control applies."""
    if named == EVERYWHERE or named in system.zone_by_id or named in system.flow_by_id or named in system.asset_by_id:
        yield named
    elif named in catalogue.types:
        applies = catalogue.controls[claim.control].applies_to
        for asset in system.assets:
            if catalogue.is_a(asset.type, named) and catalogue.is_any(asset.type, applies):
                yield asset.id


def _free(
    system: System, catalogue: Catalogue, control: str, place: str, known: Iterable[ControlImplementation]
) -> tuple[tuple[str, ...], Mapping[str, tuple[str, ...]]]:
    """Where at a place a control is not in place or planned yet, and by which implementations it is elsewhere there.

    Everything, or a zone, of which the control has a part already is taken apart: otherwise that part had it twice.
    """
    same = [one for one in known if one.control == control and one.status in (Status.IMPLEMENTED, Status.PLANNED)]
    if place in system.flow_by_id:
        by = tuple(one.id for one in same if place in one.named)
        return ((), {place: by}) if by else ((place,), {})
    elements = element_types(system)
    inside = (
        [place]
        if place in system.asset_by_id
        else [one for one in elements if place == EVERYWHERE or place in (one, *_around(system, one))]
    )
    applies = catalogue.controls[control].applies_to
    held = {}
    for one in inside if same else ():
        around = {EVERYWHERE, one, *_around(system, one)}
        by = tuple(other.id for other in same if around & other.named)
        if by and catalogue.is_any(elements[one], applies):
            held[one] = by
    if not held:
        return (place,), {}
    left = tuple(one for one in inside if one not in held and catalogue.is_any(elements[one], applies))
    return left, held


def _around(system: System, element: str) -> tuple[str, ...]:
    """The zones around an asset or zone."""
    return tuple(system.zone_chain(system.zone_of(element) if element in system.asset_by_id else element))


def _implementation(
    answer: Answer,
    claim: Claim,
    places: tuple[str, ...],
    catalogue: Catalogue,
    settings: Settings,
    added: Mapping[str, ControlImplementation],
    system: System,
) -> ControlImplementation:
    base = id_ = f"{answer.item}.{claim.control}"
    number = 1
    while id_ in added or id_ in system.control_by_id:
        number += 1
        id_ = f"{base}.{number}"
    return ControlImplementation(
        id=id_,
        control=claim.control,
        protects=places,
        name=f"{catalogue.controls[claim.control].name}, as answered to {answer.item}",
        strength=claim.strength,
        coverage=_coverage(answer, claim, settings),
        evidence=claim.evidence,
        evidence_ref=answer.evidence[0].reference if answer.evidence else "",
        evidence_until=answer.until,
        owner=answer.owner,
        due=answer.due,
        description=answer.comment,
        source=answer.source,
    )
