"""Solutions of attack graphs as JSON; keys are documented in ``docs/cli.md``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphmodel.engine.likelihood import Options, Solution


def solution_json(solution: Solution, facts: Sequence[str], options: Options) -> dict[str, Any]:
    """The output of ``graphmodel solve``."""
    return {
        "facts": {fact: solution.of(fact).to_json("likelihood") for fact in facts},
        "expected_loss": solution.loss.to_json("amount"),
        "confidence": options.confidence,
        "seed": options.seed,
        "worlds": solution.worlds,
    }
