"""The YAML form of users' own threats, rules and controls, and of what is otherwise in the shipped ones, to records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphmodel.knowledge.records import FIELDS, Record, unreadable
from graphmodel.reading.problems import Problem, nearest
from graphmodel.reading.values import Place, Text, brief
from graphmodel.reading.yaml_text import read_yaml

YAML_SECTIONS = {"threats": "threat", "rules": "rule", "controls": "control"}
OVERRIDES = "overrides"
_YAML_FIELDS = {
    "name": "label",
    "meaning": "comment",
    "asset": "on",
    "other_needs": "otherNeeds",
    "techniques": "technique",
    "defended_on": "defendedOn",
    "trial_of": "trialOf",
    "applies_to": "appliesTo",
    "parts": "part",
    "against_novice": "againstNovice",
    "against_expert": "againstExpert",
    "maturity_basis": "maturityBasis",
    "without_control": "withoutControl",
}
_INNER_FIELDS = {"other_than": "otherThan", "trust_below": "trustBelow"}
_RANGES = ("chance", "strength", "against_novice", "against_expert")


def read_entries(name: str, data: bytes) -> tuple[tuple[Record, ...], tuple[Problem, ...]]:
    """The records of a YAML file; raises ``UnreadableError`` where it is none."""
    text = read_yaml(data, name)
    problems = list(text.problems)
    if not isinstance(text.value, dict):
        raise unreadable(name, "a catalogue file holds “threats”, “rules”, “controls” or “overrides”.")
    records: list[Record] = []
    for section, entries in text.value.items():
        if section == OVERRIDES and isinstance(entries, dict):
            for inner, some in entries.items():
                records += _section(text, (section, inner), some, name, problems)
        else:
            records += _section(text, (section,), entries, name, problems)
    return tuple(records), tuple(problems)


def _section(text: Text, place: Place, entries: Any, file: str, problems: list[Problem]) -> Iterator[Record]:
    """The records of a section; what is wrong in it is added to the problems."""
    section = place[-1]
    kind = YAML_SECTIONS.get(str(section))
    if kind is None:
        known = [*YAML_SECTIONS, OVERRIDES] if len(place) == 1 else [*YAML_SECTIONS]
        said = f"there is no section “{brief(str(section))}”."
        problems.append(text.problem("error", place, said, nearest(str(section), known)))
        return
    if not isinstance(entries, dict):
        fix = "Write an id, a colon and the fields."
        problems.append(text.problem("error", place, f"“{section}” is a map from ids to entries.", fix))
        return
    for id_, entry in entries.items():
        if not isinstance(entry, dict):
            fix = "Write the fields below the id."
            problems.append(text.problem("error", (*place, id_), "an entry is a map of fields.", fix))
            continue
        values = {_yaml_field(key, kind): _listed(key, value) for key, value in entry.items() if value is not None}
        yield Record(kind, str(id_), values, file, text.line_of((*place, id_)), overrides=len(place) > 1)


def _yaml_field(key: str, kind: str) -> str:
    name = _YAML_FIELDS.get(key, key)
    return name if name in FIELDS[kind] else key


def _listed(key: str, value: Any) -> list[Any]:
    if key == "against":
        return [_against(*pair) for pair in value.items()] if isinstance(value, dict) else [""]
    if key in _RANGES:
        return [value]
    if key == "parts" and isinstance(value, dict):
        return [
            {"named": [str(name)], **(_inner(of) if isinstance(of, dict) else {"is": _listed("is", of)})}
            for name, of in value.items()
        ]
    listed = list(value) if isinstance(value, list) else [value]
    return [_inner(one) if isinstance(one, dict) else one for one in listed]


def _inner(value: dict[Any, Any]) -> dict[str, list[Any]]:
    """The fields of a part or a relation of a pattern, as a record has them."""
    return {
        _INNER_FIELDS.get(str(key), str(key)): list(one) if isinstance(one, list) else [one]
        for key, one in value.items()
        if one is not None
    }


def _against(threat: Any, entry: Any) -> dict[str, list[Any]]:
    """The strength against one threat: a map of fields, or the range alone."""
    fields = entry if isinstance(entry, dict) else {"strength": entry}
    values = {_yaml_field(str(key), "against"): _listed(str(key), value) for key, value in fields.items()}
    return {**values, "threat": [threat]}


def yaml_name(field: str) -> str:
    """What a field of a record is called in YAML."""
    return next((name for name, one in _YAML_FIELDS.items() if one == field), field)
