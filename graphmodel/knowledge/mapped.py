"""What of each outside vocabulary and standard is mapped, by rows of mapping sets and counterparts of requirements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from graphmodel.knowledge.framework import Framework
from graphmodel.knowledge.mappings import NO_TERM, MappingRow, read_mappings, shipped_mappings, vocabularies
from graphmodel.knowledge.standards import load_standards
from graphmodel.knowledge.vocabulary import Catalogue

_OURS = ("threat", "control", "type", "requirement")


@dataclass(frozen=True, slots=True)
class MappedCover:
    """Ids of one edition: ``mapped`` to something here, with ``no_term`` for them here and a reason, and ``without`` a
    word."""

    edition: str
    mapped: tuple[str, ...]
    no_term: tuple[str, ...]
    without: tuple[str, ...]


@cache
def rows_by_subject() -> Mapping[str, Sequence[MappingRow]]:
    """The shipped rows that lead somewhere, by the concept that they start from (``threat:rag-poisoning``)."""
    found: defaultdict[str, list[MappingRow]] = defaultdict(list)
    for name, data in shipped_mappings():
        for row in read_mappings(name, data):
            if row.cells["object_id"] != NO_TERM:
                found[row.cells["subject_id"]].append(row)
    return found


def mapped_covers(catalogue: Catalogue, framework: Framework) -> tuple[MappedCover, ...]:
    """Every edition that is no vocabulary of techniques, which threats and controls cite directly."""
    cited = {one.edition for one in catalogue.techniques.values()}
    mapped: defaultdict[str, set[str]] = defaultdict(set)
    none: defaultdict[str, set[str]] = defaultdict(set)
    for name, data in shipped_mappings():
        for row in read_mappings(name, data):
            for end, other in (("subject_id", "object_id"), ("object_id", "subject_id")):
                edition, _, id_ = row.cells[end].partition(":")
                (none if row.cells[other] == NO_TERM else mapped)[edition].add(id_)
    standards = load_standards()
    for requirement in framework.controls():
        for edition, entries in requirement.counterparts.items():
            if edition in standards:
                mapped[edition].update(entries)
    found = []
    for edition, vocabulary in sorted(vocabularies(catalogue).items()):
        if edition not in cited and edition not in _OURS:
            ids = list(vocabulary.names)
            left = [one for one in ids if one not in mapped[edition]]
            found.append(
                MappedCover(
                    edition,
                    tuple(one for one in ids if one in mapped[edition]),
                    tuple(one for one in left if one in none[edition]),
                    tuple(one for one in left if one not in none[edition]),
                )
            )
    return tuple(found)
