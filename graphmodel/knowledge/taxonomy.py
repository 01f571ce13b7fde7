"""Asset types and what they are kinds of, relations and what follows from them, and techniques."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from graphmodel.knowledge.records import Fields, Record
from graphmodel.knowledge.vocabulary import AssetType, Maturity, Relation, Technique
from graphmodel.reading.values import brief

MAX_FOLLOWING = 60  # ancestors of a type, and relations that follow from one


def _crowded(fields: Fields, record: Record, kind: str, what: str) -> None:
    message = f"the {kind} “{brief(record.id)}” has more than {MAX_FOLLOWING} {what}."
    fields.error(record, "parents", message, "Name fewer parents, or leave out levels.")


def read_technique(fields: Fields, record: Record) -> Technique:
    """An entry of an outside vocabulary."""
    return Technique(
        edition=fields.text(record, "edition"),
        id=fields.text(record, "notation", record.id),
        name=fields.text(record, "label", record.id),
        maturity=fields.word(record, "maturity", Maturity),
    )


def read_types(fields: Fields, records: Mapping[str, Record]) -> dict[str, AssetType]:
    """The asset types, each with all its ancestors."""
    types: dict[str, AssetType] = {}
    parents = {name: fields.names(record, "parents", records, "type") for name, record in records.items()}
    for name, record in records.items():
        ancestors, stack = {name}, list(parents[name])
        while stack and len(ancestors) <= MAX_FOLLOWING:
            one = stack.pop()
            if one == name:
                fields.error(record, "parents", f"the type “{name}” is its own ancestor.", "Break the circle.")
            elif one not in ancestors:
                ancestors.add(one)
                stack.extend(parents[one])
        if len(ancestors) > MAX_FOLLOWING:
            _crowded(fields, record, "type", "ancestors")
        types[name] = AssetType(
            name=name,
            label=fields.text(record, "label", name),
            meaning=fields.text(record, "comment"),
            parents=parents[name],
            ancestors=frozenset(ancestors),
            abstract=bool(record.values.get("abstract", [False])[0]),
            synonyms=fields.texts(record, "synonyms"),
        )
    return types


def read_relations(
    fields: Fields, records: Mapping[str, Record], types: Mapping[str, AssetType]
) -> dict[str, Relation]:
    """The relations, each with everything that follows from it."""
    relations: dict[str, Relation] = {}
    follows: defaultdict[str, set[tuple[str, bool]]] = defaultdict(set)
    for name, record in records.items():
        follows[name].update((one, False) for one in fields.names(record, "parents", records, "relation"))
        for one in fields.names(record, "inverse", records, "relation"):
            follows[name].add((one, True))
            follows[one].add((name, True))
    for name, record in records.items():
        implied, stack = {(name, False)}, [(name, False)]
        while stack and len(implied) <= MAX_FOLLOWING:
            current, backwards = stack.pop()
            for other, flips in follows[current]:
                found = (other, backwards != flips)
                if found not in implied:
                    implied.add(found)
                    stack.append(found)
        if len(implied) > MAX_FOLLOWING:
            _crowded(fields, record, "relation", "relations that follow from it")
            continue
        subject = fields.names(record, "domain", types, "type")
        target = fields.names(record, "range", types, "type")
        if len(subject) != 1 or len(target) != 1:
            fix = "Give one type as domain and one as range."
            fields.error(record, "", f"the relation “{name}” needs one domain and one range.", fix)
            continue
        relations[name] = Relation(
            name=name,
            label=fields.text(record, "label", name),
            meaning=fields.text(record, "comment"),
            subject=subject[0],
            object=target[0],
            implies=frozenset(implied),
            derived=bool(record.values.get("derived", [False])[0]),
            synonyms=fields.texts(record, "synonyms"),
        )
    return relations
