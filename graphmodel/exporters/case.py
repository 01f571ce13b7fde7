"""What is exported: a system with its results, the threats on its ways to losses, and what a format cannot hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cached_property
from typing import Any

from graphmodel.assessment.cases import steps_to_losses
from graphmodel.assessment.paths import AttackPaths, attack_paths
from graphmodel.assessment.results import Assessment
from graphmodel.engine.estimates import Estimate
from graphmodel.knowledge.vocabulary import Catalogue, ThreatPattern, View
from graphmodel.model.system import Asset, System
from graphmodel.posture.changes import SECTIONS

_PATHS = 3  # for each loss


@dataclass(frozen=True)
class FoundThreat:
    """A threat on an asset that lies on a way to a loss.

    ``likelihood`` is that of what it gains, to the worst actor as things stand. ``controls`` are the implementations
    in force that cover every one of its steps, ``planned`` those to come.
    """

    pattern: ThreatPattern
    asset: str
    likelihood: Estimate
    controls: tuple[str, ...]
    planned: tuple[str, ...]

    @property
    def id(self) -> str:
        """The same for the same threat on the same asset, whatever else changes."""
        return f"{self.pattern.id}@{self.asset}"


@dataclass(frozen=True)
class Case:
    """One system as it is exported. ``date`` is the day that files carry, as ``2026-03-31``."""

    assessment: Assessment
    date: str

    @property
    def system(self) -> System:
        return self.assessment.compiled.system

    @property
    def catalogue(self) -> Catalogue:
        return self.assessment.compiled.catalogue

    @cached_property
    def threats(self) -> tuple[FoundThreat, ...]:
        """The threats on ways to losses, the likeliest first."""
        compiled = self.assessment.compiled
        relevant = frozenset().union(*steps_to_losses(self.assessment).values())
        active = compiled.in_force(View.RESIDUAL)
        target = compiled.in_force(View.TARGET)
        covers: dict[tuple[str, str], tuple[set[str], str]] = {}
        for one in compiled.bindings:
            if one.id not in relevant or one.pattern.propagation:
                continue
            covering = set(compiled.covers.get(one.id, ()))
            key = (one.pattern.id, one.asset)
            covers[key] = (covers[key][0] & covering if key in covers else covering, one.gains)
        found = [
            FoundThreat(
                self.catalogue.patterns[pattern],
                asset,
                self.assessment.worst(gains)[1],
                tuple(sorted(covering & active)),
                tuple(sorted((covering & target) - active)),
            )
            for (pattern, asset), (covering, gains) in covers.items()
        ]
        return tuple(sorted(found, key=lambda one: (-one.likelihood.value, one.id)))

    @cached_property
    def threats_of(self) -> Mapping[str, tuple[FoundThreat, ...]]:
        """The same by asset."""
        found: dict[str, list[FoundThreat]] = {}
        for one in self.threats:
            found.setdefault(one.asset, []).append(one)
        return {asset: tuple(threats) for asset, threats in found.items()}

    @cached_property
    def paths(self) -> AttackPaths:
        """The most probable attack paths to each loss."""
        return attack_paths(self.assessment, k=_PATHS)

    def is_data(self, asset: Asset) -> bool:
        """Whether an asset is information, apart from what keeps or handles it, and no end of a flow."""
        return asset.id not in self._ends and self.catalogue.is_any(asset.type, ("DataAsset",))

    @cached_property
    def _ends(self) -> frozenset[str]:
        return frozenset(end for flow in self.system.flows for end in (flow.origin, flow.target))

    def stores_of(self, data: str) -> tuple[str, ...]:
        """The stores that keep a data asset."""
        return self._stored.get(data, ())

    @cached_property
    def _stored(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for one in self.system.dependencies:
            if one.relation == "storedIn":
                found.setdefault(one.origin, []).append(one.target)
        return {data: tuple(stores) for data, stores in found.items()}


@dataclass(frozen=True, slots=True)
class Lost:
    """What a format has no place for: which field of which kind of element, and in how many of them."""

    what: str
    count: int


@dataclass(frozen=True)
class Exported:
    """A file for another program, and what of the system is not in it."""

    data: bytes
    lost: tuple[Lost, ...] = ()


@dataclass(frozen=True)
class Exporter:
    """One format. ``ending`` is how its files are usually named; ``note`` is said at every export.

    ``holds`` are the fields of each section of a System document that its files keep; empty where they hold results
    and nothing of a system. ``binary`` files are no text.
    """

    id: str
    label: str
    ending: str
    write: Callable[[Case], bytes]
    holds: Mapping[str, frozenset[str]]
    note: str = ""
    binary: bool = False

    def export(self, case: Case) -> Exported:
        """The file, with what of the system it does not hold."""
        return Exported(self.write(case), lost(case.system, self.holds) if self.holds else ())


_OF_THE_READER = frozenset({"source"})


def holding(**sections: str) -> Mapping[str, frozenset[str]]:
    """The fields that a format holds, section by section, as words."""
    return {section: frozenset(words.split()) for section, words in sections.items()}


def lost(system: System, holds: Mapping[str, frozenset[str]]) -> tuple[Lost, ...]:
    """Which fields of a system have a value that a format has no place for; a section of which it holds nothing
    is told as a whole."""
    counts: Counter[str] = Counter()
    for section in SECTIONS.values():
        kept = holds.get(section, frozenset())
        for one in getattr(system, section):
            if not kept:
                counts[section] += 1
                continue
            for field in fields(one):
                if field.name not in kept and field.name not in _OF_THE_READER and _said(one, field):
                    counts[f"{section}: {field.name}"] += 1
    return tuple(Lost(what, count) for what, count in counts.items())


def _said(one: Any, field: Any) -> bool:
    """Whether a field holds another value than the one it has where nothing is said."""
    value = getattr(one, field.name)
    if field.default is not MISSING and value == field.default:
        return False
    return value is not None and value != () and value != ""


def as_json(value: Any) -> bytes:
    """A JSON document as people read it."""
    import json  # noqa: PLC0415 - tables and drawings need none

    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()
