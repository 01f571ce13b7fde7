"""What ``graphmodel importance`` prints as JSON: plain values with stable keys, documented in ``docs/cli.md``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphmodel.assessment import Assessment
from graphmodel.influence import Influence, Kind, part_name


def influence_json(
    assessment: Assessment, found: Influence, kinds: Sequence[Kind], actor: str | None
) -> dict[str, Any]:
    """The output of ``graphmodel importance --json``."""
    parts = [one for one in found.parts if one.kind in kinds]
    return {
        "system": assessment.compiled.system.id,
        "currency": assessment.compiled.system.currency,
        "period": assessment.period if actor is None else "campaign",
        "actor": actor,
        "parts": [
            {
                "kind": str(one.kind),
                "id": one.id,
                "name": part_name(assessment, one),
                "saves": one.saves.to_json() if one.saves else None,
                "share": one.share,
                "costs": one.costs.to_json() if one.costs else None,
                "birnbaum": one.birnbaum.to_json() if one.birnbaum else None,
            }
            for one in parts
        ],
        "blast_radius": [
            {"asset": one.asset, "actor": one.actor, "loss": one.loss.to_json(), "added": one.added.to_json()}
            for one in (found.blast if Kind.ASSET in kinds else ())
        ],
    }
