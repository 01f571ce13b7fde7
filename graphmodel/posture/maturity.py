"""Maturity of today against a target: by item, requirement and area.

An item counts with its answer or, where nobody has answered, with what the graph says. The maturity of a requirement is
the level that somebody has chosen on its scale. Where nobody has, its items *indicate* one: 0 where nothing is met, 1
where anything is, 2 from half on, 3 where all are met. They indicate no more, as levels 4 and 5 are about measuring and
improving, which no item asks. Where items are open, the indication is a range from what is met to what may be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from graphmodel.knowledge.framework import Area, Framework, Guidance, Requirement
from graphmodel.posture.answers import Answer, Answers, AnswerStatus
from graphmodel.posture.derived import Observed

_WORTH = {AnswerStatus.MET: 1.0, AnswerStatus.PARTLY: 0.5, AnswerStatus.NOT_MET: 0.0}


@dataclass(frozen=True)
class ItemState:
    """One guidance item: its answer, what the graph says, and what counts. ``status`` is None where neither says."""

    item: Guidance
    answer: Answer | None
    observed: Observed | None

    @property
    def status(self) -> AnswerStatus | None:
        if self.answer is not None and self.answer.status is not None:
            return self.answer.status
        return self.observed.status if self.observed is not None else None

    @property
    def from_graph(self) -> bool:
        """Whether what counts comes from the graph alone."""
        return self.observed is not None and (self.answer is None or self.answer.status is None)


@dataclass(frozen=True)
class RequirementState:
    """One requirement. ``level`` is what was chosen (None: nobody has), ``indicated`` the least and the most that its
    items indicate, None where all of them are not applicable; ``target`` what is aimed at."""

    requirement: Requirement
    items: tuple[ItemState, ...]
    level: int | None
    indicated: tuple[int, int] | None
    target: int
    own_target: bool
    owner: str
    due: str
    comment: str

    @property
    def applies(self) -> bool:
        return self.level is not None or self.indicated is not None

    @property
    def today(self) -> int | None:
        """The level that was chosen, or else the least that the items indicate where any has been answered."""
        if self.level is not None:
            return self.level
        if self.indicated is None or all(one.status is None for one in self.items):
            return None
        return self.indicated[0]

    @property
    def gap(self) -> int | None:
        """How many levels are missing to the target; None where it is not assessed."""
        return None if self.today is None else max(0, self.target - self.today)

    def count(self, status: AnswerStatus | None) -> int:
        return sum(one.status is status for one in self.items)


@dataclass(frozen=True)
class AreaState:
    """One area: the mean of the levels of its requirements and of their targets, over those that are assessed."""

    area: Area
    requirements: tuple[RequirementState, ...]

    @property
    def assessed(self) -> tuple[RequirementState, ...]:
        return tuple(one for one in self.requirements if one.today is not None)

    @property
    def today(self) -> float | None:
        return _mean([one.today for one in self.assessed if one.today is not None])

    @property
    def target(self) -> float | None:
        return _mean([one.target for one in self.requirements if one.applies])

    def items(self) -> Iterable[ItemState]:
        return (item for one in self.requirements for item in one.items)


def states(
    framework: Framework, answers: Answers, observed: Mapping[str, Observed], targets: Mapping[str, int]
) -> tuple[AreaState, ...]:
    """Every area with what was answered and what the graph says; ``targets`` has the profile's by requirement."""
    return tuple(
        AreaState(area, tuple(_requirement(one, answers, observed, targets) for one in area.controls))
        for area in framework.areas
    )


def _requirement(
    one: Requirement, answers: Answers, observed: Mapping[str, Observed], targets: Mapping[str, int]
) -> RequirementState:
    items = tuple(ItemState(item, answers.answers.get(item.id), observed.get(item.id)) for item in one.items)
    said = answers.levels.get(one.id)
    own = said is not None and said.target is not None
    return RequirementState(
        requirement=one,
        items=items,
        level=said.level if said is not None else None,
        indicated=indicated([item.status for item in items]),
        target=said.target if said is not None and said.target is not None else targets[one.id],
        own_target=own,
        owner=said.owner if said is not None else "",
        due=said.due if said is not None else "",
        comment=said.comment if said is not None else "",
    )


def indicated(statuses: Sequence[AnswerStatus | None]) -> tuple[int, int] | None:
    """The least and the most maturity that the items of a requirement indicate, with the open ones not met or met."""
    known = [one for one in statuses if one is not AnswerStatus.NOT_APPLICABLE]
    if not known:
        return None
    least = sum(_WORTH[one] if one is not None else 0.0 for one in known) / len(known)
    most = sum(_WORTH[one] if one is not None else 1.0 for one in known) / len(known)
    return _level(least), _level(most)


def _level(share: float) -> int:
    return 3 if share == 1 else 2 if share >= 0.5 else 1 if share > 0 else 0


def _mean(values: Sequence[int]) -> float | None:
    return sum(values) / len(values) if values else None
