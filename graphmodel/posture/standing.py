"""Answers in the graph: the control implementations that answers stand for, beside those that a system states itself.

An answer that names a control and where it is in place becomes one implementation of it: over the whole of what it
names where the item is met, over a part where it is partly met, with the evidence that is given, until that expires.
What the system says itself comes first: an answer adds nothing where the system has the same control at the place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from graphmodel.binding.credit import EVERYWHERE
from graphmodel.knowledge.framework import Framework
from graphmodel.knowledge.settings import Settings
from graphmodel.knowledge.vocabulary import Catalogue, Status
from graphmodel.model.system import Asset, ControlImplementation, System
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
    for answer in answers.answers.values():
        if answer.item not in framework.item_by_id:
            continue
        if answer.status not in (AnswerStatus.MET, AnswerStatus.PARTLY):
            continue
        for claim in answer.controls:
            places: list[str] = []
            for named in claim.on:
                found = tuple(_places(system, catalogue, claim, named))
                if not found:
                    astray.append(Astray(answer.item, claim.control, named))
                for place in found:
                    already = _stated(system, claim.control, place)
                    if already:
                        astray.append(Astray(answer.item, claim.control, place, already))
                    elif place not in places:
                        places.append(place)
            if places:
                one = _implementation(answer, claim, tuple(places), catalogue, settings, added, system)
                added[one.id], made[one.id] = one, answer.item
    return Standing(replace(system, controls=(*system.controls, *added.values())), made, tuple(astray))


def _places(system: System, catalogue: Catalogue, claim: Claim, named: str) -> Iterator[str]:
    """The elements that a claim means by a name: itself, or the assets of that type to which the control applies."""
    if named == EVERYWHERE or named in system.zone_by_id or named in system.flow_by_id or named in system.asset_by_id:
        yield named
    elif named in catalogue.types:
        applies = catalogue.controls[claim.control].applies_to
        for asset in system.assets:
            if catalogue.is_a(asset.type, named) and catalogue.is_any(asset.type, applies):
                yield asset.id


def _stated(system: System, control: str, place: str) -> tuple[str, ...]:
    """The implementations of a control that the system states over a place: there, around it, or everywhere."""
    asset: Asset | None = system.asset_by_id.get(place)
    around = {EVERYWHERE, place}
    if asset is not None or place in system.zone_by_id:
        around.update(system.zone_chain(asset.zone if asset is not None else place))
    return tuple(
        one.id
        for one in system.controls
        if one.control == control and one.status is Status.IMPLEMENTED and around & one.named
    )


def _implementation(
    answer: Answer,
    claim: Claim,
    places: tuple[str, ...],
    catalogue: Catalogue,
    settings: Settings,
    added: Mapping[str, ControlImplementation],
    system: System,
) -> ControlImplementation:
    whole = 1.0 if answer.status is AnswerStatus.MET else settings.partly_met
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
        coverage=whole if claim.coverage is None else claim.coverage,
        evidence=claim.evidence,
        evidence_ref=answer.evidence[0].reference if answer.evidence else "",
        evidence_until=answer.until,
        owner=answer.owner,
        due=answer.due,
        description=answer.comment,
        source=answer.source,
    )
