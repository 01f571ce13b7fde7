"""The measures that a plan chooses from: the model's own and the catalogue's, with costs and dependencies.

Measures are the implementations that the model plans or proposes, and the catalogue's controls at
the places where they would cover a step on a way to a loss. What is planned is decided: it is a
part of every plan, and its cost counts. What is proposed is an open choice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from graphmodel.assessment.measures import RECOMMENDED, candidates, fix_first
from graphmodel.assessment.results import Assessment
from graphmodel.binding.compiled import Compiled
from graphmodel.knowledge.vocabulary import Control, ControlFunction, Status, View
from graphmodel.model.system import ControlImplementation, System
from graphmodel.planning.budgets import EXHAUSTIVE
from graphmodel.planning.choices import Choices
from graphmodel.reading.problems import nearest

_FEWEST = 4  # measures of the catalogue that are considered at least


class PlanError(ValueError):
    """What was asked cannot be planned; the message says why, in words for the user."""


@dataclass(frozen=True)
class Ask:
    """What to plan with.

    ``fix`` names measures that are to be taken, ``without`` measures, or controls of the catalogue,
    that are not; ``reconsider`` makes planned implementations open choices; ``only_model`` leaves
    the catalogue out. ``shortlist`` is how many of its measures to consider (None: as many as keep
    the search complete), ``work`` how many sets of measures may be worked out (None: the default).
    """

    fix: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    reconsider: bool = False
    only_model: bool = False
    shortlist: int | None = None
    work: int | None = None


@dataclass(frozen=True)
class Option:
    """A measure to choose. ``cost`` is a year's; None where neither the model nor the settings give one.

    ``assumed`` says that the cost is the settings' assumption and not the model's statement.
    """

    implementation: ControlImplementation
    control: Control | None
    status: str
    cost: float | None
    assumed: bool
    decided: bool
    threats: tuple[str, ...]

    @property
    def id(self) -> str:
        return self.implementation.id

    @property
    def name(self) -> str:
        return self.implementation.name or (self.control.name if self.control else self.id)


@dataclass(frozen=True)
class Field:
    """Everything that a plan may choose from.

    ``options`` may be chosen; ``unpriced`` could, had they a cost; ``unmet`` cannot, because what
    they require is not to be had, or they exclude what is decided. ``more`` counts the measures of
    the catalogue that were left out to keep the search small.
    """

    assessment: Assessment
    options: tuple[Option, ...]
    unpriced: tuple[Option, ...]
    unmet: tuple[Option, ...]
    more: int

    @cached_property
    def by_id(self) -> Mapping[str, Option]:
        return {one.id: one for one in self.options}

    @cached_property
    def compiled(self) -> Compiled:
        """The system with the measures in it, as if all of them were proposed."""
        known = self.assessment.compiled
        return _with(known, [one.implementation for one in self.options])

    @cached_property
    def standing(self) -> frozenset[str]:
        """The ids of the implemented controls."""
        return self.assessment.compiled.in_force(View.RESIDUAL)

    @cached_property
    def choices(self) -> Choices:
        return _choices(self.options)


def field(assessment: Assessment, ask: Ask, relevant: frozenset[str], every: bool = False) -> Field:
    """What there is to choose from, for the steps in ``relevant``; ``every`` takes the whole catalogue.

    Raises ``PlanError`` where ``ask`` names a measure that there is not, or asks for a contradiction.
    """
    compiled = assessment.compiled
    own = [
        _option(compiled, one, str(one.status), relevant, ask)
        for one in sorted(compiled.system.controls, key=lambda one: one.id)
        if one.status in (Status.PLANNED, Status.PROPOSED)
    ]
    offered: list[Option] = []
    if not ask.only_model:
        names = {one.id for one in compiled.system.controls}
        for one in candidates(compiled, relevant):
            id_ = f"{one.control}@{','.join(one.protects)}"
            if id_ not in names:
                offered.append(_option(compiled, replace(one, id=id_, name=""), RECOMMENDED, relevant, ask))
        offered = [one for one in offered if one.threats or (one.control and one.control.limits)]
    names_known = {one.id for one in (*own, *offered)}
    dropped = {*names_known, *(one.implementation.control or "" for one in (*own, *offered))}
    for wanted, known in ((ask.fix, names_known), (ask.without, dropped)):
        for id_ in wanted:
            if id_ not in known:
                raise PlanError(f"there is no measure “{id_}” to choose. {nearest(id_, known)}".strip())
    both = sorted(set(ask.fix) & set(ask.without))
    if both:
        raise PlanError(f"“{both[0]}” cannot be both fixed and left out.")
    kept = [one for one in own if one.id not in ask.without]
    offered = [
        one for one in offered if one.id in ask.fix or not {one.id, one.implementation.control} & set(ask.without)
    ]
    decided = {one.id for one in kept if one.decided}
    needed = Choices(
        {one.id: 0.0 for one in own}, frozenset(decided), {one.id: one.implementation.requires for one in own}
    )
    useful = [one.id for one in kept if one.decided or one.threats or _limits(compiled, one)]
    wanted_ids = frozenset().union(*(needed.bundle[one] for one in useful)) if useful else frozenset()
    kept = [one for one in kept if one.id in wanted_ids]
    count = len(offered)
    if not every and not ask.only_model:
        offered = _shortlist(assessment, ask, offered, sum(not one.decided for one in kept))
    return _sorted_out(assessment, [*kept, *offered], count - len(offered))


def _sorted_out(assessment: Assessment, found: Sequence[Option], more: int) -> Field:
    """Set apart what has no cost, what lacks something that it requires, and what something decided excludes."""
    standing = assessment.compiled.in_force(View.RESIDUAL)
    options = {one.id: one for one in found if one.cost is not None or one.decided}
    unpriced = tuple(one for one in found if one.cost is None)
    excluded = exclusions(assessment.compiled.system)
    unmet: dict[str, Option] = {}
    changed = True
    while changed:
        changed = False
        for one in list(options.values()):
            lacking = [other for other in one.implementation.requires if other not in options and other not in standing]
            barred = any((one.id, other) in excluded for other in standing)
            if lacking or barred:
                unmet[one.id] = options.pop(one.id)
                changed = True
                if one.decided:
                    why = f"requires {', '.join(lacking)}" if lacking else "excludes an implemented control"
                    raise PlanError(f"“{one.id}” is decided but cannot be taken: it {why}.")
    kept = tuple(options.values())
    choices = _choices(kept)
    if not choices.allows(choices.decided):
        raise PlanError(
            f"what is decided excludes itself: {', '.join(sorted(choices.decided))} cannot be taken together."
        )
    for id_ in sorted(set(options) - choices.possible):
        unmet[id_] = options.pop(id_)
    return Field(assessment, tuple(options.values()), unpriced, tuple(unmet.values()), more)


def exclusions(system: System) -> frozenset[tuple[str, str]]:
    """The pairs of implementations that are never taken together, each in both orders."""
    stated = [(one.id, other) for one in system.controls for other in one.excludes]
    return frozenset(pair for first, second in stated for pair in ((first, second), (second, first)))


def _choices(options: Sequence[Option]) -> Choices:
    names = {one.id for one in options}
    return Choices(
        cost={one.id: one.cost or 0.0 for one in options},
        fixed=frozenset(one.id for one in options if one.decided),
        requires={
            one.id: tuple(other for other in one.implementation.requires if other in names)
            for one in options
            if one.implementation.requires
        },
        excludes=tuple((one.id, other) for one in options for other in one.implementation.excludes if other in names),
    )


def _option(compiled: Compiled, one: ControlImplementation, status: str, relevant: frozenset[str], ask: Ask) -> Option:
    kind = compiled.catalogue.controls.get(one.control or "")
    assumed = compiled.settings.assumed_cost(kind.id, kind.function) if kind is not None and one.cost is None else None
    decided = one.id in ask.fix or (status == Status.PLANNED and not ask.reconsider)
    threats: tuple[str, ...] = ()
    if kind is not None and kind.function is ControlFunction.PREVENT:
        covered = compiled.credit.steps(one) & relevant
        threats = tuple(sorted({compiled.binding_by_id[step].pattern.id for step in covered}))
    return Option(one, kind, status, one.cost if one.cost is not None else assumed, one.cost is None, decided, threats)


def _limits(compiled: Compiled, one: Option) -> bool:
    kind = one.control
    return kind is not None and any(
        kind.limits_loss(stake.held.capability) and compiled.credit.protects(one.implementation, stake.held.asset)
        for stake in compiled.stakes
    )


def _shortlist(assessment: Assessment, ask: Ask, offered: Sequence[Option], own: int) -> list[Option]:
    """The measures of the catalogue that save most per cost, each alone and at its best place; and what is fixed."""
    by_id = {one.id: one for one in offered}
    ranked = [
        (measure.saves.value / max(option.cost or 1.0, 1.0), option)
        for measure in fix_first(assessment)
        if (option := by_id.get(measure.id)) is not None
    ]
    ranked.sort(key=lambda pair: (-pair[0], pair[1].id))
    fixed = [one for one in offered if one.id in ask.fix]
    most = ask.shortlist if ask.shortlist is not None else max(EXHAUSTIVE - own, _FEWEST)
    return [*fixed, *[one for _, one in ranked if one not in fixed][:most]]


def _with(compiled: Compiled, measures: Sequence[ControlImplementation]) -> Compiled:
    system = compiled.system
    added = tuple(one for one in measures if one.id not in system.control_by_id)
    return replace(compiled, system=replace(system, controls=(*system.controls, *added)))
