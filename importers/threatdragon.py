"""OWASP Threat Dragon models, version 2 and 1: data flow diagrams with threats; membership in a zone is geometry.

Read with the reader of JSON alone: no package reads the format.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphmodel.knowledge.vocabulary import Evidence, Status
from graphmodel.model.accounts import Question
from graphmodel.reading.values import Place
from importers.drawn import (
    EXTERNAL,
    PROCESS,
    STORE,
    ask_about_twins,
    attacker,
    drawn_flow,
    drawn_part,
    is_attacker,
    is_internet,
    let_in_the_internet,
    one_line,
    protocol_encrypts,
)
from importers.elements import Boundary, Claim, Found, Link, Measure, Part, Sign
from importers.geometry import Box, box, innermost
from importers.importer import two_stage
from importers.provenance import Reader
from importers.source import Source

ID = "threatdragon"
KINDS = {"tm.Process": PROCESS, "tm.Store": STORE, "tm.Actor": EXTERNAL}
_SHAPES = {
    "process": "tm.Process",
    "store": "tm.Store",
    "actor": "tm.Actor",
    "flow": "tm.Flow",
    "trust-boundary-box": "tm.BoundaryBox",
    "trust-boundary-curve": "tm.Boundary",
    "td-text-block": "tm.Text",
}
_MITIGATED = frozenset({"mitigated", "eliminated"})
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NO_FLAG = frozenset({"hasOpenThreats", "isTrustBoundary", "outOfScope", "isBidirectional", "isEncrypted"})


def sniff(source: Source) -> bool:
    """Whether a file is a summary with the detail of diagrams, or was meant to be."""
    value = source.value
    return (
        isinstance(value, dict)
        and isinstance(value.get("summary"), dict)
        and any(isinstance(value.get(key), dict) for key in ("detail", "details"))
    )


def gather(source: Source) -> tuple[Found, Reader]:
    """The elements of all diagrams: what stands on two of them is two elements, about which a person is asked."""
    reader = Reader(source.text, importer=ID)
    value = reader.mapping(source.text.value, ())
    summary = reader.mapping(value.get("summary"), ("summary",))
    title = reader.name(summary.get("title"), ("summary", "title"))
    found = Found(title or "Threat Dragon model", reader.word(summary.get("description"), ("summary", "description")))
    detail = reader.mapping(value.get("detail"), ("detail",))
    for number, (place, one) in enumerate(reader.entries(detail.get("diagrams"), ("detail", "diagrams"))):
        _Diagram(found, reader, place, one, number).gather()
    ask_about_twins(found)
    reader.unread(detail, {"diagrams", "diagramTop", "threatTop", "contributors", "reviewer"}, ("detail",), "the file")
    return found, reader


@dataclass(frozen=True)
class _Cell:
    key: str
    type: str
    name: str
    place: Place
    cell: Mapping[str, Any]
    data: Mapping[str, Any]
    box: Box | None


class _Diagram:
    def __init__(self, found: Found, reader: Reader, place: Place, one: Mapping[str, Any], number: int) -> None:
        self.found, self.reader, self.place, self.number = found, reader, place, number
        self.title = one_line(reader.name(one.get("title"), (*place, "title")))
        old = reader.mapping(one.get("diagramJson"), (*place, "diagramJson"))
        cells, at = (
            (old.get("cells"), (*place, "diagramJson", "cells")) if old else (one.get("cells"), (*place, "cells"))
        )
        self.cells = [self.cell(spot, cell, order) for order, (spot, cell) in enumerate(reader.entries(cells, at))]
        self.by_key = {cell.key: cell for cell in self.cells}

    def cell(self, place: Place, cell: Mapping[str, Any], order: int) -> _Cell:
        reader = self.reader
        data = reader.mapping(cell.get("data"), (*place, "data")) or cell
        shape = reader.word(cell.get("shape"), (*place, "shape"))
        type_ = reader.word(data.get("type"), (*place, "data", "type")) or _SHAPES.get(shape, shape)
        key = self.key(cell.get("id")) or f"{self.number}: cell {order}"
        size = reader.mapping(cell.get("size"), (*place, "size"))
        at = reader.mapping(cell.get("position"), (*place, "position"))
        where = box(at.get("x"), at.get("y"), size.get("width"), size.get("height"))
        return _Cell(key, type_, self.name(cell, data, place), place, cell, data, where)

    def key(self, id_: Any) -> str:
        return f"{self.number}: {id_}" if isinstance(id_, str | int) and str(id_) else ""

    def name(self, cell: Mapping[str, Any], data: Mapping[str, Any], place: Place) -> str:
        """The title of a cell, wherever the versions of the format keep it."""
        labels = cell.get("labels")
        label: Any = labels[0] if isinstance(labels, list) and labels else None
        holders: tuple[Any, ...] = (cell.get("attrs"), label.get("attrs") if isinstance(label, dict) else label)
        told = [data.get("name"), cell.get("label"), label]
        for holder in holders:
            for part in ("text", "label", "labelText"):
                inner = holder.get(part) if isinstance(holder, dict) else None
                told.append(inner.get("text") if isinstance(inner, dict) else None)
        word = next((one for one in told if isinstance(one, str) and one.strip()), "")
        return one_line(self.reader.name(word, place))

    def gather(self) -> None:
        boundaries = {one.key: one for one in self.cells if one.type == "tm.BoundaryBox"}
        parts = [one for one in self.cells if one.type in KINDS]
        boxes = {one.key: one.box for one in (*boundaries.values(), *parts) if one.box is not None}
        zones = {key: boxes[key] for key in boundaries if key in boxes}
        around, whole = innermost(boxes, zones)
        if not whole:
            self.reader.report(
                "warning", self.place, "there are too many boundaries: not all were compared.", "Split it."
            )
        for one in boundaries.values():
            name = one.name or "Trust boundary"
            self.found.boundaries.append(
                Boundary(one.key, name, one.place, "boundary box", None, around.get(one.key, ""), note="drawn as a box")
            )
            self.stated(one, ())
        for one in parts:
            self.part(one, around.get(one.key, ""))
        for one in self.cells:
            if one.type == "tm.Flow":
                self.flow(one)
            elif one.type == "tm.Boundary":
                self.curve(one)
            elif one.type == "tm.Text":
                self.found.omit("text", one.place, "it is a caption")
            elif one.type not in KINDS and one.type != "tm.BoundaryBox":
                self.found.omit("cell", one.place, f"there is no kind “{one.type[:40]}” in this format")
        inside = set(around.values())
        for one in boundaries.values():
            if is_internet(one.name) and one.key in inside:
                let_in_the_internet(self.found, one.place, one.key, one.name)

    # ------------------------------------------------------------ elements
    def part(self, one: _Cell, zone: str) -> None:
        kind, name = KINDS[one.type], one.name or f"unnamed {KINDS[one.type]}"
        if kind != STORE and is_attacker(name):
            self.found.attackers.append(attacker(one.key, name, one.place, kind, zone))
            self.stated(one, (one.key,))
            return
        said = self.reader.word(one.data.get("description"), (*one.place, "description"))
        signs = (Sign("kind", "web application"),) if one.data.get("isWebApplication") is True else ()
        note = f"on the diagram “{self.title}”" if self.title else ""
        self.found.parts.append(
            drawn_part(
                kind, one.key, name, one.place, signs, boundary=zone, description=said, tags=self.flags(one), note=note
            )
        )
        if kind == STORE and one.data.get("isEncrypted") is True:
            self.measure(one, "encryption-at-rest", "Encrypted store", Status.IMPLEMENTED, "isEncrypted")
        if one.data.get("storesCredentials") is True:
            key, spot = f"{one.key} credentials", (*one.place, "storesCredentials")
            self.found.parts.append(
                Part(key, f"Credentials in {name}", spot, "credentials", type="Secret", boundary=zone)
            )
            self.found.links.append(Link(key, "storedIn", one.key, spot, "credentials"))
        self.stated(one, (one.key,))

    def flags(self, one: _Cell) -> tuple[str, ...]:
        """What is ticked on an element, and that it is out of scope, as tags."""
        ticked = [key for key, value in one.data.items() if value is True and key not in _NO_FLAG]
        found = [_CAMEL.sub("-", key).lower()[:60] for key in ticked]
        level = one.data.get("privilegeLevel")
        if isinstance(level, str) and level.strip():
            found.append(f"privilege: {one_line(level)[:60]}")
        if one.data.get("outOfScope") is True:
            found.append("out-of-scope")
        return tuple(dict.fromkeys(found))

    def measure(self, one: _Cell, control: str, name: str, status: Status, field: str) -> None:
        key, place = f"{one.key} {field}", (*one.place, field)
        self.found.measures.append(
            Measure(key, f"{name}: {one.name}", place, "tick", control, (one.key,), status, Evidence.DECLARED)
        )

    def end(self, one: _Cell, field: str) -> str:
        """What a flow is joined to at this end; empty, and accounted for, where it is nothing."""
        end = one.cell.get(field)
        key = self.key(end.get("cell") or end.get("id")) if isinstance(end, dict) else ""
        other = self.by_key.get(key)
        if other is not None and other.type in KINDS:
            return key
        if other is not None:
            reason = f"its {field} is a {'flow' if other.type == 'tm.Flow' else 'boundary or text'}"
        else:
            reason = f"its {field} is joined to nothing"
        self.found.omit("flow", one.place, reason)
        return ""

    def flow(self, one: _Cell) -> None:
        origin = self.end(one, "source")
        target = self.end(one, "target") if origin else ""
        self.stated(one, (origin, target) if origin and target else ())
        if not origin or not target:
            return
        reader, data = self.reader, one.data
        protocol = reader.name(data.get("protocol"), (*one.place, "protocol"))
        encrypted = True if data.get("isEncrypted") is True else protocol_encrypts(protocol)
        said = [reader.word(data.get("description"), (*one.place, "description"))]
        said += [f"protocol: {protocol}"] if protocol else []
        said += ["over a public network"] if data.get("isPublicNetwork") is True else []
        said += ["out of scope"] if data.get("outOfScope") is True else []
        self.found.links.append(
            drawn_flow(
                origin,
                target,
                one.place,
                "flow",
                one.name,
                two_way=data.get("isBidirectional") is True,
                encrypted=encrypted,
                description="; ".join(part for part in said if part),
            )
        )

    def curve(self, one: _Cell) -> None:
        self.found.omit("boundary curve", one.place, "a line has no inside: which elements it parts is not said")
        self.stated(one, ())
        name = f" “{one.name}”" if one.name else ""
        if sum(question.about == "" for question in self.found.questions) < 5:
            text = f"Which elements does the line{name} of “{self.title}” part? Draw a box, or set their zones."
            if all(question.question != text for question in self.found.questions):
                self.found.questions.append(Question("", text))

    def stated(self, one: _Cell, on: tuple[str, ...]) -> None:
        """The threats of a cell, each with its one mitigation: proposed until the threat is mitigated."""
        reader = self.reader
        at = (*one.place, "data", "threats") if one.data is not one.cell else (*one.place, "threats")
        for order, (place, threat) in enumerate(reader.entries(one.data.get("threats"), at)):
            key = f"{one.key} threat {order}"
            status = reader.name(threat.get("status"), (*place, "status"))
            answer = one_line(reader.word(threat.get("mitigation"), (*place, "mitigation")))
            if answer and on:
                state = Status.IMPLEMENTED if status.casefold() in _MITIGATED else Status.PROPOSED
                spot = (*place, "mitigation")
                self.found.measures.append(
                    Measure(f"{key} mitigation", answer[:120], spot, "mitigation", None, on, state, description=answer)
                )
            score = reader.name(threat.get("score"), (*place, "score"))
            type_ = reader.name(threat.get("type"), (*place, "type"))
            said = reader.word(threat.get("description"), (*place, "description"))
            extra = "; ".join(part for part in (type_, f"score {score}" if score else "") if part)
            self.found.claims.append(
                Claim(
                    key,
                    one_line(reader.name(threat.get("title"), (*place, "title"))) or type_ or "threat",
                    place,
                    "threat",
                    on,
                    None,
                    status,
                    "",
                    reader.name(threat.get("severity"), (*place, "severity")),
                    (f"{key} mitigation",) if answer and on else (),
                    f"{said} ({extra})".strip() if extra else said,
                )
            )


IMPORTER = two_stage(
    ID,
    "OWASP Threat Dragon model",
    sniff,
    gather,
    ("ThreatDragonModels/*.json", "*threat*dragon*.json", "*threat*model*.json"),
)
