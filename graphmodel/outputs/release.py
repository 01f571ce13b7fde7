"""What a release of ATLAS changes as JSON; keys are documented in ``docs/cli.md``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphmodel.assessment.resting import Moved, Resting
from graphmodel.knowledge.atlas import Change, ReleaseChanges


def release_json(
    changes: ReleaseChanges, resting: Sequence[Resting] | None, moved: Sequence[Moved] = ()
) -> dict[str, Any]:
    """The output of ``graphmodel catalogue load``; without a system there are no ``losses`` and none that ``moved``."""
    found: dict[str, Any] = {
        "edition": changes.edition,
        "version": changes.version,
        "new": [{"id": one.id, "name": one.now} for one in changes.new],
        "gone": [_change(one) for one in changes.gone],
        "renamed": [_change(one) for one in changes.renamed],
        "matured": [_change(one) for one in changes.matured],
    }
    if resting is not None:
        found["losses"] = [{"fact": one.fact, "on": list(one.on)} for one in resting]
        found["moved"] = [
            {"fact": one.fact, "was": one.was.to_json("likelihood"), "now": one.now.to_json("likelihood")}
            for one in moved
        ]
    return found


def _change(one: Change) -> dict[str, Any]:
    return {"id": one.id, "was": one.was, "now": one.now, "cited_by": list(one.cited)}
