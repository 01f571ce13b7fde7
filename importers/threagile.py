"""Threagile models (YAML). ``docs/importers.md`` has the tables of what becomes what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from graphmodel.knowledge.typing_table import TypingTable
from graphmodel.knowledge.vocabulary import ActorKind, Capability, Catalogue, Skill, Status
from graphmodel.model.system import Actor, ControlImplementation, Held, Imported, Stated, System
from graphmodel.reading.problems import UnreadableError
from graphmodel.reading.values import Text
from importers.guessing import unnamed
from importers.importer import Importer
from importers.provenance import Reader
from importers.source import Source
from importers.threagile_elements import Elements
from importers.threagile_links import read_data, read_links
from importers.threagile_words import READ_TOP

ID = "threagile"
ACTOR = "internet-attacker"


def sniff(value: Any) -> bool:
    """Whether a value read from YAML looks like a Threagile model."""
    return isinstance(value, dict) and ("technical_assets" in value or "threagile_version" in value)


def read(source: Source, catalogue: Catalogue, table: TypingTable) -> Imported:
    """Read a Threagile model; a file that is none, or cannot be read, is one error."""
    try:
        text = source.text
    except UnreadableError as error:
        return Imported(None, (error.problem,))
    if not sniff(text.value):
        problem = text.problem("error", (), "this is not a Threagile model.", "It has no technical_assets.")
        return Imported(None, (problem,))
    return _system(Elements(Reader(text, importer=ID), catalogue), text)


def _system(elements: Elements, text: Text) -> Imported:
    reader, value = elements.reader, text.value
    title = reader.name(value.get("title"), ("title",), "Threagile model")
    data = elements.distinct(reader.entries(value.get("data_assets"), ("data_assets",)))
    technical = elements.distinct(reader.entries(value.get("technical_assets"), ("technical_assets",)))
    elements.boundaries(value)
    for place, one in data:
        elements.data_asset(place, one)
    for place, one in technical:
        elements.technical_asset(place, one)
    for place, one in technical:
        read_data(elements, place, one)
        read_links(elements, place, one)
    elements.runtimes(value)
    controls, stated = _tracked(elements, value)
    actors = _actors(elements)
    reader.unread(value, READ_TOP, (), "the file")
    if not elements.assets:
        reader.report(
            "error", ("technical_assets",), "there is no technical asset.", "Check that this is a whole model."
        )
        return Imported(None, (*text.problems, *reader.problems))
    overview = reader.mapping(value.get("business_overview"), ("business_overview",))
    system = System(
        id=reader.claim("-".join(title.lower().split())[:60] or "system", ("title",), "system"),
        name=title,
        description=reader.word(overview.get("description"), ("business_overview", "description")),
        zones=tuple(elements.zones),
        assets=tuple(elements.assets),
        flows=tuple(elements.flows),
        dependencies=tuple(elements.dependencies.values()),
        actors=actors,
        controls=controls,
        losses=tuple(elements.losses),
        stated=stated,
    )
    return Imported(system, (*text.problems, *reader.problems))


def _tracked(
    elements: Elements, value: Mapping[str, Any]
) -> tuple[tuple[ControlImplementation, ...], tuple[Stated, ...]]:
    """Risks as they are tracked, and for those that are dealt with a control that credits nothing: which one of the
    catalogue it is only a person can say.
    """
    reader = elements.reader
    controls: list[ControlImplementation] = []
    stated: list[Stated] = []
    taken: dict[str, str] = {}
    for place, one in reader.entries(value.get("risk_tracking"), ("risk_tracking",)):
        risk = str(place[-1])
        status = reader.word(one.get("status"), (*place, "status"))
        said = reader.word(one.get("justification"), (*place, "justification"))
        parts = dict.fromkeys(risk.replace(">", "@").split("@")[1:])
        assets = tuple(elements.ids[part] for part in parts if part in elements.ids)
        answers: tuple[str, ...] = ()
        if status in _DEALT_WITH and assets:
            id_ = reader.claim(f"tracked-{len(controls) + 1}", place, "control", taken)
            name = f"{risk} {said}".strip()[:200]
            note = unnamed(name)
            reader.report("note", place, f"{note}.", "Name the control in the imported document.")
            source = reader.source(place, 0.4, note)
            controls.append(ControlImplementation(id_, None, assets, name, _DEALT_WITH[status], source=source))
            answers = (id_,)
        id_ = reader.claim(f"risk-{len(stated) + 1}", place, "threat", taken)
        stated.append(
            Stated(
                id_,
                risk[:200],
                assets,
                None,
                status,
                answered_by=answers,
                description=said,
                source=reader.source(place),
            )
        )
    for around, category in reader.entries(value.get("individual_risk_categories"), ("individual_risk_categories",)):
        for place, one in reader.entries(category.get("risks_identified"), (*around, "risks_identified")):
            asset = elements.ids.get(reader.word(one.get("most_relevant_technical_asset"), place))
            id_ = reader.claim(f"risk-{len(stated) + 1}", place, "threat", taken)
            stated.append(
                Stated(
                    id_,
                    re.sub(r"<[^<>]*>", "", str(place[-1]))[:200] or id_,
                    (asset,) if asset else (),
                    likelihood=reader.word(one.get("exploitation_likelihood"), place),
                    severity=reader.word(one.get("severity"), place),
                    description=reader.word(category.get("description"), (*around, "description")),
                    source=reader.source(place),
                )
            )
    return tuple(controls), tuple(stated)


_DEALT_WITH = {"mitigated": Status.IMPLEMENTED, "in-progress": Status.PLANNED}


def _actors(elements: Elements) -> tuple[Actor, ...]:
    """An outsider, where something is on the internet."""
    reader = elements.reader
    if not elements.exposed:
        reader.report(
            "warning",
            ("technical_assets",),
            "no asset is on the internet, so there is nobody who attacks.",
            "Add actors to the imported document.",
        )
        return ()
    starts = tuple(
        Held(asset, Capability.REACH)
        for asset in sorted(elements.exposed)
        if elements.catalogue.is_a(elements.kind[asset], "Asset")
    )
    id_ = reader.claim(ACTOR, ("technical_assets",), "actor")
    reader.report(
        "note",
        ("technical_assets",),
        f"an outsider “{id_}” was added, who reaches what is on the internet: {', '.join(sorted(elements.exposed))}.",
    )
    note = "added for the assets that are on the internet"
    return (
        Actor(
            id_,
            "Attacker on the internet",
            ActorKind.OUTSIDER,
            Skill.SKILLED,
            None,
            starts,
            source=reader.source(("technical_assets",), 0.7, note),
        ),
    )


IMPORTER = Importer(
    ID, "Threagile (YAML)", lambda source: sniff(source.value), read, ("threagile*.yaml", "threagile*.yml")
)
