"""What changed between two descriptions: elements, settings, knowledge and answers, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from graphmodel.knowledge.vocabulary import Range, Status
from graphmodel.model.system import ControlImplementation, Held, Provenance, Stated, System

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
Key = tuple[str, str]
"""The kind of an element and its id; two losses on one fact with one impact are told apart by a number."""

SECTIONS: Mapping[str, str] = {
    "zone": "zones",
    "asset": "assets",
    "flow": "flows",
    "dependency": "dependencies",
    "actor": "actors",
    "control": "controls",
    "loss": "losses",
    "override": "overrides",
    "stated": "stated",
    "evidence": "evidence",
}
"""Each kind of element, and the section of a document that has them."""

# What is for people and for plans, and no number of an assessment as things stand rests on.
_WORDS = frozenset(
    {
        "name",
        "description",
        "owner",
        "tags",
        "due",
        "cost",
        "evidence_ref",
        "requires",
        "excludes",
        "impact",
        "reason",
        "identifiers",
    }
)


@dataclass(frozen=True)
class FieldChange:
    """One field with its plain value before and after; None where it was, or is, not there."""

    name: str
    old: Any
    new: Any


@dataclass(frozen=True)
class Change:
    """One entry that was added, removed or changed; ``bears`` is whether a likelihood or loss could rest on that."""

    kind: str
    id: str
    what: str
    fields: tuple[FieldChange, ...] = ()
    bears: bool = True

    @property
    def key(self) -> Key:
        return self.kind, self.id


def elements(system: System) -> dict[Key, Any]:
    """All elements of a system by kind and id, in the order of the document."""
    found: dict[Key, Any] = {}
    for kind, section in SECTIONS.items():
        for one in getattr(system, section):
            key, number = _id(kind, one), 1
            while (kind, key) in found:
                number += 1
                key = f"{_id(kind, one)} ({number})"
            found[kind, key] = one
    return found


def _id(kind: str, one: Any) -> str:
    if kind == "loss":
        return f"{one.held} {one.impact}".strip()
    return f"{one.threat} on {one.asset}" if kind == "override" else str(one.id)


def system_changes(old: System, new: System) -> tuple[Change, ...]:
    """What was added, removed and changed, kind by kind; where an element was read from does not count."""
    head = _fields({"id": old.id, "name": old.name, "description": old.description, "currency": old.currency}, new)
    found = [Change("system", new.id, CHANGED, head, bears=False)] if head else []
    before, after = elements(old), elements(new)
    order = list(SECTIONS)
    for key in sorted({*before, *after}, key=lambda one: (order.index(one[0]), one[1])):
        one, other = before.get(key), after.get(key)
        what = ADDED if one is None else REMOVED if other is None else CHANGED
        differences = _differences(_plain_fields(one), _plain_fields(other))
        if differences or what is not CHANGED:
            found.append(Change(*key, what, differences, _bears(what, differences, one, other)))
    return tuple(found)


def _fields(before: Mapping[str, Any], new: System) -> tuple[FieldChange, ...]:
    return _differences(before, {name: getattr(new, name) for name in before})


def _bears(what: str, differences: tuple[FieldChange, ...], one: Any, other: Any) -> bool:
    """Whether a number of an assessment as things stand could rest on a change."""
    either = [version for version in (one, other) if version is not None]
    if any(isinstance(version, Stated) for version in either):
        return False
    controls = [version for version in either if isinstance(version, ControlImplementation)]
    if controls and not any(version.status is Status.IMPLEMENTED for version in controls):
        return False
    return what is not CHANGED or any(field.name not in _WORDS for field in differences)


def _plain_fields(one: Any) -> dict[str, Any]:
    if one is None:
        return {}
    values = {
        field.name: plain(getattr(one, field.name)) for field in fields(one) if field.name not in ("id", "source")
    }
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(name, before.get(name), after.get(name))
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    )


def plain(value: Any) -> Any:
    """A value of a model as JSON has it: a range as its one or three numbers, a fact as its name."""
    if isinstance(value, Range):
        return value.low if value.low == value.high else [value.low, value.mode, value.high]
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    if isinstance(value, Held | Provenance):
        return str(value)
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def entry_changes(kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Change, ...]:
    """The same for entries by id that are plain values, such as answers: by their fields where they have any."""
    found = []
    for id_ in sorted({*old, *new}):
        if id_ not in old:
            found.append(Change(kind, id_, ADDED, tuple(_whole(None, new[id_]))))
        elif id_ not in new:
            found.append(Change(kind, id_, REMOVED, tuple(_whole(old[id_], None))))
        elif old[id_] != new[id_]:
            found.append(Change(kind, id_, CHANGED, tuple(_whole(old[id_], new[id_]))))
    return tuple(found)


def _whole(old: Any, new: Any) -> Iterator[FieldChange]:
    if all(isinstance(one, Mapping) or one is None for one in (old, new)):
        yield from _differences(old or {}, new or {})
    else:
        yield FieldChange("", old, new)


def setting_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Change, ...]:
    """What differs between two tables of settings, each as ``settings_value`` gives it, down to the single figure."""
    before, after = dict(_leaves(old)), dict(_leaves(new))
    return tuple(
        Change(
            "setting",
            name,
            ADDED if name not in before else REMOVED if name not in after else CHANGED,
            (FieldChange("", before.get(name), after.get(name)),),
        )
        for name in sorted({*before, *after})
        if name not in before or name not in after or before[name] != after[name]
    )


def _leaves(value: Mapping[str, Any], around: str = "") -> Iterator[tuple[str, Any]]:
    for key, inner in value.items():
        name = f"{around}.{key}" if around else str(key)
        if isinstance(inner, Mapping):
            yield from _leaves(inner, name)
        else:
            yield name, inner
