"""What ``graphmodel loss`` prints as JSON: plain values with stable keys, documented in ``docs/cli.md``."""

from __future__ import annotations

from typing import Any

from graphmodel.assessment.results import Assessment
from graphmodel.losses.contributions import Contributions, Part
from graphmodel.losses.distribution import Distribution
from graphmodel.losses.inputs import input_name
from graphmodel.losses.report import LossReport
from graphmodel.losses.tails import TailSpread
from graphmodel.losses.uncertainty import Spread, Uncertainty
from graphmodel.losses.year import LEAST_CAMPAIGNS, LEVELS
from graphmodel.outputs.wording import money


def loss_json(assessment: Assessment, report: LossReport) -> dict[str, Any]:
    """The output of ``graphmodel loss``."""
    losses, system = report.losses, assessment.compiled.system
    return {
        "system": system.id,
        "currency": system.currency,
        "view": str(report.view),
        "reach": str(assessment.compiled.reach),
        "seed": assessment.options.seed,
        "worlds": max(assessment.options.worlds, LEAST_CAMPAIGNS),
        "confidence": assessment.options.confidence,
        "expected_loss": {**losses.expected.to_json("amount"), "per": "year" if assessment.rated else "campaign"},
        "year": _year_json(losses.year, losses.years, report.tails),
        "campaigns": [
            {
                "actor": one.actor,
                "campaigns_a_year": one.rate,
                "expected_loss": one.expected.to_json("amount"),
                **_distribution_json(one.campaign, None),
            }
            for one in losses.campaigns
        ],
        "contributions": contributions_json(report.contributions),
        "inputs": uncertainty_json(assessment, report.uncertainty) if report.uncertainty is not None else None,
        "assumptions": loss_assumptions(assessment, report),
    }


def _year_json(year: Distribution | None, years: int, tails: TailSpread | None) -> dict[str, Any] | None:
    return {"years": years, **_distribution_json(year, tails)} if year is not None else None


def _distribution_json(found: Distribution, tails: TailSpread | None) -> dict[str, Any]:
    return {
        "mean": found.mean,
        "deviation": found.deviation,
        "any_loss": {
            **found.exceedance(0.0).to_json("chance"),
            "inputs": spread_json(tails.exceedance[0.0]) if tails else None,
        },
        "exceedance": [
            {
                "loss": loss,
                **found.exceedance(loss).to_json("chance"),
                "inputs": spread_json(tails.exceedance[loss]) if tails else None,
            }
            for loss in found.round_losses()
        ],
        "value_at_risk": [
            {
                "level": level,
                **found.quantile(level).to_json("amount"),
                "inputs": spread_json(tails.value_at_risk[level]) if tails else None,
            }
            for level in LEVELS
        ],
        "tail_mean": [{"level": level, **found.tail_mean(level).to_json("amount")} for level in LEVELS],
    }


def spread_json(spread: Spread) -> dict[str, Any]:
    """A result over the draws of the inputs."""
    return {
        "at_means": spread.value,
        "mean": spread.mean,
        "median": spread.median,
        "low": spread.low.value,
        "low_between": [spread.low.low, spread.low.high],
        "high": spread.high.value,
        "high_between": [spread.high.low, spread.high.high],
        "sampling_error": spread.sampling,
    }


def uncertainty_json(assessment: Assessment, found: Uncertainty) -> dict[str, Any]:
    """What the ranges of the inputs do to the results, and which of them do most."""
    return {
        "view": str(found.view),
        "draws": found.draws,
        "ranges": len(found.inputs),
        "expected_loss": spread_json(found.campaign),
        "yearly_loss": spread_json(found.yearly) if found.yearly is not None else None,
        "likelihood": {fact: spread_json(spread) for fact, spread in found.likelihood.items()},
        "drivers": [
            {
                "input": one.input.id,
                "name": input_name(assessment.compiled, one.input),
                "kind": one.input.kind,
                "ranges": [[stated.low, stated.mode, stated.high] for stated in one.input.ranges],
                "low": one.low,
                "high": one.high,
                "correlation": one.correlation,
                "share": one.share,
            }
            for one in found.drivers
        ],
    }


def contributions_json(found: Contributions) -> dict[str, Any]:
    """The parts of the expected loss."""

    def part(one: Part) -> dict[str, Any]:
        return {"id": one.id, **one.amount.to_json("amount"), "share": one.share.to_json()}

    return {
        "per": found.period,
        "whole": found.whole.to_json("amount"),
        "assets": [part(one) for one in found.assets],
        "actors": [part(one) for one in found.actors],
        "paths": [
            {
                "actor": one.actor,
                "targets": list(one.targets),
                "route": list(one.route),
                "steps": [step.id for step in one.path.steps],
                "chance": one.path.chance,
                **one.amount.to_json("amount"),
                "share": one.share.to_json(),
            }
            for one in found.paths
        ],
    }


def loss_assumptions(assessment: Assessment, report: LossReport) -> list[str]:
    """What the numbers of a report rest on, in words."""
    confidence = f"{assessment.options.confidence:.0%}"
    found = [
        "What a loss costs varies: each time, it is drawn anew from the PERT distribution of its range.",
    ]
    if report.losses.year is not None:
        process = "Campaigns of an actor arrive independently at its yearly rate (a Poisson process); "
        found.append(process + "a year's loss is their sum, and a loss that happens twice costs twice.")
    played = f"{report.losses.years:,} years, " if report.losses.year is not None else ""
    sampled = max(assessment.options.worlds, LEAST_CAMPAIGNS)
    seed = f"{sampled:,} campaigns of each actor, seed {assessment.options.seed}; "
    found.append(played + seed + f"sampling intervals at {confidence}, that of a tail mean approximately.")
    if report.uncertainty is not None:
        where = f"From the inputs: nine tenths of {report.uncertainty.draws:,} draws of all inputs that are ranges. "
        for_mean = "For an expected loss the amounts are among them, as judgements of the average; "
        found.append(where + for_mean + "for a distribution they are not, because it draws them itself.")
        if report.uncertainty.headline.sampling > 0:
            error = money(report.uncertainty.headline.sampling, assessment.compiled.system.currency)
            found.append(f"Sampling error of the expected loss within each of these draws: ±{error}.")
    if report.tails is not None:
        again = f"Chances and values at risk from the inputs: {report.tails.draws:,} draws, "
        found.append(again + f"each with the same {report.tails.years:,} years.")
    return [*found, *report.notes]
