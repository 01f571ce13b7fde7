"""Releases of MITRE ATLAS as users download them, and what one changes for a catalogue that is pinned to another.

Three forms are read: the YAML of format 5 (matrices with lists) and of format 6 (maps by id), and a STIX bundle.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphmodel.knowledge.vocabulary import Catalogue, Control, Maturity, Technique, ThreatPattern
from graphmodel.reading.json_text import read_json
from graphmodel.reading.problems import UnreadableError, refusal
from graphmodel.reading.values import brief
from graphmodel.reading.yaml_text import read_yaml

PINNED = "atlas-"
_ID = re.compile(r"AML\.[TM]\d{4}(\.\d{3})?")
_FIX = "Give the YAML of a release (dist/ATLAS.yaml or dist/v6/ATLAS-….yaml) or its STIX bundle, as it was downloaded."


@dataclass(frozen=True, slots=True)
class Release:
    """A release of ATLAS: its techniques and mitigations by id. ``version`` is empty where the file states none."""

    version: str
    entries: Mapping[str, Technique]


@dataclass(frozen=True, slots=True)
class Change:
    """An entry that is not in the release as it is in the pinned edition. ``was`` and ``now`` are names, or
    maturities; ``cited`` are the threats and controls that name it."""

    id: str
    was: str
    now: str
    cited: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReleaseChanges:
    """What a release changes: ``new`` entries, which nothing can cite yet; entries that are gone, have another
    name, or another maturity, with what cites them."""

    edition: str
    version: str
    new: tuple[Change, ...]
    gone: tuple[Change, ...]
    renamed: tuple[Change, ...]
    matured: tuple[Change, ...]

    @property
    def touched(self) -> frozenset[str]:
        """The threats and controls that cite something that is gone, renamed, or of another maturity."""
        return frozenset(name for one in (*self.gone, *self.renamed, *self.matured) for name in one.cited)


def read_release(data: bytes, file: str) -> Release:
    """The release that a file holds; raises ``UnreadableError`` where it holds none."""
    begins = data.lstrip()[:1]
    text = read_json(data, file) if begins == b"{" else read_yaml(data, file)
    value = text.value
    found: dict[str, Technique] = {}
    version = ""
    if isinstance(value, dict):
        collection = value.get("collection")
        said = value.get("version") or (collection.get("version") if isinstance(collection, dict) else None)
        version = brief(str(said)) if isinstance(said, str | int | float) else ""
        for id_, one in _entries(value):
            found.setdefault(id_, one)
    if not found:
        raise _none(file)
    return Release(version, {id_: _whole(one, found) for id_, one in found.items()})


def _none(file: str) -> UnreadableError:
    return refusal(file, "this is no release of MITRE ATLAS: it has no technique of the form AML.T0000.", _FIX)


def _entries(value: Mapping[str, Any]) -> Iterator[tuple[str, Technique]]:
    for group in _groups(value):
        for key, one in group:
            if isinstance(one, dict):
                id_ = one.get("id", key) if "external_references" not in one else _stix_id(one)
                name = one.get("name")
                retired = one.get("revoked") is True or one.get("x_mitre_deprecated") is True
                if isinstance(id_, str) and isinstance(name, str) and _ID.fullmatch(id_) and not retired:
                    yield id_, Technique("", id_, " ".join(name.split())[:200], _maturity(one.get("maturity")))


def _groups(value: Mapping[str, Any]) -> Iterator[Collection[tuple[Any, Any]]]:
    """The lists and maps of entries, each entry with its key where it has one."""
    matrices = value.get("matrices")
    holders = [value, *(one for one in matrices if isinstance(one, dict))] if isinstance(matrices, list) else [value]
    for holder in holders:
        for field in ("techniques", "mitigations", "objects"):
            group = holder.get(field)
            if isinstance(group, dict):
                yield group.items()
            elif isinstance(group, list):
                yield [(None, one) for one in group]


def _stix_id(one: Mapping[str, Any]) -> str | None:
    references = one["external_references"]
    known = one.get("type") in ("attack-pattern", "course-of-action") and isinstance(references, list)
    ids = [ref.get("external_id") for ref in references if isinstance(ref, dict)] if known else []
    return next((id_ for id_ in ids if isinstance(id_, str) and _ID.fullmatch(id_)), None)


def _maturity(said: object) -> Maturity | None:
    known = {str(one): one for one in Maturity}
    return known.get(said.casefold()) if isinstance(said, str) else None


def _whole(one: Technique, all_: Mapping[str, Technique]) -> Technique:
    """A sub-technique under its own name and its parent's, as editions have them here."""
    parent = all_.get(one.id.rpartition(".")[0])
    whole = f"{parent.name}: {one.name}" if parent is not None and not one.name.startswith(parent.name) else one.name
    return Technique(one.edition, one.id, whole, one.maturity)


