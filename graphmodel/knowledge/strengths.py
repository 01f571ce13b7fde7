"""How strong a control is and where it works: in general, by the skill of the actor, and against single threats."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from graphmodel.knowledge.records import FIELDS, Fields, Record
from graphmodel.knowledge.vocabulary import AssetType, Range, Strength
from graphmodel.reading.problems import nearest
from graphmodel.reading.values import brief

_FIGURES = frozenset({"strength", "againstNovice", "againstExpert", "basis", "source"})


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


def read_against(
    fields: Fields, record: Record, mitigated: Mapping[str, object], applies: Mapping[str, AssetType]
) -> tuple[dict[str, Strength], dict[str, tuple[str, ...]]]:
    """The threats against which a control has another strength, and those against which it works on fewer types.

    ``applies`` are the types that the control applies to, with all their subtypes.
    """
    strengths: dict[str, Strength] = {}
    places: dict[str, tuple[str, ...]] = {}
    seen: set[str] = set()
    for entry in record.values.get("against", ()):
        if not isinstance(entry, dict):
            fix = "Name the threats, each with its strength; docs/catalogue.md shows how."
            fields.error(record, "against", "a strength against a threat names no threat.", fix)
            continue
        one = Record("against", f"{record.id}.against", entry, record.file, record.line)
        for name in sorted(set(entry) - FIELDS["against"]):
            message = f"an entry of “against” has no field “{brief(name)}”."
            fields.error(one, name, message, partial(nearest, name, FIELDS["against"]))
        threat, types = fields.text(one, "threat"), fields.names(one, "appliesTo", applies, "type that it applies to")
        if threat not in mitigated:
            message = f"the control does not mitigate “{brief(threat)}”." if threat else "the threat is not named."
            fields.error(one, "threat", message, partial(nearest, threat, mitigated))
        elif threat in seen or len(entry["threat"]) > 1:
            fields.error(one, "threat", f"“{brief(threat)}” stands there twice.", "Keep one entry for each threat.")
        elif "strength" not in entry and (_FIGURES & set(entry) or "appliesTo" not in entry):
            fields.error(one, "strength", "the strength is missing.", "Write low, most likely and high value.")
        seen.add(threat)
        if "strength" in entry:
            strengths[threat] = read_strength(fields, one)
        if types:
            places[threat] = types
    return dict(sorted(strengths.items())), dict(sorted(places.items()))
