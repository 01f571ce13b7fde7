"""Assets, data, boundaries and runtimes of a Threagile model; ``docs/importers.md`` has the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from graphmodel.knowledge.vocabulary import ActorKind, Capability, Evidence, Severity, Status
from graphmodel.model.accounts import Question
from graphmodel.reading.values import Place
from importers.drawn import data_part, one_line
from importers.elements import Attacker, Boundary, Found, Ground, Harm, Link, Measure, Part, Sign
from importers.provenance import Reader
from importers.source import Source
from importers.threagile.files import Model, read_model
from importers.threagile.links import Ids, read_links
from importers.threagile.risks import read_risks

ID = "threagile"
ATTACKER = "internet-attacker"
INTEGRITY = {"important": Severity.MEDIUM, "critical": Severity.HIGH, "mission-critical": Severity.CRITICAL}
SECRECY = {"restricted": Severity.LOW, "confidential": Severity.HIGH, "strictly-confidential": Severity.CRITICAL}
RATINGS = (
    ("confidentiality", SECRECY, Capability.READ),
    ("integrity", INTEGRITY, Capability.WRITE),
    ("availability", INTEGRITY, Capability.DENY),
)
# What the format's list of technologies has no word for: where one of these may be meant, the title may say so.
_AI = (
    "Prompted", "InferenceEndpoint", "Tool", "Guardrail", "TrainingPipeline", "EvaluationHarness", "Router",
)  # fmt: skip
_FINER = {
    **dict.fromkeys(
        ("ai", "application-server", "batch-processing", "event-listener", "function", "task", "tool",
         "web-service-rest", "web-service-soap", "web-application", "web-server", "library", "scheduler"), _AI
    ),
    **dict.fromkeys(("database", "search-index", "search-engine", "big-data-platform"), ("VectorStore",)),
    **dict.fromkeys(
        ("artifact-registry", "file-server", "block-storage", "data-lake", "local-file-system"), ("ModelRegistry",)
    ),
    "iot-device": ("Sensor", "Actuator"),
}  # fmt: skip
_SAID = {
    "id", "description", "usage", "tags", "owner", "confidentiality", "integrity", "availability", "out_of_scope",
    "technology", "technologies", "type", "internet", "machine", "encryption", "multi_tenant", "redundant",
    "custom_developed_parts", "used_as_client_by_human", "data_assets_processed", "data_assets_stored",
    "communication_links", "size", "justification_cia_rating", "justification_out_of_scope", "data_formats_accepted",
    "diagram_tweak_order", "origin", "quantity",
}  # fmt: skip
_TOP = frozenset({
    "threagile_version", "includes", "title", "date", "author", "contributors", "business_overview",
    "technical_overview", "application_description", "business_criticality", "management_summary_comment",
    "data_assets", "technical_assets", "trust_boundaries", "shared_runtimes", "individual_risk_categories",
    "custom_risk_categories", "risk_tracking", "tags_available", "questions", "abuse_cases", "security_requirements",
})  # fmt: skip
_TEXTS = {"abuse_cases": "abuse case", "security_requirements": "security requirement"}
MOST_QUESTIONS = 20


def sniff(source: Source) -> bool:
    """Whether a file has what every model of the format has: its version, or technical assets by title."""
    value = source.value
    return isinstance(value, dict) and ("technical_assets" in value or "threagile_version" in value)


def gather(source: Source) -> tuple[Found, Reader]:
    """The elements of a model and of what it includes, and the risks beside it."""
    reader = Reader(source.text, importer=ID)
    found = Found("")
    model = read_model(source, found, reader)
    place, title = model.first("title")
    found.title = reader.name(title, place) or "Threagile model"
    for field in ("business_overview", "application_description", "technical_overview"):
        place, overview = model.first(field)
        if isinstance(overview, dict) and not found.description:
            found.description = reader.word(overview.get("description"), (*place, "description"))
    _Elements(model, found, reader).gather()
    read_risks(source, model, found, reader)
    _texts(model, found, reader)
    for at, top in model.tops:
        tweaks = {key for key in top if str(key).startswith("diagram_tweak")}
        reader.unread(top, _TOP | tweaks, at, "the file")
    return found, reader


class _Elements:
    def __init__(self, model: Model, found: Found, reader: Reader) -> None:
        self.model, self.found, self.reader = model, found, reader
        self.around: dict[str, str] = {}  # the boundary that an asset is inside of
        self.exposed: list[tuple[str, Place]] = []

    def gather(self) -> None:
        self.boundaries()
        for place, one in self.model.entries("data_assets"):
            self.data(place, one)
        for place, one in self.model.entries("technical_assets"):
            self.technical(place, one)
        ids = Ids(self.ids("technical_assets"), self.ids("data_assets"))
        for place, one in self.model.entries("technical_assets"):
            read_links(self.found, self.reader, place, one, self.id(place, one), ids)
        for place, one in self.model.entries("shared_runtimes"):
            self.runtime(place, one)
        self.attacker()

    def ids(self, section: str) -> frozenset[str]:
        return frozenset(self.id(place, one) for place, one in self.model.entries(section))

    def id(self, place: Place, one: Mapping[str, Any]) -> str:
        return self.reader.name(one.get("id"), (*place, "id")) or str(place[-1])[:200]

    def title(self, place: Place, id_: str) -> str:
        return one_line(self.reader.name(place[-1] if isinstance(place[-1], str) else id_, place)) or id_

    def words(self, one: Mapping[str, Any], place: Place, field: str) -> list[str]:
        return list(dict.fromkeys(self.reader.words(one.get(field), (*place, field))))

    def about(self, one: Mapping[str, Any], place: Place) -> str:
        return self.reader.word(one.get("description"), (*place, "description"))

    # ------------------------------------------------------------ zones
    def boundaries(self) -> None:
        parents: dict[str, str] = {}
        for place, one in self.model.entries("trust_boundaries"):
            own = self.id(place, one)
            for inner in self.words(one, place, "trust_boundaries_nested"):
                parents.setdefault(inner, own)
            for number, inside in enumerate(self.words(one, place, "technical_assets_inside")):
                if self.around.setdefault(inside, own) != own:
                    spot = (*place, "technical_assets_inside", number)
                    message = f"“{inside[:60]}” is in two trust boundaries; the first is kept."
                    self.reader.report("warning", spot, message, "Keep one.")
        for place, one in self.model.entries("trust_boundaries"):
            own = self.id(place, one)
            parent = f"zone {parents[own]}" if own in parents else ""
            kind = self.reader.word(one.get("type"), (*place, "type"))
            self.found.boundaries.append(
                Boundary(
                    f"zone {own}", self.title(place, own), place, "trust boundary", None, parent,
                    description=self.about(one, place), note=kind, id=own,
                )
            )  # fmt: skip
        known, assets = self.ids("trust_boundaries"), self.ids("technical_assets")
        for place, one in self.model.entries("trust_boundaries"):
            for field, there, what in (
                ("trust_boundaries_nested", known, "trust boundary"),
                ("technical_assets_inside", assets, "technical asset"),
            ):
                for number, name in enumerate(self.words(one, place, field)):
                    if name not in there:
                        self.found.omit(f"{what} inside", (*place, field, number), f"there is no {what} of this id")

    # ------------------------------------------------------------ assets
    def data(self, place: Place, one: Mapping[str, Any]) -> None:
        id_ = self.id(place, one)
        part = data_part(f"data {id_}", self.title(place, id_), place, "data asset", self.about(one, place))
        self.add(part, place, one, id_)

    def technical(self, place: Place, one: Mapping[str, Any]) -> None:
        reader, id_ = self.reader, self.id(place, one)
        technologies = [*self.words(one, place, "technologies"), *self.words(one, place, "technology")]
        told = [word for word in technologies if word not in ("unknown-technology", "unknown")]
        signs = [Sign("threagile", word) for word in told] + [Sign("technology", word) for word in told]
        if not told:
            signs += [Sign("technology", tag) for tag in self.words(one, place, "tags")]
        finer = [kind for word in told for kind in _FINER.get(word, ())]
        part = Part(
            f"asset {id_}", self.title(place, id_), place, "technical asset", tuple(signs),
            boundary=f"zone {self.around[id_]}" if id_ in self.around else "", description=self.about(one, place),
            finer=tuple(dict.fromkeys(finer)),
        )  # fmt: skip
        self.add(part, place, one, id_)
        if reader.truth(one.get("internet"), (*place, "internet")):
            self.exposed.append((part.key, (*place, "internet")))
        encryption = reader.word(one.get("encryption"), (*place, "encryption"))
        if encryption not in ("", "none"):
            spot = (*place, "encryption")
            self.found.measures.append(
                Measure(
                    f"encryption {id_}", f"Encryption of {part.name} ({encryption})", spot, "encryption",
                    "encryption-at-rest", (part.key,), Status.IMPLEMENTED, Evidence.DECLARED,
                    note="the asset is declared to be encrypted",
                )
            )  # fmt: skip
        self.reader.unread(one, _SAID, place, "a technical asset")

    def add(self, part: Part, place: Place, one: Mapping[str, Any], id_: str) -> None:
        """Keep an asset with what both kinds of assets say, and its ratings."""
        reader = self.reader
        tags = [*self.words(one, place, "tags"), *self.flags(one, place)]
        owner = reader.name(one.get("owner"), (*place, "owner"))
        self.found.parts.append(_with(part, id_, owner, tuple(dict.fromkeys(tags))))
        if reader.truth(one.get("out_of_scope"), (*place, "out_of_scope")):
            return
        for field, severities, capability in RATINGS:
            severity = severities.get(reader.word(one.get(field), (*place, field)))
            if severity is not None:
                self.found.harms.append(Harm(part.key, capability, severity, (*place, field), "rating"))

    def flags(self, one: Mapping[str, Any], place: Place) -> list[str]:
        """What is said of an asset by true and false, or by one word, as tags."""
        fields = ("out_of_scope", "multi_tenant", "redundant", "custom_developed_parts", "used_as_client_by_human")
        found = [field.replace("_", "-") for field in fields if self.reader.truth(one.get(field), (*place, field))]
        if one.get("usage") == "devops":
            found.append("devops")
        machine = self.reader.word(one.get("machine"), (*place, "machine"))
        return [*found, f"machine-{machine}"] if machine in ("container", "serverless", "physical") else found

    def runtime(self, place: Place, one: Mapping[str, Any]) -> None:
        id_ = self.id(place, one)
        running = self.words(one, place, "technical_assets_running")
        zones = {self.around.get(inside, "") for inside in running}
        zone = zones.pop() if len(zones) == 1 else ""
        part = Part(
            f"runtime {id_}", self.title(place, id_), place, "shared runtime", type="Host",
            boundary=f"zone {zone}" if zone else "", description=self.about(one, place),
        )  # fmt: skip
        self.found.parts.append(_with(part, id_, "", tuple(self.words(one, place, "tags"))))
        for number, inside in enumerate(running):
            spot = (*place, "technical_assets_running", number)
            self.found.links.append(Link(f"asset {inside}", "runsIn", part.key, spot, "asset in a runtime"))

    def attacker(self) -> None:
        """Whoever is on the internet, where something is said to stand there."""
        if not self.exposed:
            message = "no asset is on the internet, so there is nobody who attacks."
            self.reader.report("warning", ("technical_assets",), message, "Add actors to the imported document.")
            return
        self.found.attackers.append(
            Attacker(
                "attacker", "Attacker on the internet", self.exposed[0][1], "internet", ActorKind.OUTSIDER,
                starts=tuple((key, Capability.REACH) for key, _ in self.exposed), ground=Ground.REFERENCE,
                note="added for the assets that are on the internet", id=ATTACKER,
            )
        )  # fmt: skip


def _with(part: Part, id_: str, owner: str, tags: tuple[str, ...]) -> Part:
    return replace(part, id=id_, owner=owner, tags=tags)


def _texts(model: Model, found: Found, reader: Reader) -> None:
    """Questions that the model leaves open are asked; texts about the whole system stay where they are."""
    for at, top in model.tops:
        for place, question, answer in _pairs(reader, top.get("questions"), (*at, "questions")):
            if answer:
                found.omit("question", place, "it is answered there")
            elif len(found.questions) < MOST_QUESTIONS:
                found.questions.append(Question("", question))
            else:
                found.omit("question", place, f"only {MOST_QUESTIONS} are asked")
        for field, what in _TEXTS.items():
            for place, _, _ in _pairs(reader, top.get(field), (*at, field)):
                found.omit(what, place, "it is text about the whole system, to be read there")


def _pairs(reader: Reader, value: Any, place: Place) -> list[tuple[Place, str, str]]:
    told = reader.mapping(value, place)
    return [((*place, key), str(key)[:300], reader.word(one, (*place, key))) for key, one in list(told.items())[:1_000]]
