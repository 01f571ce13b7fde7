"""The roadmap: the measures of a plan laid out in phases, with the loss and the maturity after each of them.

Measures come in the order of the plan, a bundle at a time: a measure with what it requires. Each goes into the first
phase in which its cost a year still fits the budget and its bundle the capacity, and that is none before the phase of
what it requires. What a phase does not spend is left for the next ones. What is decided and has a due date stands in
the phase in which that falls, first and whatever it costs. What fits nowhere is told, and is in no figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphmodel.assessment.results import Assessment
from graphmodel.engine.estimates import Estimate
from graphmodel.knowledge.framework import Framework
from graphmodel.planning.options import Option
from graphmodel.planning.plan import PHASES, Plan, Planner
from graphmodel.posture.answers import Acceptance, Answers, AnswerStatus
from graphmodel.posture.derived import observed_controls, observed_items
from graphmodel.posture.maturity import AreaState, states


@dataclass(frozen=True)
class Phase:
    """A phase to fill. ``until`` is its last day (ISO date) or empty, ``budget`` what its measures may cost a year in
    sum, ``most`` how many of them it can hold; None is no limit."""

    name: str
    until: str = ""
    budget: float | None = None
    most: int | None = None


@dataclass(frozen=True)
class Task:
    """A measure in its phase. ``overdue`` says that it is late today, ``slipping`` that its phase begins after that.
    ``requirements`` are those of the framework with an item that it answers."""

    option: Option
    due: str
    owner: str
    overdue: bool
    slipping: bool
    requirements: tuple[str, ...]


@dataclass(frozen=True)
class Milestone:
    """A phase with its measures, and where that leaves the system. ``cost`` a year is of this phase alone; ``loss`` is
    per ``Assessment.period`` once all measures up to here are in place; ``areas`` is the maturity then, where an item
    that is open counts as met once the graph says so. ``over`` says that what is decided costs more than its budget."""

    phase: Phase
    tasks: tuple[Task, ...]
    cost: float
    loss: Estimate
    saved: Estimate
    areas: tuple[AreaState, ...]
    over: bool


@dataclass(frozen=True)
class AcceptedRisk:
    """A risk that somebody has decided to bear."""

    item: str
    accepted: Acceptance
    expired: bool


@dataclass(frozen=True)
class Roadmap:
    """The whole. ``left`` are measures of the plan that fit in no phase."""

    plan: Plan
    now: Estimate
    areas: tuple[AreaState, ...]
    milestones: tuple[Milestone, ...]
    left: tuple[Option, ...]
    accepted: tuple[AcceptedRisk, ...]


def roadmap(
    planner: Planner,
    plan: Plan,
    phases: Sequence[Phase],
    assessment: Assessment,
    framework: Framework,
    answers: Answers,
    targets: Mapping[str, int],
) -> Roadmap:
    """The measures of a plan in phases. Without phases they are now, next and later: what is decided is now, and the
    rest follows by thirds of what it costs."""
    given = tuple(phases) or tuple(Phase(one) for one in PHASES)
    today = assessment.compiled.today
    placed, left = _placed(plan, given, bool(phases))
    asked = requirements_of(framework)
    taken: list[str] = []
    sets = [frozenset[str]()]
    for phase in given:
        taken += [one.id for one in placed[phase.name]]
        sets.append(frozenset(taken))
    estimates = planner.estimates(sets)
    before = _areas(assessment, framework, answers, targets, plan, frozenset())
    milestones = []
    ended = ""
    for phase, chosen, (loss, saved) in zip(given, sets[1:], estimates[1:], strict=True):
        options = placed[phase.name]
        cost = float(sum(one.cost or 0.0 for one in options))
        milestones.append(
            Milestone(
                phase=phase,
                tasks=tuple(_task(one, phase, ended, today, asked) for one in options),
                cost=cost,
                loss=loss,
                saved=saved,
                areas=_areas(assessment, framework, answers, targets, plan, chosen),
                over=phase.budget is not None and cost > phase.budget,
            )
        )
        ended = phase.until or ended
    accepted = tuple(
        AcceptedRisk(one.item, one.accepted, bool(today and one.accepted.until and one.accepted.until < today))
        for one in answers.answers.values()
        if one.accepted is not None
    )
    return Roadmap(plan, estimates[0][0], before, tuple(milestones), left, accepted)


def requirements_of(framework: Framework) -> dict[str, tuple[str, ...]]:
    """For each control of the catalogue the requirements with an item that it answers."""
    found: dict[str, dict[str, None]] = {}
    for item in framework.items():
        for control in item.controls:
            found.setdefault(control, {})[item.requirement] = None
    return {control: tuple(requirements) for control, requirements in found.items()}


def _placed(plan: Plan, phases: Sequence[Phase], limited: bool) -> tuple[dict[str, list[Option]], tuple[Option, ...]]:
    placed: dict[str, list[Option]] = {one.name: [] for one in phases}
    where: dict[str, int] = {}
    spent, count = [0.0] * len(phases), [0] * len(phases)

    def put(number: int, options: Sequence[Option]) -> None:
        for one in options:
            placed[phases[number].name].append(one)
            where[one.id] = number
            spent[number] += one.cost or 0.0
            count[number] += 1

    for stage in plan.order:
        for one in stage.measures:
            due = one.implementation.due
            dated = [number for number, phase in enumerate(phases) if phase.until and phase.until >= due]
            if one.decided and (not limited or (due and dated)):
                put(dated[0] if limited else 0, [one])
    left: list[Option] = []
    open_ = [[one for one in stage.measures if one.id not in where] for stage in plan.order]
    whole, before = sum(one.cost or 0.0 for options in open_ for one in options), 0.0
    for options in open_:
        if not options:
            continue
        if not limited:
            put(min(len(PHASES) - 1, int(before / whole * len(PHASES))) if whole else 0, options)
            before += sum(one.cost or 0.0 for one in options)
            continue
        required = {other for one in options for other in one.implementation.requires} - {one.id for one in options}
        if any(one.id in required for one in left):
            left += options
            continue
        first = max((where[one] for one in required if one in where), default=0)
        cost = sum(one.cost or 0.0 for one in options)
        for number in range(first, len(phases)):
            most = phases[number].most
            if _affordable(phases, spent, number, cost) and (most is None or count[number] + len(options) <= most):
                put(number, options)
                break
        else:
            left += options
    return placed, tuple(left)


def _affordable(phases: Sequence[Phase], spent: Sequence[float], number: int, cost: float) -> bool:
    """Whether a phase can spend so much more: up to none of its ends is more spent than was given until then."""
    given = out = 0.0
    for place, phase in enumerate(phases):
        if phase.budget is None:
            return True
        given += phase.budget
        out += spent[place]
        if place >= number and out + cost > given:
            return False
    return True


def _task(option: Option, phase: Phase, ended: str, today: str, asked: dict[str, tuple[str, ...]]) -> Task:
    one = option.implementation
    return Task(
        option=option,
        due=one.due or phase.until,
        owner=one.owner,
        overdue=bool(today and one.due and one.due < today),
        slipping=bool(one.due and one.due <= ended),
        requirements=asked.get(one.control or "", ()),
    )


def _areas(
    assessment: Assessment,
    framework: Framework,
    answers: Answers,
    targets: Mapping[str, int],
    plan: Plan,
    taken: frozenset[str],
) -> tuple[AreaState, ...]:
    """Maturity with these measures in place: what the graph then says is met, and did not before, is met, whatever was
    answered."""
    now = observed_items(framework, observed_controls(assessment))
    observed = observed_items(framework, observed_controls(assessment, plan.field.compiled, taken))
    already = {item for item, one in now.items() if one.status is AnswerStatus.MET}
    met = {item for item, one in observed.items() if one.status is AnswerStatus.MET} - already
    kept = {key: one for key, one in answers.answers.items() if key not in met or one.status is AnswerStatus.MET}
    return states(framework, Answers(answers.framework, answers=kept, levels=answers.levels), observed, targets)
