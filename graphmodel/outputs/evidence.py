"""What tests made of a step and of a system, as JSON; keys are documented in ``docs/cli.md``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphmodel.assessment.results import Assessment
from graphmodel.assessment.testing import Intake
from graphmodel.binding.evidence import Update, Weighed, strengths, told
from graphmodel.binding.updating import HIGH, LOW, Beta, Campaign
from graphmodel.engine.estimates import Estimate
from graphmodel.knowledge.vocabulary import View
from graphmodel.model.writing import observation_out


@dataclass(frozen=True)
class Change:
    """A system assessed without and with new evidence."""

    before: Assessment
    after: Assessment

    @property
    def losses(self) -> tuple[Estimate, Estimate]:
        """The expected loss before and after: of a year where rates are known, else of the worst campaign."""
        found = [one.yearly_loss() or one.expected_loss() for one in (self.before, self.after)]
        return found[0], found[1]

    @property
    def moved(self) -> tuple[tuple[str, Estimate, Estimate], ...]:
        """The facts with a loss whose likelihood is another one now, before and after, the largest change first."""
        pairs = [
            (one.fact, self.before.worst(one.fact, View.RESIDUAL)[1], self.after.worst(one.fact, View.RESIDUAL)[1])
            for one in self.after.risks
        ]
        changed = [one for one in pairs if one[1] != one[2]]
        return tuple(sorted(changed, key=lambda one: (-abs(one[2].value - one[1].value), one[0])))

    @property
    def weighed(self) -> tuple[Weighed, ...]:
        """All evidence of the system, the new one with the old, and what each counts for."""
        return self.after.compiled.measurements.weighed


def intake_json(found: Intake, change: Change) -> dict[str, Any]:
    """The output of ``graphmodel evidence``."""
    before, after = change.losses
    return {
        "results": [
            {
                "file": one.file,
                "tool": one.tool,
                "target": one.target,
                "technique": one.technique,
                "found": one.said,
                "asset": one.asset or None,
                "threat": one.threat or None,
                "evidence": one.evidence or None,
                "why": one.why,
                "notes": list(one.notes),
            }
            for one in found.lines
        ],
        "new": {one.id: observation_out(one) for one in found.evidence},
        "evidence": [
            {"id": one.observation.id, "uses": list(one.uses), "why": one.why, "said": told(one)}
            for one in change.weighed
        ],
        "controls": [
            {
                "control": one.control,
                "without": {"hits": one.without.hits, "attempts": one.without.attempts},
                "with": {"hits": one.with_it.hits, "attempts": one.with_it.attempts},
                "counts": not one.refused,
                "why": one.refused,
                "strength": {
                    str(skill): {
                        "probability": effect.probability,
                        "mean": effect.mean,
                        "low": effect.low,
                        "median": effect.median,
                        "high": effect.high,
                    }
                    for skill, effect in one.effects.items()
                },
            }
            for one in strengths(change.after.compiled)
        ],
        "expected_loss": {
            "per": change.after.period,
            "before": before.to_json("loss"),
            "after": after.to_json("loss"),
        },
        "likelihoods": [
            {"fact": fact, "before": old.to_json("likelihood"), "after": new.to_json("likelihood")}
            for fact, old, new in change.moved
        ],
    }


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
