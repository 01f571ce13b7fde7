"""Many systems beside each other: what each may lose, how severe its use is, and how far it is from its target."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graphmodel.assessment.results import Assessment
from graphmodel.engine.estimates import Estimate
from graphmodel.knowledge.framework import Framework, UseSeverity
from graphmodel.knowledge.settings import RISK_BANDS
from graphmodel.knowledge.vocabulary import View
from graphmodel.posture.answers import Answers
from graphmodel.posture.findings import find_findings
from graphmodel.posture.maturity import AreaState
from graphmodel.posture.posture import area_states, profile_of
from graphmodel.posture.recorded import Kind
from graphmodel.posture.severity import use_rating
from graphmodel.posture.standing import Standing


@dataclass(frozen=True)
class SystemRow:
    """One system. ``file`` is what it was opened from, ``loss`` as things stand and ``then`` with what is planned, both
    in ``currency`` per ``per``; ``risk`` the highest band of its risks, empty where nothing is stated to be lost.

    ``today`` and ``targets`` are the mean levels by area, in the framework's order, None where nothing is assessed or
    applies. ``below`` counts requirements that are below their target or not assessed, of ``requirements`` that
    apply, ``open_items`` items that nobody has answered and of which the graph says nothing.
    """

    file: str
    id: str
    name: str
    severity: UseSeverity | None
    could: UseSeverity | None
    profile: str
    currency: str
    per: str
    loss: Estimate
    then: Estimate
    risk: str
    today: Mapping[str, float | None]
    targets: Mapping[str, float | None]
    below: int
    requirements: int
    open_items: int
    overdue: int
    expired: int
    contradictions: int


def system_row(
    file: str, assessment: Assessment, framework: Framework, answers: Answers, standing: Standing
) -> SystemRow:
    """The row of a system with its answers; ``assessment`` is that of ``standing.system``."""
    areas = area_states(assessment, framework, answers)
    findings = Counter(one.kind for one in find_findings(assessment, answers, standing, areas))
    rating, system = use_rating(framework, answers.use), assessment.compiled.system
    applying = [one for area in areas for one in area.requirements if one.applies]
    return SystemRow(
        file=file,
        id=system.id,
        name=system.name,
        severity=rating.severity,
        could=rating.could,
        profile=profile_of(answers).id,
        currency=system.currency,
        per=assessment.period,
        loss=loss_of(assessment, View.RESIDUAL),
        then=loss_of(assessment, View.TARGET),
        risk=max((one.risk for one in assessment.risks), key=RISK_BANDS.index, default=""),
        today={one.area.id: one.today for one in areas},
        targets={one.area.id: one.target for one in areas},
        below=sum(one.gap != 0 for one in applying),
        requirements=len(applying),
        open_items=_open(areas),
        overdue=findings[Kind.OVERDUE],
        expired=findings[Kind.EXPIRED],
        contradictions=findings[Kind.CONTRADICTION],
    )


def worst_first(rows: Iterable[SystemRow]) -> tuple[SystemRow, ...]:
    """The rows by the severity of the use, the gravest first and what is not known last, then by loss."""
    order = list(UseSeverity)

    def rank(one: SystemRow) -> tuple[int, float, str]:
        return (len(order) if one.severity is None else order.index(one.severity), -one.loss.rank, one.file)

    return tuple(sorted(rows, key=rank))


def together(rows: Iterable[SystemRow]) -> Mapping[str, tuple[int, Estimate]]:
    """For each currency how many systems have a loss per year, and what they lose together in expectation.

    Expected losses add up whatever ties the systems; so do the ends of their intervals, which is wide enough.
    """
    found: defaultdict[str, list[Estimate]] = defaultdict(list)
    for one in rows:
        if one.per == "year":
            found[one.currency].append(one.loss)
    return {currency: (len(losses), Estimate.total(losses)) for currency, losses in sorted(found.items())}


def loss_of(assessment: Assessment, view: View) -> Estimate:
    """The expected loss per ``period``: of a year, or of one campaign of each actor."""
    losses = (
        assessment.actor_by_id[name].solutions[view].loss.scaled(weight)
        for name, weight in sorted(assessment.weights.items())
    )
    return assessment.yearly_loss(view) or Estimate.total(losses)


def _open(areas: Iterable[AreaState]) -> int:
    return sum(item.status is None for area in areas for item in area.items())
