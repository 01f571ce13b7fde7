"""The results of an assessment in a form that can be read years later, and what a difference needs of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from graphmodel.assessment.results import Assessment
from graphmodel.engine.estimates import SIMULATED, Estimate
from graphmodel.knowledge.framework import Framework
from graphmodel.knowledge.vocabulary import View
from graphmodel.posture.answers import Answers
from graphmodel.posture.findings import find_findings
from graphmodel.posture.mixtures import Figures, figures_of
from graphmodel.posture.posture import area_states, profile_of
from graphmodel.posture.recorded import OPEN, recorded
from graphmodel.posture.severity import use_rating
from graphmodel.posture.standing import Standing

_NOW = str(View.RESIDUAL)


def results_value(assessment: Assessment) -> dict[str, Any]:
    """The results as plain values: an exact figure as a number, a simulated one as [value, low, high], others
    with their method."""
    facts = [one.fact for one in assessment.risks]
    campaigns = figures_of(assessment, facts, yearly=False)
    return {
        "period": assessment.period,
        "worlds": assessment.worlds,
        "expected_loss": {str(view): figure_value(assessment.expected_loss(view)) for view in View},
        "yearly_loss": _views({view: assessment.yearly_loss(view) for view in View}),
        "campaigns_loss": figure_value(campaigns.total),
        "actors": {
            one.actor.id: {
                "campaigns_a_year": one.rate,
                "expected_loss": {str(view): figure_value(one.solutions[view].loss) for view in View},
            }
            for one in assessment.actors
        },
        "risks": {
            one.fact: {
                "risk": one.risk,
                "severity": str(one.severity),
                "band": one.band,
                "actor": one.actor,
                "likelihood": _views(one.likelihood),
                "amount": {str(view): one.amount[view] for view in View},
                "expected_loss": _views(one.expected),
                "yearly_loss": _views(one.yearly) if one.yearly is not None else None,
                "campaigns_loss": figure_value(campaigns.loss[one.fact]),
            }
            for one in assessment.risks
        },
        "assets": {
            one.asset.id: {
                "risk": one.risk,
                "band": one.band,
                "fact": one.fact,
                "actor": one.actor,
                "likelihood": _views(one.likelihood),
                "expected_loss": _views(one.expected),
            }
            for one in assessment.assets
        },
    }


def posture_value(assessment: Assessment, framework: Framework, answers: Answers, standing: Standing) -> dict[str, Any]:
    """Where the system stands against the framework, as plain values: levels and targets by requirement, how many items
    have which answer or are open, and how many findings there are of which kind."""
    areas = area_states(assessment, framework, answers)
    levels = {
        one.requirement.id: {"area": area.area.id, "today": one.today, "target": one.target}
        for area in areas
        for one in area.requirements
        if one.applies
    }
    items = Counter(str(one.status) if one.status is not None else OPEN for area in areas for one in area.items())
    found = Counter(str(one.kind) for one in find_findings(assessment, answers, standing, areas))
    severity = use_rating(framework, answers.use).severity
    return {
        "framework": framework.id,
        "profile": profile_of(answers).id,
        "severity": str(severity) if severity is not None else None,
        "levels": levels,
        "items": dict(sorted(items.items())),
        "findings": dict(sorted(found.items())),
    }


def _views(values: Mapping[View, Estimate | None] | Mapping[View, Estimate]) -> dict[str, Any] | None:
    if None in values.values():
        return None
    return {str(view): figure_value(one) for view, one in values.items() if one is not None}


def figure_value(one: Estimate) -> Any:
    """A figure as a plain value; ``recorded`` reads it."""
    if one.is_exact:
        return one.value
    return [one.value, one.low, one.high] if one.method == SIMULATED else one.to_json()


def recorded_figures(results: Mapping[str, Any], worked_out: Figures, yearly: bool) -> Figures:
    """The figures that were recorded, as things stood; those worked out for facts of which none are recorded."""
    total = results["yearly_loss"][_NOW] if yearly else results["campaigns_loss"]
    loss, likelihood = dict(worked_out.loss), dict(worked_out.likelihood)
    for fact, one in results["risks"].items():
        if fact in loss:
            loss[fact] = recorded(one["yearly_loss"][_NOW] if yearly else one["campaigns_loss"])
            likelihood[fact] = recorded(one["likelihood"][_NOW])
    return Figures(recorded(total), loss, likelihood)
