"""Excalidraw drawings: labelled shapes are assets, frames and boxes around them are zones, bound arrows are flows.

Read with the reader of JSON alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphmodel.model.accounts import Question
from graphmodel.reading.values import Place
from importers.drawn import (
    ask_about_twins,
    attacker,
    drawn_flow,
    is_attacker,
    is_internet,
    let_in_the_internet,
    one_line,
    protocol_encrypts,
)
from importers.elements import Boundary, Found, Ground, Part, Sign
from importers.geometry import Box, box, innermost
from importers.importer import two_stage
from importers.provenance import Reader
from importers.source import Source

ID = "excalidraw"
SHAPES = frozenset({"rectangle", "ellipse", "diamond", "image", "embeddable", "iframe"})
FRAMES = frozenset({"frame", "magicframe"})
ARROWS = frozenset({"arrow", "line"})


def sniff(source: Source) -> bool:
    """Whether a file says that it is a drawing of the tool, or of its clipboard."""
    value = source.value
    return (
        isinstance(value, dict)
        and str(value.get("type")).startswith("excalidraw")
        and isinstance(value.get("elements"), list)
    )


def gather(source: Source) -> tuple[Found, Reader]:
    """The shapes, frames and arrows of the drawing; what was erased is not there."""
    reader = Reader(source.text, importer=ID)
    value = reader.mapping(source.text.value, ())
    found = Found(source.name.rpartition("/")[2].partition(".")[0] or "Drawing")
    _Drawing(found, reader, reader.entries(value.get("elements"), ("elements",))).gather()
    ask_about_twins(found)
    if found.links:
        text = "Arrows were read as the direction of the data. Where one is a call that is answered, set “two_way”."
        found.questions.append(Question("", text))
    return found, reader


class _Drawing:
    def __init__(self, found: Found, reader: Reader, entries: list[tuple[Place, Mapping[str, Any]]]) -> None:
        self.found, self.reader = found, reader
        self.elements: dict[str, tuple[Place, Mapping[str, Any]]] = {}
        for place, one in entries:
            if one.get("isDeleted") is True:
                found.omit("erased element", place, "it was erased")
            else:
                self.elements.setdefault(str(one.get("id") or place[-1]), (place, one))
        self.labels: dict[str, str] = {}
        for place, one in self.elements.values():
            holder = one.get("containerId")
            if one.get("type") == "text" and isinstance(holder, str) and holder in self.elements:
                self.labels[holder] = one_line(reader.name(one.get("text"), (*place, "text")))

    def of(self, *types: str) -> dict[str, tuple[Place, Mapping[str, Any]]]:
        return {key: entry for key, entry in self.elements.items() if entry[1].get("type") in types}

    def gather(self) -> None:
        found, reader = self.found, self.reader
        frames, shapes, arrows = self.of(*FRAMES), self.of(*SHAPES), self.of(*ARROWS)
        ends = {self.bound(one, field) for _, one in arrows.values() for field in ("startBinding", "endBinding")}
        texts = {
            key: entry
            for key, entry in self.of("text").items()
            if str(entry[1].get("containerId")) not in self.elements
        }
        boxes = {
            key: where
            for key, (_, one) in {**frames, **shapes, **texts}.items()
            if (where := box(one.get("x"), one.get("y"), one.get("width"), one.get("height")))
        }
        outer, _ = innermost(boxes, {key: boxes[key] for key in (*frames, *shapes) if key in boxes})
        holding = {outer[key] for key in shapes if key in outer}
        zones = {**frames, **{key: entry for key, entry in shapes.items() if key in holding and key not in ends}}
        around, whole = innermost(boxes, {key: boxes[key] for key in zones if key in boxes})
        if not whole:
            reader.report("warning", (), "there are too many shapes: not all were compared.", "Split the drawing.")
        captions = self.captions(texts, shapes, zones, boxes, outer, ends)
        members = {around[key] for key in shapes if key in around}
        for key, (place, one) in zones.items():
            said = (
                one_line(reader.name(one.get("name"), (*place, "name"))) if key in frames else self.labels.get(key, "")
            )
            name = said or captions.get(key, "") or "Unnamed boundary"
            ground = Ground.DECLARED if key in frames else Ground.REFERENCE
            kind = "frame" if key in frames else "box around others"
            found.boundaries.append(Boundary(key, name[:200], place, kind, None, around.get(key, ""), ground))
            if is_internet(name) and key in members:
                let_in_the_internet(found, place, key, name)
        parts = set()
        for key, (place, one) in {**shapes, **{key: texts[key] for key in texts if key in ends}}.items():
            if key in zones:
                continue
            said = one_line(reader.name(one.get("text"), (*place, "text"))) if key in texts else ""
            name = self.labels.get(key, "") or said or captions.get(key, "")
            if not name and key not in ends:
                found.omit("shape", place, "it has no label, and nothing is joined to it")
                continue
            parts.add(key)
            self.part(key, name or "unnamed shape", place, around.get(key, ""))
        for place, one in arrows.values():
            self.arrow(place, one, parts, zones)
        used = set(captions.values())
        for key, (place, one) in texts.items():
            if key not in ends and one_line(str(one.get("text") or "")) not in used:
                found.omit("text", place, "it is a caption")
        for place, one in self.elements.values():
            if one.get("type") not in (*FRAMES, *SHAPES, *ARROWS, "text"):
                found.omit(
                    "drawing", place, f"“{str(one.get('type'))[:40]}” is drawn by hand, or of a kind that says nothing"
                )

    def captions(
        self,
        texts: Mapping[str, tuple[Place, Mapping[str, Any]]],
        shapes: Mapping[str, Any],
        zones: Mapping[str, Any],
        boxes: Mapping[str, Box],
        outer: Mapping[str, str],
        ends: set[str],
    ) -> dict[str, str]:
        """Text that lies in a shape without being bound to it: its label, where nothing else is."""
        found: dict[str, str] = {}
        for key, (place, one) in texts.items():
            holder = outer.get(key, "")
            if key in ends or holder in self.labels or holder in found or holder not in {**shapes, **zones}:
                continue
            if holder not in zones or boxes[key].y - boxes[holder].y <= boxes[holder].height / 3:
                found[holder] = one_line(self.reader.name(one.get("text"), (*place, "text")))
        return found

    def part(self, key: str, name: str, place: Place, zone: str) -> None:
        if is_attacker(name) or is_internet(name):
            self.found.attackers.append(attacker(key, name, place, "shape", zone))
            return
        self.found.parts.append(Part(key, name[:200], place, "shape", (Sign("name", name),), boundary=zone))

    def bound(self, one: Mapping[str, Any], field: str) -> str:
        """What an end of an arrow is bound to; a label means the shape that it is in."""
        binding = one.get(field)
        key = str(binding.get("elementId")) if isinstance(binding, dict) else ""
        entry = self.elements.get(key)
        holder = entry[1].get("containerId") if entry else None
        return holder if isinstance(holder, str) and holder in self.elements else key if entry else ""

    def arrow(self, place: Place, one: Mapping[str, Any], parts: set[str], zones: Mapping[str, Any]) -> None:
        ends = [self.bound(one, field) for field in ("startBinding", "endBinding")]
        if not all(end in parts for end in ends):
            which, end = ("start", ends[0]) if ends[0] not in parts else ("end", ends[1])
            self.found.omit("arrow", place, f"its {which} is {'a boundary' if end in zones else 'bound to nothing'}")
            return
        first, last = bool(one.get("startArrowhead")), bool(one.get("endArrowhead"))
        if first and not last:
            ends.reverse()
        label = self.labels.get(str(one.get("id") or place[-1]), "")
        note = "" if first or last else "drawn without a head: taken to go both ways"
        self.found.links.append(
            drawn_flow(ends[0], ends[1], place, "arrow", label, two_way=first == last,
                       encrypted=protocol_encrypts(label), note=note)
        )  # fmt: skip


IMPORTER = two_stage(ID, "Excalidraw drawing (JSON)", sniff, gather, ("*.excalidraw", "*.excalidraw.json"))
