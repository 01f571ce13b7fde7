"""The catalogue as JSON; keys are documented in ``docs/cli.md``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphmodel.knowledge.search import Match
from graphmodel.knowledge.vocabulary import Catalogue, Skill, Strength


def catalogue_json(known: Catalogue) -> dict[str, Any]:
    """The output of ``graphmodel catalogue``: names by id of types and relations, what threats and controls are,
    and what a model's own files say otherwise."""
    return {
        "types": {name: one.label for name, one in known.types.items() if not one.abstract},
        "relations": {name: known.relations[name].label for name in known.declarable_relations()},
        "threats": {
            one.id: {
                "name": one.name,
                "area": str(one.area),
                "techniques": [t.pinned for t in one.techniques],
                "basis": one.basis,
                "source": one.source,
            }
            for one in known.patterns.values()
            if not one.propagation
        },
        "controls": {
            one.id: {
                "name": one.name,
                "function": str(one.function),
                "area": str(one.area),
                "mitigates": sorted(one.mitigates),
                "applies_to": list(one.applies_to),
                "strength": _strength(one.strength),
                "against": {
                    threat: {
                        **(_strength(one.against[threat]) if threat in one.against else {}),
                        "applies_to": list(one.applies_against(threat)),
                    }
                    for threat in sorted({*one.against, *one.places})
                },
            }
            for one in known.controls.values()
        },
        "overridden": [
            {
                "kind": one.kind,
                "id": one.entry,
                "field": one.field,
                "shipped": one.before,
                "here": one.now,
                "file": one.file,
                "line": one.line,
            }
            for one in known.overridden
        ],
    }


def _strength(one: Strength) -> dict[str, Any]:
    by_skill = {str(skill): [of.low, of.mode, of.high] for skill in Skill for of in (one.of(skill),)}
    return {**by_skill, "basis": one.basis, "source": one.source}


def search_json(asked: str, found: Sequence[Match]) -> dict[str, Any]:
    """The output of ``graphmodel catalogue search``."""
    return {
        "words": asked,
        "found": [
            {
                "kind": one.kind,
                "id": one.id,
                "name": one.name,
                "meaning": one.meaning,
                "score": one.score,
                "why": one.why,
            }
            for one in found
        ],
    }
