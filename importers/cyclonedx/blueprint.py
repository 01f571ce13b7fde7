"""Threat models in CycloneDX 2.0 (JSON), as its draft has them: blueprints, threats, risks and controls. Experimental.

The version is not published and may change; what is not known of it is told. No package reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphmodel.knowledge.vocabulary import Capability, Evidence, Severity, Status
from graphmodel.model.accounts import Question
from graphmodel.reading.values import Place
from importers.cyclonedx.bom import Bom
from importers.drawn import data_part, drawn_flow, is_internet, one_line, protocol_encrypts
from importers.elements import Boundary, Claim, Found, Harm, Link, Measure, Part, Sign
from importers.importer import two_stage
from importers.provenance import Reader
from importers.source import Source

ID = "cyclonedx-2.0"
_OF_A_BOM = ("metadata", "components", "services", "dependencies", "vulnerabilities")
_READ = {
    "$schema", "$comment", "specFormat", "specVersion", "serialNumber", "version", "blueprints", "threats", "risks",
    "controls", *_OF_A_BOM,
}  # fmt: skip
_AI = ("Prompted", "InferenceEndpoint", "Tool", "Guardrail", "TrainingPipeline", "EvaluationHarness", "WebApplication")
_STORES = ("Database", "VectorStore", "ModelRegistry", "SecretStore", "ArtifactRepository", "Cache")
_STATUS = {
    "recommended": Status.PROPOSED, "proposed": Status.PROPOSED, "approved": Status.PLANNED, "planned": Status.PLANNED,
    "in-progress": Status.PLANNED, "implemented": Status.IMPLEMENTED, "verified": Status.IMPLEMENTED,
    "rejected": Status.RETIRED, "decommissioned": Status.RETIRED,
}  # fmt: skip
_IMPACT = {
    "negligible": Severity.INFORMATIONAL, "low": Severity.LOW, "moderate": Severity.MEDIUM, "major": Severity.HIGH,
    "catastrophic": Severity.CRITICAL,
}  # fmt: skip
_HARMS = {"confidentiality": Capability.READ, "integrity": Capability.WRITE, "availability": Capability.DENY}
_PARTIES = (("organization", "name"), ("person", "name"), ("persona", "archetype"), ("system", "kind"))
_LEFT = {
    "assumptions": "assumption", "visualizations": "visualization", "useCases": "use case",
    "requirements": "requirement",
}  # fmt: skip
_LEFT_THREATS = {
    "attackPatterns": "attack pattern", "attackTrees": "attack tree", "attackPaths": "attack path",
    "abuseCases": "abuse case", "trustBoundaries": "trust boundary",
}  # fmt: skip


def sniff(source: Source) -> bool:
    """Whether a file says that it is in the specification of CycloneDX from version 2 on."""
    value = source.value
    return isinstance(value, dict) and value.get("specFormat") == "CycloneDX"


def gather(source: Source) -> tuple[Found, Reader]:
    """The blueprints of a file with its components and services, and what it states of threats."""
    reader = Reader(source.text, importer=ID)
    value = reader.mapping(source.text.value, ())
    found = Bom(reader, {key: value[key] for key in _OF_A_BOM if key in value}).gather()
    _Model(found, reader, value).gather()
    reader.report("note", (), "version 2.0 of CycloneDX is not published: this is read as its draft has it.")
    reader.unread(value, _READ, (), "the file")
    return found, reader


class _Model:
    def __init__(self, found: Found, reader: Reader, value: Mapping[str, Any]) -> None:
        self.found, self.reader, self.value = found, reader, value
        self.known = {part.key for part in found.parts}
        self.same: dict[str, str] = {}  # elements that are a component of the same file
        self.zone_of: dict[str, str] = {}
        self.secured: set[frozenset[str]] = set()

    def text(self, one: Mapping[str, Any], place: Place, field: str) -> str:
        return one_line(self.reader.name(one.get(field), (*place, field)))

    def about(self, one: Mapping[str, Any], place: Place) -> str:
        return self.reader.word(one.get("description"), (*place, "description"))

    def ref(self, one: Mapping[str, Any], place: Place) -> str:
        return self.text(one, place, "bom-ref") or self.text(one, place, "name") or str(place[-1])

    def end(self, ref: str) -> str:
        return self.same.get(ref, ref)

    def words(self, one: Mapping[str, Any], place: Place, field: str) -> list[str]:
        """The texts of a list; of a list of maps their names."""
        listed = one.get(field)
        listed = listed if isinstance(listed, list) else [listed]
        plain = [each.get("name") if isinstance(each, dict) else each for each in listed if each is not None]
        return self.reader.words([each for each in plain if each is not None], (*place, field))

    def gather(self) -> None:
        for place, one in self.reader.entries(self.value.get("blueprints"), ("blueprints",)):
            self.blueprint(place, one)
        for place, one in self.reader.entries(self.value.get("controls"), ("controls",)):
            self.control(place, one)
        self.threats()
        self.risks()

    def blueprint(self, place: Place, one: Mapping[str, Any]) -> None:
        reader = self.reader
        name = self.text(one, place, "name")
        if name and self.found.title == "Bill of materials":
            self.found.title, self.found.description = name, self.about(one, place)
        makers = {
            "zones": self.zone, "boundaries": self.boundary, "dataStores": self.store, "assets": self.asset,
            "actors": self.actor, "dataSets": self.data, "flows": self.flow, "relationships": self.relationship,
        }  # fmt: skip
        for field, make in makers.items():
            for spot, each in reader.entries(one.get(field), (*place, field)):
                make(spot, each)
        for field, what in _LEFT.items():
            for spot, _ in reader.entries(one.get(field), (*place, field)):
                self.found.omit(what, spot, "it is text about the model, to be read there")
        known = {"bom-ref", "name", "description", "modelTypes", "metadata", "scope", *makers, *_LEFT}
        reader.unread(one, known, place, "a blueprint")

    # ------------------------------------------------------------ elements
    def zone(self, place: Place, one: Mapping[str, Any]) -> None:
        name, traits = self.text(one, place, "name"), self.words(one, place, "characteristics")
        public = is_internet(name) or "untrusted" in {each.casefold() for each in traits}
        parent = self.text(one, place, "parent")
        key = f"zone {self.ref(one, place)}"
        said = " ".join([self.about(one, place), *([f"({', '.join(traits)})"] if traits else [])]).strip()
        self.found.boundaries.append(
            Boundary(key, name or key, place, "zone", 0 if public else None, f"zone {parent}" if parent else "",
                     description=said)
        )  # fmt: skip

    def boundary(self, place: Place, one: Mapping[str, Any]) -> None:
        crossing = self.reader.mapping(one.get("crossingRequirements"), (*place, "crossingRequirements"))
        if set(self.words(crossing, (*place, "crossingRequirements"), "authentication")) - {"none"}:
            self.secured.add(frozenset(self.words(one, place, "zones")))
        self.found.omit("boundary", place, "what it asks of a crossing holds for flows; it is no element of its own")

    def place_in(self, one: Mapping[str, Any], place: Place, key: str) -> str:
        zone = self.text(one, place, "zone")
        self.zone_of[key] = zone
        return f"zone {zone}" if zone else ""

    def add(self, part: Part) -> None:
        self.known.add(part.key)
        self.found.parts.append(part)

    def asset(self, place: Place, one: Mapping[str, Any]) -> None:
        key, kind = self.ref(one, place), self.words(one, place, "type")[:1]
        component = self.text(one, place, "componentRef")
        if component in self.known:
            self.same[key] = component
            self.found.joined.append("asset")
            return
        said = kind[0] if kind else ""
        zone = self.place_in(one, place, key)
        finer = _STORES if said == "data-store" else _AI if said not in ("actor", "data", "device") else ()
        signs = (Sign("cyclonedx", said), Sign("technology", said)) if said else ()
        tags = tuple(dict.fromkeys(self.words(one, place, "tags")))
        self.add(
            Part(key, self.text(one, place, "name") or key, place, "asset", signs, boundary=zone, tags=tags,
                 description=self.about(one, place), finer=finer)
        )  # fmt: skip

    def store(self, place: Place, one: Mapping[str, Any]) -> None:
        key, kind = self.ref(one, place), self.words(one, place, "type")[:1]
        said = " ".join(word for field in ("vendor", "product") if (word := self.text(one, place, field)))
        signs = (*((Sign("name", said),) if said else ()), *(Sign("cyclonedx", f"store {word}") for word in kind))
        zone = self.place_in(one, place, key)
        self.add(
            Part(key, self.text(one, place, "name") or key, place, "data store", signs, boundary=zone,
                 description=self.about(one, place), within=("DataStore", "MessageQueue"), fallback="DataStore")
        )  # fmt: skip
        for number, ref in enumerate(self.words(one, place, "dataSets")):
            self.found.links.append(Link(ref, "storedIn", key, (*place, "dataSets", number), "placement"))

    def actor(self, place: Place, one: Mapping[str, Any]) -> None:
        party = one.get("party")
        told = party if isinstance(party, dict) else {}
        at, names = (*place, "party"), []
        for field, inner in (
            ("organization", "name"),
            ("person", "name"),
            ("persona", "archetype"),
            ("system", "kind"),
        ):
            holder = told.get(field)
            if isinstance(holder, dict) and isinstance(holder.get(inner), str):
                names.append(one_line(self.reader.name(holder[inner], (*at, field, inner))))
        roles = [str(each.get("role")) for _, each in self.reader.entries(told.get("roles"), (*at, "roles"))]
        key = self.ref(one, place)
        name = next(iter([*names, *roles]), "") or key
        type_ = "" if "organization" in told or "system" in told else "Person"
        zone = self.place_in(one, place, key)
        self.add(
            Part(key, name.capitalize() if names[:1] != [name] or name.islower() else name, place, "actor",
                 type=type_, boundary=zone, description=self.about(one, place), tags=tuple(roles[:10]))
        )  # fmt: skip

    def data(self, place: Place, one: Mapping[str, Any]) -> None:
        key = self.ref(one, place)
        self.add(data_part(key, self.text(one, place, "name") or key, place, "data set", self.about(one, place)))
        for spot, each in self.reader.entries(one.get("placements"), (*place, "placements")):
            self.found.links.append(Link(key, "storedIn", self.text(each, spot, "dataStore"), spot, "placement"))

    def flow(self, place: Place, one: Mapping[str, Any]) -> None:
        ends = [self.end(self.text(one, place, field)) for field in ("source", "destination")]
        carried = []
        for number, name in enumerate(self.words(one, place, "dataObjects")):
            key = f"data object {name.casefold()}"
            if key not in self.known:
                self.add(data_part(key, name, (*place, "dataObjects", number), "data object"))
            carried.append(key)
        protocols, asked = self.words(one, place, "protocols"), self.words(one, place, "authentication")
        crossing = frozenset(self.zone_of.get(end, "") for end in ends)
        encrypted = self.reader.truth(one.get("encrypted"), (*place, "encrypted"))
        known = [found for word in protocols if (found := protocol_encrypts(word)) is not None]
        answered = any(self.reader.truth(one.get(each), (*place, each)) for each in ("bidirectional", "synchronous"))
        told = [*protocols, *(f"authentication: {word}" for word in asked)]
        self.found.links.append(
            drawn_flow(
                ends[0], ends[1], place, "flow", self.text(one, place, "name"),
                two_way=answered,
                encrypted=encrypted if encrypted is not None else all(known) if known else None,
                authenticated=bool(set(asked) - {"none"}) if asked else True if crossing in self.secured else None,
                carries=tuple(carried),
                description=" ".join([self.about(one, place), *([f"({'; '.join(told)})"] if told else [])]).strip(),
            )
        )  # fmt: skip

    def relationship(self, place: Place, one: Mapping[str, Any]) -> None:
        ref, kept = self.end(self.text(one, place, "ref")), False
        for field in ("dependsOn", "serves", "contains", "composes"):
            for number, word in enumerate(self.words(one, place, field)):
                other, spot, kept = self.end(word), (*place, field, number), True
                needs = Link(ref, "dependsOn", other, spot, "relationship")
                if field == "serves":
                    needs = Link(other, "dependsOn", ref, spot, "relationship")
                elif field != "dependsOn":
                    needs = Link(other, "runsIn", ref, spot, "relationship", instead=((ref, "dependsOn", other),))
                self.found.links.append(needs)
        if not kept:
            self.found.omit("relationship", place, "relationships of this kind are not read")

    # ------------------------------------------------------------ what is stated
    def control(self, place: Place, one: Mapping[str, Any]) -> None:
        ref = self.ref(one, place)
        said = self.words(one, place, "status")[:1]
        on = tuple(self.element(word) for word in self.words(one, place, "appliesTo"))
        sure = Evidence.REVIEWED if said == ["verified"] else Evidence.DECLARED
        self.found.measures.append(
            Measure(
                f"control {ref}", self.text(one, place, "name") or ref, place, "control", None, on or ("*",),
                _STATUS.get(said[0] if said else "", Status.PROPOSED), sure, self.about(one, place),
            )
        )  # fmt: skip

    def element(self, ref: str) -> str:
        return self.end(ref) if self.end(ref) in self.known else f"zone {ref}"

    def threats(self) -> None:
        value = self.value.get("threats")
        told = value if isinstance(value, dict) else {"threats": value}
        for field, what in (("threats", "threat"), ("scenarios", "threat scenario")):
            for place, one in self.reader.entries(told.get(field), ("threats", field)):
                on = tuple(self.element(word) for word in self.words(one, place, "affectedAssets"))
                answers = tuple(f"control {word}" for word in self.words(one, place, "mitigations"))
                name = self.text(one, place, "name")
                self.found.claims.append(
                    Claim(self.ref(one, place), name, place, what, on, answered_by=answers,
                          description=self.about(one, place))
                )  # fmt: skip
        for field, what in _LEFT_THREATS.items():
            for place, _ in self.reader.entries(told.get(field), ("threats", field)):
                self.found.omit(what, place, "paths and patterns are computed here, from the elements")

    def risks(self) -> None:
        value = self.value.get("risks")
        told = value if isinstance(value, dict) else {"risks": value}
        for place, one in self.reader.entries(told.get("risks"), ("risks", "risks")):
            rating = self.reader.mapping(one.get("inherentRisk"), (*place, "inherentRisk"))
            levels = {}
            for field in ("likelihood", "impact"):
                at = (*place, "inherentRisk", field)
                levels[field] = self.reader.mapping(rating.get(field), at)
            level = self.text(levels["impact"], (*place, "inherentRisk", "impact"), "level")
            on = tuple(self.element(word) for word in self.words(one, place, "affects"))
            statement = self.reader.word(one.get("statement"), (*place, "statement"))
            status = self.words(one, place, "status")[:1]
            name = self.text(one, place, "name") or statement[:200]
            likelihood = self.text(levels["likelihood"], (*place, "inherentRisk", "likelihood"), "level")
            self.found.claims.append(
                Claim(self.ref(one, place), name, place, "risk", on, None, status[0] if status else "", likelihood,
                      level, description=" ".join([statement, self.about(one, place)]).strip())
            )  # fmt: skip
            attributes = self.words(levels["impact"], (*place, "inherentRisk", "impact"), "riskAttributes")
            harms = [_HARMS[word] for word in attributes if word in _HARMS]
            for key in [key for key in on if key in self.known] if level in _IMPACT else ():
                for harm in harms:
                    self.found.harms.append(Harm(key, harm, _IMPACT[level], place, "impact of a risk"))
                if not harms:
                    text = f"What does “{name[:80]}” harm: is it read, changed, taken over or stopped?"
                    self.found.questions.append(Question(key, text))


IMPORTER = two_stage(ID, "CycloneDX 2.0 threat model (JSON, experimental)", sniff, gather, ("*.cdx2.json",))
