"""Gaps as JSON; keys are documented in ``docs/cli.md``."""

from __future__ import annotations

from typing import Any

from graphmodel.assessment.gaps import Gaps
from graphmodel.assessment.results import Assessment


def gaps_json(assessment: Assessment, gaps: Gaps) -> dict[str, Any]:
    """The output of ``graphmodel gaps``."""
    return {
        "threats": [
            {
                "threat": gap.threat.id,
                "name": gap.threat.name,
                "area": str(gap.threat.area),
                "asset": gap.asset,
                "others": list(gap.others),
                "techniques": [one.pinned for one in gap.threat.techniques],
                "saves": {**gap.saves.to_json("amount"), "per": assessment.period},
                "planned": list(gap.planned),
                "controls": list(gap.controls),
            }
            for gap in gaps.threats
        ],
        "idle_controls": [{"id": one.control.id, "reason": one.reason} for one in gaps.idle],
        "weak_evidence": [{"id": one.control.id, "reason": one.reason, "factor": one.factor} for one in gaps.evidence],
        "open_flows": [{"id": one.flow.id, "missing": list(one.missing), "stated": one.stated} for one in gaps.flows],
        "roles": [
            {
                "architecture": one.architecture.id,
                "kind": one.architecture.kind,
                "id": one.gap.id,
                "title": one.gap.title,
                "gap": "open" if one.places else "missing",
                "why": one.gap.why,
                "places": [list(pair) for pair in one.places],
                "types": list(one.types),
                "controls": list(one.controls),
            }
            for one in gaps.roles
        ],
    }
