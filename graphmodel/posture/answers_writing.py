"""Answers written back into their document: what changed is replaced, and all else, comments too, stays as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from graphmodel.knowledge.framework import Framework
from graphmodel.knowledge.vocabulary import Evidence, Range
from graphmodel.posture.answers import Answer, Claim, Level
from graphmodel.posture.answers_document import KEY
from graphmodel.posture.answers_schema import VERSION


def first_document(framework: Framework, name: str) -> str:
    """An answers document in which nothing has been answered."""
    head = {KEY: VERSION, "framework": framework.id, "name": name}
    return _dumped(CommentedMap(head))


def with_changes(
    document: str,
    framework: Framework,
    answers: Sequence[Answer] = (),
    levels: Sequence[Level] = (),
    use: Mapping[str, bool | None] | None = None,
    profile: str | None = None,
) -> str:
    """The document with these answers and levels in place of those of the same ids, new ones in the framework's order.

    An answer that says nothing is taken out, as is a fact that is None. The document must be free of errors.
    """
    root = _yaml().load(document)
    items, requirements = list(framework.item_by_id), list(framework.control_by_id)
    _put(root, "answers", {one.item: _answer(one) for one in answers}, items)
    _put(root, "maturity", {one.requirement: _level(one) for one in levels}, requirements)
    _put(root, "use", dict(use or {}), [one.id for one in framework.facts])
    if profile is not None:
        root["profile"] = profile
    return _dumped(root)


def _put(root: CommentedMap, section: str, entries: Mapping[str, Any], order: Sequence[str]) -> None:
    if not entries:
        return
    if root.get(section) is None:
        root[section] = CommentedMap()
    held: CommentedMap = root[section]
    rank = {key: number for number, key in enumerate(order)}
    for key, entry in entries.items():
        if entry is None or entry == {}:
            held.pop(key, None)
        elif key in held:
            held[key] = entry
        else:
            mine = rank.get(key, len(rank))
            place = sum(rank.get(other, len(rank)) <= mine for other in held)
            held.insert(place, key, entry)
    if not held:
        del root[section]


def _answer(one: Answer) -> dict[str, Any]:
    accepted = one.accepted
    return _clean(
        {
            "status": str(one.status) if one.status is not None else None,
            "reason": one.reason,
            "owner": one.owner,
            "due": one.due,
            "comment": one.comment,
            "evidence": [
                _clean({"reference": proof.reference, "date": proof.date, "until": proof.until})
                for proof in one.evidence
            ],
            "controls": [_claim(claim) for claim in one.controls],
            "accepted": _clean(
                {
                    "by": accepted.by,
                    "reason": accepted.reason,
                    "until": accepted.until,
                    "compensating": accepted.compensating,
                }
            )
            if accepted is not None
            else None,
        }
    )


def _claim(one: Claim) -> dict[str, Any]:
    return _clean(
        {
            "control": one.control,
            "on": list(one.on),
            "coverage": one.coverage,
            "strength": _range(one.strength),
            "evidence": str(one.evidence) if one.evidence is not Evidence.DECLARED else None,
        }
    )


def _range(one: Range | None) -> float | list[float] | None:
    if one is None:
        return None
    return one.low if one.low == one.high else [one.low, one.mode, one.high]


def _level(one: Level) -> dict[str, Any]:
    return _clean(
        {"level": one.level, "target": one.target, "owner": one.owner, "due": one.due, "comment": one.comment}
    )


def _clean(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if value is not None and value != "" and value != []}


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _dumped(root: CommentedMap) -> str:
    out = StringIO()
    _yaml().dump(root, out)
    return out.getvalue()
