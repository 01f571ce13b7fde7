"""Open Threat Model (OTM) 0.1 and 0.2, JSON or YAML: zones, nested components, data, flows, threats, mitigations.

Read with the readers of JSON and YAML alone: no package reads the format.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from graphmodel.knowledge.vocabulary import Capability, Severity, Status
from graphmodel.reading.limits import MAX_DEPTH
from graphmodel.reading.values import Place
from importers import ours
from importers.drawn import data_part, drawn_flow, is_internet, let_in_the_internet, one_line
from importers.elements import Boundary, Claim, Found, Harm, Link, Measure, Part, Sign
from importers.geometry import number
from importers.importer import two_stage
from importers.provenance import Reader
from importers.source import Source

ID = "otm"
INTERNET_ZONES = frozenset({"internet", "f0ba7722-39b6-4c81-8290-a30a248bb8d9"})
"""The type of the internet in this format: a word, or the id that its first tool gives it."""

NETWORKS = frozenset({
    "vpc", "subnet", "aws::ec2::vpc", "aws::ec2::subnet", "aws_vpc", "aws_subnet", "azurerm_virtual_network",
    "azurerm_subnet", "google_compute_network", "google_compute_subnetwork", "virtual-network", "network-zone",
})  # fmt: skip
"""Components that are networks: what has one of them as its parent is a member of it."""

OURS, NOWHERE = "graphmodel:", "graphmodel-no-zone"
"""The prefix of attributes of our own exports, and their trust zone of what has none."""

STATES = {
    "implemented": Status.IMPLEMENTED,
    "required": Status.PLANNED,
    "recommended": Status.PROPOSED,
    "partly-implemented": Status.PLANNED,
    "partly implemented": Status.PLANNED,
    "rejected": Status.RETIRED,
    "not-applicable": Status.RETIRED,
}
_COMPONENT = {"id", "name", "type", "description", "parent", "tags", "assets", "threats"}
_FLOW = {"id", "name", "description", "source", "destination", "bidirectional", "assets", "threats", "tags"}


def sniff(source: Source) -> bool:
    """Whether a file says that it is an Open Threat Model."""
    value = source.value
    return isinstance(value, dict) and "otmVersion" in value


def gather(source: Source) -> tuple[Found, Reader]:
    """The elements of the file; representations, which only say where things are drawn, are left out."""
    reader = Reader(source.text, importer=ID)
    value = reader.mapping(source.text.value, ())
    return _Model(reader, value).gather(), reader


class _Model:
    def __init__(self, reader: Reader, value: Mapping[str, Any]) -> None:
        self.reader, self.value = reader, value
        project = reader.mapping(value.get("project"), ("project",))
        name = reader.name(project.get("name"), ("project", "name"))
        about = reader.word(project.get("description"), ("project", "description"))
        self.found = Found(name or "Open Threat Model", about)
        self.zones: dict[str, Place] = {}
        self.components: dict[str, tuple[Place, Mapping[str, Any]]] = {}
        self.networks: set[str] = set()
        self.used: set[tuple[str, str]] = set()
        self.made: set[str] = set()
        self.mine = False  # whether the file is an export of ours
        self.keys: dict[str, str] = {}  # of elements of a file of our own, by their ids
        self.threats = self.by_id("threats")
        self.mitigations = self.by_id("mitigations")

    def entries(self, field: str) -> list[tuple[Place, Mapping[str, Any]]]:
        return self.reader.entries(self.value.get(field), (field,))

    def text(self, one: Mapping[str, Any], place: Place, field: str) -> str:
        return self.reader.name(one.get(field), (*place, field))

    def about(self, one: Mapping[str, Any], place: Place) -> str:
        return self.reader.word(one.get("description"), (*place, "description"))

    def by_id(self, field: str) -> dict[str, tuple[Place, Mapping[str, Any]]]:
        return {self.text(one, place, "id"): (place, one) for place, one in self.entries(field)}

    def own(self, one: Mapping[str, Any]) -> dict[str, str]:
        """What a file of our own says of an element in attributes of ours."""
        return ours.own(one.get("attributes"), OURS)

    def key(self, id_: str) -> str:
        return self.keys.get(id_, "")

    def gather(self) -> Found:
        found, internet = self.found, {}
        for field, kind in (("trustZones", "zone"), ("assets", "data"), ("components", "part"), ("dataflows", "flow")):
            for place, one in self.entries(field):
                id_ = self.text(one, place, "id")
                self.keys[id_] = f"{kind} {id_}"
        self.mine = any(self.own(one) for _, one in (*self.entries("components"), *self.entries("assets")))
        for place, one in self.entries("trustZones"):
            key = self.text(one, place, "id") or self.text(one, place, "name")
            if self.mine and key == NOWHERE:
                found.joined.append("trust zone")
                continue
            name = one_line(self.text(one, place, "name")) or key
            risk = self.reader.mapping(one.get("risk"), (*place, "risk"))
            rating = number(risk.get("trustRating"))
            trust = None if rating is None or not 0 <= rating <= 100 else round(rating / 10)
            trust = None if self.own(one).get("trust") == "unknown" else trust
            inside = self.reader.mapping(one.get("parent"), (*place, "parent"))
            around = self.text(inside, (*place, "parent"), "trustZone")
            parent = f"zone {around}" if around else self.parent_component(inside, (*place, "parent"))
            said = self.about(one, place)
            found.boundaries.append(
                Boundary(
                    f"zone {key}", name, place, "trust zone", trust, parent, description=said,
                    id=key if self.mine else "",
                )
            )  # fmt: skip
            self.zones[key] = place
            if self.text(one, place, "type").casefold() in INTERNET_ZONES or is_internet(name):
                internet[key] = place
        for place, one in self.entries("components"):
            key = self.text(one, place, "id") or self.text(one, place, "name")
            self.components.setdefault(key, (place, one))
            if self.kinds(one, place) & NETWORKS:
                self.networks.add(key)
        for place, one in self.entries("assets"):
            self.asset(place, one)
        for place, one in self.entries("components"):
            self.component(place, one)
        for place, one in self.entries("dataflows"):
            self.flow(place, one)
        for key, (place, one) in self.mitigations.items() if self.mine else ():
            name, said = self.text(one, place, "name") or key, self.about(one, place)
            found.measures.append(ours.measure(f"mitigation {key}", name, place, self.own(one), self.key, key, said))
        for key, place in internet.items() if not self.mine else ():
            let_in_the_internet(found, place, f"zone {key}")
        for field in ("threats", "mitigations") if not self.mine else ("threats",):
            told = self.threats if field == "threats" else self.mitigations
            for key, (place, _) in told.items():
                if self.mine:
                    found.joined.append("threat (definition)")  # it was computed here, and is computed anew
                elif (field, key) not in self.used:
                    found.omit(f"{field[:-1]} (definition)", place, "no component or flow of the file names it")
        for place, _ in self.entries("representations"):
            found.omit("representation", place, "it says only where things are drawn, or where their code lies")
        known = {"otmVersion", "project", "representations", "assets", "components", "dataflows", "trustZones"}
        self.reader.unread(self.value, known | {"threats", "mitigations"}, (), "the file")
        return found

    # ------------------------------------------------------------ parts
    def kinds(self, one: Mapping[str, Any], place: Place) -> set[str]:
        """What a component says that it is, in small letters: its type, and the tags of which some are types."""
        tags = one.get("tags") if isinstance(one.get("tags"), list) else []
        words = [one.get("type"), *(tags or [])]
        return {str(word).casefold() for word in words if isinstance(word, str)}

    def parent_component(self, inside: Mapping[str, Any], place: Place) -> str:
        around = self.text(inside, place, "component")
        return f"network {around}" if around else ""

    def boundary(self, key: str) -> str:
        """The zone or network that a component is a member of, over all components that it is nested in."""
        seen: set[str] = set()
        while key in self.components and key not in seen and len(seen) < MAX_DEPTH:
            seen.add(key)
            _, one = self.components[key]
            inside = one.get("parent")
            if isinstance(inside, str):
                return f"zone {inside}" if inside in self.zones else ""
            if not isinstance(inside, dict):
                return ""
            zone, key = inside.get("trustZone"), str(inside.get("component") or "")
            if zone is not None:
                return "" if self.mine and zone == NOWHERE else f"zone {zone}"
            if key in self.networks:
                return f"network {key}"
        return ""

    def component(self, place: Place, one: Mapping[str, Any]) -> None:
        key = self.text(one, place, "id") or self.text(one, place, "name")
        name = one_line(self.text(one, place, "name")) or key
        said, around = self.about(one, place), self.boundary(key)
        if key in self.networks:
            self.found.boundaries.append(
                Boundary(f"network {key}", name, place, "component", None, around, description=said, note="a network")
            )
            self.stated(place, one, "")
            return
        own = self.own(one)
        if "actor" in own:
            made = ours.attacker(f"part {key}", name, place, "component", around, own, key)
            self.found.attackers.append(replace(made, starts=ours.starts(own, self.key), description=said))
            return
        tags = tuple(dict.fromkeys(self.reader.words(one.get("tags"), (*place, "tags"))))
        kind = self.text(one, place, "type")
        signs = (Sign("type", kind), Sign("technology", kind), *(Sign("technology", tag) for tag in tags))
        self.found.parts.append(
            Part(
                f"part {key}",
                name,
                place,
                "component",
                tuple(sign for sign in signs if sign.value),
                boundary=around,
                description=said,
                tags=tags,
                owner=own.get("owner", ""),
                id=key if own else "",
            )
        )
        if own:
            self.found.links.extend(ours.relations(f"part {key}", own, place, self.key))
            return
        inside = one.get("parent")
        host = str(inside.get("component") or "") if isinstance(inside, dict) else ""
        if host and host not in self.networks:
            self.found.links.append(Link(f"part {key}", "runsIn", f"part {host}", place, "component inside another"))
        data = self.reader.mapping(one.get("assets"), (*place, "assets"))
        for field, relation in (("stored", "storedIn"), ("processed", "mayRead")):
            for number_, word in enumerate(self.reader.words(data.get(field), (*place, "assets", field))):
                spot = (*place, "assets", field, number_)
                ends = (f"data {word}", f"part {key}") if field == "stored" else (f"part {key}", f"data {word}")
                self.found.links.append(Link(ends[0], relation, ends[1], spot, f"data {field}"))
        self.stated(place, one, f"part {key}")
        self.reader.unread(one, _COMPONENT | {"representations"}, place, "a component")

    def asset(self, place: Place, one: Mapping[str, Any]) -> None:
        key = self.text(one, place, "id") or self.text(one, place, "name")
        name = one_line(self.text(one, place, "name")) or key
        part = data_part(f"data {key}", name, place, "asset", self.about(one, place))
        own = self.own(one)
        if own:
            around = f"zone {own['zone']}" if own.get("zone") else ""
            part = replace(
                part, signs=(Sign("type", own.get("type", "")), *part.signs), boundary=around, id=key,
                owner=own.get("owner", ""), tags=tuple(one for one in own.get("tags", "").split(";") if one),
            )  # fmt: skip
            self.found.links.extend(ours.relations(part.key, own, place, self.key))
        self.found.parts.append(part)
        risk = self.reader.mapping(one.get("risk"), (*place, "risk"))
        for field, capability in (("confidentiality", Capability.READ), ("integrity", Capability.WRITE)):
            severity = band(number(risk.get(field)))
            if severity is not None:
                said = f"{field} {risk.get(field)} of 100"
                spot = (*place, "risk", field)
                self.found.harms.append(Harm(f"data {key}", capability, severity, spot, "rating", "", said))
        if band(number(risk.get("availability"))) is not None:
            self.found.omit("rating", (*place, "risk", "availability"), "availability is that of what holds the data")

    # ------------------------------------------------------------ flows and threats
    def flow(self, place: Place, one: Mapping[str, Any]) -> None:
        ends = [f"part {self.text(one, place, field)}" for field in ("source", "destination")]
        carried = self.reader.words(one.get("assets"), (*place, "assets"))
        link = drawn_flow(
            ends[0],
            ends[1],
            place,
            "dataflow",
            one_line(self.text(one, place, "name")),
            two_way=bool(self.reader.truth(one.get("bidirectional"), (*place, "bidirectional"))),
            carries=tuple(f"data {word}" for word in carried),
            description=self.about(one, place),
        )
        own, id_ = self.own(one), self.text(one, place, "id")
        if own:
            link = ours.flow(link, own, self.key, id_)
            link = replace(link, name="" if link.name == id_ else link.name)
        self.found.links.append(link)
        self.stated(place, one, ends[1])
        known = _FLOW | {"representations"} | ({"attributes"} if own else set())
        self.reader.unread(one, known, place, "a dataflow")

    def stated(self, place: Place, one: Mapping[str, Any], on: str) -> None:
        """The threats that a component or flow names, with the mitigations that answer them there."""
        for spot, threat in self.reader.entries(one.get("threats"), (*place, "threats")):
            key = self.text(threat, spot, "threat") or self.text(threat, spot, "id")
            self.used.add(("threats", key))
            _, about = self.threats.get(key, ((), {}))
            answers = []
            for where, answer in self.reader.entries(threat.get("mitigations"), (*spot, "mitigations")):
                answers.append(self.mitigation(where, answer, on))
            risk = about.get("risk") if isinstance(about.get("risk"), dict) else {}
            self.found.claims.append(
                Claim(
                    f"threat {len(self.found.claims)} {key}",
                    str(about.get("name") or key or "threat")[:200],
                    spot,
                    "threat",
                    (on,) if on else (),
                    None,
                    self.text(threat, spot, "state"),
                    _rating(risk, "likelihood"),
                    _rating(risk, "impact"),
                    tuple(answers),
                    self.about(about, ("threats", key)),
                )
            )

    def mitigation(self, place: Place, answer: Mapping[str, Any], on: str) -> str:
        word = self.text(answer, place, "mitigation") or self.text(answer, place, "id")
        self.used.add(("mitigations", word))
        _, about = self.mitigations.get(word, ((), {}))
        state = self.text(answer, place, "state").casefold()
        if state and state not in STATES:
            self.reader.report("note", place, f"the state “{state[:40]}” of a mitigation is not known: it is proposed.")
        reduction = number(about.get("riskReduction"))
        said = self.about(about, ("mitigations", word))
        if reduction is not None:
            said = f"{said} (reduces the risk by {reduction:g} of 100, says the file)".strip()
        key = f"mitigation {on} {word} {state}"
        if key not in self.made:
            self.made.add(key)
            name = str(about.get("name") or word or "mitigation")[:200]
            status = STATES.get(state, Status.PROPOSED)
            self.found.measures.append(Measure(key, name, place, "mitigation", None, (on,), status, description=said))
        return key


def band(rating: float | None) -> Severity | None:
    """The severity of a rating of 0 to 100, in bands as wide as they are said to be in the tools of the format."""
    if rating is None or rating <= 0:
        return None
    bands = ((90, Severity.CRITICAL), (60, Severity.HIGH), (30, Severity.MEDIUM))
    return next((severity for least, severity in bands if rating >= least), Severity.LOW)


def _rating(risk: Any, field: str) -> str:
    found = number(risk.get(field)) if isinstance(risk, dict) else None
    return "" if found is None else f"{found:g} of 100"


IMPORTER = two_stage(
    ID, "Open Threat Model (OTM)", sniff, gather, ("*.otm", "*.otm.json", "*.otm.yaml", "*.otm.yml", "otm.*")
)
