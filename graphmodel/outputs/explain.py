"""Explanations as JSON; keys are documented in ``docs/cli.md``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphmodel.assessment.diagnosis import Diagnosis
from graphmodel.assessment.explain import Explanation
from graphmodel.outputs.assessment import views_json
from graphmodel.outputs.paths import hop_json


def explanation_json(explanation: Explanation) -> dict[str, Any]:
    """The output of ``graphmodel explain``."""
    return {
        "asset": explanation.asset,
        "facts": [
            {
                "fact": why.fact,
                "actor": why.actor,
                "likelihood": views_json(why.likelihood),
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


def diagnosis_json(found: Sequence[Diagnosis]) -> dict[str, Any]:
    """The output of ``graphmodel explain --given``."""
    return {
        "given": [
            {
                "fact": one.fact,
                "actor": one.actor,
                "likelihood": one.likelihood.to_json("likelihood"),
                "steps": [
                    {
                        "step": step.step,
                        "name": step.name,
                        "gains": step.gains,
                        **step.chance.to_json("taken"),
                        "before": step.before.to_json(),
                    }
                    for step in one.steps
                ],
                "controls": [
                    {"id": control.id, **control.chance.to_json("failed"), "before": control.before}
                    for control in one.controls
                ],
            }
            for one in found
        ]
    }
