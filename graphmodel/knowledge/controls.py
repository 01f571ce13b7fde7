"""Controls of a catalogue: what each does, and whether it can cover what it says it mitigates."""

from __future__ import annotations

from collections.abc import Mapping

from graphmodel.knowledge.records import Fields, Record, also
from graphmodel.knowledge.strengths import read_against, read_strength
from graphmodel.knowledge.vocabulary import (
    Area,
    AssetType,
    Capability,
    Control,
    ControlFunction,
    Technique,
    ThreatPattern,
)
from graphmodel.reading.problems import nearest


def read_control(
    fields: Fields,
    record: Record,
    types: Mapping[str, AssetType],
    patterns: Mapping[str, ThreatPattern],
    techniques: Mapping[str, Technique],
) -> Control | None:
    """The control that a record describes; None where it is not sound or could never cover anything."""
    before = fields.errors.count
    function = fields.word(record, "function", ControlFunction)
    area = fields.word(record, "area", Area)
    applies = fields.names(record, "appliesTo", types, "asset type")
    mitigates = fields.names(record, "mitigates", patterns, "threat")
    limits = fields.words(record, "limits", Capability)
    strength = read_strength(fields, record)
    below = {name: one for name, one in types.items() if one.ancestors.intersection(applies)}
    against, places = read_against(fields, record, {one: patterns[one] for one in mitigates}, below)
    pinned = fields.names(record, "technique", techniques, "technique")
    prevents = function is ControlFunction.PREVENT
    lowers = function in (ControlFunction.DETECT, ControlFunction.RESPOND, ControlFunction.RECOVER)
    checks = [
        (
            function is None and "function" not in record.values,
            "function",
            "the control does not say what it does.",
            nearest("", ControlFunction),
        ),
        (
            area is None and "area" not in record.values,
            "area",
            "the control names no lifecycle area.",
            nearest("", Area),
        ),
        (
            not record.values.get("appliesTo"),
            "appliesTo",
            "the control does not say to which asset types it applies.",
            "Add the types; Asset means all.",
        ),
        (
            prevents and not record.values.get("mitigates"),
            "mitigates",
            "a preventing control must mitigate something.",
            "Name the threats.",
        ),
        (
            not prevents and bool(record.values.get("mitigates")),
            "mitigates",
            "only preventing controls mitigate threats.",
            "Use “limits” for what the others do.",
        ),
        (
            not prevents and bool({"againstNovice", "againstExpert"} & set(record.values)),
            "strength",
            "only the strength of a preventing control differs by the skill of the actor.",
            "Give one strength.",
        ),
        (
            lowers and not record.values.get("limits"),
            "limits",
            "the control does not say which losses it limits.",
            "Name the capabilities.",
        ),
        (
            (prevents or lowers) and not record.values.get("strength"),
            "strength",
            "the control has no strength.",
            "Write low, most likely and high value.",
        ),
    ]
    for wrong, place, message, fix in checks:
        if wrong:
            fields.error(record, place, message, fix)
    if prevents and mitigates and applies and fields.errors.count == before:
        covered = also(types, applies)
        for threat in mitigates:
            pattern = patterns[threat]
            ends = [*pattern.asset_types, *(one for part in pattern.parts for one in part.types)]
            if covered.isdisjoint(ends):
                message = f"the control can never cover “{threat}”: the threat concerns {', '.join(ends)}."
                fields.error(record, "appliesTo", message, "Add one of these types.")
    if fields.errors.count > before or function is None or area is None:
        return None
    return Control(
        id=record.id,
        name=fields.text(record, "label", record.id),
        meaning=fields.text(record, "comment"),
        area=area,
        function=function,
        applies_to=applies,
        mitigates=frozenset(mitigates),
        limits=frozenset(limits),
        strength=strength,
        against=against,
        places=places,
        techniques=tuple(techniques[one] for one in pinned),
        synonyms=fields.texts(record, "synonyms"),
    )
