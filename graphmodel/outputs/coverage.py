"""What the catalogue covers as JSON; keys are documented in ``docs/cli.md``."""

from __future__ import annotations

from typing import Any

from graphmodel.knowledge.coverage import Coverage


def coverage_json(found: Coverage) -> dict[str, Any]:
    """The output of ``graphmodel catalogue coverage``."""
    return {
        "types": {
            name: {str(gain): list(ids) for gain, ids in gained.items() if ids} for name, gained in found.types.items()
        },
        "editions": {
            one.edition: {
                "cited": list(one.cited),
                "in_part": list(one.in_part),
                "reasons": {
                    id_: {"because": reason.because, "off_system": reason.off} for id_, reason in one.reasons.items()
                },
                "without": list(one.without),
            }
            for one in found.editions
        },
        "mapped": {
            one.edition: {"mapped": list(one.mapped), "no_term": list(one.no_term), "without": list(one.without)}
            for one in found.mapped
        },
        "mitigation_edges": {
            "edition": found.edges.edition,
            "followed": [list(one) for one in found.edges.followed],
            "limiting": [list(one) for one in found.edges.limiting],
            "refused": [[*edge, because] for edge, because in found.edges.refused.items()],
            "open": [list(one) for one in found.edges.open],
            "elsewhere": found.edges.elsewhere,
        },
        "threats_without_control": dict(found.uncontrolled),
        "items_without_control": {
            id_: {"because": one.because, "organisational": one.organisational} if one is not None else None
            for id_, one in found.items.items()
        },
        "items": found.items_in_all,
    }
