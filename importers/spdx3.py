"""SPDX 3.0 with its AI and Dataset profiles (JSON-LD): models, data sets, packages, files and their lineage.

Read over its graph with the reader of JSON; the context is not fetched. The package of the format fails on files that
generators write: fields without prefix, names of licences and data sets in place of ids.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from graphmodel.reading.values import Place
from importers.drawn import one_line
from importers.elements import Found, Ground, Link, Part, Sign
from importers.hubs import HUB_HOST, HUB_NAME, is_a_name, is_on_hub, model_type, of_address, of_hub_name, of_purl
from importers.importer import two_stage
from importers.provenance import Reader
from importers.source import Source

ID = "spdx3"
MODEL, DATA, PACKAGE, CODE = "model", "data", "package", "code"
PACKAGES = {"AIPackage": MODEL, "DatasetPackage": DATA, "Dataset": DATA, "Package": PACKAGE}
PURPOSES = {
    "model": (MODEL, "Model"), "data": (DATA, "Dataset"), "executable": (CODE, "SourceCode"),
    "source": (CODE, "SourceCode"), "test": (CODE, "SourceCode"),
}  # fmt: skip
QUIET = frozenset({
    "SpdxDocument", "CreationInfo", "Sbom", "Bom", "Person", "Organization", "Agent", "SoftwareAgent", "Tool", "Bundle",
})  # fmt: skip
_PREFIX = ("", "software_", "ai_", "dataset_", "core_")
_UUID = re.compile(r"-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
HUB = "public hub"


def sniff(source: Source) -> bool:
    """Whether a file is a graph in the context of SPDX 3."""
    value = source.value
    if not isinstance(value, dict):
        return False
    context = value.get("@context")
    texts = context if isinstance(context, list) else [context]
    return any(isinstance(one, str) and "spdx.org/rdf/3" in one for one in texts)


def gather(source: Source) -> tuple[Found, Reader]:
    """The models, data sets, packages and files of the graph, and what it says of their lineage."""
    reader = Reader(source.text, importer=ID)
    value = reader.mapping(source.text.value, ())
    entries = reader.entries(value.get("@graph"), ("@graph",))
    if not entries and isinstance(value.get("type"), str):
        entries = [((), value)]
    return _Graph(reader, entries).gather(), reader


def _kind(one: Mapping[str, Any]) -> str:
    said = one.get("type") or one.get("@type") or ""
    return said.rpartition("_")[2] if isinstance(said, str) else ""


def _field(one: Mapping[str, Any], name: str) -> Any:
    return next((one[prefix + name] for prefix in _PREFIX if one.get(prefix + name) is not None), None)


class _Graph:
    def __init__(self, reader: Reader, entries: list[tuple[Place, Mapping[str, Any]]]) -> None:
        self.reader, self.entries = reader, entries
        self.found = Found("SPDX bill of materials")
        self.kind: dict[str, str] = {}
        self.named: dict[str, str] = {}  # the model of each name
        self.alias: dict[str, str] = {}

    def text(self, one: Mapping[str, Any], place: Place, field: str) -> str:
        return one_line(self.reader.name(_field(one, field), (*place, field)))

    def id(self, one: Mapping[str, Any], place: Place) -> str:
        said = one.get("spdxId") or one.get("@id")
        return said if isinstance(said, str) and said else f"element {place[-1] if place else 0}"

    def gather(self) -> Found:
        ordered = sorted(self.entries, key=lambda entry: _kind(entry[1]) != "AIPackage")  # a package may mean a model
        for place, one in ordered:
            kind = _kind(one)
            if kind in PACKAGES:
                self.package(place, one, PACKAGES[kind])
            elif kind == "File":
                self.file(place, one)
            elif kind == "SpdxDocument":
                self.found.title = self.text(one, place, "name") or self.found.title
        for place, one in self.entries:
            kind = _kind(one)
            if kind.endswith("Relationship"):
                self.relationship(place, one)
            elif kind not in PACKAGES and kind != "File" and kind not in QUIET:
                self.found.omit(kind[:60] or "element", place, "elements of this kind are not read")
        return self.found

    def addresses(self, one: Mapping[str, Any], place: Place) -> list[str]:
        told = [_field(one, name) for name in ("packageUrl", "downloadLocation", "homePage")]
        return [word[:500] for word in told if isinstance(word, str)]

    def package(self, place: Place, one: Mapping[str, Any], kind: str) -> None:
        key, name = self.id(one, place), self.text(one, place, "name") or "unnamed package"
        if kind == PACKAGE and name in self.named:
            self.alias[key] = self.named[name]
            self.found.parts.append(Part(self.named[name], name, place, "Package"))
            return
        known = [of_purl(word) or of_address(word) for word in self.addresses(one, place)]
        known.append(of_hub_name(name, kind == DATA) if any(map(is_on_hub, known)) else "")
        type_ = "SoftwarePackage" if kind == PACKAGE else "Dataset"
        if kind == MODEL:
            words = self.reader.words(_field(one, "typeOfModel"), (*place, "typeOfModel"))
            purpose = _field(one, "primaryPurpose")
            task = " ".join(word for word in purpose if isinstance(word, str)) if isinstance(purpose, list) else ""
            type_ = model_type(task, *words, name)
            self.named.setdefault(name, key)
        about = self.reader.word(_field(one, "description") or _field(one, "summary"), (*place, "description"))
        about = "" if about == "No description available" else about
        personal = _field(one, "useSensitivePersonalInformation") or _field(one, "hasSensitivePersonalInformation")
        version = self.text(one, place, "packageVersion")
        self.add(
            Part(
                key, name, place, _kind(one), (Sign("name", name),), type_,
                identifiers=tuple(dict.fromkeys(word for word in known if word)), description=about,
                tags=("sensitive-personal-information",) if personal == "yes" else (),
                note=f"version {version}" if version else "",
            ),
            kind,
        )  # fmt: skip

    def add(self, part: Part, kind: str) -> None:
        self.kind[part.key] = kind
        self.found.parts.append(part)
        if kind in (MODEL, DATA) and any(map(is_on_hub, part.identifiers)):
            if HUB not in self.kind:
                self.kind[HUB] = HUB
                self.found.parts.append(
                    Part(
                        HUB,
                        HUB_NAME,
                        part.place,
                        HUB,
                        type="PublicHub",
                        ground=Ground.REFERENCE,
                        identifiers=(HUB_HOST,),
                    )
                )
            self.found.links.append(Link(part.key, "storedIn", HUB, part.place, "published on a hub", Ground.REFERENCE))

    def file(self, place: Place, one: Mapping[str, Any]) -> None:
        purpose, name = self.text(one, place, "primaryPurpose"), self.text(one, place, "name")
        kind, type_ = PURPOSES.get(purpose, ("", ""))
        if not kind or not name:
            self.found.omit("File", place, f"files for “{purpose or 'no purpose'}” are not read")
            return
        about = self.reader.word(one.get("description"), (*place, "description"))
        self.add(Part(self.id(one, place), name, place, "File", type=type_, description=about), kind)

    def end(self, said: str, place: Place, relation: str) -> str:
        """The element that an id names; a data set that generators name in place of an id is made one."""
        key = self.alias.get(said, said)
        if key in self.kind:
            return key
        name = _UUID.sub("", said).strip()
        if relation not in ("trainedOn", "finetunedOn") or ":" in name or not is_a_name(name):
            return ""
        made = f"data set {name}"
        if made not in self.kind:
            self.add(
                Part(made, name, place, "data set named in place of an id", type="Dataset", ground=Ground.REFERENCE),
                DATA,
            )
        return made

    def relationship(self, place: Place, one: Mapping[str, Any]) -> None:
        relation = self.reader.name(one.get("relationshipType"), (*place, "relationshipType"))
        kind, origin = f"relationship {relation[:40]}", self.reader.word(one.get("from"), (*place, "from"))
        if relation in ("hasDeclaredLicense", "hasConcludedLicense"):
            self.found.omit(kind, place, "licences are not read")
            return
        for order, said in enumerate(self.reader.words(one.get("to"), (*place, "to"))):
            spot = (*place, "to", order)
            ends = self.end(origin, place, ""), self.end(said, spot, relation)
            if not all(ends):
                self.found.omit(kind, spot, "an end of it is no element that is read")
                continue
            link = self.lineage(relation, *ends, spot, kind)
            if link is None:
                self.found.omit(kind, spot, "it says nothing of lineage")
            else:
                self.found.links.append(link)

    def lineage(self, relation: str, origin: str, target: str, place: Place, kind: str) -> Link | None:
        ends = (self.kind[origin], self.kind[target])
        if relation in ("trainedOn", "finetunedOn") and ends[0] == MODEL:
            return Link(origin, "trainedOn", target, place, kind)
        if relation in ("descendantOf", "ancestorOf") and ends == (MODEL, MODEL):
            first, base = (origin, target) if relation == "descendantOf" else (target, origin)
            return Link(first, "fineTunedFrom", base, place, kind)
        if relation == "generates":
            return Link(target, "derivedFrom", origin, place, kind)
        if relation in ("dependsOn", "contains", "hasDataFile", "usesTool", "hasInput"):
            return Link(origin, "dependsOn", target, place, kind)
        return None


IMPORTER = two_stage(
    ID, "SPDX 3 bill of materials, AI and Dataset (JSON-LD)", sniff, gather, ("*.spdx3.json", "*spdx*.json")
)
