"""Bodies of rules: the named parts of a pattern, and the relations between them that must and must not hold.

A body is what SPARQL calls a basic graph pattern. Whoever writes a rule over one relation (``via``, ``other``)
writes a body with one part.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from graphmodel.knowledge.records import ABSENCE_FIELDS, LINK_FIELDS, PART_FIELDS, Fields, Record, also
from graphmodel.knowledge.vocabulary import ASSET, OTHER, Absence, AssetType, Capability, Link, Part, Relation
from graphmodel.reading.problems import nearest
from graphmodel.reading.values import brief

MAX_PARTS = 6
MAX_LINKS = 8  # relations that must hold; and as many that must not
ZONE = "Zone"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
_STATEMENT = "Write three words, as in “agent contentFrom source”."


@dataclass(frozen=True)
class Body:
    """The parts and relations of one pattern, in the order of a walk from the asset."""

    parts: tuple[Part, ...] = ()
    links: tuple[Link, ...] = ()
    unless: tuple[Absence, ...] = ()


def read_body(
    fields: Fields,
    record: Record,
    on: tuple[str, ...],
    types: Mapping[str, AssetType],
    relations: Mapping[str, Relation],
) -> Body:
    """The body of a pattern on assets of these types. What is wrong in it is reported; it may then be incomplete."""
    before = fields.errors.count
    parts = _parts(fields, record, types)
    names = {ASSET: on, **{one.name: one.types for one in parts}}
    links = _links(fields, record, names, relations)
    unless = _absences(fields, record, names, types, relations)
    for count, most, place, what in (
        (len(record.values.get("part", ())), MAX_PARTS, "part", "parts"),
        (len(record.values.get("where", ())), MAX_LINKS, "where", "relations"),
        (len(record.values.get("unless", ())), MAX_LINKS, "unless", "relations"),
    ):
        if count > most:
            fix = "Leave out what the attack does not hang on, or make two patterns of it."
            fields.error(record, place, f"a pattern has at most {most} {what} there, and this one {count}.", fix)
    for part in parts:
        for one in part.other_than:
            if one not in names or one == part.name:
                said = f"the part “{part.name}” is other than “{brief(one)}”, which is no other part."
                fields.error(record, f"part.{part.name}", said, partial(nearest, one, {*names} - {part.name}))
    if fields.errors.count > before:
        return Body()
    order = _walk(links)
    loose = sorted({*names} - {*order})
    if loose:
        said = f"nothing leads from the asset to {' and '.join(f'“{one}”' for one in loose)}."
        fields.error(record, "where", said, "Add the relation that connects it, or leave the part out.")
        return Body()
    rank = {name: number for number, name in enumerate(order)}

    def along(link: Link) -> tuple[int, int, int, str]:
        ends = rank[link.origin], rank[link.target]
        return (max(ends), min(ends), ends[0], link.relation)

    _test_ends(fields, record, names, links, types, relations)
    return Body(tuple(sorted(parts, key=lambda one: rank[one.name])), tuple(sorted(links, key=along)), unless)


def short_body(via: str, other: tuple[str, ...], needs: tuple[Capability, ...], unless: tuple[Absence, ...]) -> Body:
    """The body of a pattern over one relation from the asset."""
    return Body((Part(OTHER, other, needs=needs),), (Link(ASSET, via, OTHER),), unless)


def defended(body: Body, named: Collection[str], any_of: Collection[str]) -> tuple[tuple[Part, ...], frozenset[str]]:
    """The parts with whether each distinguishes steps, and all on which the pattern is defended.

    ``named`` are those that the pattern names to be defended on; where it names none, it is defended on all.
    A part distinguishes steps where something is needed on it, or where it is named and not in ``any_of``.
    """
    parts = tuple(
        replace(one, each=bool(one.needs) or (one.name in named and one.name not in any_of)) for one in body.parts
    )
    return parts, frozenset(named or {ASSET, *(one.name for one in parts)})


def any_parts(record: Record) -> frozenset[str]:
    """The names of the parts of which the record says that any element will do."""
    return frozenset(
        str(one["named"][0])
        for one in record.values.get("part", ())
        if isinstance(one, Mapping) and one.get("named") and one.get("any", [False])[0] is True
    )


def _parts(fields: Fields, record: Record, types: Mapping[str, AssetType]) -> list[Part]:
    found: dict[str, Part] = {}
    for value in record.values.get("part", ())[: MAX_PARTS + 1]:
        if not isinstance(value, Mapping) or len(value.get("named", ())) != 1:
            fields.error(record, "part", "a part has one name and types.", "Write gm:named and gm:is, or name: type.")
            continue
        name = str(value["named"][0])
        if not _NAME.fullmatch(name) or name == ASSET:
            fix = "Use up to 40 letters and digits, - and _; “asset” is what the pattern is on."
            fields.error(record, "part", f"“{brief(name)}” is no name for a part.", fix)
        elif name in found:
            fields.error(record, "part", f"the part “{name}” is named twice.", "Rename one, or join the two.")
        else:
            found[name] = _part(fields, _inner(fields, record, f"part.{name}", value, PART_FIELDS), name, types)
    return list(found.values())


def _part(fields: Fields, record: Record, name: str, types: Mapping[str, AssetType]) -> Part:
    is_a = fields.names(record, "is", types, "asset type")
    needs = tuple(sorted(set(fields.words(record, "needs", Capability))))
    excepted = fields.names(record, "except", types, "asset type")
    trust = record.values.get("trustBelow", ())
    checks = (
        (not record.values.get("is"), "is", f"the part “{name}” has no type.", "Say what it is; Asset means anything."),
        (
            ZONE in is_a and any(one is not Capability.REACH for one in needs),
            "needs",
            "over a zone there is only the capability reach.",
            "Use reach.",
        ),
        (
            bool(trust) and set(is_a) != {ZONE},
            "trustBelow",
            "only zones have a level of trust.",
            "Name the zone as a part of its own, over inZone.",
        ),
        (
            bool(trust) and not (len(trust) == 1 and type(trust[0]) in (int, float) and trust[0] in range(1, 11)),
            "trustBelow",
            "this is no level of trust.",
            "Write a whole number from 1 to 10: 1 means that anyone is there.",
        ),
        (
            bool(needs) and record.values.get("any", [False])[0] is True,
            "any",
            f"“{name}” cannot be any element: it must be the one on which something is held.",
            "Leave out “any” or what is needed.",
        ),
        (
            bool(is_a) and all(types[one].ancestors & {*excepted} for one in is_a),
            "except",
            f"nothing is left that “{name}” could be.",
            "Correct the types or the exceptions.",
        ),
    )
    for wrong, place, message, fix in checks:
        if wrong:
            fields.error(record, place, message, fix)
    below = int(trust[0]) if trust and type(trust[0]) in (int, float) else None
    return Part(name, is_a, excepted, needs, below, tuple(sorted(fields.texts(record, "otherThan"))))


def _links(fields: Fields, record: Record, names: Mapping[str, Any], relations: Mapping[str, Relation]) -> list[Link]:
    found: dict[Link, None] = {}
    for value in record.values.get("where", ())[: MAX_LINKS + 1]:
        inner = _statement(fields, record, "where", value, LINK_FIELDS)
        if inner is None:
            continue
        ends = [_end(fields, inner, name, names) for name in ("from", "to")]
        via = fields.names(inner, "via", relations, "relation")
        if any(len(inner.values.get(name, ())) != 1 for name in ("from", "via", "to")):
            fields.error(record, "where", "a relation has two ends and one name.", _STATEMENT)
        elif ends[0] is not None and ends[0] == ends[1]:
            fields.error(record, "where", f"the relation goes from “{ends[0]}” to itself.", "Name the other end.")
        elif ends[0] is not None and ends[1] is not None and via:
            found[Link(ends[0], via[0], ends[1])] = None
    return list(found)


def _absences(
    fields: Fields,
    record: Record,
    names: Mapping[str, tuple[str, ...]],
    types: Mapping[str, AssetType],
    relations: Mapping[str, Relation],
) -> tuple[Absence, ...]:
    found: dict[Absence, None] = {}
    for value in record.values.get("unless", ())[: MAX_LINKS + 1]:
        if isinstance(value, str) and len(value.split()) == 1:
            for one in fields.names(replace(record, values={"unless": [value]}), "unless", relations, "relation"):
                found[Absence(ASSET, one)] = None
            continue
        inner = _statement(fields, record, "unless", value, ABSENCE_FIELDS)
        if inner is None:
            continue
        origin = _end(fields, inner, "from", names) if "from" in inner.values else ASSET
        target = _end(fields, inner, "to", names) if "to" in inner.values else None
        via = fields.names(inner, "via", relations, "relation")
        is_a = fields.names(inner, "is", types, "asset type")
        if len(inner.values.get("via", ())) != 1 or (target is not None and (is_a or target == origin)):
            fix = "Write “agent runsIn”, “agent runsIn host”, or from, via and is."
            fields.error(record, "unless", "what must not hold is one relation of one part to another.", fix)
        elif origin is not None and via:
            far = names[target] if target is not None else is_a
            _test_end(fields, record, "unless", names[origin], via[0], relations[via[0]].subject, types)
            _test_end(fields, record, "unless", far, via[0], relations[via[0]].object, types)
            found[Absence(origin, via[0], target, is_a)] = None
    return tuple(sorted(found, key=lambda one: (one.origin, one.relation, one.target or "", one.types)))


def _statement(fields: Fields, record: Record, place: str, value: object, known: frozenset[str]) -> Record | None:
    if isinstance(value, str) and len(value.split()) in (2, 3):
        words = zip(("from", "via", "to"), value.split(), strict=False)
        return _inner(fields, record, place, {field: [word] for field, word in words}, known)
    if isinstance(value, Mapping):
        return _inner(fields, record, place, value, known)
    fields.error(record, place, f"“{brief(str(value))}” is no relation between two parts.", _STATEMENT)
    return None


def _inner(fields: Fields, record: Record, place: str, values: Mapping[str, Any], known: frozenset[str]) -> Record:
    """What stands inside an entry, read like one; fields that it cannot have are reported."""
    inner = Record(record.kind, f"{record.id}.{place}", values, record.file, record.line)
    for name in sorted({*values} - known):
        said = f"there is no field “{brief(name)}” here."
        fields.error(inner, name, said, partial(nearest, name, known))
    return inner


def _end(fields: Fields, record: Record, name: str, names: Mapping[str, object]) -> str | None:
    found = fields.names(record, name, names, "part")
    return found[0] if found else None


def _walk(links: Collection[Link]) -> list[str]:
    """The parts that the asset is connected with, nearest first; of two equally near the first by name."""
    near: defaultdict[str, set[str]] = defaultdict(set)
    for link in links:
        near[link.origin].add(link.target)
        near[link.target].add(link.origin)
    order = [ASSET]
    for one in order:
        order.extend(sorted(near[one] - {*order}))
    return order


def _test_ends(
    fields: Fields,
    record: Record,
    names: Mapping[str, tuple[str, ...]],
    links: Collection[Link],
    types: Mapping[str, AssetType],
    relations: Mapping[str, Relation],
) -> None:
    for link in links:
        relation = relations[link.relation]
        _test_end(fields, record, "where", names[link.origin], link.relation, relation.subject, types)
        _test_end(fields, record, "where", names[link.target], link.relation, relation.object, types)


def _test_end(
    fields: Fields,
    record: Record,
    place: str,
    at: tuple[str, ...],
    relation: str,
    end: str,
    types: Mapping[str, AssetType],
) -> None:
    if at and end not in also(types, at):
        said = f"nothing of type {', '.join(at)} stands at that end of {relation} ({end})."
        fields.error(record, place, f"the pattern can never fire: {said}", "Correct the types or the relation.")
