"""STIX 2.1 bundles: infrastructure, attackers, attack patterns with their courses of action, and Attack Flow.

Plain JSON is read: the package of the format rejects bundles that are in use.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphmodel.knowledge.vocabulary import ActorKind, Skill, Status
from graphmodel.reading.values import Place
from importers.attackflow import builder_entries, is_builder_file
from importers.drawn import one_line
from importers.elements import Attacker, Claim, Found, Link, Measure, Part, Sign
from importers.importer import two_stage
from importers.provenance import Reader
from importers.source import Source

ID = "stix"
PARTS = {"infrastructure": "infrastructure", "attack-asset": "asset of an attack flow", "software": "software"}
ACTORS = frozenset({"threat-actor", "intrusion-set"})
CLAIMS = {
    "attack-pattern": "attack pattern",
    "attack-action": "action of an attack flow",
    "vulnerability": "vulnerability",
    "malware": "malware",
    "campaign": "campaign",
    "tool": "tool of an attacker",
}
SKILLS = {"none": Skill.NOVICE, "minimal": Skill.NOVICE, "intermediate": Skill.SKILLED, "advanced": Skill.EXPERT,
          "expert": Skill.EXPERT, "innovator": Skill.EXPERT, "strategic": Skill.EXPERT}  # fmt: skip
OF_ATTACKERS = frozenset({
    "command-and-control", "botnet", "phishing", "exfiltration", "staging", "hosting-malware", "amplification",
    "anonymization", "reconnaissance", "hosting-target-lists",
})  # fmt: skip
WHOLE = "system"
MOST_ACTORS = 50  # each has an attack graph of its own


def sniff(source: Source) -> bool:
    """Whether a file is a bundle of objects, or a flow as the Attack Flow Builder keeps it."""
    value = source.value
    if is_builder_file(value):
        return True
    if not isinstance(value, dict) or value.get("type") != "bundle":
        return False
    objects = value.get("objects")
    return isinstance(objects, list) and any(
        isinstance(one, dict) and "--" in str(one.get("id")) for one in objects[:50]
    )


def gather(source: Source) -> tuple[Found, Reader]:
    """What an attacker attacks, who that is, and what is known of it as stated threats."""
    reader = Reader(source.text, importer=ID)
    value = reader.mapping(source.text.value, ())
    built = is_builder_file(source.text.value)
    entries = builder_entries(reader, value) if built else reader.entries(value.get("objects"), ("objects",))
    return _Bundle(reader, entries).gather(), reader


class _Bundle:
    def __init__(self, reader: Reader, entries: list[tuple[Place, Mapping[str, Any]]]) -> None:
        self.reader, self.entries = reader, entries
        self.found = Found("Threat intelligence")
        self.kinds: dict[str, str] = {}
        for place, one in entries:
            self.kinds.setdefault(self.id(one, place), self.text(one, place, "type"))
        self.answers: dict[str, list[str]] = {}  # courses of action of a pattern
        self.on: dict[str, list[str]] = {}  # what a pattern, vulnerability or action is about

    def id(self, one: Mapping[str, Any], place: Place) -> str:
        said = one.get("id")
        return said if isinstance(said, str) and said else f"object {place[-1]}"

    def text(self, one: Mapping[str, Any], place: Place, field: str) -> str:
        return one_line(self.reader.name(one.get(field), (*place, field)))

    def gather(self) -> Found:
        found = self.found
        for place, one in self.entries:
            if _kind(one) in PARTS:
                self.part(place, one)
            elif _kind(one) in ACTORS:
                self.actor(place, one)
            elif _kind(one) in ("attack-flow", "grouping", "report"):
                found.title = self.text(one, place, "name") or found.title
                found.omit(_kind(one), place, "it names and holds the others")
        if any(_kind(one) in (*CLAIMS, "course-of-action") for _, one in self.entries):
            signs = (Sign("name", found.title),)
            note = "stands for whatever the stated threats are about"
            found.parts.append(Part(WHOLE, "System under attack", (), "bundle", signs, type="Application", note=note))
        for place, one in self.entries:
            if _kind(one) in ("relationship", "sighting"):
                self.relationship(place, one)
            elif _kind(one) == "attack-action":
                for ref in self.references(one, place, "asset_refs"):
                    self.on.setdefault(self.id(one, place), []).append(ref)
            elif _kind(one) == "attack-asset":
                reference = one.get("object_ref")
                if isinstance(reference, str) and self.kinds.get(reference) in PARTS:
                    found.links.append(Link(self.id(one, place), "dependsOn", reference, place, "object of an asset"))
        for place, one in self.entries:
            kind = _kind(one)
            if kind in CLAIMS:
                self.claim(place, one, CLAIMS[kind])
            elif kind == "course-of-action":
                self.measure(place, one)
            elif kind in ("attack-operator", "attack-condition"):
                found.omit(kind, place, "steps are joined anew by the attack graph")
            elif kind not in (*PARTS, *ACTORS, "attack-flow", "grouping", "report", "relationship", "sighting"):
                found.omit(kind[:60], place, "objects of this kind are no part of a system")
        return found

    def references(self, one: Mapping[str, Any], place: Place, field: str) -> list[str]:
        return [ref for ref in self.reader.words(one.get(field), (*place, field)) if self.kinds.get(ref) in PARTS]

    def part(self, place: Place, one: Mapping[str, Any]) -> None:
        name = self.text(one, place, "name") or "unnamed asset"
        words = self.reader.words(one.get("infrastructure_types"), (*place, "infrastructure_types"))
        if OF_ATTACKERS & set(words):
            self.found.omit("infrastructure", place, "it is the attacker's own")
            return
        about = self.reader.word(one.get("description"), (*place, "description"))
        signs = (*(Sign("technology", word) for word in words), Sign("name", name))
        kind = PARTS[_kind(one)]
        self.found.parts.append(
            Part(self.id(one, place), name, place, kind, signs, description=about, tags=tuple(dict.fromkeys(words)))
        )

    def actor(self, place: Place, one: Mapping[str, Any]) -> None:
        kind = _kind(one)
        if len(self.found.attackers) >= MOST_ACTORS:
            self.found.omit(kind, place, f"only the first {MOST_ACTORS} are read")
            return
        types = self.reader.words(one.get("threat_actor_types"), (*place, "threat_actor_types"))
        inside = any(word.startswith("insider") for word in types)
        about = self.reader.word(one.get("description"), (*place, "description"))
        skill = SKILLS.get(self.text(one, place, "sophistication"), Skill.SKILLED)
        self.found.attackers.append(
            Attacker(self.id(one, place), self.text(one, place, "name") or kind, place, kind,
                     ActorKind.INSIDER if inside else ActorKind.OUTSIDER, skill, description=about,
                     note="the file does not say where they begin")
        )  # fmt: skip

    def relationship(self, place: Place, one: Mapping[str, Any]) -> None:
        kind = self.text(one, place, "relationship_type")
        origin, target = (self.text(one, place, field) for field in ("source_ref", "target_ref"))
        ends = (self.kinds.get(origin, ""), self.kinds.get(target, ""))
        said = f"relationship {kind[:40]}"
        if not all(ends):
            self.found.omit(said, place, "an end of it is not in the bundle")
        elif kind in ("mitigates", "remediates") and ends[0] == "course-of-action" and ends[1] in CLAIMS:
            self.answers.setdefault(target, []).append(origin)
            self.on.setdefault(origin, [])
        elif ends[0] in CLAIMS and ends[1] in PARTS:
            self.on.setdefault(origin, []).append(target)
        elif ends[0] in PARTS and ends[1] in CLAIMS and kind == "has":
            self.on.setdefault(target, []).append(origin)
        elif ends[0] in PARTS and ends[1] in PARTS:
            relation = "sendsTo" if kind == "communicates-with" else "dependsOn"
            flow = relation == "sendsTo"
            self.found.links.append(Link(origin, relation, target, place, said, flow=flow, two_way=flow))
        else:
            self.found.omit(said, place, "it joins nothing that is a part of a system")

    def claim(self, place: Place, one: Mapping[str, Any], kind: str) -> None:
        key = self.id(one, place)
        about = self.reader.word(one.get("description"), (*place, "description"))[:5_000]
        technique = self.text(one, place, "technique_id") or _external(one)
        name = self.text(one, place, "name") or technique or kind
        on = tuple(dict.fromkeys(self.on.get(key, ()))) or (WHOLE,)
        title = f"{technique}: {name}"[:200] if technique and technique != name else name
        status = self.text(one, place, "status")
        answered = tuple(dict.fromkeys(self.answers.get(key, ())))
        self.found.claims.append(Claim(key, title, place, kind, on, None, status, "", "", answered, about))

    def measure(self, place: Place, one: Mapping[str, Any]) -> None:
        about = self.reader.word(one.get("description"), (*place, "description"))[:5_000]
        name = self.text(one, place, "name") or "course of action"
        note = "a course of action says what could be done, not that it is"
        self.found.measures.append(
            Measure(self.id(one, place), name, place, "course of action", None, (WHOLE,), Status.PROPOSED,
                    description=about, note=note)
        )  # fmt: skip


def _kind(one: Mapping[str, Any]) -> str:
    """The type of an object; empty where it has none."""
    said = one.get("type")
    return said if isinstance(said, str) else ""


def _external(one: Mapping[str, Any]) -> str:
    """The id of a technique or weakness in the catalogue that the object is from."""
    told = one.get("external_references")
    for reference in told[:20] if isinstance(told, list) else ():
        said = reference.get("external_id") if isinstance(reference, dict) else None
        if isinstance(said, str) and said:
            return said[:60]
    return ""


IMPORTER = two_stage(
    ID, "STIX 2.1 bundle, with Attack Flow (JSON)", sniff, gather, ("*.stix.json", "*stix*.json", "*.afb")
)
