"""How strong a control is: in general, by the skill of the actor, and against single threats."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from graphmodel.knowledge.records import FIELDS, Fields, Record
from graphmodel.knowledge.vocabulary import Range, Strength
from graphmodel.reading.problems import nearest
from graphmodel.reading.values import brief


def read_strength(fields: Fields, record: Record) -> Strength:
    """The strength that a record gives, 0 where it gives none."""
    skilled = fields.number_range(record, "strength")
    novice, expert = (fields.number_range(record, name) for name in ("againstNovice", "againstExpert"))
    if (novice or expert) and "strength" not in record.values:
        fields.error(
            record, "strength", "the strength against a skilled actor is missing.", "Write low, most likely and high."
        )
    return Strength(
        skilled or Range.point(0.0), novice, expert, fields.text(record, "basis"), fields.text(record, "source")
    )


def read_against(fields: Fields, record: Record, mitigated: Collection[str]) -> dict[str, Strength]:
    """The strengths of a control that it has against single threats."""
    found: dict[str, Strength] = {}
    for entry in record.values.get("strengthAgainst", ()):
        if not isinstance(entry, dict):
            fix = "Name the threats, each with its strength; docs/catalogue.md shows how."
            fields.error(record, "strengthAgainst", "a strength against a threat names no threat.", fix)
            continue
        one = Record("strength", f"{record.id}.strengthAgainst", entry, record.file, record.line)
        for name in sorted(set(entry) - FIELDS["strength"]):
            message = f"a strength against a threat has no field “{brief(name)}”."
            fields.error(one, name, message, partial(nearest, name, FIELDS["strength"]))
        threat = fields.text(one, "threat")
        if threat not in mitigated:
            message = f"the control does not mitigate “{brief(threat)}”." if threat else "the threat is not named."
            fields.error(one, "threat", message, partial(nearest, threat, mitigated))
        elif threat in found or len(entry["threat"]) > 1:
            fields.error(one, "threat", f"“{brief(threat)}” has two strengths.", "Keep one entry for each threat.")
        elif "strength" not in entry:
            fields.error(one, "strength", "the strength is missing.", "Write low, most likely and high value.")
        found.setdefault(threat, read_strength(fields, one))
    return dict(sorted(found.items()))
