"""The history of systems as JSON and in words; keys are documented in ``docs/snapshots.md``."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

from graphmodel.knowledge.vocabulary import View
from graphmodel.outputs.text.figures import folded, table
from graphmodel.outputs.wording import UNMARKED, estimated
from graphmodel.posture.history import History, Moment
from graphmodel.reading.printable import printable


def history_json(found: Sequence[History]) -> dict[str, Any]:
    """The output of ``graphmodel history``."""
    return {
        "systems": [
            {
                "system": one.system,
                "per": one.per,
                "moments": [
                    {
                        "snapshot": moment.name,
                        "date": moment.date,
                        "note": moment.note,
                        "program": moment.program,
                        "currency": moment.currency,
                        "loss": {str(view): loss.to_json("amount") for view, loss in moment.loss.items()},
                        "maturity": dict(moment.levels),
                        "below_target": moment.below,
                        "open_items": moment.open_items,
                        "overdue": moment.overdue,
                        "expired": moment.expired,
                        "contradictions": moment.contradictions,
                    }
                    for moment in one.moments
                ],
            }
            for one in found
        ]
    }


def history_text(found: Sequence[History], folder: str) -> str:
    """The output of ``graphmodel history`` of a folder as text."""
    parts: list[str] = []
    for one in found:
        areas = list(dict.fromkeys(area for moment in reversed(one.moments) for area in moment.levels))
        rows = [[_when(moment), *_figures(moment), *(_level(moment, area) for area in areas)] for moment in one.moments]
        headers = ["snapshot", "loss", "below target", "items open", "overdue", "expired", *areas]
        parts += [printable(f"{one.system}: loss per {one.per} as things stood, and maturity by area"), ""]
        parts += [table(rows, headers), ""]
        if len(one.moments) > 1:
            last = [shlex.quote(f"{folder}/{moment.name}") for moment in one.moments[-2:]]
            parts += [printable(f"What moved it last: graphmodel diff {' '.join(last)}"), ""]
    if not parts:
        return "There are no snapshots here; `graphmodel snapshot FILE` takes one."
    return folded("\n".join([*parts, UNMARKED]))


def _when(moment: Moment) -> str:
    return moment.date + (f" ({moment.note})" if moment.note else "")


def _figures(moment: Moment) -> list[str]:
    counts = (moment.below, moment.open_items, moment.overdue, moment.expired)
    return [estimated(moment.loss[View.RESIDUAL], moment.currency), *map(str, counts)]


def _level(moment: Moment, area: str) -> str:
    return f"{moment.levels[area]:.1f}" if area in moment.levels else "-"
