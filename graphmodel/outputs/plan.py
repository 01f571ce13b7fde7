"""Plans as JSON with stable keys, and what they rest on in words; documented in ``docs/cli.md``."""

from __future__ import annotations

from typing import Any

from graphmodel.assessment.results import Assessment
from graphmodel.knowledge.vocabulary import View
from graphmodel.outputs.assessment import assumptions
from graphmodel.outputs.paths import path_json
from graphmodel.planning.breaking import BreakPlan
from graphmodel.planning.budgets import Best
from graphmodel.planning.options import Field, Option
from graphmodel.planning.plan import Plan, Point


def plan_assumptions(assessment: Assessment, found: Plan | None, broken: BreakPlan | None) -> list[str]:
    """What a plan rests on, in words, with the assumptions of the assessment after it."""
    said = []
    fields = [one.field for one in (found, broken) if one is not None]
    currency = assessment.compiled.system.currency
    costs = sorted({one.cost for given in fields for one in given.options if one.assumed and one.cost is not None})
    if costs:
        assumed = " or ".join(f"{one:,.0f}" for one in costs)
        said.append(
            f"ASSUMED costs: where the model states none, a measure costs {assumed} {currency} a year. "
            "That is an assumption of the settings (function_costs, control_costs), not a price; "
            "put your own there, or a cost on the control in the model."
        )
    decided = sorted({one.id for given in fields for one in given.options if one.decided})
    if decided:
        said.append(f"Decided, so a part of every plan, with their cost: {', '.join(decided)}.")
    if found is not None:
        said += _search_assumptions(found)
    if broken is not None:
        said.append(
            "“No path is left” holds while every chosen measure and every implemented control holds at the same "
            "time. Controls with a coverage below one break nothing for sure and are not counted on."
        )
    return said + assumptions(assessment)


def _search_assumptions(found: Plan) -> list[str]:
    said = []
    if found.ended:
        said.append(
            "The search was ended by its time limit: a longer one (--time) may find better sets and tighter bounds."
        )
    if found.complete:
        said.append(f"All {found.worked_out:,} sets of the measures considered were worked out: nothing is better.")
    else:
        said.append(
            f"{found.worked_out:,} sets of measures were worked out. A bound is proven: no set of the measures "
            "considered loses less. The frontier may lack sets that were not seen."
        )
    if found.field.more:
        said.append(
            f"{found.field.more} more measures of the catalogue were not considered: they save less per cost, each "
            "alone, or are the same control elsewhere (--shortlist takes more; a proposed control in the model is "
            "always considered)."
        )
    if not found.exact:
        said.append(
            "Losses are simulated: every set met the same worlds. Sets are compared by their means in these worlds, "
            "and bounds and gaps are about these worlds; the intervals say how far the true losses may lie from them."
        )
    return said


def option_json(one: Option) -> dict[str, Any]:
    """One measure."""
    return {
        "id": one.id,
        "control": one.implementation.control,
        "name": one.name,
        "protects": list(one.implementation.protects),
        "status": one.status,
        "decided": one.decided,
        "cost": one.cost,
        "cost_is": "unknown" if one.cost is None else "assumed" if one.assumed else "stated",
        "requires": list(one.implementation.requires),
        "excludes": list(one.implementation.excludes),
        "threats": list(one.threats),
    }


def _field_json(given: Field) -> dict[str, Any]:
    return {
        "measures": [option_json(one) for one in given.options],
        "without_cost": [option_json(one) for one in given.unpriced],
        "not_possible": [one.id for one in given.unmet],
        "not_considered": given.more,
    }


def _best_json(best: Best) -> dict[str, Any]:
    return {
        "chosen": sorted(best.chosen),
        "cost": best.cost,
        "bound": best.bound,
        "gap": best.gap,
        "optimal": best.optimal,
    }


def point_json(point: Point) -> dict[str, Any]:
    """One set on the frontier."""
    return {**_best_json(point.best), "loss": point.loss.to_json("amount"), "saved": point.saved.to_json("amount")}


def budget_json(found: Plan) -> dict[str, Any]:
    """The best set for a budget, why, in what order, and the frontier."""
    best = found.best
    return {
        **_field_json(found.field),
        "budget": found.budget,
        "loss_now": found.now.to_json("amount"),
        "worked_out": found.worked_out,
        "complete": found.complete,
        "best": None
        if best is None
        else {
            **_best_json(best),
            "loss": found.loss.to_json("amount"),
            "saved": found.saved.to_json("amount"),
            "why": [
                {
                    "id": one.option.id,
                    "cost": one.option.cost,
                    "saves_alone": one.alone.to_json("amount"),
                    "lost_without": one.last.to_json("amount"),
                    "threats": list(one.option.threats),
                }
                for one in found.chosen
            ],
            "order": [
                {
                    "measures": [one.id for one in stage.measures],
                    "cost": stage.cost,
                    "loss": stage.loss.to_json("amount"),
                    "phase": stage.phase,
                }
                for stage in found.order
            ],
        },
        "frontier": [point_json(one) for one in found.frontier],
    }


def break_json(assessment: Assessment, found: BreakPlan) -> dict[str, Any]:
    """The cheapest set that leaves no path, or a path that every set leaves."""
    answer = found.found
    return {
        **_field_json(found.field),
        "targets": list(found.targets),
        "actors": list(found.actors),
        "possible": found.chosen is not None,
        "chosen": None if found.chosen is None else [one.id for one in found.chosen],
        "cost": None if found.chosen is None else answer.cost,
        "bound": answer.bound,
        "optimal": answer.optimal,
        "minimal": found.minimal,
        "relies_on": list(found.relies_on),
        "held_by_position": [{"actor": actor, "fact": fact} for actor, fact in found.by_position],
        "open": [{"actor": found.actors[number], "fact": fact} for number, fact in answer.open],
        "path": None if found.path is None else path_json(assessment, found.path[0], found.path[1], 1, View.RESIDUAL),
        "remaining": [
            {"fact": one.target, "now": one.now.to_json("likelihood"), "then": one.then.to_json("likelihood")}
            for one in found.remaining
        ],
    }


def plan_json(assessment: Assessment, found: Plan | None, broken: BreakPlan | None) -> dict[str, Any]:
    """The output of ``graphmodel plan``."""
    system = assessment.compiled.system
    return {
        "system": system.id,
        "currency": system.currency,
        "per": assessment.period,
        "reach": str(assessment.compiled.reach),
        "seed": assessment.options.seed,
        "plan": None if found is None else budget_json(found),
        "break": None if broken is None else break_json(assessment, broken),
        "assumptions": plan_assumptions(assessment, found, broken),
    }
