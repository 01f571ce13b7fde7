"""Several ways to run one system in one folder: Compose beside a cloud's description, or two descriptions of a cloud.

Kubernetes is no such way: its manifests run on the cluster that Terraform makes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.model.system import System
from importers.sameness import Piece
from importers.wishes import LeftAside, Wishes

_CLOUDS = frozenset({"cloudformation", "terraform", "terraform-source", "bicep", "arm"})
_WAYS = _CLOUDS | {"compose"}
_NO_PARTS = (
    "Host", "Sandbox", "PublicHub", "TelemetryLog", "SoftwarePackage", "DataAsset", "Person", "ArtifactRepository",
    "SecretStore",
)  # fmt: skip
_ALIKE = 2 / 3  # of the parts of the smaller way, by kind, that the larger has as well
_MANY = 4  # parts alike, from which on nobody needs to share a name


def other_ways(
    pieces: Sequence[Piece], importers: Sequence[str], wishes: Wishes, catalogue: Catalogue, left: Collection[int]
) -> dict[int, LeftAside]:
    """Of several ways to run what is by its kinds of parts one system, all pieces but those of the fullest.

    A way is left aside where two thirds of the parts of the smaller have a counterpart of their kind in the other, and
    a name is in both, or there are many such parts, or both describe a cloud. What a person asks for is never left
    aside.
    """
    ways: dict[str, list[int]] = {}
    for number, id_ in enumerate(importers):
        if id_ in _WAYS and number not in left:
            ways.setdefault(id_, []).append(number)
    parts = {id_: Counter(_parts([pieces[one].system for one in ones], catalogue)) for id_, ones in ways.items()}
    names = {id_: _names([pieces[one].system for one in ones], catalogue) for id_, ones in ways.items()}
    flows = {id_: sum(len(pieces[one].system.flows) for one in ones) for id_, ones in ways.items()}
    order = sorted(ways, key=lambda id_: (-parts[id_].total(), -flows[id_], id_))
    kept: list[str] = []
    found: dict[int, LeftAside] = {}
    for id_ in order:
        free = all(not pieces[one].own and not wishes.takes(pieces[one].file) for one in ways[id_])
        instead = next((one for one in kept if free and _same(one, id_, parts, names)), "")
        if not instead:
            kept.append(id_)
            continue
        other = pieces[ways[instead][0]].file
        for one in ways[id_]:
            found[one] = LeftAside(pieces[one].file, f"it is another way to run what “{other}” runs", other)
    return found


def _same(one: str, other: str, parts: dict[str, Counter[str]], names: dict[str, set[str]]) -> bool:
    both = parts[one] & parts[other]
    shared, smaller = both.total(), min(parts[one].total(), parts[other].total())
    if not both["program"] or shared < _ALIKE * smaller:
        return False
    return shared >= _MANY or {one, other} <= _CLOUDS or bool(names[one] & names[other])


def _parts(systems: Sequence[System], catalogue: Catalogue) -> Iterator[str]:
    for system in systems:
        outside = {zone.id for zone in system.zones if zone.trust == 0}
        for asset in system.assets:
            kind = _kind(asset.type, catalogue)
            if kind and asset.zone not in outside:
                yield kind


def _kind(type_: str, catalogue: Catalogue) -> str:
    """What two ways have to have in common; empty for what only one of them may name."""
    if any(catalogue.is_a(type_, one) for one in _NO_PARTS) or not catalogue.is_a(type_, "Component"):
        return ""
    if catalogue.is_a(type_, "DataStore") or catalogue.is_a(type_, "InferenceEndpoint"):
        return type_
    return "program" if any(catalogue.is_a(type_, one) for one in ("Application", "Agent", "Tool")) else type_


def _names(systems: Sequence[System], catalogue: Catalogue) -> set[str]:
    """What programs are called, in small letters."""
    found: set[str] = set()
    for system in systems:
        for one in system.assets:
            if _kind(one.type, catalogue) == "program":
                found.add("".join(re.findall("[a-z0-9]+", one.name.lower())))
    return found - {""}
