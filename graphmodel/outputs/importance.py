"""What ``graphmodel importance`` prints as JSON: plain values with stable keys, documented in ``docs/cli.md``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graphmodel.assessment.importance import Importance, Kind, PartImportance
from graphmodel.assessment.results import Assessment
from graphmodel.engine.importance import GraphImportance


@dataclass(frozen=True, slots=True)
class PartWords:
    """What ``saves`` and the other amount of a part stand for; empty where there is no other."""

    saves: str
    costs: str = ""


PART_WORDS = {
    Kind.STEP: PartWords("saved if impossible", "certain less impossible (Birnbaum)"),
    Kind.CONTROL: PartWords("saved if perfect", "lost if absent"),
    Kind.FLOW: PartWords("saved if cut"),
    Kind.ENTRY: PartWords("saved if closed"),
    Kind.ASSET: PartWords("saved if out of reach", "lost if held from the start"),
}


def blast_assumption() -> str:
    """What a blast radius means."""
    return (
        "A blast radius is the expected loss of a campaign whose actor holds the asset, with all that can be "
        "held of it, from the start."
    )


def part_name(assessment: Assessment, one: PartImportance) -> str:
    """A part in words."""
    compiled = assessment.compiled
    if one.kind is Kind.ENTRY:
        element, _, capability = one.id.rpartition(":")
        return f"{compiled.system.name_of(element)}: {capability}"
    if one.kind is not Kind.STEP:
        return compiled.system.name_of(one.id)
    binding = compiled.binding_by_id[one.id]
    told = [found[0] for part, found in zip(binding.pattern.parts, binding.parts, strict=True) if part.each]
    over = f" over {', '.join(compiled.system.name_of(one) for one in told)}" if told else ""
    return f"{binding.pattern.name}, {compiled.system.name_of(binding.asset)}{over}"


def importance_json(
    assessment: Assessment, found: Importance, kinds: Sequence[Kind], actor: str | None
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


def graph_importance_json(found: GraphImportance) -> dict[str, Any]:
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
