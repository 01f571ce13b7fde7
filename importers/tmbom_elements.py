"""Zones, components, stores, data, actors and flows of a TM-BOM file, and what follows from them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from graphmodel.knowledge.vocabulary import ActorKind, Capability, Catalogue, Skill
from graphmodel.model.system import Actor, Asset, Dependency, Flow, Held, Zone
from graphmodel.reading.values import Place
from importers.guessing import DATA_WORDS, TYPE_WORDS, guess
from importers.provenance import Reader


class Elements:
    """What a file declares, as it is gathered: zones, assets, actors, flows and dependencies."""

    def __init__(self, reader: Reader, catalogue: Catalogue) -> None:
        self.reader = reader
        self.catalogue = catalogue
        self.ids: dict[str, str] = {}
        self.declared: dict[str, str] = {}
        self.zones: dict[str, Zone] = {}
        self.assets: dict[str, Asset] = {}
        self.actors: dict[str, Actor] = {}
        self.flows: list[Flow] = []
        self.dependencies: dict[str, Dependency] = {}
        self.secured: set[frozenset[str]] = set()

    # ------------------------------------------------------------ names
    def name_of(self, place: Place, one: Mapping[str, Any]) -> tuple[str, str]:
        title = self.reader.name(one.get("title"), (*place, "title"))
        wanted = self.reader.name(one.get("symbolic_name"), (*place, "symbolic_name")) or title or str(place[-1])
        return wanted, title or wanted

    def is_a(self, element: str, wanted: str) -> bool:
        asset = self.assets.get(element)
        return asset is not None and self.catalogue.is_a(asset.type, wanted)

    def find(self, wanted: str, place: Place, what: str) -> str | None:
        if wanted in self.ids:
            return self.ids[wanted]
        near = self.reader.near(wanted, self.ids)
        if near is None:
            return None
        self.reader.report(
            "warning", place, f"there is no {what} “{wanted}”; “{near}” was taken for it.", "Correct the name."
        )
        return self.ids[near]

    def add(
        self, wanted: str, title: str, type_name: str, place: Place, one: Mapping[str, Any], confidence: float
    ) -> str:
        reader = self.reader
        if wanted in self.ids:
            reader.report(
                "warning", place, f"“{wanted}” stands here twice; the first is kept.", "Rename one of the two."
            )
            return self.ids[wanted]
        id_ = self.ids[wanted] = reader.claim(wanted, place, "asset")
        zone = self.zone(one, place)
        description = reader.word(one.get("description"), (*place, "description"))
        sensitivity = reader.words(one.get("data_sensitivity"), (*place, "data_sensitivity"))
        self.assets[id_] = Asset(
            id_, title, type_name, zone, description, "", tuple(sensitivity), reader.source(place, confidence)
        )
        return id_

    def zone(self, one: Mapping[str, Any], place: Place) -> str | None:
        wanted = self.reader.name(one.get("trust_zone"), (*place, "trust_zone"))
        if not wanted:
            return None
        if wanted not in self.zones:
            near = self.reader.near(wanted, self.zones)
            fix = "Declare it, or correct the name."
            self.reader.report(
                "warning",
                (*place, "trust_zone"),
                f"there is no trust zone “{wanted}”" + (f"; “{near}” was taken for it." if near else "."),
                fix,
            )
            return near
        return self.zones[wanted].id

    # ------------------------------------------------------------ elements
    def read_zones(self, value: Mapping[str, Any]) -> None:
        reader = self.reader
        for place, one in reader.entries(value.get("trust_zones"), ("trust_zones",)):
            wanted, title = self.name_of(place, one)
            if wanted in self.zones:
                reader.report("warning", place, f"the trust zone “{wanted}” stands here twice.", "Keep one.")
                continue
            trust = 0 if re.search(r"public|internet", f"{wanted} {title}".lower()) else None
            description = reader.word(one.get("description"), (*place, "description"))
            self.zones[wanted] = Zone(
                reader.claim(wanted, place, "zone"), title, trust, None, description, reader.source(place)
            )
        for place, one in reader.entries(value.get("trust_boundaries"), ("trust_boundaries",)):
            ends = frozenset(reader.word(one.get(key), (*place, key)) for key in ("trust_zone_a", "trust_zone_b"))
            methods = set(reader.words(one.get("authentication_methods"), (*place, "authentication_methods")))
            if methods - {"none"}:
                self.secured.add(ends)

    def read_elements(self, value: Mapping[str, Any]) -> None:
        reader = self.reader
        for place, one in reader.entries(value.get("components"), ("components",)):
            wanted, title = self.name_of(place, one)
            found = guess(TYPE_WORDS, title, wanted)
            if found is None or self.catalogue.is_a(found, "DataStore"):
                found = found if found is not None and self.catalogue.is_a(found, "Component") else None
            self.declared[wanted] = "component"
            self.add(wanted, title, found or "Application", place, one, 0.7 if found else 0.5)
        for place, one in reader.entries(value.get("data_stores"), ("data_stores",)):
            wanted, title = self.name_of(place, one)
            kind = reader.word(one.get("type"), (*place, "type"))
            product = reader.word(one.get("product"), (*place, "product"))
            found = next(
                (
                    t
                    for t in (guess(TYPE_WORDS, part) for part in (title, wanted, product, kind))
                    if t and self.catalogue.is_a(t, "DataStore")
                ),
                "Database" if kind in ("sql", "key_value", "document", "graph") else "DataStore",
            )
            self.declared[wanted] = "data_store"
            self.add(wanted, title, found, place, one, 0.7)
        for place, one in reader.entries(value.get("data_sets"), ("data_sets",)):
            self.data_set(place, one)
        for place, one in reader.entries(value.get("actors"), ("actors",)):
            self.actor(place, one)

    def data_set(self, place: Place, one: Mapping[str, Any]) -> None:
        reader = self.reader
        wanted, title = self.name_of(place, one)
        found = guess(DATA_WORDS, title, wanted)
        self.declared[wanted] = "data_set"
        id_ = self.add(wanted, title, found or "BusinessData", place, one, 0.7 if found else 0.6)
        for where, spot in reader.entries(one.get("placements"), (*place, "placements")):
            store = reader.name(spot.get("data_store"), (*where, "data_store"))
            target = self.ids[store] if self.declared.get(store) == "data_store" else None
            if target is None:
                near = reader.near(store, (name for name, kind in self.declared.items() if kind == "data_store"))
                target = self.ids[near] if near else None
                said = f"; “{near}” was taken for it." if near else "; the placement was left out."
                reader.report(
                    "warning", (*where, "data_store"), f"there is no data store “{store}”{said}", "Correct the name."
                )
            if target is not None:
                self.depend(id_, "storedIn", target, where)

    def actor(self, place: Place, one: Mapping[str, Any]) -> None:
        reader = self.reader
        wanted, title = self.name_of(place, one)
        kind = reader.word(one.get("type"), (*place, "type"))
        self.declared[wanted] = "actor"
        if kind == "third_party":
            about = f"{title} {reader.word(one.get('description'), (*place, 'description'))}"
            package = re.search(r"librar|package|\btools?\b|framework", about.lower()) is not None
            type_name = "SoftwarePackage" if package else "DataSource"
            id_ = self.add(wanted, title, type_name, place, one, 0.6)
            intruder = reader.claim(f"intruder-at-{id_}", place, "actor")
            note = f"added: whoever can publish at “{title}”"
            reader.report(
                "note",
                place,
                f"“{title}” became a {type_name}, and a supplier “{intruder}” was added who can reach it.",
            )
            starts = (Held(id_, Capability.REACH),)
            self.actors[intruder] = Actor(
                intruder,
                f"Intruder at {title}",
                ActorKind.SUPPLIER,
                Skill.SKILLED,
                None,
                starts,
                source=reader.source(place, 0.5, note),
            )
        elif kind in ("engineer", "administrator", "operator", "developer", "employee", "support"):
            self.add(wanted, title, "Person", place, one, 0.8)
        else:
            self.user(wanted, title, place, self.zone(one, place), 0.8)

    def user(self, wanted: str, title: str, place: Place, zone: str | None, confidence: float) -> str:
        id_ = self.ids[wanted] = self.reader.claim(wanted, place, "actor")
        self.actors[id_] = Actor(
            id_, title, ActorKind.OUTSIDER, Skill.SKILLED, zone, source=self.reader.source(place, confidence)
        )
        return id_

    # ------------------------------------------------------------ flows
    def read_flows(self, value: Mapping[str, Any]) -> None:
        reader = self.reader
        for place, one in reader.entries(value.get("data_flows"), ("data_flows",)):
            wanted, title = self.name_of(place, one)
            origin = self.end(one.get("source"), (*place, "source"))
            target = self.end(one.get("destination"), (*place, "destination"))
            if origin is None or target is None or origin == target:
                if origin is not None and origin == target:
                    reader.report(
                        "warning",
                        place,
                        "the flow goes from an element to itself; it was left out.",
                        "Correct its ends.",
                    )
                continue
            if self.is_a(origin, "SoftwarePackage"):
                if self.is_a(target, "Component"):
                    self.depend(target, "usesPackage", origin, place, 0.6)
                    reader.report("note", place, f"“{title}” was read as: {target} uses the package {origin}.")
                continue
            data = sorted(
                {
                    one.origin
                    for one in self.dependencies.values()
                    if one.relation == "storedIn" and one.target in (origin, target)
                }
            )
            ends = frozenset(zone for zone in (self.zone_name(origin), self.zone_name(target)) if zone)
            self.flows.append(
                Flow(
                    id=reader.claim(wanted, place, "flow"),
                    origin=origin,
                    target=target,
                    name=title,
                    carries=tuple(data),
                    authenticated=True if ends in self.secured else None,
                    encrypted=reader.truth(one.get("encrypted"), (*place, "encrypted")),
                    description=reader.word(one.get("description"), (*place, "description")),
                    source=reader.source(place),
                )
            )

    def zone_name(self, element: str) -> str | None:
        owner: Asset | Actor | None = self.assets.get(element) or self.actors.get(element)
        return next((name for name, zone in self.zones.items() if owner is not None and zone.id == owner.zone), None)

    def end(self, value: Any, place: Place) -> str | None:
        reader = self.reader
        one = reader.mapping(value, place)
        wanted, kind = (
            reader.name(one.get("object"), (*place, "object")),
            reader.word(one.get("type"), (*place, "type")),
        )
        if not wanted:
            reader.report("warning", place, "the flow has no end here; it was left out.", "Name an element.")
            return None
        found = self.find(wanted, (*place, "object"), kind or "element")
        if found is None and kind == "actor":
            public = next((zone.id for zone in self.zones.values() if zone.trust == 0), None)
            reader.report(
                "warning",
                (*place, "object"),
                f"the actor “{wanted}” is not declared; it was taken for an outsider.",
                "Declare it among the actors.",
            )
            return self.user(wanted, wanted.replace("-", " ").capitalize(), place, public, 0.5)
        if found is None:
            reader.report(
                "warning",
                (*place, "object"),
                f"there is no {kind or 'element'} “{wanted}”; the flow was left out.",
                "Declare it, or correct the name.",
            )
        elif kind and self.declared.get(wanted, kind) != kind:
            reader.report(
                "warning",
                (*place, "type"),
                f"“{wanted}” is a {self.declared[wanted]}, not a {kind}.",
                "Correct the type.",
            )
        return found

    def depend(
        self, origin: str, relation: str, target: str, place: Place, confidence: float = 1.0, note: str = ""
    ) -> None:
        one = Dependency(origin, relation, target, self.reader.source(place, confidence, note))
        self.dependencies.setdefault(one.id, one)
