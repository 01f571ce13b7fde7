"""Explanations as JSON; keys are documented in ``docs/cli.md``."""

from __future__ import annotations

from typing import Any

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
