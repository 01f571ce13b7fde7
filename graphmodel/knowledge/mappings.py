"""Mappings between vocabularies as SSSOM TSV, and what is wrong with them: ids, labels, pins and pairs.

A concept is written as a CURIE; its prefix names an edition that is shipped (``atlas-2026.09:AML.T0051``), an edition
together with the pin of the row (``atlas:AML.T0051`` with the version ``2026.09``), or entries of the catalogue
(``threat``, ``control``, ``type``) or of the assessment framework (``requirement``). What no shipped edition has cannot
be looked at, and a note says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import yaml

from graphmodel.knowledge.framework import load_framework
from graphmodel.knowledge.ontology import ontology_directory
from graphmodel.knowledge.standards import load_standards
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.reading.limits import MAX_PROBLEMS, check_size
from graphmodel.reading.problems import Problem, refusal
from graphmodel.reading.values import brief

ENDING = ".sssom.tsv"
MAX_MAPPING_BYTES = 5_000_000
MAX_CELLS = 500_000
NO_TERM = "sssom:NoTermFound"
EXACT = "skos:exactMatch"
NEEDED = (
    "subject_id",
    "predicate_id",
    "object_id",
    "mapping_justification",
    "subject_source_version",
    "object_source_version",
    "confidence",
)
"""Columns that every row fills: SSSOM asks for the first four, and this project for both pins and a confidence."""


@dataclass(frozen=True, slots=True)
class MappingRow:
    """One row of a mapping set; ``line`` of its file."""

    cells: Mapping[str, str]
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What an edition has: names by id, ids that it no longer has with what they became, names that it gave up."""

    names: Mapping[str, str]
    gone: Mapping[str, str] = field(default_factory=dict)
    former: Mapping[str, str] = field(default_factory=dict)


def shipped_mappings() -> tuple[tuple[str, bytes], ...]:
    """The mapping sets that are shipped, by name."""
    files = sorted((ontology_directory() / "mappings").glob(f"*{ENDING}"))
    return tuple((f"mappings/{path.name}", path.read_bytes()) for path in files)


@cache
def requirements_of(standard: str) -> Mapping[str, Mapping[str, float]]:
    """The requirements that shipped rows map to each entry of a standard, with the confidence; a file of ours, so what
    is wrong in it raises."""
    found: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for name, data in shipped_mappings():
        if name.startswith("mappings/requirements-to-"):
            for row in read_mappings(name, data):
                edition, _, entry = row.cells["object_id"].partition(":")
                if edition == standard:
                    _, _, requirement = row.cells["subject_id"].partition(":")
                    found[entry][requirement] = float(row.cells["confidence"])
    return found


