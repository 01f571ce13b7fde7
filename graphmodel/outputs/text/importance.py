"""The output of ``graphmodel importance`` as text."""

from __future__ import annotations

from graphmodel.assessment.importance import Importance, Kind
from graphmodel.assessment.results import Assessment
from graphmodel.outputs.importance import PART_WORDS, blast_assumption, part_name
from graphmodel.outputs.text.figures import folded, table
from graphmodel.outputs.wording import UNMARKED, estimated, percent
from graphmodel.reading.printable import printable


def importance_text(assessment: Assessment, found: Importance, kinds: list[Kind], actor: str | None, top: int) -> str:
    """The output of ``graphmodel importance``, with ``top`` rows in each table."""
    system = assessment.compiled.system
    period = assessment.period if actor is None else "campaign"
    parts = [printable(f"{system.name} ({system.id}), as things stand; amounts a {period}")]
    for kind in kinds:
        rows = []
        for one in found.that_matter(kind)[:top]:
            extra = one.birnbaum if kind is Kind.STEP else one.costs
            rows.append(
                [
                    part_name(assessment, one),
                    estimated(one.saves, system.currency) if one.saves else "",
                    percent(one.share) if one.share else "",
                    *([estimated(extra, system.currency) if extra else ""] if PART_WORDS[kind].costs else []),
                ]
            )
        if rows:
            words = PART_WORDS[kind]
            headers = [str(kind), words.saves, "share of the loss", *([words.costs] if words.costs else [])]
            parts += ["", table(rows, headers)]
    if Kind.ASSET in kinds and found.blast:
        rows = [
            [
                system.name_of(one.asset),
                system.name_of(one.actor),
                estimated(one.loss, system.currency),
                estimated(one.added, system.currency),
            ]
            for one in found.blast[:top]
        ]
        headers = ["blast radius of", "for", "a campaign then costs", "which adds"]
        parts += ["", table(rows, headers), blast_assumption()]
    return folded("\n".join([*parts, "", UNMARKED]))
