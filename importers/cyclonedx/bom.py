"""What stands in a bill of materials as neutral elements: components by kind, services, cards, dependencies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphmodel.reading.addresses import address
from graphmodel.reading.values import Place
from importers.drawn import one_line
from importers.elements import Boundary, Claim, Found, Ground, Link, Part, Sign
from importers.hubs import HUB_HOST, HUB_NAME, is_a_name, is_on_hub, model_type, of_address, of_hub_name, of_purl
from importers.provenance import Reader

MODEL, DATA, PACKAGE, PROGRAM, SERVICE = "model", "data", "package", "program", "service"
KINDS = {
    **dict.fromkeys(("library", "framework", "operating-system", "firmware", "device-driver", "platform"), PACKAGE),
    **dict.fromkeys(("application", "container", "device"), PROGRAM),
    "machine-learning-model": MODEL,
    "data": DATA,
}
DATA_TYPES = {"dataset": "Dataset", "source-code": "SourceCode", "configuration": "SourceCode"}
RELATIONS = {
    (PROGRAM, PACKAGE): "usesPackage", (SERVICE, PACKAGE): "usesPackage", (PROGRAM, MODEL): "usesModel",
    (SERVICE, MODEL): "usesModel", (MODEL, DATA): "trainedOn",
}  # fmt: skip
HUB = "public hub"
MOST_NESTED = 20
_BOM = {"$schema", "bomFormat", "specVersion", "serialNumber", "version", "metadata", "components", "services",
        "dependencies", "vulnerabilities", "externalReferences"}  # fmt: skip


class Bom:
    """Gathers one bill of materials."""

    def __init__(self, reader: Reader, value: Mapping[str, Any]) -> None:
        self.reader, self.value = reader, value
        self.found = Found("Bill of materials")
        self.kind: dict[str, str] = {}
        self.services: dict[str, Mapping[str, Any]] = {}
        self.cards: list[tuple[Place, Mapping[str, Any]]] = []
        self.zones: set[str] = set()

    def text(self, one: Mapping[str, Any], place: Place, field: str) -> str:
        return one_line(self.reader.name(one.get(field), (*place, field)))

    def gather(self) -> Found:
        """The elements of the file; what stands in it besides is said once."""
        reader, value = self.reader, self.value
        metadata = reader.mapping(value.get("metadata"), ("metadata",))
        root = metadata.get("component")
        if isinstance(root, dict):
            at: Place = ("metadata", "component")
            self.found.title = self.text(root, at, "name") or self.found.title
            self.component(at, root, 0)
        for place, one in reader.entries(value.get("components"), ("components",)):
            self.component(place, one, 0)
        for place, one in reader.entries(value.get("services"), ("services",)):
            self.service(place, one, 0)
        for place, one in self.cards:
            self.card(place, one)
        for place, one in reader.entries(value.get("dependencies"), ("dependencies",)):
            self.dependency(place, one)
        for place, one in reader.entries(value.get("vulnerabilities"), ("vulnerabilities",)):
            self.vulnerability(place, one)
        reader.unread(value, _BOM, (), "the file")
        return self.found

    # ------------------------------------------------------------ components
    def reference(self, one: Mapping[str, Any], place: Place) -> str:
        """What the file calls a component; by name and version where it does not say."""
        said = self.text(one, place, "bom-ref")
        return said or f"{self.text(one, place, 'name')}@{self.text(one, place, 'version')}"

    def identifiers(self, one: Mapping[str, Any], place: Place, model: bool) -> tuple[str, ...]:
        found = [of_purl(self.text(one, place, "purl"))]
        for spot, reference in self.reader.entries(one.get("externalReferences"), (*place, "externalReferences")):
            found.append(of_address(self.reader.word(reference.get("url"), (*spot, "url"))))
        if model:
            group, name = self.text(one, place, "group"), self.text(one, place, "name")
            found.append(of_hub_name(name) or (of_hub_name(f"{group}/{name}") if any(map(is_on_hub, found)) else ""))
        return tuple(
            dict.fromkeys(word for word in found if word and (not model or is_on_hub(word) or word == found[0]))
        )

    def component(self, place: Place, one: Mapping[str, Any], level: int) -> None:
        reader, said = self.reader, self.text(one, place, "type")
        key, name = self.reference(one, place), self.text(one, place, "name") or "unnamed component"
        kind = KINDS.get(said)
        about = reader.word(one.get("description"), (*place, "description"))
        about = "" if about == "No description available" else about
        owner = self.text(reader.mapping(one.get("supplier"), (*place, "supplier")), (*place, "supplier"), "name")
        owner = owner or self.text(one, place, "publisher")
        if said == "cryptographic-asset" or kind is None:
            reason = "files and cryptographic assets are not read" if said in ("file", "cryptographic-asset") else (
                f"there is no kind of component “{said[:40]}”"
            )  # fmt: skip
            self.found.omit(said[:60] or "component", place, reason)
            return
        type_, within = "", tuple[str, ...]()
        signs: tuple[Sign, ...] = (Sign("name", name),)
        if kind == MODEL:
            card = reader.mapping(one.get("modelCard"), (*place, "modelCard"))
            told = reader.mapping(card.get("modelParameters"), (*place, "modelCard", "modelParameters"))
            words = [str(told.get(field) or "") for field in ("task", "architectureFamily", "modelArchitecture")]
            type_ = model_type(words[0], *words[1:], name)
            self.cards.append((place, one))
        elif kind == DATA:
            contents = reader.entries(one.get("data"), (*place, "data")) if isinstance(one.get("data"), list) else []
            types = [DATA_TYPES.get(self.text(inner, spot, "type"), "") for spot, inner in contents]
            type_, within = next((word for word in types if word), ""), ("DataAsset",)
            type_ = type_ or ("Dataset" if not contents else "")
        elif kind == PACKAGE:
            type_ = "SoftwarePackage"
        elif said == "device":
            type_ = "Device"
        elif said == "container":
            signs = (Sign("image", name), *signs)
        version = self.text(one, place, "version")
        known = self.identifiers(one, place, kind in (MODEL, DATA))
        self.kind[key] = kind
        self.found.parts.append(
            Part(
                key, name, place, said, signs, type_, identifiers=known, description=about, owner=owner, within=within,
                note=f"version {version}" if version else "",
            )
        )  # fmt: skip
        if kind in (MODEL, DATA) and any(map(is_on_hub, known)):
            self.on_hub(key, place)
        inner_parts = reader.entries(one.get("components"), (*place, "components"))
        for spot, inner in inner_parts:
            if level < MOST_NESTED:
                self.component(spot, inner, level + 1)
                self.join(key, self.reference(inner, spot), spot, "part of a component")
            else:
                self.found.omit("component", spot, "it is nested too deeply")

    def on_hub(self, key: str, place: Place) -> None:
        """Where something is published on the hub, that is where it comes from."""
        if HUB not in self.kind:
            self.kind[HUB] = "hub"
            self.found.parts.append(
                Part(HUB, HUB_NAME, place, HUB, type="PublicHub", ground=Ground.REFERENCE, identifiers=(HUB_HOST,))
            )
        self.found.links.append(Link(key, "storedIn", HUB, place, "published on a hub", Ground.REFERENCE))

    def card(self, place: Place, one: Mapping[str, Any]) -> None:
        """The data sets that a model card names: inline, or by reference."""
        key, reader = self.reference(one, place), self.reader
        at = (*place, "modelCard", "modelParameters")
        card = reader.mapping(one.get("modelCard"), (*place, "modelCard"))
        told = reader.mapping(card.get("modelParameters"), at)
        for spot, data in reader.entries(told.get("datasets"), (*at, "datasets")):
            other = self.text(data, spot, "ref")
            if other and other not in self.kind:
                self.found.omit("data set of a model card", spot, "there is no component of this reference")
                continue
            if not other:
                name = self.text(data, spot, "name")
                contents = reader.mapping(data.get("contents"), (*spot, "contents"))
                url = reader.word(contents.get("url"), (*spot, "contents", "url"))
                if not is_a_name(name):
                    self.found.omit("data set of a model card", spot, "its name is no name of a data set")
                    continue
                other = f"data set {name}"
                if other not in self.kind:
                    self.kind[other] = DATA
                    classified = self.text(data, spot, "classification")
                    known = of_address(url)
                    self.found.parts.append(
                        Part(other, name, spot, "data set of a model card", type="Dataset",
                             identifiers=(known,) if known else (),
                             tags=(f"classification: {classified}",) if classified else ())
                    )  # fmt: skip
                    if known:
                        self.on_hub(other, spot)
            self.found.links.append(
                Link(key, "trainedOn", other, spot, "training data", note="named by the model card")
            )

    # ------------------------------------------------------------ services
    def service(self, place: Place, one: Mapping[str, Any], level: int) -> None:
        reader, key = self.reader, self.reference(one, place)
        name = self.text(one, place, "name") or "unnamed service"
        provider = self.text(reader.mapping(one.get("provider"), (*place, "provider")), (*place, "provider"), "name")
        hosts = [
            found.host for url in reader.words(one.get("endpoints"), (*place, "endpoints")) if (found := address(url))
        ]
        hosts = list(dict.fromkeys(hosts))
        zone = self.text(one, place, "trustZone")
        if zone and zone not in self.zones:
            self.zones.add(zone)
            self.found.boundaries.append(Boundary(f"zone {zone}", zone, (*place, "trustZone"), "trust zone"))
        crosses = reader.truth(one.get("x-trust-boundary"), (*place, "x-trust-boundary"))
        self.kind[key], self.services[key] = SERVICE, one
        self.found.parts.append(
            Part(
                key, name, place, "service", (Sign("name", name), *(Sign("host", host) for host in hosts)),
                boundary=f"zone {zone}" if zone else "", identifiers=tuple(f"dns:{host}" for host in hosts),
                description=reader.word(one.get("description"), (*place, "description")), owner=provider,
                tags=("crosses-a-trust-boundary",) if crosses else (),
            )
        )  # fmt: skip
        for spot, data in reader.entries(one.get("data"), (*place, "data")):
            word = self.text(data, spot, "name") or self.text(data, spot, "classification")
            if not word:
                self.found.omit("data of a service", spot, "it has neither name nor classification")
                continue
            told = f"data {word}"
            self.found.parts.append(
                Part(told, word, spot, "data of a service", (Sign("name", word), Sign("kind", "data")),
                     within=("DataAsset",), fallback="BusinessData")
            )  # fmt: skip
            flow = self.text(data, spot, "flow").lower()
            if flow in ("outbound",):
                self.found.links.append(Link(key, "mayWrite", told, spot, "data handled by a service"))
            else:
                self.found.links.append(Link(key, "mayRead", told, spot, "data handled by a service"))
        for spot, inner in reader.entries(one.get("services"), (*place, "services")):
            if level < MOST_NESTED:
                self.service(spot, inner, level + 1)
            else:
                self.found.omit("service", spot, "it is nested too deeply")

    # ------------------------------------------------------------ what depends on what
    def dependency(self, place: Place, one: Mapping[str, Any]) -> None:
        key = self.text(one, place, "ref")
        for field in ("dependsOn", "provides"):
            for order, other in enumerate(self.reader.words(one.get(field), (*place, field))):
                spot = (*place, field, order)
                if field == "provides":
                    self.found.omit("dependency", spot, "what a component provides is not read")
                elif key not in self.kind or other not in self.kind:
                    self.found.omit("dependency", spot, "there is no component of this reference")
                else:
                    self.join(key, other, spot, "dependency")

    def join(self, key: str, other: str, place: Place, kind: str) -> None:
        """One component depends on another: on a service it calls it, on a model it uses it, and so on."""
        ends = (self.kind.get(key, ""), self.kind.get(other, ""))
        if ends[1] == SERVICE and ends[0] in (SERVICE, PROGRAM):
            service = self.services[other]
            told = service.get("endpoints")
            where = [address(url) for url in (told if isinstance(told, list) else [told]) if isinstance(url, str)]
            secure = {found.encrypted for found in where if found}
            known = service.get("authenticated")
            self.found.links.append(
                Link(key, "sendsTo", other, place, kind, Ground.REFERENCE, True, two_way=True, opened_by=key,
                     authenticated=known if isinstance(known, bool) else None,
                     encrypted=secure.pop() if len(secure) == 1 else None, note="it depends on the service")
            )  # fmt: skip
            return
        relation = RELATIONS.get(ends, "dependsOn")
        if all(
            not (one.origin == key and one.target == other and one.relation == relation)
            for one in self.found.links[-3:]
        ):
            self.found.links.append(Link(key, relation, other, place, kind, Ground.REFERENCE))

    def vulnerability(self, place: Place, one: Mapping[str, Any]) -> None:
        key = self.text(one, place, "id") or f"vulnerability {place[-1]}"
        affected = [
            self.text(target, spot, "ref")
            for spot, target in self.reader.entries(one.get("affects"), (*place, "affects"))
        ]
        ratings = self.reader.entries(one.get("ratings"), (*place, "ratings"))
        severity = next((word for spot, rating in ratings if (word := self.text(rating, spot, "severity"))), "")
        analysis = self.reader.mapping(one.get("analysis"), (*place, "analysis"))
        state = self.text(analysis, (*place, "analysis"), "state")
        about = self.reader.word(one.get("description"), (*place, "description"))
        self.found.claims.append(
            Claim(
                f"vulnerability {key}",
                key,
                place,
                "vulnerability",
                tuple(affected),
                None,
                state,
                "",
                severity,
                (),
                about,
            )
        )