@cache
def _shipped() -> Mapping[str, Mapping[str, Any]]:
    """The files of vocabularies; files of ours, so what is wrong in them raises."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    files = sorted((ontology_directory() / "vocabularies").glob("*.yaml"))
    return {path.stem: yaml.load(path.read_bytes(), Loader=loader) for path in files}  # noqa: S506 - a safe loader


def vocabularies(catalogue: Catalogue) -> dict[str, Vocabulary]:
    """All that concepts can be looked up in, by the prefix of their CURIEs."""
    shipped = dict(_shipped())
    history = shipped.pop("history")
    names: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for technique in catalogue.techniques.values():
        names[technique.edition][technique.id] = technique.name
    for standard in load_standards().values():
        names[standard.id] = dict(standard.requirements)
    for name, one in shipped.items():
        names[name] = {str(key): str(value) for key, value in one["entries"].items()}
    names["threat"] = {key: one.name for key, one in catalogue.patterns.items() if not one.propagation}
    names["control"] = {key: one.name for key, one in catalogue.controls.items()}
    names["requirement"] = {one.id: one.title for one in load_framework().controls()}
    names["type"] = {key: one.label for key, one in catalogue.types.items()}
    found = {}
    for name, entries in names.items():
        past = history.get(name, {})
        found[name] = Vocabulary(entries, past.get("gone", {}), past.get("names", {}))
    return found


def read_mappings(name: str, data: bytes) -> tuple[MappingRow, ...]:
    """The rows of a mapping set; raises ``UnreadableError`` where it is none."""
    check_size(data, name, MAX_MAPPING_BYTES)
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise refusal(name, "this is not readable text.", "Save the file as UTF-8 text.") from error
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    if not numbered:
        raise refusal(name, "there is no table in this mapping set.", "Begin it with a line of column names.")
    columns = numbered[0][1].split("\t")
    missing = [one for one in NEEDED if one not in columns]
    if missing:
        message = f"the mapping set has no column “{missing[0]}”."
        raise refusal(name, message, f"Its columns are, with tabs between them: {', '.join(NEEDED)}.", numbered[0][0])
    if len(columns) * len(numbered) > MAX_CELLS:
        raise refusal(name, f"the mapping set has more than {MAX_CELLS:,} cells.", "Split it.")
    rows = []
    for number, line in numbered[1:]:
        cells = line.split("\t")
        if len(cells) != len(columns):
            message = f"the row has {len(cells)} cells, and there are {len(columns)} columns."
            raise refusal(name, message, "Put one tab between two cells, and none in a cell.", number)
        rows.append(MappingRow({key: cell.strip() for key, cell in zip(columns, cells, strict=True)}, name, number))
    return tuple(rows)


def mapping_findings(rows: Sequence[MappingRow], known: Mapping[str, Vocabulary], level: str) -> tuple[Problem, ...]:
    """What is wrong with mappings: as errors or warnings (``level``), and as notes what cannot be looked at."""
    found = [*(one for row in rows for one in _row(row, known, level)), *_pairs(rows, known, level)]
    return tuple(found[:MAX_PROBLEMS])


def _problem(row: MappingRow, level: str, message: str, fix: str, place: str = "") -> Problem:
    return Problem(level, message, fix, place, row.line, row.file)


def _row(row: MappingRow, known: Mapping[str, Vocabulary], level: str) -> Iterator[Problem]:
    for column in NEEDED:
        if not row.cells[column]:
            yield _problem(
                row, level, f"“{column}” is empty.", "Fill it; both editions are pinned on every row.", column
            )
    try:
        sound = 0 < float(row.cells["confidence"] or 1) <= 1
    except ValueError:
        sound = False
    if not sound:
        yield _problem(row, level, "the confidence is no share of 1.", "Write a number such as 0.8.", "confidence")
    for end in ("subject", "object"):
        yield from _concept(row, end, known, level)


def _concept(row: MappingRow, end: str, known: Mapping[str, Vocabulary], level: str) -> Iterator[Problem]:
    """What is wrong with the concept at one end of a row."""
    said, place = row.cells[f"{end}_id"], f"{end}_id"
    if said in ("", NO_TERM):
        return
    edition, id_ = _looked_up(row, end, known)
    if edition not in known:
        message = f"“{brief(edition)}” is no edition that is shipped, so “{brief(id_)}” is not looked at."
        yield _problem(row, "note", message, f"Known are {', '.join(sorted(known))}.", place)
        return
    vocabulary, label = known[edition], row.cells.get(f"{end}_label", "")
    name = vocabulary.names.get(id_)
    pin = row.cells[f"{end}_source_version"]
    if pin and edition not in _OWN and pin != edition and not edition.endswith(f"-{pin}"):
        message = f"it is pinned to “{brief(pin)}”, and its prefix is of {edition}."
        yield _problem(row, level, message, "Pin it to the edition of its prefix.", f"{end}_source_version")
    if name is None:
        heir = vocabulary.gone.get(id_)
        message = f"{edition} has no “{brief(id_)}”" + (", which was removed." if heir else ".")
        yield _problem(row, level, message, f"It became {heir}." if heir else "Use an id that it has.", place)
    elif label and not _same(label, name):
        former = vocabulary.former.get(id_)
        if former is not None and _same(label, former):
            message = f"“{brief(id_)}” was renamed: “{brief(label)}” is its former name."
        else:
            message = f"the label “{brief(label)}” contradicts the id “{brief(id_)}”."
        yield _problem(row, level, message, f"In {edition} it is “{name}”.", f"{end}_label")


_OWN = ("threat", "control", "type", "requirement")


def _looked_up(row: MappingRow, end: str, known: Mapping[str, Vocabulary]) -> tuple[str, str]:
    """The edition and the id that a CURIE means."""
    prefix, _, id_ = row.cells[f"{end}_id"].partition(":")
    pinned = f"{prefix}-{row.cells[f'{end}_source_version']}"
    return (pinned if prefix not in known and pinned in known else prefix), id_


def _same(label: str, name: str) -> bool:
    """Whether a label is a name, or that of a sub-technique without its parent's."""
    said = label.casefold()
    return said == name.casefold() or said == name.partition(": ")[2].casefold()


def _pairs(rows: Sequence[MappingRow], known: Mapping[str, Vocabulary], level: str) -> Iterator[Problem]:
    """Pairs that stand one way between vocabularies that are mapped both ways, and concepts that are exactly two."""
    ways: defaultdict[tuple[str, str], dict[tuple[str, str], MappingRow]] = defaultdict(dict)
    exact: defaultdict[tuple[str, str], dict[str, MappingRow]] = defaultdict(dict)
    for row in rows:
        if NO_TERM in (row.cells["subject_id"], row.cells["object_id"]):
            continue
        (one, subject), (other, object_) = _looked_up(row, "subject", known), _looked_up(row, "object", known)
        ways[one, other].setdefault((subject, object_), row)
        if row.cells["predicate_id"] == EXACT:
            exact[f"{one}:{subject}", other].setdefault(object_, row)
            exact[f"{other}:{object_}", one].setdefault(subject, row)
    for (one, other), pairs in ways.items():
        back = ways.get((other, one), {}) if one != other else {}
        for (subject, object_), row in pairs.items():
            if back and (object_, subject) not in back:
                message = f"{brief(subject)} is mapped to {brief(object_)}, and not the other way, as other pairs are."
                yield _problem(row, level, message, "Add the row for the other way, or leave this one out.")
    for (concept, other), targets in exact.items():
        if len(targets) > 1:
            said = brief(", ".join(sorted(targets)))
            message = f"{brief(concept)} is exactly {len(targets)} concepts of {brief(other)}: {said}."
            message = f"{brief(concept)} is exactly {len(targets)} of {brief(other)}: {said}."
            fix = "One of them can be exact; the others are broader, narrower or close."
            yield _problem([*targets.values()][-1], level, message, fix, "predicate_id")
