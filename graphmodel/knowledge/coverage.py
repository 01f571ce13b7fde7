"""What the catalogue covers: types by capability, outside vocabularies by entry, and why the rest is left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from graphmodel.knowledge.framework import Framework
from graphmodel.knowledge.framework_files import Entry, read_entry
from graphmodel.knowledge.mapped import MappedCover, mapped_covers
from graphmodel.knowledge.mitigations import EdgeCover, edge_cover, published_edges
from graphmodel.knowledge.ontology import ontology_directory
from graphmodel.knowledge.vocabulary import Capability, Catalogue, Technique, ThreatPattern

MITIGATION = "AML.M"
"""How ids of ATLAS begin that controls cite; all other entries of vocabularies are cited by threats."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why nothing cites an entry of a vocabulary. ``off`` where it touches nothing of the system that is attacked."""

    because: str
    off: bool


@dataclass(frozen=True, slots=True)
class EditionCover:
    """One edition of an outside vocabulary: ids that threats or controls cite, those of which only a part is cited
    (a sub-technique), those left out with a reason, and those of which nobody says anything."""

    edition: str
    cited: tuple[str, ...]
    in_part: tuple[str, ...]
    reasons: Mapping[str, Reason]
    without: tuple[str, ...]

    @property
    def size(self) -> int:
        return len(self.cited) + len(self.in_part) + len(self.reasons) + len(self.without)


@dataclass(frozen=True, slots=True)
class NoMeasure:
    """Why no control is the measure of an item. ``organisational`` where people decide, agree or write it down."""

    because: str
    organisational: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    """``types`` has for each concrete type the ids of the threats by which something is gained on it, by capability.

    ``editions`` are the vocabularies that threats and controls cite, ``mapped`` all others; ``edges`` are those from
    the mitigations of ATLAS to its techniques.
    ``uncontrolled`` are threats that no control mitigates, with why; ``items`` those of the assessment framework of
    which no control of the catalogue is the measure, with why; ``items_in_all`` is how many the framework has.
    """

    types: Mapping[str, Mapping[Capability, tuple[str, ...]]]
    editions: tuple[EditionCover, ...]
    mapped: tuple[MappedCover, ...]
    edges: EdgeCover
    uncontrolled: Mapping[str, str]
    items: Mapping[str, NoMeasure | None]
    items_in_all: int


@cache
def not_modelled() -> Mapping[str, Mapping[str, Reason]]:
    """The reasons that are shipped, by edition and id; a file of ours, so what is wrong in it raises ``ValueError``."""
    found: dict[str, dict[str, Reason]] = defaultdict(dict)
    path = ontology_directory() / "frameworks" / "not-modelled.yaml"
    file = read_entry(path, {})
    edition = file.text("edition")
    for value in file.take("reasons", list):
        entry = Entry(path.name, value, {}, edition)
        reason = Reason(entry.text("because"), entry.flag("off_system") if "off_system" in entry.values else False)
        for one in entry.texts("ids", 1):
            if one in found[edition]:
                raise entry.wrong(f"has “{one}” twice")
            found[edition][one] = reason
        entry.close()
    file.close()
    return found


@cache
def no_measures() -> Mapping[str, NoMeasure]:
    """The reasons that are shipped, by item; a file of ours, so what is wrong in it raises ``ValueError``."""
    found: dict[str, NoMeasure] = {}
    path = ontology_directory() / "framework" / "no-control.yaml"
    file = read_entry(path, {})
    for value in file.take("reasons", list):
        entry = Entry(path.name, value, {})
        reason = NoMeasure(entry.text("because"), entry.flag("organisational"))
        for one in entry.texts("items", 1):
            if one in found:
                raise entry.wrong(f"has “{one}” twice")
            found[one] = reason
        entry.close()
    file.close()
    return found


def item_findings(framework: Framework) -> tuple[str, ...]:
    """Items of the framework that have neither a control nor a reason, or both; and reasons of items that are not."""
    items = {one.id: one for one in framework.items()}
    reasons = no_measures()
    return (
        *(
            f"{key}: neither a control nor a reason"
            for key, one in items.items()
            if not one.controls and key not in reasons
        ),
        *(
            f"{key}: a control, and a reason for having none"
            for key, one in items.items()
            if one.controls and key in reasons
        ),
        *(f"{key}: no such item" for key in reasons if key not in items),
    )


def coverage(catalogue: Catalogue, framework: Framework) -> Coverage:
    """What a catalogue covers; of its own vocabularies too."""
    threats = [one for one in catalogue.patterns.values() if not one.propagation]
    mitigated = {one for control in catalogue.controls.values() for one in control.mitigates}
    items = [one for requirement in framework.controls() for one in requirement.items]
    return Coverage(
        {name: _gained(catalogue, threats, name) for name in catalogue.concrete_types()},
        _editions(catalogue),
        mapped_covers(catalogue, framework),
        edge_cover(catalogue, published_edges()),
        {one.id: one.without_control for one in threats if one.id not in mitigated},
        {one.id: no_measures().get(one.id) for one in items if not one.controls},
        len(items),
    )


def _gained(catalogue: Catalogue, threats: list[ThreatPattern], type_name: str) -> dict[Capability, tuple[str, ...]]:
    on = [
        one
        for one in threats
        if catalogue.is_any(type_name, one.asset_types) and not catalogue.is_any(type_name, one.except_types)
    ]
    gained = [(one.id, catalogue.told_apart(type_name, one.gains)) for one in on]
    return {gain: tuple(id_ for id_, capability in gained if capability is gain) for gain in Capability}


def _editions(catalogue: Catalogue) -> tuple[EditionCover, ...]:
    cited = {one.pinned for pattern in catalogue.patterns.values() for one in pattern.techniques}
    cited |= {one.pinned for control in catalogue.controls.values() for one in control.techniques}
    parts = {f"{id_.rpartition('.')[0]}@{edition}" for id_, _, edition in (one.partition("@") for one in cited)}
    by_edition: defaultdict[str, list[Technique]] = defaultdict(list)
    for one in catalogue.techniques.values():
        by_edition[one.edition].append(one)
    found = []
    for edition, entries in sorted(by_edition.items()):
        ids = {one.id: one.pinned for one in sorted(entries, key=lambda one: one.id)}
        direct = tuple(id_ for id_, pinned in ids.items() if pinned in cited)
        in_part = tuple(id_ for id_, pinned in ids.items() if pinned not in cited and pinned in parts)
        rest = [id_ for id_ in ids if id_ not in {*direct, *in_part}]
        known = not_modelled().get(edition, {})
        reasons = {id_: known[id_] for id_ in rest if id_ in known}
        found.append(EditionCover(edition, direct, in_part, reasons, tuple(one for one in rest if one not in reasons)))
    return tuple(found)