def changes_of(release: Release, catalogue: Catalogue) -> ReleaseChanges:
    """What a release changes for a catalogue, against the newest edition of ATLAS that this one has."""
    edition = max((one.edition for one in catalogue.techniques.values() if one.edition.startswith(PINNED)), default="")
    pinned = {one.id: one for one in catalogue.techniques.values() if one.edition == edition}
    now = release.entries
    both = [id_ for id_ in sorted(pinned) if id_ in now]

    def change(id_: str, was: object, is_: object) -> Change:
        return Change(id_, str(was or ""), str(is_ or ""), _citing(catalogue, f"{id_}@{edition}"))

    return ReleaseChanges(
        edition,
        release.version,
        tuple(change(id_, "", now[id_].name) for id_ in sorted(now) if id_ not in pinned),
        tuple(change(id_, pinned[id_].name, "") for id_ in sorted(pinned) if id_ not in now),
        tuple(
            change(id_, pinned[id_].name, now[id_].name)
            for id_ in both
            if pinned[id_].name.casefold() != now[id_].name.casefold()
        ),
        tuple(
            change(id_, pinned[id_].maturity, now[id_].maturity)
            for id_ in both
            if now[id_].maturity is not None and pinned[id_].maturity is not now[id_].maturity
        ),
    )


def matured(changes: ReleaseChanges, catalogue: Catalogue) -> Catalogue:
    """The catalogue with the maturities of a release, to see which risks that moves.

    A threat follows its techniques: where none of them has its maturity any more, it has the highest that those have
    which changed. One that says why it differs from its techniques keeps its maturity.
    """
    now = {one.id: Maturity(one.now) for one in changes.matured}
    techniques = {
        key: replace(one, maturity=now[one.id]) if one.edition == changes.edition and one.id in now else one
        for key, one in catalogue.techniques.items()
    }
    patterns = {}
    for key, pattern in catalogue.patterns.items():
        cited = tuple(techniques[one.pinned] for one in pattern.techniques)
        moved = [one.maturity for one, before in zip(cited, pattern.techniques, strict=True) if one != before]
        highest = max((one for one in moved if one is not None), key=list(Maturity).index, default=None)
        kept = pattern.maturity is None or pattern.maturity_basis or pattern.maturity in {one.maturity for one in cited}
        maturity = pattern.maturity if kept or highest is None else highest
        patterns[key] = replace(pattern, techniques=cited, maturity=maturity)
    controls = {
        key: replace(one, techniques=tuple(techniques[each.pinned] for each in one.techniques))
        for key, one in catalogue.controls.items()
    }
    return replace(catalogue, patterns=patterns, techniques=techniques, controls=controls)


def _citing(catalogue: Catalogue, pinned: str) -> tuple[str, ...]:
    entries: tuple[ThreatPattern | Control, ...] = (*catalogue.patterns.values(), *catalogue.controls.values())
    return tuple(one.id for one in entries if any(technique.pinned == pinned for technique in one.techniques))
