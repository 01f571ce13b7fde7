"""The posture as JSON; keys are documented in ``docs/cli.md``."""

from __future__ import annotations

from typing import Any

from graphmodel.engine.estimates import Estimate
from graphmodel.posture.attacks import AttackRow, Rated
from graphmodel.posture.maturity import AreaState, RequirementState
from graphmodel.posture.posture import Gap, Posture
from graphmodel.posture.worth import Worth

SEVERITY_RULE = """\
Severity of the use is the highest of the framework's criteria that the stated facts meet; facts that nobody \
has stated meet none."""
LEVELS_RULE = """\
A level of maturity that nobody has chosen is what the items indicate: 0 nothing, 1 anything, 2 half, 3 all; items \
indicate no more than 3."""
_RULES = f"""
{SEVERITY_RULE}
The framework gives no formula: likelihood, availability, exploitability and impact of an attack are this program's, \
from the attack graphs, for the actor whose campaign makes it likeliest.
{LEVELS_RULE}
What closing a gap saves is worked out with all its controls in place together, wherever they would meet an attack, \
with the catalogue's strengths as far as declared. The sums of two gaps overlap and do not add up.
"""
RULES = tuple(_RULES.strip().split("\n"))
"""What the numbers of a posture rest on, beside those of the assessment."""


def posture_json(posture: Posture) -> dict[str, Any]:
    """The output of ``graphmodel posture``."""
    assessment, rating = posture.assessment, posture.severity
    return {
        "system": assessment.compiled.system.id,
        "currency": assessment.compiled.system.currency,
        "framework": posture.framework.id,
        "per": assessment.period,
        "severity": {
            "level": _text(rating.severity),
            "criteria": [{"id": one.id, "text": one.text, "fact": one.fact} for one in rating.fired],
            "could_be": _text(rating.could),
            "unsaid": list(rating.unsaid),
        },
        "attacks": [_attack(one) for one in posture.attacks],
        "profile": posture.profile.id,
        "areas": [_area(one) for one in posture.areas],
        "gaps": [_gap(one, assessment.period) for one in posture.gaps],
        "findings": [
            {
                "kind": str(one.kind),
                "about": one.about,
                "message": one.message,
                "fix": one.fix,
                "file": one.source.file if one.source else "",
                "place": one.source.place if one.source else "",
                "elements": list(one.elements),
            }
            for one in posture.findings
        ],
        "from_answers": dict(posture.standing.made),
        "rules": list(RULES),
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _attack(one: AttackRow) -> dict[str, Any]:
    prior = one.prior
    return {
        "id": prior.id,
        "title": prior.title,
        "starter": {
            "likelihood": _text(prior.likelihood),
            "impact": _text(prior.impact),
            "exploitability": _text(prior.exploitability),
            "source": prior.source,
        },
        "bands": {
            "likelihood": one.likelihood_band or None,
            "impact": one.impact_band or None,
            "exploitability": one.exploitability_band or None,
        },
        "residual": _rated(one.now),
        "inherent": _rated(one.inherent),
        "places": list(one.places),
        "controls": list(one.controls),
        "steps": one.steps,
        "open_steps": one.open,
        "failure_modes": list(prior.failure_modes),
    }


def _rated(one: Rated) -> dict[str, Any]:
    return {
        "actor": one.actor or None,
        "likelihood": one.likelihood.to_json(),
        "availability": one.available.to_json(),
        "exploitability": one.exploitability.to_json(),
        "impact": one.impact.to_json("amount") if one.impact is not None else None,
    }


def _area(one: AreaState) -> dict[str, Any]:
    return {
        "id": one.area.id,
        "title": one.area.title,
        "ours": one.area.ours,
        "today": one.today,
        "target": one.target,
        "requirements": [_requirement(state) for state in one.requirements],
    }


def _requirement(one: RequirementState) -> dict[str, Any]:
    return {
        "id": one.requirement.id,
        "title": one.requirement.title,
        "today": one.today,
        "chosen": one.level,
        "indicated": list(one.indicated) if one.indicated is not None else None,
        "target": one.target,
        "gap": one.gap,
        "owner": one.owner,
        "due": one.due,
        "items": [
            {
                "id": state.item.id,
                "status": _text(state.status),
                "from": "graph" if state.from_graph else "answer" if state.status is not None else None,
                "graph": _text(state.observed.status) if state.observed is not None else None,
                "by": list(state.observed.by) if state.observed is not None else [],
                "open": list(state.observed.open) if state.observed is not None else [],
            }
            for state in one.items
        ],
    }


def _gap(one: Gap, period: str) -> dict[str, Any]:
    return {
        "requirement": one.state.requirement.id,
        "today": one.state.today,
        "target": one.state.target,
        "kind": "risk" if one.is_risk else "compliance",
        "exposed": one.exposed,
        **worth_json(one.worth, period),
    }


def worth_json(worth: Worth | None, period: str) -> dict[str, Any]:
    """What closing a gap saves and costs; zero and nothing where the graph knows no measure."""
    saves = worth.saves if worth is not None else Estimate.exactly(0.0)
    return {
        "saves": {**saves.to_json("amount"), "per": period},
        "cost": worth.cost if worth is not None else None,
        "cost_is": None
        if worth is None
        else "unknown"
        if worth.cost is None
        else "assumed"
        if worth.assumed
        else "stated",
        "measures": list(worth.measures) if worth is not None else [],
        "left_out": list(worth.left_out) if worth is not None else [],
    }
