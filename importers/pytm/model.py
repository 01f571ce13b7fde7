"""What a pytm model says as neutral elements: classes of elements, boundaries, classified data, flows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from graphmodel.knowledge.vocabulary import Capability, Evidence, Severity, Status
from graphmodel.reading.values import Place
from importers.drawn import (
    EXTERNAL,
    STORE,
    attacker,
    drawn_flow,
    drawn_part,
    is_attacker,
    is_internet,
    let_in_the_internet,
    one_line,
    plain,
    protocol_encrypts,
)
from importers.elements import Boundary, Claim, Found, Harm, Link, Measure, Part, Sign
from importers.provenance import Reader

SURE = frozenset({"LLM", "Agent"})  # classes that say more than any title
CONTROLS = {
    "isEncryptedAtRest": "encryption-at-rest",
    "usesMFA": "strong-authentication",
    "usesCodeSigning": "code-signing",
    "hasAccessControl": "access-control",
}
SECRECY = {
    "RESTRICTED": Severity.LOW, "SENSITIVE": Severity.MEDIUM, "SECRET": Severity.HIGH, "TOP_SECRET": Severity.CRITICAL,
}  # fmt: skip
_NO_TAG = frozenset({"inScope", "overrides", "isResponse", "isSQL"})
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_TOP = {"name", "description", "elements", "actors", "assets", "boundaries", "data", "flows", "findings", "assumptions",
        "isOrdered", "onDuplicates", "mergeResponses", "ignoreUnused", "threatsFile", "colormap", "threatsExcluded",
        "excluded_findings"}  # fmt: skip


class Model:
    """Gathers one model from its JSON form; references in it are names, or keys that only the Python form has."""

    def __init__(self, reader: Reader, value: Mapping[str, Any]) -> None:
        self.reader, self.value = reader, value
        name = one_line(reader.name(value.get("name"), ("name",)))
        self.found = Found(name or "pytm model", reader.word(value.get("description"), ("description",)))
        self.names: dict[str, str] = {}

    def entries(self, field: str) -> list[tuple[Place, Mapping[str, Any]]]:
        return self.reader.entries(self.value.get(field), (field,))

    def text(self, one: Mapping[str, Any], place: Place, field: str) -> str:
        return one_line(self.reader.name(one.get(field), (*place, field)))

    def word(self, one: Mapping[str, Any], place: Place, field: str) -> str:
        """A value of an enumeration without the name of it: ``Classification.SECRET`` is ``SECRET``."""
        return self.text(one, place, field).rpartition(".")[2]

    def key(self, one: Mapping[str, Any], place: Place, what: str) -> str:
        own = one.get("$key")
        name = self.text(one, place, "name")
        key = f"{what} {own if isinstance(own, str) else name or place[-1]}"
        self.names.setdefault(f"{what} {name}", key)
        return key

    def named(self, said: str, what: str) -> str:
        """The key that a reference means."""
        return self.names.get(f"{what} {said}", f"{what} {said}")

    def set(self, one: Mapping[str, Any], field: str) -> Any:
        """A setting, wherever the versions of the tool keep it."""
        controls = one.get("controls")
        held = controls.get(field) if isinstance(controls, dict) else None
        return one.get(field) if held is None else held

    def gather(self) -> Found:
        """The elements of the model; what the tool generated from settings that nobody made is left out."""
        found, reader = self.found, self.reader
        for place, one in self.entries("boundaries"):
            key = self.key(one, place, "boundary")
            around = self.text(one, place, "inBoundary")
            name, about = self.text(one, place, "name") or "Boundary", reader.word(one.get("description"), place)
            parent = self.named(around, "boundary") if around else ""
            found.boundaries.append(Boundary(key, name, place, "boundary", None, parent, description=about))
        for place, one in self.entries("data"):
            self.data(place, one)
        fields = ("elements",) if self.entries("elements") else ("actors", "assets")
        for field in fields:
            for place, one in self.entries(field):
                self.element(place, one)
        for place, one in self.entries("flows"):
            self.flow(place, one)
        members = {part.boundary for part in found.parts}
        for boundary in list(found.boundaries):
            if is_internet(boundary.name) and boundary.key in members:
                let_in_the_internet(found, boundary.place, boundary.key, boundary.name)
        for place, one in self.entries("findings"):
            self.finding(place, one)
        for place, _ in self.entries("assumptions"):
            found.omit("assumption", place, "assumptions are not read")
        reader.unread(self.value, _TOP, (), "the file")
        return found

    def data(self, place: Place, one: Mapping[str, Any]) -> None:
        key, name = self.key(one, place, "data"), self.text(one, place, "name") or "unnamed data"
        credentials = one.get("isCredentials") is True
        tags = ("personal-data",) if one.get("isPII") is True else ()
        signs = (Sign("name", name), Sign("kind", "data"))
        about = self.reader.word(one.get("description"), (*place, "description"))
        self.found.parts.append(
            Part(key, name, place, "data", signs, "Secret" if credentials else "", description=about, tags=tags,
                 within=("DataAsset",), fallback="BusinessData")
        )  # fmt: skip
        secrecy = self.word(one, place, "classification")
        if secrecy in SECRECY:
            said = f"classified {secrecy} in the file"
            spot = (*place, "classification")
            self.found.harms.append(Harm(key, Capability.READ, SECRECY[secrecy], spot, "classification", "", said))

    def element(self, place: Place, one: Mapping[str, Any]) -> None:
        class_ = self.text(one, place, "__class__") or "Element"
        key, name = self.key(one, place, "element"), self.text(one, place, "name") or f"unnamed {class_}"
        around = self.text(one, place, "inBoundary")
        zone = self.named(around, "boundary") if around else ""
        if is_attacker(name):
            self.found.attackers.append(attacker(key, name, place, class_, zone))
            return
        tags = [
            _CAMEL.sub("-", field).lower()[:60]
            for holder in (one, one.get("controls"))
            if isinstance(holder, dict)
            for field, value in holder.items()
            if value is True and field not in _NO_TAG
        ]
        tags += ["out-of-scope"] if one.get("inScope") is False else []
        about = self.reader.word(one.get("description"), (*place, "description"))
        acts = class_ == "LLM" and one.get("hasAgentCapabilities") is True
        kind = Sign("kind", "pytm Agent" if acts else f"pytm {class_}")
        if class_ == "Datastore":
            technology = "sql" if one.get("isSQL") is True else self.word(one, place, "type").lower()
            signs = (Sign("technology", technology),) if technology and technology != "unknown" else ()
            part = drawn_part(
                STORE, key, name, place, signs, boundary=zone, description=about, tags=tuple(tags), said=class_
            )
        elif class_ in ("Actor", "ExternalEntity"):
            part = drawn_part(
                EXTERNAL, key, name, place, boundary=zone, description=about, tags=tuple(tags), said=class_
            )
            part = Part(
                key, name, place, class_, (*part.signs, kind), boundary=zone, description=about, tags=tuple(tags)
            )
        else:
            said = (kind,) if class_ in SURE else (Sign("name", name), kind)
            part = Part(key, name, place, class_, said, boundary=zone, description=about, tags=tuple(tags))
        self.found.parts.append(part)
        for field, control in CONTROLS.items():
            if self.set(one, field) is True:
                self.found.measures.append(
                    Measure(f"{key} {field}", f"{field}: {name}", (*place, field), "setting", control, (key,),
                            Status.IMPLEMENTED, Evidence.DECLARED)
                )  # fmt: skip
        if class_ in SURE and one.get("hasSystemPrompt") is True:
            prompt, spot = f"{key} prompt", (*place, "hasSystemPrompt")
            self.found.parts.append(
                Part(prompt, f"System prompt of {name}", spot, "system prompt", type="SystemPrompt")
            )
            self.found.links.append(Link(key, "usesPrompt", prompt, spot, "system prompt"))
        stored = self.reader.words(one.get("data"), (*place, "data")) if class_ == "Datastore" else []
        for order, word in enumerate(stored):
            held = self.named(word, "data")
            self.found.links.append(Link(held, "storedIn", key, (*place, "data", order), "data in a store"))

    def flow(self, place: Place, one: Mapping[str, Any]) -> None:
        ends = [self.text(one, place, field) for field in ("source", "sink")]
        protocol = self.text(one, place, "protocol")
        version = self.word(one, place, "tlsVersion")
        secure = self.set(one, "isEncrypted") is True or self.set(one, "usesVPN") is True
        secure = secure or version not in ("", "NONE")
        name = self.text(one, place, "name")
        told = [self.text(one, place, "note"), self.reader.word(one.get("description"), (*place, "description"))]
        told += [f"protocol: {protocol}"] if protocol else []
        if not all(ends):
            self.found.omit("flow", place, f"it has no {'source' if not ends[0] else 'sink'}")
            return
        carried = self.reader.words(one.get("data"), (*place, "data"))
        self.found.links.append(
            drawn_flow(
                self.named(ends[0], "element"),
                self.named(ends[1], "element"),
                place,
                "flow",
                name,
                encrypted=True if secure else protocol_encrypts(protocol),
                authenticated=True if self.set(one, "authenticatesSource") is True else None,
                carries=tuple(self.named(word, "data") for word in carried),
                description="; ".join(word for word in told if word),
                note="an answer" if one.get("isResponse") is True else "",
            )
        )

    def finding(self, place: Place, one: Mapping[str, Any]) -> None:
        """A finding that somebody answered is kept; the others follow from settings that are false by default."""
        answer = one_line(self.reader.word(one.get("response"), (*place, "response")))
        if plain(answer) in ("", "none"):
            self.found.omit("finding", place, "the tool generated it, and nobody answered it: threats are found anew")
            return
        target = self.named(self.text(one, place, "target"), "element")
        name = self.text(one, place, "description") or self.text(one, place, "threat_id") or "finding"
        severity = self.text(one, place, "severity")
        likelihood = self.text(one, place, "likelihood")
        self.found.claims.append(
            Claim(f"finding {place[-1]}", name, place, "finding", (target,), None, answer[:200], likelihood, severity)
        )
