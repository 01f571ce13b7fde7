"""AWS Threat Composer workspaces and packs: threats, mitigations and assumptions, and the assets that threats name.

The format draws nothing: what threats say they have an impact on are phrases, each of which becomes an asset.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphmodel.knowledge.vocabulary import Status
from graphmodel.model.accounts import Question
from graphmodel.reading.limits import MAX_PROTECTIONS
from graphmodel.reading.problems import refusal
from graphmodel.reading.values import Place
from importers.drawn import one_line, plain
from importers.elements import Claim, Found, Ground, Measure, Part, Sign
from importers.importer import two_stage
from importers.provenance import Reader
from importers.source import Source

ID = "threat-composer"
WHOLE = "application"
STATES = {
    "mitigationIdentified": Status.PROPOSED,
    "mitigationInProgress": Status.PLANNED,
    "mitigationResolved": Status.IMPLEMENTED,
    "mitigationResolvedWillNotAction": Status.RETIRED,
}
_READ = {"schema", "applicationInfo", "architecture", "dataflow", "assumptions", "mitigations", "assumptionLinks",
         "mitigationLinks", "threats", "namespace", "type", "id", "name", "description"}  # fmt: skip


def sniff(source: Source) -> bool:
    """Whether a file is a workspace, or a pack of threats or mitigations."""
    value = source.value
    if not isinstance(value, dict) or not isinstance(value.get("schema"), int | float):
        return False
    return "applicationInfo" in value or ("namespace" in value and bool({"threats", "mitigations"} & set(value)))


def gather(source: Source) -> tuple[Found, Reader]:
    """The threats with what answers them; assumptions are questions that somebody must go on answering."""
    reader = Reader(source.text, importer=ID)
    return _Workspace(reader, reader.mapping(source.text.value, ())).gather(), reader


class _Workspace:
    def __init__(self, reader: Reader, value: Mapping[str, Any]) -> None:
        self.reader, self.value = reader, value
        about = reader.mapping(value.get("applicationInfo"), ("applicationInfo",))
        name = one_line(reader.name(about.get("name") or value.get("name"), ("applicationInfo", "name")))
        said = about.get("description") or value.get("description")
        self.found = Found(name or "Threat Composer model", reader.word(said, ("applicationInfo", "description")))
        self.assets: dict[str, str] = {}
        self.answers: dict[str, dict[str, None]] = {}  # the mitigations of each threat
        self.on: dict[str, dict[str, None]] = {}  # what each mitigation protects, by its threats
        self.left = MAX_PROTECTIONS

    def entries(self, field: str) -> list[tuple[Place, Mapping[str, Any]]]:
        return self.reader.entries(self.value.get(field), (field,))

    def text(self, one: Mapping[str, Any], place: Place, field: str) -> str:
        return one_line(self.reader.name(one.get(field), (*place, field)))

    def gather(self) -> Found:
        found, reader = self.found, self.reader
        for field in ("architecture", "dataflow"):
            held = reader.mapping(self.value.get(field), (field,))
            if held.get("image"):
                found.omit("picture", (field, "image"), "pictures are not read")
            if held.get("description"):
                found.omit("description", (field, "description"), "prose is not read")
        found.parts.append(
            Part(WHOLE, found.title, ("applicationInfo",), "application", (Sign("name", found.title),),
                 note="the application as a whole: the format names no parts of it")
        )  # fmt: skip
        threats = self.entries("threats")
        known = {self.text(one, place, "id") for place, one in threats}
        kept = {self.text(one, place, "id") for place, one in self.entries("mitigations")}
        for place, link in self.entries("mitigationLinks"):
            threat, mitigation = self.text(link, place, "linkedId"), self.text(link, place, "mitigationId")
            if threat in known and mitigation in kept:
                self.answers.setdefault(threat, {})[mitigation] = None
            else:
                found.omit("link of a mitigation", place, "an end of it is not in the file")
        for place, one in threats:
            self.threat(place, one)
        for place, one in self.entries("mitigations"):
            self.mitigation(place, one)
        for place, one in self.entries("assumptions"):
            said = one_line(reader.word(one.get("content"), (*place, "content")))
            found.omit("assumption", place, "assumptions are asked, not taken")
            if said and len(found.questions) < 3:
                found.questions.append(Question("", f"The file assumes: “{said[:300]}” Does it hold?"))
        for place, _ in self.entries("assumptionLinks"):
            found.omit("link of an assumption", place, "assumptions are asked, not taken")
        if self.assets:
            text = "Threats name these assets in words alone. Say what each one is, where it lies and what flows to it."
            found.questions.insert(0, Question("", text))
        reader.unread(self.value, _READ, (), "the file")
        return found

    def asset(self, phrase: str, place: Place) -> str:
        """The asset of a phrase; the same phrase is the same asset."""
        wanted = plain(phrase)
        if wanted not in self.assets:
            self.assets[wanted] = f"asset {wanted}"
            signs = (Sign("name", phrase),)
            self.found.parts.append(
                Part(self.assets[wanted], phrase, place, "impacted asset", signs, ground=Ground.REFERENCE)
            )
        return self.assets[wanted]

    def threat(self, place: Place, one: Mapping[str, Any]) -> None:
        reader, id_ = self.reader, self.text(one, place, "id") or f"threat {place[-1]}"
        phrases = reader.words(one.get("impactedAssets"), (*place, "impactedAssets"))
        on = [
            self.asset(one_line(word), (*place, "impactedAssets", order))
            for order, word in enumerate(phrases)
            if word.strip()
        ]
        mitigations = tuple(self.answers.get(id_, ()))
        self.left -= len(mitigations) * len(on)
        if self.left < 0:
            said = f"its mitigations protect more than {MAX_PROTECTIONS:,} assets, each counted with each."
            raise refusal(reader.text.file, said, "Split the workspace.")
        for mitigation in mitigations:
            self.on.setdefault(mitigation, {}).update(dict.fromkeys(on or [WHOLE]))
        told = _metadata(one.get("metadata"))
        statement = one_line(reader.word(one.get("statement"), (*place, "statement")))
        action = self.text(one, place, "threatAction")
        extra = [f"{key}: {told[key]}" for key in ("STRIDE",) if key in told]
        extra += (
            [f"tags: {', '.join(words[:10])}"] if (words := reader.words(one.get("tags"), (*place, "tags"))) else []
        )
        self.found.claims.append(
            Claim(
                f"threat {id_}",
                (action or statement or "threat")[:200],
                place,
                "threat",
                tuple(on) or (WHOLE,),
                None,
                self.text(one, place, "status"),
                "",
                told.get("Priority", ""),
                tuple(f"mitigation {mitigation}" for mitigation in mitigations),
                "; ".join(part for part in (statement, *extra) if part),
            )
        )

    def mitigation(self, place: Place, one: Mapping[str, Any]) -> None:
        id_ = self.text(one, place, "id")
        said = one_line(self.reader.word(one.get("content"), (*place, "content")))
        state = self.text(one, place, "status")
        self.found.measures.append(
            Measure(
                f"mitigation {id_}",
                said[:120] or "mitigation",
                place,
                "mitigation",
                None,
                tuple(self.on.get(id_, ())) or (WHOLE,),
                STATES.get(state, Status.PROPOSED),
                description=said,
                note=f"status in the file: {state}" if state else "the file gives no status",
            )
        )


def _metadata(value: Any) -> dict[str, str]:
    """Key and value of each entry of metadata."""
    found = {}
    for one in value[:100] if isinstance(value, list) else ():
        if not isinstance(one, dict) or not isinstance(one.get("key"), str):
            continue
        held = one.get("value")
        words = held if isinstance(held, list) else [held]
        found[one["key"]] = ", ".join(word for word in words[:20] if isinstance(word, str))[:200]
    return found


IMPORTER = two_stage(
    ID, "AWS Threat Composer workspace or pack (JSON)", sniff, gather, ("*.tc.json", "*threatpack.json")
)
