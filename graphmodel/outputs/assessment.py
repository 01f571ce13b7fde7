"""What commands print as JSON: plain values with stable keys, documented in ``docs/cli.md``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphmodel.assessment.cases import graph_in
from graphmodel.assessment.explain import Explanation, Hop, hop
from graphmodel.assessment.gaps import Gaps
from graphmodel.assessment.measures import Measure
from graphmodel.assessment.paths import route_of
from graphmodel.assessment.results import Assessment
from graphmodel.engine.likelihood import Estimate
from graphmodel.engine.paths import Path
from graphmodel.knowledge.vocabulary import View
from graphmodel.losses.uncertainty import Uncertainty
from graphmodel.outputs.loss import uncertainty_json
from graphmodel.outputs.wording import UNMARKED
from graphmodel.reading.problems import Problem


def problems_json(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Problems with their places."""
    return [
        {
            "level": one.level,
            "message": one.message,
            "fix": one.fix,
            "path": one.path,
            "line": one.line,
            "file": one.file,
        }
        for one in problems
    ]


def _views(values: Mapping[View, Estimate]) -> dict[str, Any]:
    return {str(view): values[view].to_json("likelihood") for view in View}


def _amounts(values: Mapping[View, Estimate | None] | Mapping[View, Estimate] | None) -> dict[str, Any] | None:
    if values is None or None in values.values():
        return None
    return {str(view): value.to_json("amount") for view, value in values.items() if value is not None}


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
            f"intervals at {options.confidence:.0%}."
        )
    else:
        found.append("Likelihoods and expected losses are exact for these inputs: nothing is simulated.")
    return found


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
                "likelihood": _views(risk.likelihood),
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
                "likelihood": _views(one.likelihood),
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


def hop_json(one: Hop) -> dict[str, Any]:
    """One step of a path."""
    return {
        "step": one.step,
        "threat": one.threat,
        "name": one.name,
        "asset": one.asset,
        "other": one.other,
        "needs": list(one.needs),
        "gains": one.gains,
        "chance": one.chance,
        "because": one.because,
        "basis": one.basis,
        "controls": [
            {"id": met.id, "name": met.name, "holds": met.holds, "coverage": met.coverage, "because": met.because}
            for met in one.controls
        ],
        "passes": one.passes,
        "techniques": list(one.techniques),
        "consequence": one.consequence,
    }


def path_json(assessment: Assessment, actor: str, path: Path, rank: int, view: View) -> dict[str, Any]:
    """One path with its hops."""
    graph, skill = graph_in(assessment, actor, view), assessment.actor_by_id[actor].actor.skill
    return {
        "actor": actor,
        "target": path.target,
        "rank": rank,
        "chance": path.chance,
        "route": list(route_of(assessment, path)),
        "hops": [hop_json(hop(assessment, graph, step, skill)) for step in path.steps],
    }


def paths_json(
    assessment: Assessment,
    found: Sequence[tuple[str, str, Sequence[Path]]],
    choke_points: Mapping[str, Sequence[str]],
    view: View,
) -> dict[str, Any]:
    """The output of ``graphmodel paths``: (actor, target, paths) in order, and choke points by actor."""
    return {
        "view": str(view),
        "reach": str(assessment.compiled.reach),
        "targets": [
            {
                "actor": actor,
                "target": target,
                "likelihood": assessment.actor_by_id[actor].likelihood(target, view).to_json("likelihood"),
                "paths": [path_json(assessment, actor, path, rank, view) for rank, path in enumerate(paths, start=1)],
            }
            for actor, target, paths in found
        ],
        "choke_points": {actor: list(assets) for actor, assets in choke_points.items()},
    }


def gaps_json(assessment: Assessment, gaps: Gaps) -> dict[str, Any]:
    """The output of ``graphmodel gaps``."""
    return {
        "threats": [
            {
                "threat": gap.threat.id,
                "name": gap.threat.name,
                "area": str(gap.threat.area),
                "asset": gap.asset,
                "others": list(gap.others),
                "techniques": [one.pinned for one in gap.threat.techniques],
                "saves": {**gap.saves.to_json("amount"), "per": assessment.period},
                "planned": list(gap.planned),
                "controls": list(gap.controls),
            }
            for gap in gaps.threats
        ],
        "idle_controls": [{"id": one.control.id, "reason": one.reason} for one in gaps.idle],
        "weak_evidence": [{"id": one.control.id, "reason": one.reason, "factor": one.factor} for one in gaps.evidence],
        "open_flows": [{"id": one.flow.id, "missing": list(one.missing), "stated": one.stated} for one in gaps.flows],
    }


def explanation_json(explanation: Explanation) -> dict[str, Any]:
    """The output of ``graphmodel explain``."""
    return {
        "asset": explanation.asset,
        "facts": [
            {
                "fact": why.fact,
                "actor": why.actor,
                "likelihood": _views(why.likelihood),
                "ways": [
                    {
                        **hop_json(way),
                        "needs_likelihood": {need: one.to_json("likelihood") for need, one in needs.items()},
                    }
                    for way, needs in why.ways
                ],
                "best_path": {"chance": why.path.chance, "hops": [hop_json(one) for one in why.hops]}
                if why.path
                else None,
            }
            for why in explanation.facts
        ],
    }
