"""From the records of an ontology to a checked ``Catalogue``.

Every name in a record is resolved and every rule is tested for whether it could ever fire: a broken
pattern is a problem with its place, never a pattern that silently does nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graphmodel.knowledge.controls import read_control
from graphmodel.knowledge.overrides import override
from graphmodel.knowledge.patterns import read_pattern
from graphmodel.knowledge.records import KINDS, Fields, Record
from graphmodel.knowledge.taxonomy import read_relations, read_technique, read_types
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.reading.problems import Problem


def build_catalogue(records: Iterable[Record]) -> tuple[Catalogue, tuple[Problem, ...]]:
    """The catalogue of all sound records, and a problem for everything that is not sound.

    A record with an error is left out whole. Where two records share a kind and an id, the first
    is kept, with what other records override in it.
    """
    fields = Fields()
    given = sorted_records(records)
    kept = _kept(fields, [one for one in given if not one.overrides])
    overridden = override(fields, kept, [one for one in given if one.overrides])
    techniques = {one.pinned: one for one in (read_technique(fields, record) for record in kept["technique"].values())}
    types = read_types(fields, kept["type"])
    relations = read_relations(fields, kept["relation"], types)
    patterns, controls = {}, {}
    for record in (*kept["rule"].values(), *kept["threat"].values()):
        pattern = read_pattern(fields, record, types, relations, techniques)
        if pattern is not None:
            patterns[record.id] = pattern
    for record in kept["control"].values():
        control = read_control(fields, record, types, patterns, techniques)
        if control is not None:
            controls[record.id] = control
    catalogue = Catalogue(
        types=dict(sorted(types.items())),
        relations=dict(sorted(relations.items())),
        patterns=dict(sorted(patterns.items())),
        controls=dict(sorted(controls.items())),
        techniques=dict(sorted(techniques.items())),
        overridden=overridden,
    )
    return catalogue, tuple(fields.errors.told)


def sorted_records(records: Iterable[Record]) -> list[Record]:
    """Types before relations before what uses them; otherwise the order of the files."""
    return sorted(records, key=lambda record: KINDS.index(record.kind))


def _kept(fields: Fields, records: Sequence[Record]) -> dict[str, dict[str, Record]]:
    """By kind and id the records that are the first of their id; others and unknown fields are reported."""
    kept: dict[str, dict[str, Record]] = {kind: {} for kind in KINDS}
    for record in records:
        family = ("threat", "rule") if record.kind in ("threat", "rule") else (record.kind,)
        if any(record.id in kept[kind] for kind in family):
            fix = "Rename or remove one; what is to be otherwise in a shipped entry stands under “overrides”."
            fields.error(record, "", f"the {record.kind} “{record.id}” is defined twice.", fix)
            continue
        fields.unknown(record)
        kept[record.kind][record.id] = record
    return kept
