"""The questionnaire as a list to work through: which items are whose, what the graph says of each, and how far it is.

An item belongs to the owner of its answer or, where that names none, to the owner of its requirement.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graphmodel.knowledge.framework import ROLES, Area, Framework, UseFact
from graphmodel.posture.answers import Answer, Answers, AnswerStatus
from graphmodel.posture.derived import Observed
from graphmodel.posture.maturity import AreaState, ItemState, RequirementState

_SHOWN = 6  # elements that are named


@dataclass(frozen=True)
class Wanted:
    """Whose part of the questionnaire: that of a role, of an owner (empty: what nobody owns), or what nobody has
    answered yet; None and False take everything."""

    role: str | None = None
    owner: str | None = None
    open_only: bool = False


@dataclass(frozen=True)
class Part:
    """A requirement with those of its items that are wanted; ``level`` says whether its maturity is wanted as well."""

    area: Area
    state: RequirementState
    items: tuple[ItemState, ...]
    level: bool


@dataclass(frozen=True)
class Questionnaire:
    """Everything that is shown of it: all areas, and the parts and facts about the use that are wanted. ``file`` has
    the answers, empty where there are none yet."""

    framework: Framework
    system: str
    file: str
    answers: Answers
    areas: tuple[AreaState, ...]
    parts: tuple[Part, ...]
    facts: tuple[UseFact, ...]


@dataclass(frozen=True)
class Progress:
    """How many items of one area, owner or role have an answer; ``observed`` are those of the others of which the graph
    says something. ``key`` is empty for what nobody owns."""

    key: str
    items: int
    answered: int
    observed: int


def owner_of(requirement: RequirementState, item: ItemState) -> str:
    """Who owns an item: empty where neither its answer nor its requirement names anybody."""
    return (item.answer.owner if item.answer is not None else "") or requirement.owner


def is_answered(item: ItemState) -> bool:
    """Whether somebody has answered it; what the graph says is no answer."""
    return item.answer is not None and item.answer.status is not None


def parts(areas: Iterable[AreaState], wanted: Wanted) -> tuple[Part, ...]:
    """The requirements of which anything is wanted, in the order of the framework."""
    found = []
    for area in areas:
        for one in area.requirements:
            items = tuple(item for item in one.items if _is_wanted(one, item, wanted))
            level = (
                (wanted.role is None or wanted.role in one.requirement.roles)
                and (wanted.owner is None or wanted.owner == one.owner)
                and not (wanted.open_only and one.level is not None)
            )
            if items or level:
                found.append(Part(area.area, one, items, level))
    return tuple(found)


def _is_wanted(requirement: RequirementState, item: ItemState, wanted: Wanted) -> bool:
    return (
        (wanted.role is None or wanted.role in item.item.roles)
        and (wanted.owner is None or wanted.owner == owner_of(requirement, item))
        and not (wanted.open_only and is_answered(item))
    )


def facts(framework: Framework, answers: Answers, wanted: Wanted) -> tuple[UseFact, ...]:
    """The facts about the use that are wanted. Each role may know them; none of them has an owner."""
    if wanted.owner is not None:
        return ()
    return tuple(one for one in framework.facts if not (wanted.open_only and one.id in answers.use))


def owners(areas: Sequence[AreaState]) -> tuple[str, ...]:
    """Everybody who owns an item or a requirement, by name; nobody comes last, as an empty name."""
    found = {owner_of(one, item) for area in areas for one in area.requirements for item in one.items}
    found.update(one.owner for area in areas for one in area.requirements)
    return tuple(sorted(found, key=lambda one: (not one, one.casefold(), one)))


def progress_by_area(areas: Sequence[AreaState]) -> tuple[Progress, ...]:
    """How far each area is."""
    return tuple(_progress(area.area.id, list(area.items())) for area in areas)


def progress_by_owner(areas: Sequence[AreaState]) -> tuple[Progress, ...]:
    """How far each owner is, with what nobody owns last."""
    found: dict[str, list[ItemState]] = {one: [] for one in owners(areas)}
    for area in areas:
        for one in area.requirements:
            for item in one.items:
                found[owner_of(one, item)].append(item)
    return tuple(_progress(owner, items) for owner, items in found.items() if items)


def progress_by_role(areas: Sequence[AreaState]) -> tuple[Progress, ...]:
    """How far each role is; an item that several can answer counts for each of them."""
    items = [item for area in areas for item in area.items()]
    counted = ((role, [item for item in items if role in item.item.roles]) for role in ROLES)
    return tuple(_progress(role, mine) for role, mine in counted if mine)


def progress_of_all(areas: Sequence[AreaState]) -> Progress:
    """How far the whole questionnaire is."""
    return _progress("", [item for area in areas for item in area.items()])


def _progress(key: str, items: Sequence[ItemState]) -> Progress:
    answered = sum(is_answered(one) for one in items)
    return Progress(key, len(items), answered, sum(one.from_graph for one in items))


def graph_says(observed: Observed | None) -> str:
    """What the graph says of an item in words: how far, by which implementations, and where nothing stands."""
    if observed is None:
        return "nothing"
    by = f", by {_few(observed.by)}" if observed.by else ""
    left = f"; nothing at {_few(observed.open)}" if observed.open and observed.status is not AnswerStatus.MET else ""
    return f"{observed.status}{by}{left}"


def also_on_record(answer: Answer | None) -> str:
    """What an answer says besides what fits in one row: controls and places, an accepted risk, further evidence."""
    if answer is None:
        return ""
    said = [f"{one.control} on {_few(one.on)}" for one in answer.controls]
    if answer.accepted is not None:
        until = f" until {answer.accepted.until}" if answer.accepted.until else ""
        said.append(f"risk accepted by {answer.accepted.by}{until}")
    more = [one.reference for one in answer.evidence[1:]]
    if more:
        said.append(f"further evidence: {_few(more)}")
    return "; ".join(said)


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
