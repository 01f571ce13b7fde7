"""Zones, components, stores, data, actors and flows of a TM-BOM file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from graphmodel.knowledge.vocabulary import ActorKind, Capability, Evidence, Status
from graphmodel.reading.values import Place
from importers.drawn import data_part, is_internet, one_line
from importers.elements import Attacker, Boundary, Found, Ground, Link, Measure, Part, Sign
from importers.misspelt import meant
from importers.provenance import Reader
from importers.source import Source
from importers.tmbom.threats import read_threats

ID = "tmbom"
LISTS = ("components", "data_flows", "data_stores", "data_sets", "trust_zones", "actors", "threats")
_READ = {
    "$schema", "version", "scope", "description", "trust_zones", "trust_boundaries", "actors", "components",
    "data_stores", "data_sets", "data_flows", "threat_personas", "threats", "controls", "risks", "assumptions",
    "diagrams", "frozen", "released_at", "product_release_date", "release_docs_link", "reviewed_at", "repo_link",
}  # fmt: skip
_STORES = (
    "VectorStore",
    "ModelRegistry",
    "SecretStore",
    "ArtifactRepository",
    "Cache",
)  # no word for these in the format
_PUBLIC = frozenset({"public", "public network", "public zone"})
SYSTEM, PEOPLE = "system", ("user", "power_user", "administrator", "engineer")


def sniff(source: Source) -> bool:
    """Whether a file has the scope and at least two of the lists of the format."""
    value = source.value
    if not isinstance(value, dict) or "specFormat" in value or "bomFormat" in value:
        return False
    return "scope" in value and len(set(LISTS) & set(value)) >= 2


def gather(source: Source) -> tuple[Found, Reader]:
    """The elements of the file, the threats that it states, and what answers them."""
    reader = Reader(source.text, importer=ID)
    value = reader.mapping(source.text.value, ())
    scope = reader.mapping(value.get("scope"), ("scope",))
    title = reader.name(scope.get("title"), ("scope", "title"))
    found = Found(title or "Threat model", reader.word(scope.get("description"), ("scope", "description")))
    model = Model(found, reader, value)
    model.gather()
    read_threats(model)
    reader.unread(value, _READ, (), "the file")
    return found, reader


class Model:
    """A file as it is gathered; ``kinds`` has for each symbolic name the list that declares it."""

    def __init__(self, found: Found, reader: Reader, value: Mapping[str, Any]) -> None:
        self.found, self.reader, self.value = found, reader, value
        self.kinds: dict[str, str] = {}
        self.zones: dict[str, str] = {}  # of each element
        self.declared_zones: set[str] = set()
        self.public: set[str] = set()
        self.secured: set[frozenset[str]] = set()
        self.placed: dict[str, list[str]] = {}  # data of each store
        self.encrypted: dict[str, list[tuple[bool, Place]]] = {}  # whether what each store keeps is encrypted
        self.flows: list[tuple[str, str, bool]] = []  # from, to, and whether one who calls is authenticated

    def entries(self, field: str) -> list[tuple[Place, Mapping[str, Any]]]:
        return self.reader.entries(self.value.get(field), (field,))

    def name(self, place: Place, one: Mapping[str, Any]) -> tuple[str, str]:
        """The symbolic name and the title of an element."""
        title = one_line(self.reader.name(one.get("title"), (*place, "title")))
        wanted = self.reader.name(one.get("symbolic_name"), (*place, "symbolic_name")) or title or str(place[-1])
        return wanted, title or wanted

    def about(self, one: Mapping[str, Any], place: Place) -> str:
        return self.reader.word(one.get("description"), (*place, "description"))

    def gather(self) -> None:
        self.boundaries()
        sent = {self.end_name(one, "source") for _, one in self.entries("data_flows")}
        for place, one in self.entries("components"):
            self.component(place, one)
        for place, one in self.entries("data_stores"):
            self.store(place, one)
        for place, one in self.entries("actors"):
            self.actor(place, one, sent)
        stores = {name for name, kind in self.kinds.items() if kind == "data_store"}
        for place, one in self.entries("data_sets"):
            self.data(place, one, stores)
        self.encryption(stores)
        for place, one in self.entries("data_flows"):
            self.flow(place, one)
        for place, _ in self.entries("assumptions"):
            self.found.omit("assumption", place, "it is text about the model, to be read there")
        for place, _ in self.entries("diagrams"):
            self.found.omit("diagram", place, "it shows what the lists say")

    # ------------------------------------------------------------ zones
    def boundaries(self) -> None:
        reader = self.reader
        for place, one in self.entries("trust_zones"):
            wanted, title = self.name(place, one)
            said = {title.casefold(), wanted.casefold()}
            public = is_internet(title) or is_internet(wanted) or bool(said & _PUBLIC)
            self.declared_zones.add(wanted)
            if public:
                self.public.add(wanted)
            self.found.boundaries.append(
                Boundary(
                    f"zone {wanted}", title, place, "trust zone", 0 if public else None,
                    description=self.about(one, place), id=wanted,
                )
            )  # fmt: skip
        for place, one in self.entries("trust_boundaries"):
            ends = frozenset(reader.name(one.get(key), (*place, key)) for key in ("trust_zone_a", "trust_zone_b"))
            methods = set(reader.words(one.get("authentication_methods"), (*place, "authentication_methods")))
            if methods - {"none"}:
                self.secured.add(ends)
            reason = "what it says of authentication holds for the flows across it; it is no element of its own"
            self.found.omit("trust boundary", place, reason)

    def zone(self, one: Mapping[str, Any], place: Place, wanted: str) -> str:
        spot = (*place, "trust_zone")
        name = meant(
            self.reader, self.reader.name(one.get("trust_zone"), spot), self.declared_zones, spot, "trust zone"
        )
        if name and name not in self.declared_zones:
            fix = "Declare it, or correct the name."
            self.reader.report("warning", spot, f"there is no trust zone “{name[:60]}”.", fix)
            return ""
        self.zones[wanted] = name
        return f"zone {name}" if name else ""

    # ------------------------------------------------------------ elements
    def declare(self, wanted: str, kind: str, place: Place) -> bool:
        """Whether a symbolic name is new: of two elements with one name the first is kept."""
        if wanted in self.kinds:
            message = f"“{wanted[:60]}” stands here twice; the first is kept."
            self.reader.report("warning", place, message, "Rename one of the two.")
            self.found.joined.append(kind.replace("_", " "))
            return False
        self.kinds[wanted] = kind
        return True

    def component(self, place: Place, one: Mapping[str, Any]) -> None:
        wanted, title = self.name(place, one)
        if not self.declare(wanted, "component", place):
            return
        self.found.parts.append(
            Part(
                f"part {wanted}", title, place, "component", boundary=self.zone(one, place, wanted),
                description=self.about(one, place), within=("Component",), id=wanted,
            )
        )  # fmt: skip
        parent = self.reader.name(one.get("parent_component"), (*place, "parent_component"))
        if parent:
            spot = (*place, "parent_component")
            self.found.links.append(
                Link(
                    f"part {wanted}", "runsIn", f"part {parent}", spot, "parent component",
                    instead=((f"part {parent}", "dependsOn", f"part {wanted}"),),
                )
            )  # fmt: skip

    def store(self, place: Place, one: Mapping[str, Any]) -> None:
        wanted, title = self.name(place, one)
        if not self.declare(wanted, "data_store", place):
            return
        reader = self.reader
        kind, product, vendor = (
            reader.name(one.get(field), (*place, field)) for field in ("type", "product", "vendor")
        )
        signs = [Sign("type", kind)] if kind else []
        signs += [Sign("technology", product), Sign("name", f"{vendor} {product}".strip())] if product else []
        signs += [Sign("tmbom", kind)] if kind else []
        self.found.parts.append(
            Part(
                f"part {wanted}", title, place, "data store", tuple(signs), boundary=self.zone(one, place, wanted),
                description=self.about(one, place), within=("DataStore",), finer=_STORES,
                fallback="DataStore", id=wanted,
            )
        )  # fmt: skip

    def data(self, place: Place, one: Mapping[str, Any], stores: set[str]) -> None:
        reader = self.reader
        wanted, title = self.name(place, one)
        if not self.declare(wanted, "data_set", place):
            return
        part = data_part(f"part {wanted}", title, place, "data set", self.about(one, place))
        sensitivity = list(dict.fromkeys(reader.words(one.get("data_sensitivity"), (*place, "data_sensitivity"))))
        if sensitivity == ["cred"]:
            part = replace(part, signs=(Sign("tmbom", "cred"), *part.signs))
        self.found.parts.append(replace(part, tags=tuple(sensitivity), id=wanted))
        for where, spot in reader.entries(one.get("placements"), (*place, "placements")):
            at = (*where, "data_store")
            store = meant(reader, reader.name(spot.get("data_store"), at), stores, at, "data store")
            self.found.links.append(Link(part.key, "storedIn", f"part {store}", where, "placement"))
            self.placed.setdefault(store, []).append(part.key)
            encrypted = reader.truth(spot.get("encrypted"), (*where, "encrypted"))
            self.encrypted.setdefault(store, []).append((encrypted is True, where))

    def encryption(self, stores: set[str]) -> None:
        """A store all of whose placements are declared to be encrypted."""
        for store, told in self.encrypted.items():
            if store in stores and all(encrypted for encrypted, _ in told):
                self.found.measures.append(
                    Measure(
                        f"encryption {store}", f"Encryption of {store}", told[0][1], "encrypted placement",
                        "encryption-at-rest", (f"part {store}",), Status.IMPLEMENTED, Evidence.DECLARED,
                        note="all that is placed there is declared to be encrypted",
                    )
                )  # fmt: skip

    def actor(self, place: Place, one: Mapping[str, Any], sent: set[str]) -> None:
        """People become persons; others parts outside, and who can publish at one that sends something may attack."""
        wanted, title = self.name(place, one)
        if not self.declare(wanted, "actor", place):
            return
        kind = self.reader.word(one.get("type"), (*place, "type"))
        said = self.about(one, place)
        permissions = self.reader.word(one.get("permissions"), (*place, "permissions"))
        said = f"{said} (may: {permissions})".strip() if permissions else said
        zone, key = self.zone(one, place, wanted), f"part {wanted}"
        if kind != "third_party" and kind != SYSTEM:
            tags = (kind,) if kind else ()
            self.found.parts.append(
                Part(key, title, place, "actor", type="Person", boundary=zone, description=said, tags=tags, id=wanted)
            )
            return
        source = wanted in sent
        self.found.parts.append(
            Part(
                key, title, place, "actor", boundary=zone, description=said, tags=(kind,), id=wanted,
                within=("DataSource", "SoftwarePackage", "Service", "DataStore", "Tool"),
                fallback="DataSource" if source and kind == "third_party" else "Application",
            )
        )  # fmt: skip
        if kind == "third_party" and source:
            self.found.attackers.append(
                Attacker(
                    f"intruder {wanted}", f"Intruder at {title}", place, "supplier", ActorKind.SUPPLIER,
                    starts=((key, Capability.REACH),), ground=Ground.GUESS,
                    note=f"added: whoever can publish at “{title}”", id=f"intruder-at-{wanted}",
                )
            )  # fmt: skip

    # ------------------------------------------------------------ flows
    def end_name(self, one: Mapping[str, Any], field: str) -> str:
        end = one.get(field)
        name = end.get("object") if isinstance(end, dict) else None
        return str(name)[:200] if isinstance(name, str | int) else ""

    def end(self, value: Any, place: Place) -> str:
        reader = self.reader
        one = reader.mapping(value, place)
        spot = (*place, "object")
        kind = reader.word(one.get("type"), (*place, "type"))
        wanted = meant(reader, reader.name(one.get("object"), spot), self.kinds, spot, kind or "element")
        if wanted and wanted not in self.kinds and kind == "actor":
            message = f"the actor “{wanted[:60]}” is not declared; it was taken for a person outside."
            reader.report("warning", spot, message, "Declare it among the actors.")
            public = next(iter(sorted(self.public)), "")
            self.kinds[wanted], self.zones[wanted] = "actor", public
            title = wanted.replace("-", " ").replace("_", " ").capitalize()
            self.found.parts.append(
                Part(
                    f"part {wanted}", title, spot, "undeclared actor", type="Person", ground=Ground.REFERENCE,
                    boundary=f"zone {public}" if public else "", note="named by a flow only", id=wanted,
                )
            )  # fmt: skip
        known = self.kinds.get(wanted)
        if known and kind and known != kind:
            message = f"“{wanted[:60]}” is a {known}, not a {kind[:40]}."
            reader.report("warning", (*place, "type"), message, "Correct the type.")
        return wanted

    def flow(self, place: Place, one: Mapping[str, Any]) -> None:
        reader = self.reader
        wanted, title = self.name(place, one)
        origin = self.end(one.get("source"), (*place, "source"))
        target = self.end(one.get("destination"), (*place, "destination"))
        ends = frozenset(zone for zone in (self.zones.get(origin, ""), self.zones.get(target, "")) if zone)
        secured = ends in self.secured
        data = [key for store in (origin, target) for key in self.placed.get(store, ())]
        sensitive = reader.truth(one.get("has_sensitive_data"), (*place, "has_sensitive_data"))
        said = self.about(one, place)
        self.flows.append((origin, target, secured))
        keys = (f"part {origin}", f"part {target}")
        self.found.links.append(
            Link(
                keys[0], "sendsTo", keys[1], place, "data flow", flow=True, name=title,
                carries=tuple(dict.fromkeys(data)), authenticated=True if secured else None,
                encrypted=reader.truth(one.get("encrypted"), (*place, "encrypted")),
                description=f"{said} (sensitive data)".strip() if sensitive else said,
                id=wanted,
            )
        )  # fmt: skip
