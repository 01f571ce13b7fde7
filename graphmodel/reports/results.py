"""What a report is made of: the results that its audience asks for, worked out once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from graphmodel.assessment.gaps import Gaps, find_gaps
from graphmodel.assessment.measures import Measure, fix_first
from graphmodel.assessment.paths import TargetPaths, attack_paths
from graphmodel.knowledge.standards import load_standards
from graphmodel.planning.plan import Plan, Planner
from graphmodel.posture.history import History
from graphmodel.posture.posture import Posture
from graphmodel.posture.standards import StandardRow, against_standard, against_techniques, technique_editions

_TARGETS = 3  # facts to which attack paths are told hop by hop


class Audience(StrEnum):
    """Whom a report is for; ``auditor`` has everything."""

    EXECUTIVE = "executive"
    CISO = "ciso"
    ENGINEER = "engineer"
    COMPLIANCE = "compliance"
    DATA_SCIENTIST = "data-scientist"
    AUDITOR = "auditor"


_E, _C, _N, _P, _D, _A = Audience


@dataclass(frozen=True)
class Results:
    """``paths`` are the best ways to the largest risks; ``standards`` map ids to titles and entries; ``plan`` is that
    for a budget, ``history`` what snapshots of the system recorded. What the audience does not ask for is None or
    empty."""

    posture: Posture
    audience: Audience
    measures: tuple[Measure, ...]
    plan: Plan | None = None
    gaps: Gaps | None = None
    paths: tuple[TargetPaths, ...] = ()
    standards: Mapping[str, tuple[str, tuple[StandardRow, ...]]] = field(default_factory=dict)
    history: History | None = None


def gather(
    posture: Posture, audience: Audience, budget: float | None = None, history: History | None = None
) -> Results:
    """The results for an audience, with the history that is known of the system.

    A plan is searched for as long as its work takes, whatever the clock says, so that the same question has the same
    answer. Raises ``PlanError`` as planning does.
    """
    assessment = posture.assessment
    plan = Planner(assessment).plan(budget) if budget is not None else None
    gaps = find_gaps(assessment) if audience in (_N, _D, _A) else None
    paths: tuple[TargetPaths, ...] = ()
    if audience in (_N, _A):
        able = [one.fact for one in assessment.risks if one.actor][:_TARGETS]
        paths = tuple(found for fact in able for found in attack_paths(assessment, fact, k=1).targets)
    standards: dict[str, tuple[str, tuple[StandardRow, ...]]] = {}
    if audience in (_P, _A):
        for one in load_standards().values():
            standards[one.id] = (one.title, against_standard(posture.areas, one))
        for edition in technique_editions(assessment):
            standards[edition] = (edition, against_techniques(posture.areas, assessment, edition))
    measures = fix_first(assessment) if audience is not _P else ()
    return Results(posture, audience, measures, plan, gaps, paths, standards, history)
