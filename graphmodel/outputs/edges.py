"""The catalogue as one table of edges: technique, part, relation, need, gain and control, each with its reason.

Three forms: CSV for spreadsheets, Turtle for graphs, and SSSOM for those who keep mappings between vocabularies.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields

from graphmodel.knowledge.vocabulary import Catalogue, Control, Skill, Technique, ThreatPattern
from graphmodel.reading.cells import inert
from graphmodel.version import __version__

BASE = "https://w3id.org/graphmodel"
CONFIDENCE = 0.8
"""Of every mapping in SSSOM: read by its curator against the edition's text, and by nobody else."""
COLUMNS = (
    "subject_id",
    "subject_label",
    "predicate_id",
    "object_id",
    "object_label",
    "mapping_justification",
    "subject_source_version",
    "object_source_version",
    "confidence",
    "comment",
)


@dataclass(frozen=True, slots=True)
class Edge:
    """What a technique needs where, what it gains on what, and one control against it.

    ``on`` are the asset types that something is gained on; ``part`` those of what must be held, ``relation`` how the
    two are related (nothing where they are the same). ``control`` is empty where no control mitigates the threat;
    ``strength`` is its most likely one against a skilled actor. ``reason`` says what happens, ``control_reason`` why
    the control is as strong as that, or why there is none.
    """

    edition: str
    technique: str
    technique_name: str
    threat: str
    on: str
    gain: str
    part: str
    relation: str
    need: str
    control: str
    strength: str
    reason: str
    control_reason: str


def edges(catalogue: Catalogue) -> tuple[Edge, ...]:
    """The edges of all threats that cite a technique, in the order of the catalogue."""
    return tuple(edge for one in catalogue.patterns.values() if not one.propagation for edge in _of(catalogue, one))


def _of(catalogue: Catalogue, threat: ThreatPattern) -> Iterator[Edge]:
    controls = [one for one in catalogue.controls.values() if threat.id in one.mitigates]
    answers = [_answer(one, threat) for one in controls] or [("", "", threat.without_control)]
    for technique in threat.techniques:
        for part, relation, need in _needs(threat):
            for control, strength, why in answers:
                yield Edge(
                    technique.edition,
                    technique.id,
                    technique.name,
                    threat.id,
                    "|".join(threat.asset_types),
                    str(threat.gains),
                    part,
                    relation,
                    need,
                    control,
                    strength,
                    threat.meaning,
                    why,
                )


def _answer(control: Control, threat: ThreatPattern) -> tuple[str, str, str]:
    strength = control.strength_against(threat.id)
    return control.id, f"{strength.of(Skill.SKILLED).mode:g}", strength.basis


def _needs(threat: ThreatPattern) -> list[tuple[str, str, str]]:
    """What must be held: the types of the part, how the asset comes to it, and the capability."""
    on = "|".join(threat.asset_types)
    related = "; ".join(f"{one.origin} {one.relation} {one.target}" for one in threat.links)
    own = [(on, "" if len(threat.parts) < 2 else related, str(need)) for need in threat.needs]
    others = [
        ("|".join(part.types), threat.links[0].relation if threat.simple else related, str(need))
        for part in threat.parts
        for need in part.needs
    ]
    return [*own, *others]


def edges_csv(found: Iterable[Edge]) -> str:
    """The edges as CSV with a header. What a spreadsheet would take for a formula begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([one.name for one in fields(Edge)])
    for edge in found:
        writer.writerow(map(inert, astuple(edge)))
    return out.getvalue()


def edges_turtle(found: Iterable[Edge]) -> str:
    """The edges as Turtle: a node for each, since they carry properties."""
    lines = [
        f"@prefix gm: <{BASE}#> .",
        f"@prefix threat: <{BASE}/threat/> .",
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .",
        "",
        'gm:Edge rdfs:label "what a technique needs where, and gains on what"@en .',
        "",
    ]
    for number, edge in enumerate(found):
        said = [
            f"gm:technique <{_iri(edge.edition, edge.technique)}>",
            f"gm:threat <{BASE}/threat/{_safe(edge.threat)}>",
            *(f"gm:on <{BASE}#{_safe(one)}>" for one in edge.on.split("|")),
            f"gm:gains gm:{edge.gain}",
            *(f"gm:other <{BASE}#{_safe(one)}>" for one in edge.part.split("|")),
            f"gm:via {_literal(edge.relation)}",
            f"gm:needs gm:{edge.need}",
            *([f"gm:control <{BASE}/control/{_safe(edge.control)}>"] if edge.control else []),
            *([f"gm:strength {edge.strength}"] if edge.strength else []),
            f"rdfs:comment {_literal(edge.reason)}",
            *([f"gm:basis {_literal(edge.control_reason)}"] if edge.control_reason else []),
        ]
        lines.append(f"<{BASE}/edge/{number}> a gm:Edge ;\n    " + " ;\n    ".join(said) + " .")
    return "\n".join(lines) + "\n"


def edges_sssom(catalogue: Catalogue) -> str:
    """What threats and controls cite, as a mapping set in SSSOM TSV with both editions pinned on each row."""
    head = [
        f"#mapping_set_id: {BASE}/mappings/techniques",
        f"#mapping_set_version: {__version__}",
        "#license: https://www.apache.org/licenses/LICENSE-2.0",
        "#curie_map:",
        *(f"#  {one}: {BASE}/{one}/" for one in sorted({t.edition for t in catalogue.techniques.values()})),
        f"#  threat: {BASE}/threat/",
        f"#  control: {BASE}/control/",
        "#  skos: http://www.w3.org/2004/02/skos/core#",
        "#  semapv: https://w3id.org/semapv/vocab/",
    ]
    rows = ["\t".join(COLUMNS)]
    for threat in catalogue.patterns.values():
        if not threat.propagation:
            rows += [_row("threat", threat, technique) for technique in threat.techniques]
    for control in catalogue.controls.values():
        rows += [_row("control", control, technique) for technique in control.techniques]
    return "\n".join([*head, *rows]) + "\n"


def _row(kind: str, entry: ThreatPattern | Control, technique: Technique) -> str:
    cells = (
        f"{kind}:{entry.id}",
        entry.name,
        "skos:relatedMatch",
        f"{technique.edition}:{technique.id}",
        technique.name,
        "semapv:ManualMappingCuration",
        __version__,
        technique.edition,
        f"{CONFIDENCE:g}",
        entry.meaning,
    )
    return "\t".join(" ".join(one.split()) for one in cells)


def _iri(edition: str, id_: str) -> str:
    return f"{BASE}/{_safe(edition)}/{_safe(id_.replace(':', '-'))}"


def _safe(name: str) -> str:
    """A name as a part of an IRI."""
    return re.sub(r"[^\w.~-]", lambda one: "".join(f"%{byte:02X}" for byte in one.group().encode()), name)


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(f"\\u{ord(one):04X}" if ord(one) < 32 else one for one in escaped) + '"@en'
