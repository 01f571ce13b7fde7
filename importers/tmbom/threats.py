"""Threats, risks, controls and personas of a TM-BOM file: kept as stated, on the elements that they name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphmodel.knowledge.vocabulary import ActorKind, Capability, Evidence, Severity, Skill, Status
from graphmodel.model.accounts import Question
from graphmodel.reading.values import Place
from importers.control_hints import hint, unnamed
from importers.elements import Attacker, Claim, Ground, Harm, Measure
from importers.misspelt import meant

if TYPE_CHECKING:
    from importers.tmbom.model import Model

STATUS = {
    "active": (Status.IMPLEMENTED, Evidence.DECLARED),
    "assumed": (Status.IMPLEMENTED, Evidence.NONE),
    "approved": (Status.PLANNED, Evidence.NONE),
    "scheduled": (Status.PLANNED, Evidence.NONE),
    "suggested": (Status.PROPOSED, Evidence.NONE),
    "under_review": (Status.PROPOSED, Evidence.NONE),
    "retired": (Status.RETIRED, Evidence.NONE),
    "wont_do": (Status.RETIRED, Evidence.NONE),
}
SKILL = {
    "script_kid": Skill.NOVICE,
    "insider": Skill.SKILLED,
    "engineer": Skill.SKILLED,
    "expert_engineer": Skill.EXPERT,
    "oc_sponsored": Skill.EXPERT,
    "state_sponsored": Skill.EXPERT,
}
IMPACT = {
    "negligible": Severity.INFORMATIONAL, "minor": Severity.LOW, "moderate": Severity.MEDIUM,
    "major": Severity.HIGH, "severe": Severity.CRITICAL,
}  # fmt: skip
SENSITIVITY = {
    "cred": Severity.HIGH, "pii": Severity.HIGH, "phi": Severity.CRITICAL, "fin": Severity.HIGH, "pci": Severity.HIGH,
    "biz": Severity.MEDIUM, "ip": Severity.MEDIUM, "gov": Severity.HIGH, "op": Severity.LOW,
}  # fmt: skip
_LIKELIHOODS = ("rare", "unlikely", "possible", "likely", "certain")
# The format says how bad a threat is, and not whether something is read, changed, taken over or stopped by it.
_HARMS: tuple[tuple[str, Capability], ...] = (
    (r"disclos\w*|expos\w+|theft|stolen|steal\w*|leak\w*|exfiltrat\w+|sniff\w*", Capability.READ),
    (r"tamper\w*|poison\w*|manipulat\w+|spoof\w*|falsif\w+|backdoor\w*|perturb\w*", Capability.WRITE),
    (r"code execution|compromis\w+|takeover|take over|hijack\w*|privilege escalation", Capability.RUN),
    (r"denial of service|outage|flood\w*|unavailab\w+|dos", Capability.DENY),
)
MOST_LOOKED_AT = 1_000  # threats whose words are searched for titles of elements
_COMMON = frozenset({"service", "server", "system", "client", "database", "application"})  # as in “denial of service”
_WORD = re.compile(r"[^\W_]+")


def read_threats(model: Model) -> None:
    """Add what a file states of threats, what answers them, who carries them out, and what they cost."""
    _Threats(model).gather()


class _Threats:
    def __init__(self, model: Model) -> None:
        self.model, self.reader, self.found = model, model.reader, model.found
        self.on: dict[str, tuple[str, ...]] = {}  # elements of each threat
        self.words: dict[str, str] = {}
        self.titles: dict[tuple[str, ...], str] = {}
        for part in self.found.parts:
            if part.kind not in ("actor", "undeclared actor"):
                for name in (part.id, part.name):
                    words = tuple(_WORD.findall(name.casefold().replace("_", " ")))
                    if len(words) > 1 or (name == part.id and len(name) > 4 and name not in _COMMON):
                        self.titles.setdefault(words, part.key)
        self.longest = min(max(map(len, self.titles), default=0), 8)

    def gather(self) -> None:
        for number, (place, one) in enumerate(self.model.entries("threats")):
            self.concerns(place, one, number)
        answers = self.controls()
        self.threats(answers)
        self.losses()
        for place, one in self.model.entries("threat_personas"):
            self.persona(place, one)

    def concerns(self, place: Place, one: Mapping[str, Any], number: int) -> None:
        """Which elements a threat is on: those that it names, or else those whose whole names stand in its words."""
        reader = self.reader
        wanted, title = self.model.name(place, one)
        event = reader.word(one.get("event"), (*place, "event"))
        said = f"{title} {event} {self.model.about(one, place)}".casefold()
        named = []
        for at, name in enumerate(reader.words(one.get("components_affected"), (*place, "components_affected"))):
            spot = (*place, "components_affected", at)
            known = meant(reader, name, self.model.kinds, spot, "component")
            if known in self.model.kinds:
                named.append(f"part {known}")
            else:
                self.found.omit("component affected", spot, "there is no element of this name")
        if not named and number < MOST_LOOKED_AT:
            named = self.titled(said)
        self.on.setdefault(wanted, tuple(dict.fromkeys(named)))
        self.words.setdefault(wanted, f"{title} {event}".casefold())

    def titled(self, said: str) -> list[str]:
        """The elements whose whole names, in the file or as titles, stand in a text."""
        words = _WORD.findall(said[:5_000])
        return [
            self.titles[tuple(words[start:end])]
            for start in range(len(words))
            for end in range(start + 1, min(start + self.longest, len(words)) + 1)
            if tuple(words[start:end]) in self.titles
        ]

    # ------------------------------------------------------------ controls and threats
    def controls(self) -> dict[str, list[str]]:
        """Controls with the state that the file gives them, on what the threats that they answer are on; and for each
        threat those that answer it. Which control of the catalogue one is only a person can say.
        """
        reader, answers = self.reader, dict[str, list[str]]()
        for place, one in self.model.entries("controls"):
            wanted, title = self.model.name(place, one)
            word = reader.word(one.get("status"), (*place, "status"))
            if word not in STATUS:
                message = f"the status “{word[:40]}” is not known; the control counts as proposed."
                reader.report("warning", (*place, "status"), message, f"Use one of {', '.join(STATUS)}.")
            status, evidence = STATUS.get(word, (Status.PROPOSED, Evidence.NONE))
            threats = reader.words(one.get("threats"), (*place, "threats"))
            on = tuple(dict.fromkeys(key for name in threats for key in self.on.get(name, ())))
            on = on or self.across(one, place)
            said = self.model.about(one, place)
            counts = status in (Status.IMPLEMENTED, Status.PLANNED)
            control = None if counts else hint(title, wanted, said)
            note = unnamed(title, wanted, said) if counts else ""
            if not on:
                reader.report("note", place, f"“{title}” names nothing that it protects: it is put on everything.")
            priority = reader.word(one.get("priority"), (*place, "priority"))
            said = f"{said} (priority: {priority})".strip() if priority else said
            if note:
                reader.report("note", place, f"“{title}”: {note}.", "Name the control in the imported document.")
            key = f"control {wanted}"
            self.found.measures.append(
                Measure(key, title, place, "control", control, on or ("*",), status, evidence, said, note, id=wanted)
            )
            for name in threats:
                answers.setdefault(name, []).append(key)
        return answers

    def across(self, one: Mapping[str, Any], place: Place) -> tuple[str, ...]:
        """The zones of the boundary that a control stands at."""
        at = (*place, "trust_boundary")
        ends = self.reader.mapping(one.get("trust_boundary"), at)
        names = [self.reader.name(ends.get(key), (*at, key)) for key in ("trust_zone_a", "trust_zone_b")]
        return tuple(f"zone {name}" for name in names if name in self.model.declared_zones)

    def threats(self, answers: Mapping[str, list[str]]) -> None:
        """The threats as the file states them, with the words of the worst risk that names each."""
        reader, order = self.reader, list(Severity)
        rated: dict[str, tuple[int, str, str]] = {}
        for place, one in self.model.entries("risks"):
            likelihood = reader.word(one.get("likelihood"), (*place, "likelihood"))
            impact = reader.word(one.get("impact"), (*place, "impact"))
            rank = order.index(IMPACT[impact]) if impact in IMPACT else len(order)
            self.score(place, one, likelihood, impact)
            for name in reader.words(one.get("threats"), (*place, "threats")):
                if name not in rated or rank < rated[name][0]:
                    rated[name] = (rank, likelihood, impact)
        for place, one in self.model.entries("threats"):
            wanted, title = self.model.name(place, one)
            _, likelihood, impact = rated.get(wanted, (0, "", ""))
            status = reader.word(one.get("status"), (*place, "status"))
            self.found.claims.append(
                Claim(
                    wanted, title, place, "threat", self.on.get(wanted, ()), None, status, likelihood, impact,
                    tuple(dict.fromkeys(answers.get(wanted, ()))), self.about(one, place),
                )
            )  # fmt: skip

    def about(self, one: Mapping[str, Any], place: Place) -> str:
        """What is said of a threat, with its weaknesses and attack patterns by their numbers."""
        reader = self.reader
        told = []
        for field, id_, prefix in (("attack_mechanisms", "capec_id", "CAPEC"), ("weaknesses", "cwe_id", "CWE")):
            for where, each in reader.entries(one.get(field), (*place, field)):
                told.append(f"{prefix}-{reader.word(each.get(id_), (*where, id_))}")
        said = self.model.about(one, place)
        return f"{said} ({', '.join(told)})".strip() if told else said

    def score(self, place: Place, one: Mapping[str, Any], likelihood: str, impact: str) -> None:
        """Say where a risk's score is not the product that the format defines."""
        stated = one.get("score")
        if likelihood in _LIKELIHOODS and impact in IMPACT and isinstance(stated, int) and not isinstance(stated, bool):
            product = (_LIKELIHOODS.index(likelihood) + 1) * (list(IMPACT).index(impact) + 1)
            if stated != product:
                message = f"the score {stated} is not that of “{likelihood}” and “{impact}”, which is {product}."
                self.reader.report("note", (*place, "score"), message)

    # ------------------------------------------------------------ losses
    def losses(self) -> None:
        """Losses from the sensitivity of data, and from the impact of risks on what their threats are on."""
        reader, order = self.reader, list(Severity)
        worst: dict[tuple[str, Capability], Harm] = {}

        def keep(harm: Harm) -> None:
            before = worst.get((harm.part, harm.capability))
            if before is not None:
                self.found.joined.append(harm.kind)
            if before is None or order.index(harm.severity) < order.index(before.severity):
                worst[harm.part, harm.capability] = harm

        for place, one in self.model.entries("data_sets"):
            wanted, _ = self.model.name(place, one)
            spot = (*place, "data_sensitivity")
            for word in reader.words(one.get("data_sensitivity"), spot):
                if word in SENSITIVITY:
                    keep(Harm(f"part {wanted}", Capability.READ, SENSITIVITY[word], spot, "sensitivity"))
        open_ended: list[str] = []
        for place, one in self.model.entries("risks"):
            self.risk(place, one, keep, open_ended)
        self.found.harms.extend(sorted(worst.values(), key=lambda one: (one.part, one.capability)))
        if open_ended:
            shown = ", ".join(f"“{one[:60]}”" for one in open_ended[:4])
            text = f"What do these risks harm: is something read, changed, taken over or stopped, and where? {shown}"
            self.found.questions.append(Question("", text))

    def risk(self, place: Place, one: Mapping[str, Any], keep: Any, open_ended: list[str]) -> None:
        reader = self.reader
        _, title = self.model.name(place, one)
        severity = IMPACT.get(reader.word(one.get("impact"), (*place, "impact")))
        if severity is None:
            self.found.omit("risk", place, "its impact is not said in words of the format")
            return
        kept = False
        for number, name in enumerate(reader.words(one.get("threats"), (*place, "threats"))):
            if name not in self.on:
                self.found.omit("threat of a risk", (*place, "threats", number), f"there is no threat “{name[:60]}”")
                continue
            words = self.words[name]
            harm = next((each for pattern, each in _HARMS if re.search(rf"\b(?:{pattern})\b", words)), None)
            for key in self.on[name] if harm is not None else ():
                said = f"by the words of the threat “{name[:80]}”"
                keep(Harm(key, harm, severity, place, "impact of a risk", "", said, Ground.GUESS))  # type: ignore[arg-type]
                kept = True
        if not kept:
            open_ended.append(title)
            self.found.omit("risk", place, "what it harms is not said: its threats name no element, or no harm")

    # ------------------------------------------------------------ personas
    def persona(self, place: Place, one: Mapping[str, Any]) -> None:
        """Somebody with a skill and an access level, who starts where people of that access stand."""
        reader, model = self.reader, self.model
        wanted, title = model.name(place, one)
        level = reader.word(one.get("access_level"), (*place, "access_level"))
        word = reader.word(one.get("skill_level"), (*place, "skill_level"))
        if word not in SKILL:
            reader.report(
                "note", (*place, "skill_level"), f"the skill “{word[:40]}” is not known; it counts as skilled."
            )
        people = [part for part in self.found.parts if part.type == "Person"]
        if level == "admin":
            admins = [part.key for part in people if "administrator" in part.tags] or [part.key for part in people]
            starts = tuple((key, Capability.RUN) for key in admins)
            kind, zone = ActorKind.INSIDER, ""
        else:
            outside = {part.key for part in people if not set(part.tags) & {"administrator", "engineer"}}
            starts = tuple((f"part {to}", Capability.REACH) for at, to, _ in model.flows if f"part {at}" in outside)
            kind = ActorKind.USER if level == "user" else ActorKind.OUTSIDER
            zone = next(iter(sorted(model.public)), "")
        if not starts:
            self.found.questions.append(Question(f"persona {wanted}", f"Where does “{title[:80]}” begin?"))
        self.found.attackers.append(
            Attacker(
                f"persona {wanted}", title, place, "threat persona", kind, SKILL.get(word, Skill.SKILLED),
                f"zone {zone}" if zone else "", tuple(dict.fromkeys(starts)), Ground.REFERENCE, model.about(one, place),
                id=wanted,
            )
        )  # fmt: skip
