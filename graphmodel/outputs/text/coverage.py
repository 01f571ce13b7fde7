"""What the catalogue covers, as text for a terminal."""

from __future__ import annotations

from collections import defaultdict

from graphmodel.knowledge.coverage import Coverage, EditionCover
from graphmodel.knowledge.vocabulary import Capability
from graphmodel.outputs.text.figures import folded, table


def coverage_text(found: Coverage) -> str:
    """The output of ``graphmodel catalogue coverage``."""
    gains = [one for one in Capability if any(gained[one] for gained in found.types.values())]
    rows = [[name, *(len(gained[one]) or "" for one in gains)] for name, gained in found.types.items()]
    parts = ["Threats by type and by what they gain", table(rows, ["type", *gains]), ""]
    editions = [
        [
            one.edition,
            one.size,
            len(one.cited),
            len(one.in_part),
            sum(reason.off for reason in one.reasons.values()),
            sum(not reason.off for reason in one.reasons.values()),
            len(one.without),
        ]
        for one in found.editions
    ]
    headers = ["edition", "entries", "cited", "in part", "off the system", "left out, with a reason", "without"]
    parts += ["Entries of each edition that threats and controls cite", table(editions, headers), ""]
    for edition in found.editions:
        parts += _left_out(edition)
    parts.append(f"Threats without a control ({len(found.uncontrolled)})")
    parts += [f"- {threat}: {why or 'nobody says why'}" for threat, why in found.uncontrolled.items()]
    parts += ["", f"Items of the assessment framework without a control ({len(found.items)} of {found.items_in_all})"]
    parts.append(", ".join(found.items))
    return folded("\n".join(parts))


def _left_out(edition: EditionCover) -> list[str]:
    """Why entries are left out, one line a reason, and those of which nobody says why."""
    by_reason: defaultdict[str, list[str]] = defaultdict(list)
    for id_, reason in edition.reasons.items():
        if not reason.off:
            by_reason[reason.because].append(id_)
    if not by_reason and not edition.without:
        return []
    lines = [f"- {why} {', '.join(ids)}" for why, ids in by_reason.items()]
    if edition.without:
        lines.append(f"- Nobody says why: {', '.join(edition.without)}")
    return [f"Left out of {edition.edition}", *lines, ""]
