"""The history of a system as its snapshots record it: loss, maturity, open items and findings from date to date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphmodel.engine.estimates import Estimate
from graphmodel.knowledge.vocabulary import View
from graphmodel.posture.recorded import OPEN, Kind, is_yearly, recorded
from graphmodel.posture.snapshot import Snapshot


@dataclass(frozen=True)
class Moment:
    """One snapshot. ``loss`` is by view, per year where all snapshots have that, and otherwise, as things stood only,
    of one campaign of each actor; in its own ``currency``. ``levels`` is the mean level of each area over what was
    assessed, in the framework's order; ``below`` how many requirements were below their target or not assessed."""

    name: str
    date: str
    note: str
    program: str
    currency: str
    loss: Mapping[View, Estimate]
    levels: Mapping[str, float]
    below: int
    open_items: int
    overdue: int
    expired: int
    contradictions: int


@dataclass(frozen=True)
class History:
    """The moments of one system, the oldest first; ``per`` is what losses are per."""

    system: str
    per: str
    moments: tuple[Moment, ...]


def histories(snapshots: Sequence[tuple[str, Snapshot]]) -> tuple[History, ...]:
    """The history of every system in named snapshots, which come in the order of their dates."""
    by_system: defaultdict[str, list[tuple[str, Snapshot]]] = defaultdict(list)
    for name, one in snapshots:
        by_system[one.system["id"]].append((name, one))
    found = []
    for system, ones in sorted(by_system.items()):
        yearly = all(is_yearly(one.results) for _, one in ones)
        per = "year" if yearly else "campaign of each actor"
        found.append(History(system, per, tuple(_moment(name, one, yearly) for name, one in ones)))
    return tuple(found)


def _moment(name: str, one: Snapshot, yearly: bool) -> Moment:
    results, posture = one.results, one.results["posture"]
    if yearly:
        loss = {view: recorded(results["yearly_loss"][str(view)]) for view in View}
    else:
        loss = {View.RESIDUAL: recorded(results["campaigns_loss"])}
    by_area: defaultdict[str, list[int]] = defaultdict(list)
    levels = posture["levels"].values()
    for level in levels:
        if level["today"] is not None:
            by_area[level["area"]].append(level["today"])
    findings = posture["findings"]
    return Moment(
        name=name,
        date=one.date,
        note=one.note,
        program=one.program,
        currency=one.system["currency"],
        loss=loss,
        levels={area: sum(known) / len(known) for area, known in by_area.items()},
        below=sum(level["today"] is None or level["today"] < level["target"] for level in levels),
        open_items=posture["items"].get(OPEN, 0),
        overdue=findings.get(str(Kind.OVERDUE), 0),
        expired=findings.get(str(Kind.EXPIRED), 0),
        contradictions=findings.get(str(Kind.CONTRADICTION), 0),
    )
