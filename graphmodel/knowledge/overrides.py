"""What an organisation says otherwise than the shipped catalogue: fields of its threats, rules and controls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from graphmodel.knowledge.entries import yaml_name
from graphmodel.knowledge.overridden import Overridden
from graphmodel.knowledge.records import Fields, Record
from graphmodel.reading.problems import nearest
from graphmodel.reading.values import brief

# Where a field is given, these no longer say the same of it.
_GO_WITH_IT: Mapping[str, tuple[str, ...]] = {
    "chance": ("maturity", "maturityBasis", "prevalence"),
    "maturity": ("chance", "maturityBasis"),
    "strength": ("againstNovice", "againstExpert"),
}
_FIGURES = frozenset({"chance", "maturity", "prevalence", "strength", "againstNovice", "againstExpert"})
_SAYS_WHY = ("basis", "source")
_NO_NEWS = frozenset(
    {*_SAYS_WHY, "maturityBasis", "against", "threat"}
)  # reasons go with the figures that they are for


def override(fields: Fields, kept: dict[str, dict[str, Record]], records: Iterable[Record]) -> tuple[Overridden, ...]:
    """Put what records say otherwise into those that are kept, by kind and id, and tell what that was.

    A field that is given replaces the whole of what was said; of ``against`` the entries for the threats that are
    given. Whoever changes a figure takes its reason and source away with it, unless new ones are given.
    """
    found: list[Overridden] = []
    seen: set[tuple[str, str]] = set()
    for record in records:
        before = kept[record.kind].get(record.id)
        if before is None:
            message = f"there is no {record.kind} “{brief(record.id)}” that could say something else."
            fields.error(record, "", message, partial(nearest, record.id, kept[record.kind]))
            continue
        if (record.kind, record.id) in seen:
            message = f"what is otherwise in “{brief(record.id)}” is said twice."
            fields.error(record, "", message, "Write one entry with all that is to be otherwise.")
            continue
        seen.add((record.kind, record.id))
        fields.unknown(record)
        values = _values(before.values, record.values)
        kept[record.kind][record.id] = replace(before, values=values, file=record.file, line=record.line)
        found += _told(record, before.values, values)
    return tuple(found)


def _values(shipped: Mapping[str, Sequence[Any]], own: Mapping[str, Sequence[Any]]) -> dict[str, Sequence[Any]]:
    gone = {other for name in own for other in _GO_WITH_IT.get(name, ())}
    if _FIGURES & set(own):
        gone |= set(_SAYS_WHY)
    values = {name: one for name, one in shipped.items() if name not in gone} | dict(own)
    mitigated = {str(one) for one in values.get("mitigates", ())}
    if "against" in shipped:
        given = {_threat(one) for one in own.get("against", ())}
        left = [one for one in shipped["against"] if _threat(one) not in given and _threat(one) in mitigated]
        values["against"] = [*left, *own.get("against", ())]
    return values


def _threat(entry: Any) -> str:
    said = entry.get("threat", ()) if isinstance(entry, Mapping) else ()
    return str(said[0]) if said else ""


def _told(
    record: Record, before: Mapping[str, Sequence[Any]], now: Mapping[str, Sequence[Any]]
) -> Iterable[Overridden]:
    for name in sorted({*before, *now} - _NO_NEWS):
        if list(before.get(name, ())) != list(now.get(name, ())):
            was, is_ = (_said(one.get(name, ())) for one in (before, now))
            yield Overridden(record.kind, record.id, yaml_name(name), was, is_, record.file, record.line)
    old, new = ({_threat(one): one for one in of.get("against", ())} for of in (before, now))
    for threat in sorted({*old, *new}):
        if old.get(threat) != new.get(threat):
            was, is_ = (_entry(of.get(threat)) for of in (old, new))
            yield Overridden(record.kind, record.id, f"against.{threat}", was, is_, record.file, record.line)


def _said(values: Sequence[Any]) -> str:
    return ", ".join(
        " / ".join(f"{part:g}" if isinstance(part, int | float) else str(part) for part in one)
        if isinstance(one, list | tuple)
        else f"{one:g}"
        if isinstance(one, float)
        else str(one)
        for one in values
    )


def _entry(entry: Any) -> str:
    if not isinstance(entry, Mapping):
        return ""
    return "; ".join(f"{yaml_name(name)} {_said(one)}" for name, one in entry.items() if name not in _NO_NEWS)
