"""What the catalogue covers, as text for a terminal."""

from __future__ import annotations

from collections import defaultdict

from graphmodel.knowledge.coverage import Coverage, EditionCover
from graphmodel.knowledge.mitigations import EdgeCover
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
    mapped = [
        [
            one.edition,
            len(one.mapped) + len(one.no_term) + len(one.without),
            *map(len, (one.mapped, one.no_term, one.without)),
        ]
        for one in found.mapped
    ]
    headers = ["edition", "entries", "mapped", "no counterpart, with a reason", "without"]
    parts += ["Entries of each edition that is mapped to the catalogue or the framework", table(mapped, headers), ""]
    parts += _edges(found.edges)
    parts.append(f"Threats without a control ({len(found.uncontrolled)})")
    parts += [f"- {threat}: {why or 'nobody says why'}" for threat, why in found.uncontrolled.items()]
    return folded("\n".join([*parts, "", *_items(found)]))


def _items(found: Coverage) -> list[str]:
    """How many items of the assessment framework a control is the measure of, and why none is of the others."""
    by_reason: defaultdict[str, list[str]] = defaultdict(list)
    for id_, one in found.items.items():
        by_reason["Nobody says why" if one is None else one.because].append(id_)
    people = sum(one is not None and one.organisational for one in found.items.values())
    open_ = sum(one is None for one in found.items.values())
    counts = f"{found.items_in_all - len(found.items)} with a control, {people} for people to decide"
    rest = f"{len(found.items) - people - open_} without one for another reason, {open_} open"
    return [
        f"Items of the assessment framework ({found.items_in_all}: {counts}, {rest})",
        *(f"- {because} {', '.join(ids)}" for because, ids in by_reason.items()),
    ]


def _edges(found: EdgeCover) -> list[str]:
    """What becomes of the mitigations that an edition publishes for the techniques that threats cite."""
    by_reason: defaultdict[str, list[str]] = defaultdict(list)
    for (mitigation, technique), because in found.refused.items():
        by_reason[because].append(f"{mitigation} {technique}")
    counts = f"{len(found.followed)} followed, {len(found.limiting)} by less loss, {len(found.refused)} refused"
    rest = f"{len(found.open)} open; {found.elsewhere} more are for other techniques"
    heading = f"Mitigations that {found.edition} publishes for the techniques that threats cite"
    return [
        f"{heading} ({found.size}: {counts}, {rest})",
        *(f"- {because} {', '.join(edges)}" for because, edges in by_reason.items()),
        *(f"- Nobody says why not: {mitigation} {technique}" for mitigation, technique in found.open),
        "",
    ]


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
