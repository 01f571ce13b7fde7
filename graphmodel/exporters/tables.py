"""A system as a table, by the template that comes back as the same system: CSV, and the same as an Excel workbook."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable

from graphmodel.exporters.case import Case, Exporter, holding
from graphmodel.knowledge.vocabulary import Capability
from graphmodel.model.system import Actor, Asset, Flow, Zone
from graphmodel.reading.cells import inert
from graphmodel.workbooks.tables import Sheet, tables_workbook
from importers.table import COLUMNS, FURTHER

_HOLDS = {
    "zones": "id name trust parent description",
    "assets": "id name type zone description tags owner",
    "flows": "id origin target relation name carries returns two_way opened_by authenticated encrypted description",
    "dependencies": "origin relation target",
    "actors": "id name kind skill zone starts description",
    "controls": "id control name protects status evidence description",
    "losses": "held severity description",
}
HEADER = (*COLUMNS, *FURTHER)


def rows(case: Case) -> list[dict[str, str]]:
    """The rows of the table: the system, then what it consists of, in the order of its document."""
    system = case.system
    named = _names(case)
    made = [{"kind": "system", "name": system.name, "description": system.description}]

    def add(kind: str, **cells: str) -> None:
        made.append({"kind": kind, **{name.strip("_").replace("_", " "): text for name, text in cells.items()}})

    def called(id_: str | None) -> str:
        return named.get(id_, id_) if id_ else ""

    for zone in system.zones:
        trust = "" if zone.trust is None else str(zone.trust)
        add(
            "zone", name=zone.name or zone.id, zone=called(zone.parent), value=trust, description=zone.description,
            id=zone.id,
        )  # fmt: skip
    for asset in system.assets:
        add(
            "asset", name=asset.name or asset.id, type=asset.type, zone=called(asset.zone), id=asset.id,
            description=asset.description, tags="; ".join(asset.tags), owner=asset.owner,
        )  # fmt: skip
    for actor in system.actors:
        add(
            "actor", name=actor.name or actor.id, type=str(actor.kind), value=str(actor.skill), id=actor.id,
            zone=called(actor.zone), to=_starts(actor, named), description=actor.description,
        )  # fmt: skip
    for flow in system.flows:
        add(
            "flow", name=flow.name, type=flow.relation, from_=called(flow.origin), to=called(flow.target), id=flow.id,
            carries=_list(flow.carries, named), value=_flow(flow), description=flow.description,
            returns=_list(flow.returns, named), opened_by=called(flow.opened_by),
        )  # fmt: skip
    for one in system.dependencies:
        add("dependency", type=one.relation, from_=called(one.origin), to=called(one.target))
    for control in system.controls:
        add(
            "control", name=control.name or control.id, type=control.control or "", to=_list(control.protects, named),
            value=f"{control.status} {control.evidence}", description=control.description, id=control.id,
        )  # fmt: skip
    bands = {risk.held: risk.severity for risk in case.assessment.risks}
    for loss in system.losses:
        severity = str(loss.severity or bands.get(loss.held) or "")
        to = called(loss.held.asset)
        add("loss", type=str(loss.held.capability), to=to, value=severity, description=loss.description)
    return made


def _names(case: Case) -> dict[str, str]:
    """What each element is called in the table: by its name where nothing else has it, otherwise by its id."""
    system = case.system
    elements: list[Zone | Asset | Actor] = [*system.zones, *system.assets, *system.actors]
    ids = {one.id.casefold() for one in (*elements, *system.flows)}
    uses = Counter(one.name.casefold() for one in elements)

    def plain(name: str, id_: str) -> bool:
        told = name.casefold()
        return (
            bool(name.strip()) and name == " ".join(name.split()) and uses[told] == 1
            and (told not in ids or told == id_.casefold()) and not set(name) & set(",;:") and name[0] not in "'*#"
        )  # fmt: skip

    return {one.id: one.name if plain(one.name, one.id) else one.id for one in elements} | {
        flow.id: flow.id for flow in system.flows
    }


def _list(ids: Iterable[str], named: dict[str, str]) -> str:
    return "; ".join(named.get(one, one) for one in ids)


def _starts(actor: Actor, named: dict[str, str]) -> str:
    return "; ".join(
        named[one.asset] if one.capability is Capability.CONNECT else f"{named[one.asset]}:{one.capability}"
        for one in actor.starts
    )


def _flow(flow: Flow) -> str:
    said = ["two-way"] if flow.two_way else []
    for word, value in (("authenticated", flow.authenticated), ("encrypted", flow.encrypted)):
        said += [] if value is None else [word if value else f"not-{word}"]
    return " ".join(said)


def as_csv(case: Case) -> bytes:
    """The table as CSV. What a spreadsheet would calculate has an apostrophe before it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    for row in rows(case):
        writer.writerow([inert(row.get(column, "")) for column in HEADER])
    return out.getvalue().encode()


def as_xlsx(case: Case) -> bytes:
    """The same table as an Excel workbook, all of whose cells are texts."""
    cells = ([row.get(column, "") for column in HEADER] for row in rows(case))
    table = [HEADER, *([inert(one) if "'" in one else one for one in row] for row in cells)]
    return tables_workbook([Sheet("System", table)], case.date)


CSV = Exporter("csv", "Table of the system (CSV)", ".csv", as_csv, holding(**_HOLDS))
XLSX = Exporter("xlsx", "Table of the system (Excel workbook)", ".xlsx", as_xlsx, holding(**_HOLDS), binary=True)
