"""What tests made of a step, as JSON: prior, data and posterior; keys are documented in ``docs/cli.md``."""

from __future__ import annotations

from typing import Any

from graphmodel.binding.evidence import Update
from graphmodel.binding.updating import HIGH, LOW, Beta, Campaign


def update_json(update: Update) -> dict[str, Any]:
    """The prior, the data and the posterior of a step against an actor's skill."""
    trials, stated = update.trials, update.stated
    return {
        "on": trials.on,
        "tests": [one.id for one in trials.observations],
        "controls_on": list(update.controls),
        "prior": {
            "stated": {"low": stated.low, "mode": stated.mode, "high": stated.high, "mean": stated.mean},
            "left_by_controls": update.left,
            "prompt": _beta(update.before),
            "campaign": _campaign(update.expected),
        },
        "data": {"attempts": trials.attempts, "hits": trials.hits, "errors": trials.errors},
        "posterior": {"prompt": _beta(update.after), "campaign": _campaign(update.measured)},
        "chance_without_controls": update.chance.mean,
        "controls_cover": update.covered,
    }


def _beta(one: Beta) -> dict[str, float]:
    return {"a": one.a, "b": one.b, "mean": one.mean, "low": one.quantile(LOW), "high": one.quantile(HIGH)}


def _campaign(one: Campaign) -> dict[str, float]:
    return {"prompts": one.prompts, "chance": one.mean, "low": one.low, "high": one.high}
