"""What our own exports say in attributes of their own, where a foreign format has no word for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from graphmodel.knowledge.vocabulary import ActorKind, Capability, Evidence, Skill, Status
from graphmodel.reading.values import Place
from importers.elements import Attacker, Link, Measure

Keyed = Callable[[str], str]
"""Gives the key of an element among those of its file by its id of ours; empty where there is none."""


def own(attributes: object, prefix: str) -> dict[str, str]:
    """The attributes whose names begin with our prefix, without it; texts only."""
    if not isinstance(attributes, Mapping):
        return {}
    told = [(str(key), value) for key, value in attributes.items() if isinstance(value, str)]
    return {key.removeprefix(prefix): value[:20_000] for key, value in told if key.startswith(prefix)}


def flow(link: Link, said: Mapping[str, str], key: Keyed, id_: str) -> Link:
    """A flow with what its attributes say of it."""
    return replace(
        link,
        relation=said.get("relation", link.relation)[:60],
        authenticated=_truth(said.get("authenticated")),
        encrypted=_truth(said.get("encrypted")),
        two_way=said.get("two_way") == "true",
        opened_by=key(said["opened_by"]) if "opened_by" in said else "",
        carries=_keys(said.get("carries", ""), key),
        returns=_keys(said.get("returns", ""), key),
        note="",
        id=id_,
    )


def attacker(
    element: str, name: str, place: Place, kind: str, zone: str, said: Mapping[str, str], id_: str
) -> Attacker:
    """Somebody who attacks, by the kind and skill that the attributes name."""
    kinds, skills = {str(one): one for one in ActorKind}, {str(one): one for one in Skill}
    return Attacker(
        element,
        name,
        place,
        kind,
        kinds.get(said.get("actor", ""), ActorKind.OUTSIDER),
        skills.get(said.get("skill", ""), Skill.SKILLED),
        zone,
        id=id_,
    )


def starts(said: Mapping[str, str], key: Keyed) -> tuple[tuple[str, Capability], ...]:
    """What an actor holds before it begins."""
    known = {str(one): one for one in Capability}
    pairs = (word.rpartition(":") for word in said.get("starts", "").split())
    return tuple((key(asset), known[able]) for asset, _, able in pairs if able in known and key(asset))


def measure(
    element: str, name: str, place: Place, said: Mapping[str, str], key: Keyed, id_: str, about: str
) -> Measure:
    """A control implementation: which one it is stands in the attributes by its name in the catalogue."""
    states, sure = {str(one): one for one in Status}, {str(one): one for one in Evidence}
    words = said.get("protects", "").split()
    return Measure(
        element,
        name,
        place,
        "mitigation",
        said.get("control") or None,
        ("*",) if "*" in words else _keys(" ".join(words), key),
        states.get(said.get("status", ""), Status.PROPOSED),
        sure.get(said.get("evidence", ""), Evidence.DECLARED),
        about,
        id=id_,
    )


def relations(origin: str, said: Mapping[str, str], place: Place, key: Keyed) -> list[Link]:
    """The dependencies of an element."""
    found = []
    for word in said.get("relations", "").split(";"):
        relation, _, target = word.strip().partition(" ")
        if target and key(target):
            found.append(Link(origin, relation[:60], key(target), place, "relation"))
    return found


def _keys(words: str, key: Keyed) -> tuple[str, ...]:
    return tuple(key(word) for word in words.split() if key(word))


def _truth(word: str | None) -> bool | None:
    return {"true": True, "false": False}.get(word or "")
