"""Where answers and graph contradict each other, and what is overdue or has expired: each with both places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphmodel.assessment.results import Assessment
from graphmodel.knowledge.vocabulary import Capability, Status
from graphmodel.model.system import Provenance
from graphmodel.posture.answers import Answer, Answers, AnswerStatus
from graphmodel.posture.maturity import AreaState, ItemState, RequirementState
from graphmodel.posture.recorded import Kind
from graphmodel.posture.standing import Astray, Standing

_SHOWN = 6  # places that are named
_OUTSIDE = (Capability.CONNECT, Capability.REACH)


@dataclass(frozen=True)
class Finding:
    """Something that answers and graph, or answers and the calendar, do not agree on. ``source`` is where it was said;
    ``elements`` are the assets, zones or control implementations of the system at the other end."""

    kind: Kind
    about: str
    message: str
    fix: str
    source: Provenance | None = None
    elements: tuple[str, ...] = ()


def find_findings(
    assessment: Assessment, answers: Answers, standing: Standing, areas: tuple[AreaState, ...]
) -> tuple[Finding, ...]:
    """Everything of that kind, the gravest first. Dates are judged against the day of the assessment; without one,
    nothing has expired."""
    today = assessment.compiled.today
    met_from_outside = _outside(assessment)
    found: list[Finding] = []
    planned = {one.item: one for one in standing.astray if _only_planned(one, standing)}
    for area in areas:
        for requirement in area.requirements:
            found += _of_level(requirement, answers)
            for item in requirement.items:
                if item.answer is not None:
                    if item.item.id not in planned:
                        found += _of_item(item, item.answer, met_from_outside, standing.made)
                    found += _of_dates(item.answer, today)
    for one in planned.values():
        named = ", ".join(one.already)
        said = (
            f"{one.item} says that {one.control} is in place on “{one.place}”; the system has it as planned: {named}."
        )
        fix = f"Where it is in place, give {named} the status implemented in the system; otherwise answer “not met”."
        source = answers.answers[one.item].source
        found.append(Finding(Kind.CONTRADICTION, one.item, said, fix, source, one.already))
    for one in standing.astray:
        if one.already:
            continue
        said = f"{one.item} says that {one.control} is in place on “{one.place}”, which the system does not have"
        source = answers.answers[one.item].source
        found.append(Finding(Kind.ASTRAY, one.item, f"{said}.", "Name an id of the system, or a type.", source))
    order = list(Kind)
    return tuple(sorted(found, key=lambda one: (order.index(one.kind), one.about, one.message)))


def _only_planned(one: Astray, standing: Standing) -> bool:
    """Whether an answer has a control in place where the system only plans it."""
    known = [standing.system.control_by_id[name] for name in one.already]
    return bool(known) and all(other.status is Status.PLANNED for other in known)


def _of_item(item: ItemState, answer: Answer, outside: frozenset[str], made: Mapping[str, str]) -> Iterator[Finding]:
    seen, id_ = item.observed, item.item.id
    if seen is None:
        if answer.status is AnswerStatus.MET and not answer.evidence:
            fix = "Add “evidence:” with a reference and a date."
            yield Finding(
                Kind.UNPROVEN, id_, f"{id_} is answered as met, and nothing is given that shows it.", fix, answer.source
            )
        return
    stated = tuple(one for one in seen.by if one not in made)
    if answer.status is AnswerStatus.MET and seen.open:
        facing = [one for one in seen.open if one in outside]
        first = facing or list(seen.open)
        where = ", ".join(first[:_SHOWN]) + (", …" if len(first) > _SHOWN else "")
        how = "which attackers can reach from where they stand" if facing else "which lies on a way to a loss"
        said = f"{id_} is answered as met, but none of its controls stands on {where}, {how}."
        fix = "Add the controls and where they are in place to the answer, or answer “partly”."
        yield Finding(Kind.CONTRADICTION, id_, said, fix, answer.source, seen.open)
    elif answer.status is AnswerStatus.NOT_MET and stated:
        said = f"{id_} is answered as not met, but the system has {', '.join(stated[:_SHOWN])} in place."
        yield Finding(Kind.CONTRADICTION, id_, said, "Correct the one or the other.", answer.source, stated)
    elif answer.status is AnswerStatus.NOT_APPLICABLE and (seen.open or stated):
        where = ", ".join((seen.open or stated)[:_SHOWN])
        said = f"{id_} is answered as not applicable, but attacks could be met by its controls on {where}."
        yield Finding(
            Kind.CONTRADICTION,
            id_,
            said,
            "Answer it, or say in the reason why not.",
            answer.source,
            seen.open or stated,
        )


def _of_dates(answer: Answer, today: str) -> Iterator[Finding]:
    if not today:
        return
    id_, source = answer.item, answer.source
    for proof in answer.evidence:
        if proof.until and proof.until < today:
            said = f"The evidence “{proof.reference}” for {id_} expired on {proof.until}."
            yield Finding(Kind.EXPIRED, id_, said, "Renew it, or answer anew.", source)
    if answer.due and answer.due < today and answer.status is not AnswerStatus.MET:
        who = f", with {answer.owner}" if answer.owner else ""
        said = f"{id_} was due on {answer.due}{who}, and is not met."
        yield Finding(Kind.OVERDUE, id_, said, "Do it, or give a new date and the reason.", source)
    accepted = answer.accepted
    if accepted is not None:
        if accepted.until and accepted.until < today:
            said = f"The risk of {id_} was accepted by {accepted.by} until {accepted.until}."
            yield Finding(Kind.ACCEPTED, id_, said, "Have it accepted anew, or meet it.", source)
        elif not accepted.until:
            said = f"The risk of {id_} is accepted by {accepted.by} without an end."
            yield Finding(Kind.ACCEPTED, id_, said, "Give “until:”, so that somebody looks again.", source)


def _of_level(one: RequirementState, answers: Answers) -> Iterator[Finding]:
    said = answers.levels.get(one.requirement.id)
    if said is None or one.level is None or one.indicated is None:
        return
    least, most = one.indicated
    id_ = one.requirement.id
    if one.level > most and most < 3:
        told = f"{id_} is put at level {one.level}, but its items indicate at most {most}."
        yield Finding(Kind.CONTRADICTION, id_, told, "Look at its scale and its items again.", said.source)
    elif one.level < least:
        told = f"{id_} is put at level {one.level}, but its items indicate at least {least}."
        yield Finding(Kind.CONTRADICTION, id_, told, "Look at its scale and its items again.", said.source)


def _outside(assessment: Assessment) -> frozenset[str]:
    """The assets that some actor reaches without any attack."""
    return frozenset(
        asset.id
        for asset in assessment.compiled.system.assets
        for actor in assessment.actors
        if any(f"{asset.id}:{one}" in actor.given for one in _OUTSIDE)
    )


def compensated(answer: Answer, assessment: Assessment) -> bool | None:
    """Whether what stands in for an accepted risk is in place in the system; None where nothing is named."""
    if answer.accepted is None or not answer.accepted.compensating:
        return None
    wanted = answer.accepted.compensating
    return any(
        wanted in (one.id, one.control) and one.status is Status.IMPLEMENTED
        for one in assessment.compiled.system.controls
    )
