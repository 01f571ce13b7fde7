"""An assessment as JSON, and what its numbers rest on; keys are documented in ``docs/cli.md``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphmodel.assessment.measures import Measure
from graphmodel.assessment.results import Assessment
from graphmodel.engine.estimates import Estimate
from graphmodel.knowledge.vocabulary import View
from graphmodel.losses.uncertainty import Uncertainty
from graphmodel.outputs.loss import uncertainty_json
from graphmodel.outputs.wording import ENCLOSED_TOO, UNMARKED


def assessment_json(
    assessment: Assessment, measures: Sequence[Measure], spread: Uncertainty | None = None
) -> dict[str, Any]:
    """The output of ``graphmodel assess``."""
    system = assessment.compiled.system
    return {
        "system": system.id,
        "currency": system.currency,
        "reach": str(assessment.compiled.reach),
        "seed": assessment.options.seed,
        "worlds": assessment.worlds,
        "confidence": assessment.options.confidence,
        "expected_loss": _amounts({view: assessment.expected_loss(view) for view in View}),
        "yearly_loss": _amounts({view: assessment.yearly_loss(view) for view in View}),
        "actors": [
            {
                "id": one.actor.id,
                "kind": str(one.actor.kind),
                "skill": str(one.actor.skill),
                "campaigns_a_year": one.rate,
                "expected_loss": {str(view): one.solutions[view].loss.to_json("amount") for view in View},
            }
            for one in assessment.actors
        ],
        "risks": [
            {
                "fact": risk.fact,
                "asset": risk.held.asset,
                "severity": str(risk.severity),
                "band": risk.band,
                "risk": risk.risk,
                "actor": risk.actor,
                "likelihood": views_json(risk.likelihood),
                "amount": {str(view): risk.amount[view] for view in View},
                "expected_loss": _amounts(risk.expected),
                "yearly_loss": _amounts(risk.yearly),
                "yearly_chance": risk.yearly_chance.to_json("likelihood") if risk.yearly_chance else None,
                "impacts": list(risk.impacts),
            }
            for risk in assessment.risks
        ],
        "assets": [
            {
                "id": one.asset.id,
                "type": one.asset.type,
                "band": one.band,
                "actor": one.actor,
                "fact": one.fact,
                "likelihood": views_json(one.likelihood),
                "facts": {fact: estimate.to_json("likelihood") for fact, estimate in one.facts.items()},
                "expected_loss": _amounts(one.expected),
                "risk": one.risk,
            }
            for one in assessment.assets
        ],
        "fix_first": [measure_json(assessment, one) for one in measures],
        "inputs": uncertainty_json(assessment, spread) if spread is not None else None,
        "assumptions": assumptions(assessment),
    }


def measure_json(assessment: Assessment, measure: Measure) -> dict[str, Any]:
    """One row of what to fix first."""
    return {
        "id": measure.id,
        "control": measure.control.id,
        "name": measure.control.name,
        "protects": list(measure.protects),
        "status": measure.status,
        "saves": {**measure.saves.to_json("amount"), "per": assessment.period},
        "holds": measure.holds,
        "threats": list(measure.threats),
        "cost": measure.cost,
    }


MOST_SAID = 5  # of what is otherwise in the catalogue


def assumptions(assessment: Assessment) -> list[str]:
    """What the numbers of an assessment rest on, in words."""
    options = assessment.options
    method = "Bands of severity, likelihood and risk are this program's own method: "
    found = [
        "Likelihoods are per campaign: one determined attempt by one actor from its starting position.",
        method + "the assessment framework defines them in words only.",
        "Steps succeed independently of each other, except that one control stands or falls everywhere it is used.",
        f"Reach policy “{assessment.compiled.reach}”.",
    ]
    changed = assessment.compiled.catalogue.overridden
    if changed:
        said = " ".join(one.said[0].upper() + one.said[1:] for one in changed[:MOST_SAID])
        more = (
            f" And {len(changed) - MOST_SAID:,} more; `graphmodel check` has them." if len(changed) > MOST_SAID else ""
        )
        found.append(f"The catalogue is the shipped one with what its own files say otherwise. {said}{more}")
    if assessment.rated:
        found.append(
            "Yearly figures assume that campaigns arrive independently at each actor's rate, and that losses add up."
        )
    unrated = [one.actor.id for one in assessment.actors if one.rate is None]
    if assessment.rated and unrated:
        found.append(f"Yearly figures leave out {', '.join(unrated)}: no rate is known.")
    if assessment.worlds:
        found.append(
            f"{UNMARKED} The others are simulated: {assessment.worlds:,} worlds, seed {options.seed}, "
            f"intervals at {options.confidence:.0%}.{ENCLOSED_TOO if assessment.enclosed else ''}"
        )
    else:
        found.append("Likelihoods and expected losses are exact for these inputs: nothing is simulated.")
    return found


def views_json(values: Mapping[View, Estimate]) -> dict[str, Any]:
    """A likelihood in each view."""
    return {str(view): values[view].to_json("likelihood") for view in View}


def _amounts(values: Mapping[View, Estimate | None] | Mapping[View, Estimate] | None) -> dict[str, Any] | None:
    if values is None or None in values.values():
        return None
    return {str(view): value.to_json("amount") for view, value in values.items() if value is not None}
