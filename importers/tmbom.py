"""OWASP Threat Model Library files (TM-BOM, JSON).

The files say little about what a component is, so types, lineage and losses are inferred from
words and from what flows where. Whatever is inferred is said in a note and carries a confidence
below 1. ``docs/importers.md`` has the tables.
"""

from __future__ import annotations

from typing import Any

from graphmodel.knowledge.typing_table import TypingTable
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.model.system import Imported, System
from graphmodel.reading.problems import UnreadableError
from graphmodel.reading.values import Text
from importers.importer import Importer
from importers.provenance import Reader
from importers.source import Source
from importers.tmbom_elements import Elements
from importers.tmbom_inferred import infer_serving, infer_training
from importers.tmbom_threats import read_controls, read_losses, read_personas, read_stated, threat_targets

ID = "tmbom"

_READ_TOP = frozenset(
    [
        "$schema",
        "version",
        "scope",
        "description",
        "trust_zones",
        "trust_boundaries",
        "actors",
        "components",
        "data_stores",
        "data_sets",
        "data_flows",
        "threat_personas",
        "threats",
        "controls",
        "risks",
    ]
)


def sniff(value: Any) -> bool:
    """Whether a JSON value looks like a file of the Threat Model Library."""
    if not isinstance(value, dict) or cyclonedx(value):
        return False
    known = {"components", "data_flows", "data_stores", "trust_zones", "actors", "threats"}
    return "scope" in value and len(known & set(value)) >= 2


def cyclonedx(value: Any) -> bool:
    """Whether a JSON value is a CycloneDX 2.0 document, which may hold a threat model in another shape."""
    return isinstance(value, dict) and "specFormat" in value


def read(source: Source, catalogue: Catalogue, table: TypingTable) -> Imported:
    """Read a TM-BOM file; a file that is none, or cannot be read, is one error."""
    try:
        text = source.text
    except UnreadableError as error:
        return Imported(None, (error.problem,))
    if cyclonedx(text.value):
        message = "this is a CycloneDX 2.0 document; threat models in one are not read yet."
        fix = "Export threat models in the format of the OWASP Threat Model Library, which is read."
        return Imported(None, (text.problem("error", (), message, fix),))
    if not sniff(text.value):
        fix = "It needs “scope” and lists such as “components” and “data_flows”."
        return Imported(None, (text.problem("error", (), "this is not a TM-BOM file.", fix),))
    return _system(Elements(Reader(text, importer=ID), catalogue), text)


def _system(elements: Elements, text: Text) -> Imported:
    reader, value = elements.reader, text.value
    scope = reader.mapping(value.get("scope"), ("scope",))
    title = reader.name(scope.get("title"), ("scope", "title")) or "Threat model"
    elements.read_zones(value)
    elements.read_elements(value)
    elements.read_flows(value)
    infer_serving(elements)
    infer_training(elements)
    targets = threat_targets(elements, value)
    losses = read_losses(elements, value, targets)
    controls, answers = read_controls(elements, value, targets)
    stated = read_stated(elements, value, targets, answers)
    read_personas(elements, value)
    reader.unread(value, _READ_TOP, (), "the file")
    if not elements.assets:
        reader.report("error", (), "there is no component and no data store.", "Check that this is a whole model.")
        return Imported(None, (*text.problems, *reader.problems))
    system = System(
        id=reader.claim("-".join(title.lower().split())[:60] or "system", ("scope", "title"), "system"),
        name=title,
        description=reader.word(scope.get("description"), ("scope", "description")),
        zones=tuple(elements.zones.values()),
        assets=tuple(elements.assets.values()),
        flows=tuple(elements.flows),
        dependencies=tuple(elements.dependencies.values()),
        actors=tuple(elements.actors.values()),
        controls=controls,
        losses=losses,
        stated=stated,
    )
    return Imported(system, (*text.problems, *reader.problems))


IMPORTER = Importer(
    ID,
    "OWASP Threat Model Library, TM-BOM (JSON)",
    lambda source: sniff(source.value) or cyclonedx(source.value),
    read,
    ("*.tmbom.json", "*threat-model*.json"),
)
