"""What ``graphmodel importance`` prints as JSON: plain values with stable keys, documented in ``docs/cli.md``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphmodel.assessment import Assessment
from graphmodel.influence import GraphInfluence, Influence, Kind, part_name


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
                "share": one.share.to_json() if one.share else None,
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


def graph_influence_json(found: GraphInfluence) -> dict[str, Any]:
    """What ``graphmodel solve --importance --json`` adds."""
    names = dict.fromkeys((*found.perfect, *found.absent))
    return {
        "steps": {step: {"saves": saves.to_json()} for step, saves in found.steps.items()},
        "controls": {
            name: {
                "saves": found.perfect[name].to_json() if name in found.perfect else None,
                "costs": found.absent[name].to_json() if name in found.absent else None,
            }
            for name in names
        },
    }
