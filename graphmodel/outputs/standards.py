"""What the answers say for a standard, as JSON and in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from graphmodel.outputs.text.figures import folded, table
from graphmodel.outputs.wording import few
from graphmodel.posture.standards import STRONG, StandardRow, Support

SUGGESTION = (
    "Counterparts are suggestions: they say that a requirement bears on an entry, not that it is all that the entry "
    "asks. “Supported” is not “met”, and none of this is a certification."
)
WEAK = (
    f"An entry is “weak” where every mapping to it has a confidence below {STRONG:g}: its counterparts bear on a part "
    "of it, so that it is supported in part at most."
)


def standard_json(id_: str, title: str, rows: Sequence[StandardRow], note: str = "") -> dict[str, Any]:
    """The output of ``graphmodel posture --standard``."""
    return {
        "standard": id_,
        "title": title,
        "note": f"{note} {SUGGESTION}".strip(),
        "entries": [
            {
                "id": row.id,
                "title": row.title,
                "support": str(row.support),
                "by": [
                    {
                        "requirement": one.requirement.id,
                        "today": one.today,
                        "confidence": row.confidence.get(one.requirement.id),
                    }
                    for one in row.by
                ],
                "weak": row.weak,
                "evidence": list(row.evidence),
                "steps": row.steps,
                "covered": row.covered,
            }
            for row in rows
        ],
    }


def standard_text(id_: str, title: str, rows: Sequence[StandardRow], note: str = "") -> str:
    """The output of ``graphmodel posture --standard`` as text."""
    counts = Counter(row.support for row in rows)
    said = ", ".join(f"{counts[one]} {one}" for one in Support if counts[one])
    techniques = any(row.steps is not None for row in rows)
    cells = [
        [
            row.id,
            row.title,
            f"{row.support} (weak)" if row.weak else row.support,
            ", ".join(f"{one.requirement.id} ({'?' if one.today is None else one.today})" for one in row.by[:4])
            + (", …" if len(row.by) > 4 else ""),
            few(row.evidence, 2),
            *([f"{row.covered} of {row.steps}" if row.steps else ""] if techniques else []),
        ]
        for row in rows
    ]
    headers = ["entry", "", "support", "by (level today)", "evidence", *(["steps covered"] if techniques else [])]
    notes = [*([note] if note else []), *([WEAK] if any(row.weak for row in rows) else []), SUGGESTION]
    return folded("\n".join([f"{title} ({id_}): {said}", "", table(cells, headers), "", *notes]))
