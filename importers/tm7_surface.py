"""One drawing surface of a .tm7 model: stencils, connectors and boundaries, with what is set on them."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from graphmodel.reading.values import Place
from graphmodel.reading.xml_text import XmlText, local
from importers.arcs import Arc, embraced
from importers.drawn import (
    EXTERNAL,
    PROCESS,
    STORE,
    attacker,
    drawn_flow,
    drawn_part,
    is_attacker,
    is_internet,
    let_in_the_internet,
    one_line,
    protocol_encrypts,
)
from importers.elements import Boundary, Found, Ground, Sign
from importers.geometry import Box, box, innermost, number
from importers.provenance import Reader

TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
GENERIC = {"GE.P": PROCESS, "GE.DS": STORE, "GE.EI": EXTERNAL}
SHAPES = {"StencilEllipse": PROCESS, "StencilParallelLines": STORE, "StencilRectangle": EXTERNAL}
UNSET = frozenset({"", "not selected", "select", "not applicable", "unknown", "0"})
YES_NO = {"yes": True, "true": True, "no": False, "false": False}
MOST_SET = 12  # properties of one element that are told in its description


def child(element: Element | None, name: str) -> Element | None:
    """The first child of this name, whatever its namespace."""
    return next((one for one in element if local(one.tag) == name), None) if element is not None else None


def text_of(element: Element | None, name: str) -> str:
    """The text of a child; empty where there is none."""
    found = child(element, name)
    return (found.text or "").strip() if found is not None else ""


def properties(element: Element) -> tuple[str, dict[str, str]]:
    """What kind of stencil an element is by its heading, and its properties as they are set, by their shown names."""
    heading, found = "", dict[str, str]()
    holder = child(element, "Properties")
    for one in holder if holder is not None else ():
        name, value = text_of(one, "DisplayName"), child(one, "Value")
        kind = one.get(TYPE, "").rpartition(":")[2]
        if kind == "HeaderDisplayAttribute":
            heading = heading or name
        elif kind in ("ListDisplayAttribute", "StaticListDisplayAttribute"):
            options = [(option.text or "").strip() for option in value] if value is not None else []
            chosen = text_of(one, "SelectedIndex")
            if chosen.isdecimal() and len(chosen) < 6 and int(chosen) < len(options):
                found[name] = options[int(chosen)]
        elif name:
            found[name] = (value.text or "").strip() if value is not None else ""
    return heading, found


class _Drawn:
    def __init__(self, element: Element, place: Place) -> None:
        self.element, self.place = element, place
        self.shape = element.get(TYPE, "").rpartition(":")[2]
        self.guid = text_of(element, "Guid")
        self.generic, self.stencil = text_of(element, "GenericTypeId"), text_of(element, "TypeId")
        self.heading, self.set = properties(element)
        self.name = one_line(self.set.get("Name", ""))[:200] or one_line(self.heading)[:200]

    def number(self, field: str) -> float | None:
        return number(text_of(self.element, field))

    @property
    def box(self) -> Box | None:
        return box(*(text_of(self.element, field) or None for field in ("Left", "Top", "Width", "Height")))

    @property
    def arc(self) -> Arc | None:
        found = [self.number(field) for field in ("SourceX", "SourceY", "TargetX", "TargetY", "HandleX", "HandleY")]
        points = [one for one in found if one is not None]
        if len(points) < 6:
            return None
        return Arc((points[0], points[1]), (points[2], points[3]), (points[4], points[5]))

    @property
    def out_of_scope(self) -> bool:
        return self.set.get("Out Of Scope", "").lower() == "true"

    def about(self) -> str:
        """The properties that somebody set, for the description."""
        left_out = ("Name", "Dataflow Order", "Out Of Scope")
        told = [
            f"{name}: {one_line(value)[:300]}"
            for name, value in self.set.items()
            if name not in left_out and value.lower() not in UNSET
        ]
        return "; ".join(told[:MOST_SET])


class Surface:
    """Gathers one surface; ``guids`` are then the keys of its parts and attackers by their ids in the file."""

    def __init__(
        self, found: Found, reader: Reader, lines: dict[Place, int], xml: XmlText, element: Element, number: int
    ) -> None:
        self.found, self.reader, self.lines, self.xml, self.element = found, reader, lines, xml, element
        self.number = number
        self.title = one_line(text_of(element, "Header"))[:100]
        self.guids: dict[str, str] = {}

    def drawn(self, field: str) -> list[_Drawn]:
        """The stencils or lines of the surface."""
        holder, made = child(self.element, field), []
        for order, entry in enumerate(holder if holder is not None else ()):
            value = child(entry, "Value")
            place: Place = ("DrawingSurfaceList", self.number, field, order)
            self.lines[place] = self.xml.lines.get(entry, 0)
            if value is None:
                self.found.omit("element", place, "nothing stands in it")
            else:
                made.append(_Drawn(value, place))
        return made

    def key(self, one: _Drawn) -> str:
        return f"{self.number}:{one.guid or one.place[-1]}"

    def gather(self) -> None:
        """Add the elements of the surface: boundaries first, then what is in them, then what flows."""
        borders, lines = self.drawn("Borders"), self.drawn("Lines")
        boundaries = [one for one in borders if one.generic == "GE.TB.B" or one.shape == "BorderBoundary"]
        curves = [one for one in lines if one.generic == "GE.TB.L" or one.shape == "LineBoundary"]
        boxes = {self.key(one): found for one in borders if (found := one.box) is not None}
        zones = {self.key(one): boxes[self.key(one)] for one in boundaries if self.key(one) in boxes}
        around, whole = innermost(boxes, zones)
        if not whole:
            at = ("DrawingSurfaceList", self.number)
            self.reader.report("warning", at, "there are too many boundaries: not all were compared.", "Split it.")
        arcs = {self.key(one): arc for one in curves if (arc := one.arc) is not None}
        free = {key: found for key, found in boxes.items() if key not in around}
        around.update(embraced(free, arcs))
        used = set(around.values())
        for one in boundaries:
            self.boundary(one, around.get(self.key(one), ""))
        for one in curves:
            self.curve(one, self.key(one) in used)
        for one in borders:
            if one not in boundaries:
                self.part(one, around.get(self.key(one), ""))
        for one in lines:
            if one not in curves:
                self.flow(one)
        for one in (*boundaries, *curves):
            named = is_internet(one.name) or one.stencil.endswith(".Internet")
            if named and self.key(one) in used:
                let_in_the_internet(self.found, one.place, self.key(one), one.name)

    def boundary(self, one: _Drawn, parent: str) -> None:
        note = "drawn as a box" + (f" on “{self.title}”" if self.title else "")
        self.found.boundaries.append(
            Boundary(
                self.key(one), one.name, one.place, "border boundary", None, parent, description=one.about(), note=note
            )
        )

    def curve(self, one: _Drawn, used: bool) -> None:
        if not used:
            reason = "a line has no inside, and it opens towards no element that is in no box"
            self.found.omit("line boundary", one.place, reason)
            return
        note = "drawn as a line: what it opens towards is taken to lie in it"
        self.found.boundaries.append(
            Boundary(self.key(one), one.name, one.place, "line boundary", ground=Ground.GUESS, note=note)
        )

    def part(self, one: _Drawn, zone: str) -> None:
        kind = GENERIC.get(one.generic) or SHAPES.get(one.shape)
        if kind is None:
            what = "it is a caption" if one.generic == "GE.A" else f"there is no kind “{one.generic[:40]}” here"
            self.found.omit("annotation" if one.generic == "GE.A" else "element", one.place, what)
            return
        key = self.key(one)
        self.guids[one.guid] = key
        if kind != STORE and is_attacker(one.name):
            self.found.attackers.append(attacker(key, one.name, one.place, kind, zone))
            return
        signs = [Sign("stencil", one.stencil)] if one.stencil else []
        if one.heading and not one.heading.startswith("Generic"):
            signs.append(Sign("name", one.heading))
        self.found.parts.append(
            drawn_part(
                kind,
                key,
                one.name or f"unnamed {kind}",
                one.place,
                tuple(signs),
                boundary=zone,
                description=one.about(),
                tags=("out-of-scope",) if one.out_of_scope else (),
                note=f"on “{self.title}”" if self.title else "",
            )
        )

    def flow(self, one: _Drawn) -> None:
        ends = [self.guids.get(text_of(one.element, field), "") for field in ("SourceGuid", "TargetGuid")]
        if not all(ends):
            which = "source" if not ends[0] else "target"
            self.found.omit("flow", one.place, f"its {which} is joined to no element")
            return
        secret = YES_NO.get(one.set.get("Provides Confidentiality", "").lower())
        if secret is None:
            secret = protocol_encrypts(one.stencil.rpartition(".")[2]) or protocol_encrypts(one.heading)
        about = one.about() + ("; out of scope" if one.out_of_scope else "")
        self.found.links.append(
            drawn_flow(
                ends[0],
                ends[1],
                one.place,
                "flow",
                one.name,
                encrypted=secret,
                authenticated=YES_NO.get(one.set.get("Source Authenticated", "").lower()),
                description=about,
            )
        )
