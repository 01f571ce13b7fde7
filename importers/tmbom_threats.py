"""Threats, risks, controls and personas of a TM-BOM file, brought to bear on its elements."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from graphmodel.knowledge.vocabulary import ActorKind, Capability, Evidence, Severity, Skill, Status
from graphmodel.model.system import Actor, ControlImplementation, Held, Loss, Stated
from graphmodel.reading.values import Place
from importers.guessing import CONTROL_WORDS, guesses, unnamed
from importers.tmbom_elements import Elements

_STATUS = {
    "active": (Status.IMPLEMENTED, Evidence.DECLARED),
    "assumed": (Status.IMPLEMENTED, Evidence.NONE),
    "approved": (Status.PLANNED, Evidence.NONE),
    "scheduled": (Status.PLANNED, Evidence.NONE),
    "suggested": (Status.PROPOSED, Evidence.NONE),
    "under_review": (Status.PROPOSED, Evidence.NONE),
    "retired": (Status.RETIRED, Evidence.NONE),
    "wont_do": (Status.RETIRED, Evidence.NONE),
}
_SKILL = {
    "script_kid": Skill.NOVICE, "novice": Skill.NOVICE, "beginner": Skill.NOVICE,
    "engineer": Skill.SKILLED, "intermediate": Skill.SKILLED,
    "expert_engineer": Skill.EXPERT, "expert": Skill.EXPERT,
    "oc_sponsored": Skill.EXPERT, "state_sponsored": Skill.EXPERT,
}  # fmt: skip
_IMPACT = {
    "insignificant": Severity.INFORMATIONAL, "negligible": Severity.INFORMATIONAL, "minor": Severity.LOW,
    "moderate": Severity.MEDIUM, "major": Severity.HIGH, "severe": Severity.CRITICAL, "critical": Severity.CRITICAL,
}  # fmt: skip
_SENSITIVITY = {
    "cred": Severity.HIGH, "pii": Severity.HIGH, "phi": Severity.CRITICAL, "pfi": Severity.HIGH, "pci": Severity.HIGH,
    "biz": Severity.MEDIUM, "ip": Severity.MEDIUM, "gov": Severity.HIGH, "op": Severity.LOW,
}  # fmt: skip
_HARM_WORDS: tuple[tuple[str, Capability], ...] = (
    (r"exposure|disclos|theft|steal|stolen|leak|exfiltrat|sniff", Capability.READ),
    (r"tamper|poison|perturb|incorrect|spoof|backdoor|false|manipulat|adversarial|supply chain", Capability.WRITE),
    (r"execution|compromise|takeover|hijack|privilege|misuse|abuse", Capability.RUN),
    (r"denial|outage|flood|unavailab|\bdos\b", Capability.DENY),
)
_TARGET_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"\bmodel", ("Model", "InferenceEndpoint")),
    (r"notebook", ("Notebook",)),
    (r"image|training data|dataset", ("Dataset", "UserContent")),
    (r"ssh|bastion|host", ("Host",)),
    (r"perturb|classif|predict", ("InferenceEndpoint",)),
    (r"key|credential|secret|token", ("Secret",)),
    (r"librar|third.?party|package", ("SoftwarePackage",)),
    (r"agent|prompt", ("Prompted",)),
)


def threat_targets(elements: Elements, value: Mapping[str, Any]) -> dict[str, tuple[str, set[str]]]:
    """For each threat its text, and the assets that it concerns: as stated, or by its words."""
    reader = elements.reader
    found: dict[str, tuple[str, set[str]]] = {}
    of_type = {
        type_name: [id_ for id_ in elements.assets if elements.is_a(id_, type_name)]
        for _, names in _TARGET_WORDS
        for type_name in names
    }
    for place, one in reader.entries(value.get("threats"), ("threats",)):
        wanted, title = elements.name_of(place, one)
        words = f"{title} {reader.word(one.get('event'), (*place, 'event'))}".lower()
        stated = set()
        for number, name in enumerate(reader.words(one.get("components_affected"), (*place, "components_affected"))):
            asset = elements.find(name, (*place, "components_affected", number), "component")
            if asset in elements.assets:
                stated.add(str(asset))
        types = {type_name for pattern, names in _TARGET_WORDS if re.search(pattern, words) for type_name in names}
        found[wanted] = (words, stated or {id_ for type_name in types for id_ in of_type[type_name]})
    return found


def read_losses(
    elements: Elements, value: Mapping[str, Any], targets: Mapping[str, tuple[str, set[str]]]
) -> tuple[Loss, ...]:
    """Losses from the sensitivity of data and from the impact of risks, the highest severity of each fact."""
    reader, order = elements.reader, list(Severity)
    worst: dict[Held, tuple[Severity, Place]] = {}

    def note(held: Held, severity: Severity, place: Place) -> None:
        if held not in worst or order.index(severity) < order.index(worst[held][0]):
            worst[held] = (severity, place)

    for place, one in reader.entries(value.get("data_sets"), ("data_sets",)):
        id_ = elements.ids.get(elements.name_of(place, one)[0])
        for word in reader.words(one.get("data_sensitivity"), (*place, "data_sensitivity")):
            if id_ in elements.assets and word in _SENSITIVITY:
                note(Held(str(id_), Capability.READ), _SENSITIVITY[word], (*place, "data_sensitivity"))
    for place, one in reader.entries(value.get("risks"), ("risks",)):
        severity = _IMPACT.get(reader.word(one.get("impact"), (*place, "impact")))
        if severity is None:
            reader.report("note", place, "the impact of this risk is not known; it gives no loss.")
            continue
        for number, name in enumerate(reader.words(one.get("threats"), (*place, "threats"))):
            if name not in targets:
                reader.report(
                    "warning", (*place, "threats", number), f"there is no threat “{name}”.", "Correct the name."
                )
                continue
            words, assets = targets[name]
            harm = next(
                (capability for pattern, capability in _HARM_WORDS if re.search(pattern, words)), Capability.WRITE
            )
            for asset in assets:
                if not elements.is_a(asset, "SoftwarePackage"):
                    note(Held(asset, harm), severity, place)
    return tuple(
        Loss(held, severity, source=reader.source(place, 0.5))
        for held, (severity, place) in sorted(worst.items(), key=lambda item: str(item[0]))
    )


def read_controls(
    elements: Elements, value: Mapping[str, Any], targets: Mapping[str, tuple[str, set[str]]]
) -> tuple[tuple[ControlImplementation, ...], dict[str, list[str]]]:
    """Controls with the state that the file gives them, and for each threat those that answer it. Only one that is
    suggested is matched to the catalogue by its words; what is or will be in force credits nothing by a word.
    """
    reader, found, taken = elements.reader, [], dict[str, str]()
    answers: dict[str, list[str]] = {}
    for place, one in reader.entries(value.get("controls"), ("controls",)):
        wanted, title = elements.name_of(place, one)
        word = reader.word(one.get("status"), (*place, "status"))
        status, evidence = _STATUS.get(word, (Status.PROPOSED, Evidence.NONE))
        if word not in _STATUS:
            reader.report(
                "warning",
                (*place, "status"),
                f"the status “{word}” is not known; the control counts as proposed.",
                f"Use one of {', '.join(_STATUS)}.",
            )
        description = reader.word(one.get("description"), (*place, "description"))
        threats = reader.words(one.get("threats"), (*place, "threats"))
        concerned = {asset for name in threats for asset in targets.get(name, ("", set()))[1]}
        control, assets = match(elements, concerned, title, wanted, description)
        if not assets:
            reader.report(
                "note",
                place,
                f"“{title}” names nothing that it protects; it was put on the whole system.",
                "Narrow it in the imported document.",
            )
        counts = status in (Status.IMPLEMENTED, Status.PLANNED)
        note = unnamed(title, wanted, description) if counts else ""
        if counts:
            reader.report("note", place, f"“{title}”: {note}.", "Name the control in the imported document.")
        id_ = reader.claim(wanted, place, "control", taken)
        for name in threats:
            answers.setdefault(name, []).append(id_)
        found.append(
            ControlImplementation(
                id=id_,
                control=None if counts else control,
                protects=tuple(assets) or ("*",),
                name=title,
                status=status,
                evidence=evidence,
                description=description,
                source=reader.source(place, 0.5, note),
            )
        )
    return tuple(found), answers


def read_stated(
    elements: Elements,
    value: Mapping[str, Any],
    targets: Mapping[str, tuple[str, set[str]]],
    answers: Mapping[str, list[str]],
) -> tuple[Stated, ...]:
    """The threats as the file states them, with the words of the worst risk that names each, and what answers it."""
    reader, taken = elements.reader, dict[str, str]()
    rated: dict[str, tuple[str, str]] = {}
    for place, one in reader.entries(value.get("risks"), ("risks",)):
        words = (reader.word(one.get("likelihood"), (*place, "likelihood")), reader.word(one.get("impact"), place))
        for name in reader.words(one.get("threats"), (*place, "threats")):
            worst = rated.get(name)
            if worst is None or _weight(words[1]) > _weight(worst[1]):
                rated[name] = words
    found = []
    for place, one in reader.entries(value.get("threats"), ("threats",)):
        wanted, title = elements.name_of(place, one)
        likelihood, severity = rated.get(wanted, ("", ""))
        found.append(
            Stated(
                reader.claim(wanted, place, "threat", taken),
                title,
                tuple(sorted(targets.get(wanted, ("", set()))[1])),
                status=reader.word(one.get("status"), (*place, "status")),
                likelihood=likelihood,
                severity=severity,
                answered_by=tuple(dict.fromkeys(answers.get(wanted, ()))),
                description=reader.word(one.get("description"), (*place, "description")),
                source=reader.source(place),
            )
        )
    return tuple(found)


def _weight(impact: str) -> int:
    severity = _IMPACT.get(impact)
    return -list(Severity).index(severity) if severity is not None else -len(Severity)


def match(elements: Elements, concerned: set[str], *texts: str) -> tuple[str | None, list[str]]:
    """The catalogue control that texts mean and that fits what is concerned, and on what it then is."""
    kept = {
        one.target for one in elements.dependencies.values() if one.relation == "storedIn" and one.origin in concerned
    }
    first: str | None = None
    for control in guesses(CONTROL_WORDS, *texts):
        kind = elements.catalogue.controls.get(control)
        if kind is None:
            continue
        first = first or control
        fitting = [
            one
            for one in sorted(concerned | kept)
            if elements.catalogue.is_any(elements.assets[one].type, kind.applies_to)
        ]
        if fitting:
            return control, fitting
    return first, sorted(concerned)


def read_personas(elements: Elements, value: Mapping[str, Any]) -> None:
    """Attackers with a skill and an access level; they start where people of that access stand."""
    reader = elements.reader
    for place, one in reader.entries(value.get("threat_personas"), ("threat_personas",)):
        wanted, title = elements.name_of(place, one)
        level = reader.word(one.get("access_level"), (*place, "access_level"))
        word = reader.word(one.get("skill_level"), (*place, "skill_level"))
        skill = _SKILL.get(word)
        if skill is None:
            reader.report("note", (*place, "skill_level"), f"the skill “{word}” is not known; it counts as skilled.")
            skill = Skill.SKILLED
        privileged = level in ("admin", "administrator", "privileged", "root", "internal")
        if privileged:
            starts = tuple(
                Held(id_, Capability.RUN)
                for id_ in sorted(elements.assets)
                if elements.is_a(id_, "Person")
                and re.search("admin", f"{id_} {elements.assets[id_].name} {elements.assets[id_].description}".lower())
            )
            starts = starts or tuple(
                Held(id_, Capability.RUN) for id_ in sorted(elements.assets) if elements.is_a(id_, "Person")
            )
            kind = ActorKind.INSIDER
        else:
            outside = {id_ for id_, actor in elements.actors.items() if actor.kind is ActorKind.OUTSIDER}
            starts = tuple(
                Held(flow.target, Capability.REACH)
                for flow in elements.flows
                if flow.origin in outside and flow.target in elements.assets
            )
            kind = ActorKind.USER if level == "user" else ActorKind.OUTSIDER
        public = next((zone.id for zone in elements.zones.values() if zone.trust == 0), None)
        id_ = reader.claim(wanted, place, "actor")
        description = reader.word(one.get("description"), (*place, "description"))
        where = None if privileged else public
        elements.actors[id_] = Actor(
            id_,
            title,
            kind,
            skill,
            where,
            tuple(dict.fromkeys(starts)),
            None,
            description,
            reader.source(place, 0.6),
        )
