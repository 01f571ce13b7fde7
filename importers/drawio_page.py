"""One page of a draw.io file: which shapes are zones, which are parts, which are captions, and what joins them."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from graphmodel.knowledge.vocabulary import ActorKind
from graphmodel.reading.values import Place
from graphmodel.reading.xml_text import local
from importers import ours
from importers.drawn import (
    attacker,
    drawn_flow,
    is_attacker,
    is_internet,
    let_in_the_internet,
    one_line,
    protocol_encrypts,
)
from importers.elements import Attacker, Boundary, Found, Ground, Link, Part, Sign
from importers.geometry import Box, innermost, number
from importers.provenance import Reader
from importers.secrets import has_secret_shape, is_secret_name

_BREAK = re.compile(r"<(?:br|/p|/div|/li|/h\d)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_NOTES = frozenset({"note", "callout", "table", "tablerow", "partialrectangle.legend", "line", "mxgraph.basic.note"})
_ZONES = (
    "swimlane",
    "mxgraph.aws4.group",
    "mxgraph.aws4.groupcenter",
    "mxgraph.aws3.group",
    "mxgraph.gcp2.group",
    "umlframe",
)
MOST_TEXT = 2_000
MOST_DEEP = 60


def plain_text(value: str) -> str:
    """A label without its HTML, on one line."""
    if "<" not in value and "&" not in value:
        return one_line(value[:MOST_TEXT])
    return one_line(html.unescape(_TAG.sub("", _BREAK.sub(" ", value[: MOST_TEXT * 5]))))[:MOST_TEXT]


def style_of(text: str) -> dict[str, str]:
    """The settings of a style; names without a value stand with an empty one."""
    found = {}
    for one in text[:5_000].split(";"):
        key, _, value = one.strip().partition("=")
        if key:
            found[key] = value
    return found


OURS = "graphmodel_"
"""The prefix of properties of our own exports."""
_TRUSTS = frozenset(map(str, range(11)))


@dataclass(frozen=True)
class _Cell:
    id: str
    parent: str
    label: str
    style: Mapping[str, str]
    vertex: bool
    edge: bool
    source: str
    target: str
    box: Box | None
    place: Place
    extra: Mapping[str, str]

    @property
    def shapes(self) -> list[str]:
        """What the cell looks like, the most telling first."""
        found = [self.style.get(key, "") for key in ("resIcon", "prIcon", "grIcon", "shape", "image")]
        first = next(iter(self.style), "")
        said = (*found, first if first and not self.style[first] else "")
        return [one for one in said if one and not one.startswith("data:")]  # a picture itself says nothing in words

    def says(self, *names: str) -> bool:
        return any(one.lower() in names for one in self.shapes)


class Page:
    """Gathers the elements of one page into what is found."""

    def __init__(
        self,
        found: Found,
        reader: Reader,
        lines: dict[Place, int],
        told: Mapping[Element, int],
        model: Element,
        place: Place,
        title: str,
    ) -> None:
        self.found, self.reader, self.lines, self.told = found, reader, lines, told
        self.place, self.title = place, title
        root = next((one for one in model if local(one.tag) == "root"), None)
        self.cells: dict[str, _Cell] = {}
        self.texts_of: dict[str, str] = {}  # the first text of each group
        for order, element in enumerate(root if root is not None else ()):
            self.cell(element, order)
        self.by_own_id = {one.extra["graphmodel_id"]: self.key(key) for key, one in self.cells.items()
                          if "graphmodel_id" in one.extra and one.vertex}  # fmt: skip
        self.labels: dict[str, list[str]] = {}
        for one in self.cells.values():
            if one.vertex and one.label and self.is_label(one):
                self.labels.setdefault(one.parent, []).append(one.label)
        self.boxes = {key: found_ for key, one in self.cells.items() if one.vertex and (found_ := self.placed(one))}

    def key(self, id_: str) -> str:
        return f"{self.place[-1]}:{id_}"

    def cell(self, element: Element, order: int) -> None:
        inner: Element | None = element
        if local(element.tag) != "mxCell":
            inner = next((one for one in element if local(one.tag) == "mxCell"), None)
        place = (*self.place, order)
        self.lines[place] = self.told.get(element, 0) or self.lines.get(self.place, 0)
        if inner is None:
            if not local(element.tag).startswith("lx-"):
                self.found.omit("cell", place, f"“{local(element.tag)[:40]}” is no cell")
            return
        id_ = element.get("id") or inner.get("id") or f"cell {order}"
        label = element.get("label") if inner is not element else inner.get("value")
        extra = {} if inner is element else {key: value for key, value in element.items() if key not in ("id", "label")}
        if extra.get("placeholders") == "1" and label:
            label = re.sub(r"%(\w{1,40})%", lambda match: extra.get(match[1], match[0]), label[:MOST_TEXT])
        style = style_of(inner.get("style", ""))
        geometry = next((one for one in inner if local(one.tag) == "mxGeometry"), None)
        box = None
        if geometry is not None and geometry.get("relative") != "1":
            sizes = [number(geometry.get(field, "0")) for field in ("x", "y", "width", "height")]
            x, y, width, height = (one if one is not None else 0.0 for one in sizes)
            box = Box(x, y, max(width, 0.0), max(height, 0.0))
        if id_ in self.cells:
            self.found.omit("cell", place, "its id stands in the page before")
            return
        self.cells[id_] = _Cell(
            id_, inner.get("parent", ""), plain_text(label or ""), style, inner.get("vertex") == "1",
            inner.get("edge") == "1", inner.get("source", ""), inner.get("target", ""), box, place, extra,
        )  # fmt: skip

    def placed(self, one: _Cell) -> Box | None:
        """Where a shape lies on the page: what it is in moves it."""
        if one.box is None:
            return None
        x, y, parent, levels = one.box.x, one.box.y, self.cells.get(one.parent), 0
        while parent is not None and levels < MOST_DEEP:
            if parent.vertex and parent.box is not None:
                x, y = x + parent.box.x, y + parent.box.y
            parent, levels = self.cells.get(parent.parent), levels + 1
        return Box(x, y, one.box.width, one.box.height)

    # ------------------------------------------------------------ what is what
    def is_label(self, one: _Cell) -> bool:
        holder = self.cells.get(one.parent)
        return "edgeLabel" in one.style or (holder is not None and holder.edge)

    def is_zone(self, one: _Cell, holding: set[str], joined: set[str]) -> bool:
        if (
            one.extra.get("graphmodel_zone")
            or one.says(*_ZONES)
            or any(shape.startswith("mxgraph.aws4.group") for shape in one.shapes)
        ):
            return True
        if one.id not in holding or ("group" in one.style and not one.label):
            return False
        if one.style.get("container") == "1":
            return True
        hollow = one.style.get("fillColor") == "none" or one.style.get("dashed") == "1"
        return hollow or one.id not in joined

    def gather(self) -> None:
        """Zones, then parts, then what joins them."""
        shapes = {
            key: one
            for key, one in self.cells.items()
            if one.vertex
            and one.extra.get("graphmodel_zone") != ""
            and not self.is_label(one)
            and not ("text" in one.style and not one.style["text"])
        }
        joined = {end for one in self.cells.values() if one.edge for end in (one.source, one.target) if end}
        texts = [one for one in self.cells.values() if one.vertex and one.id not in shapes and not self.is_label(one)]
        for one in [text for text in texts if text.id in joined and text.label]:
            shapes[one.id] = one
        boxes = {key: self.boxes[key] for key in shapes if key in self.boxes}
        wide = {key: found for key, found in boxes.items() if found.width >= 60 and found.height >= 40}
        geometric, whole = innermost(boxes, wide)
        if not whole:
            self.reader.report("warning", self.place, "there are too many shapes: not all were compared.", "Split it.")
        holding = {one.parent for one in shapes.values()} | set(geometric.values())
        zones = {key: one for key, one in shapes.items() if self.is_zone(one, holding, joined)}
        around, _ = innermost(boxes, {key: boxes[key] for key in zones if key in boxes})
        for key, one in shapes.items():
            parent = self.container(one, zones)
            if parent:
                around[key] = parent
        members = set(around.values())
        for key, one in zones.items():
            inside = around.get(key, "")
            name = one.label or self.caption(key, texts) or "Unnamed boundary"
            parent = self.key(inside) if inside else ""
            ground = Ground.DECLARED if one.style.get("container") == "1" or one.says(*_ZONES) else Ground.REFERENCE
            own = ours.own(one.extra, OURS)
            trust = int(own["trust"]) if own.get("trust", "") in _TRUSTS else None
            self.found.boundaries.append(
                Boundary(
                    self.key(key), name[:200], one.place, "container", trust, parent, ground, self.about(one),
                    id=own.get("zone", ""),
                )
            )  # fmt: skip
            if is_internet(name) and key in members and not own:
                let_in_the_internet(self.found, one.place, self.key(key), name)
        rest = [key for key in shapes if key not in zones]
        parts = {key for key in rest if self.part(shapes[key], around.get(key, ""), joined, holding)}
        for one in self.cells.values():
            if one.edge:
                self.edge(one, parts, zones)
        for one in texts:
            if one.id not in shapes:
                self.found.omit("text", one.place, "it is a caption")

    def caption(self, zone: str, texts: list[_Cell]) -> str:
        """The text that lies in the zone's upper part, for a zone without a label of its own."""
        held = self.boxes.get(zone)
        for one in texts[:500]:
            at = self.boxes.get(one.id)
            if held and at and one.label and held.holds(at) and at.y - held.y <= 40:
                return one.label
        return ""

    def container(self, one: _Cell, zones: Collection[str]) -> str:
        """The zone that a shape is in by the file itself, over groups."""
        above, levels = one.parent, 0
        while above in self.cells and levels < MOST_DEEP:
            if above in zones:
                return above
            above, levels = self.cells[above].parent, levels + 1
        return ""

    def about(self, one: _Cell) -> str:
        """Custom properties of a shape; a secret by its name only."""
        told = []
        for key, value in list(one.extra.items())[:20]:
            if key in ("placeholders", "tags", "link") or key.startswith(OURS) or not value.strip():
                continue
            hidden = is_secret_name(key) or has_secret_shape(value)
            told.append(f"{key[:60]}: {'(not shown)' if hidden else one_line(value)[:300]}")
        return "; ".join(told)

    def part(self, one: _Cell, zone: str, joined: set[str], holding: set[str]) -> bool:
        if one.says(*_NOTES):
            self.found.omit("text", one.place, "it is a caption")
            return False
        inside = self.cells.get(one.parent)
        within = inside is not None and inside.vertex and inside.id in joined and not inside.says(*_ZONES)
        if one.id not in joined and within:
            self.found.omit("shape", one.place, "it is a part of the shape around it")
            return False
        bare = not one.label or "group" in one.style
        if one.id not in joined and bare and (one.id in holding or not self.named_by_shape(one)):
            self.found.omit("shape", one.place, "it has no label, and nothing is joined to it")
            return False
        name = (one.label or self.named_by_shape(one) or self.named_beside(one) or "unnamed shape")[:200]
        key, around = self.key(one.id), self.key(zone) if zone else ""
        own = ours.own(one.extra, OURS)
        if "actor" in own:
            made = ours.attacker(key, name, one.place, "shape", around, own, own.get("id", ""))
            self.found.attackers.append(made)
            return True
        if is_attacker(name):
            self.found.attackers.append(attacker(key, name, one.place, "shape", around))
            return True
        if is_internet(name):
            self.found.attackers.append(
                Attacker(key, name, one.place, "shape", ActorKind.OUTSIDER, note="drawn as the internet, by its name")
            )
            return True
        tags = tuple(word[:60] for word in one.extra.get("tags", "").split()[:20])
        stencils = [Sign("stencil", shape[:200]) for shape in one.shapes]
        of_library = [sign for sign in stencils if "." in sign.value or "/" in sign.value]
        mine = (Sign("type", own["type"][:60]),) if "type" in own else ()
        signs = (*mine, *of_library, Sign("name", name), *(sign for sign in stencils if sign not in of_library))
        note = f"on the page “{self.title}”" if self.title else ""
        about = self.about(one)
        self.found.parts.append(
            Part(
                key, name, one.place, "shape", signs, boundary=around, description=about, tags=tags, note=note,
                id=own.get("id", ""),
            )
        )  # fmt: skip
        return True

    def named_beside(self, one: _Cell) -> str:
        """The text that stands with an icon in one group that has no label of its own."""
        group = self.cells.get(one.parent)
        if group is None or not group.vertex or group.label:
            return ""
        if not self.texts_of:
            for each in self.cells.values():
                if each.vertex and each.label and "text" in each.style:
                    self.texts_of.setdefault(each.parent, each.label)
        return self.texts_of.get(one.parent, "")

    def named_by_shape(self, one: _Cell) -> str:
        """What a shape without a label is called: an icon of a library is named for what it shows."""
        for shape in one.shapes:
            if shape.startswith(("mxgraph.", "img/lib/")):
                file = shape.rpartition("/")[2].partition(".")[0]
                last = file if shape.startswith("img/lib/") else shape.rpartition(".")[2]
                return re.sub(r"_?\d+x\d+$", "", last).replace("_", " ").strip()
        return ""

    # ------------------------------------------------------------ connectors
    def end(self, id_: str, parts: set[str]) -> str:
        """The part that an end of a connector means: the shape itself, or the one that it belongs to."""
        levels = 0
        while id_ in self.cells and levels < MOST_DEEP:
            if id_ in parts:
                return id_
            id_, levels = self.cells[id_].parent, levels + 1
        return ""

    def edge(self, one: _Cell, parts: set[str], zones: Collection[str]) -> None:
        ends = [self.end(id_, parts) for id_ in (one.source, one.target)]
        if not all(ends):
            which, id_ = ("source", one.source) if not ends[0] else ("target", one.target)
            free = f"its {which} is joined to nothing"
            self.found.omit("connector", one.place, f"its {which} is a boundary" if id_ in zones else free)
            return
        own = ours.own(one.extra, OURS)
        if own.get("kind") == "dependency":
            relation = own.get("relation", "")[:60]
            self.found.links.append(Link(self.key(ends[0]), relation, self.key(ends[1]), one.place, "connector"))
            return
        told = [one.label, *self.labels.get(one.id, ())]
        name = "; ".join(dict.fromkeys(word for word in told if word))[:200]
        start, end = one.style.get("startArrow", "none") != "none", one.style.get("endArrow", "classic") != "none"
        if start and not end:
            ends.reverse()
        note = "" if start or end else "drawn without an arrow: taken to go both ways"
        link = drawn_flow(
            self.key(ends[0]),
            self.key(ends[1]),
            one.place,
            "connector",
            name,
            two_way=start == end,
            encrypted=protocol_encrypts(name),
            note=note,
        )
        if own:
            link = ours.flow(link, own, lambda id_: self.by_own_id.get(id_, ""), own.get("id", ""))
        self.found.links.append(link)
