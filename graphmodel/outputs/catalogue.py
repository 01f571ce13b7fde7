"""The catalogue as JSON; keys are documented in ``docs/cli.md``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphmodel.knowledge.search import Match
from graphmodel.knowledge.vocabulary import Catalogue


def catalogue_json(known: Catalogue) -> dict[str, Any]:
    """The output of ``graphmodel catalogue``: names by id of types and relations, and what threats and controls are."""
    return {
        "types": {name: one.label for name, one in known.types.items() if not one.abstract},
        "relations": {name: known.relations[name].label for name in known.declarable_relations()},
        "threats": {
            one.id: {"name": one.name, "area": str(one.area), "techniques": [t.pinned for t in one.techniques]}
            for one in known.patterns.values()
            if not one.propagation
        },
        "controls": {
            one.id: {
                "name": one.name,
                "function": str(one.function),
                "area": str(one.area),
                "mitigates": sorted(one.mitigates),
            }
            for one in known.controls.values()
        },
    }


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
