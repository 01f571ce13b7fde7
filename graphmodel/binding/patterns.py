"""Which threat patterns bind to which assets: a binding is a step of the attack graph before its chance is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from graphmodel.binding.relations import Relations
from graphmodel.knowledge.vocabulary import Catalogue, ThreatPattern
from graphmodel.model.system import System

ZONE_TYPE = "Zone"


@dataclass(frozen=True)
class Binding:
    """A pattern bound to assets: one step before its chance is known.

    ``origins`` are the ids of the flows and dependencies that make the relation hold; all of them
    must be protected before a control on flows covers the step.
    """

    pattern: ThreatPattern
    asset: str
    other: str | None = None
    origins: tuple[str, ...] = ()

    @cached_property
    def id(self) -> str:
        return f"{self.pattern.id}:{self.asset}" + (f"<{self.other}" if self.other is not None else "")

    @property
    def gains(self) -> str:
        return f"{self.asset}:{self.pattern.gains}"

    @property
    def needs(self) -> tuple[str, ...]:
        own = [f"{self.asset}:{one}" for one in self.pattern.needs]
        return (*own, *(f"{self.other}:{one}" for one in self.pattern.other_needs))


def element_types(system: System) -> dict[str, str]:
    """The type of every asset and zone, by id: all that patterns bind to."""
    return {asset.id: asset.type for asset in system.assets} | {zone.id: ZONE_TYPE for zone in system.zones}


def bind(catalogue: Catalogue, elements: Mapping[str, str], relations: Relations) -> tuple[Binding, ...]:
    """Every pattern of a catalogue on every element, and over every relation, that it speaks of, in order of id."""
    by_type: defaultdict[str, list[str]] = defaultdict(list)
    for element, type_name in sorted(elements.items()):
        for ancestor in catalogue.types[type_name].ancestors:
            by_type[ancestor].append(element)
    found: list[Binding] = []
    for pattern in catalogue.patterns.values():
        subjects = sorted({one for name in pattern.asset_types for one in by_type[name]})
        unless = relations.get(pattern.unless, {}) if pattern.unless is not None else {}
        ends = relations.get(pattern.via, {}) if pattern.via is not None else {}
        for asset in subjects:
            if catalogue.is_any(elements[asset], pattern.except_types) or asset in unless:
                continue
            if pattern.via is None:
                found.append(Binding(pattern, asset))
                continue
            for other, origins in sorted(ends.get(asset, {}).items()):
                if catalogue.is_any(elements[other], pattern.other_types):
                    found.append(Binding(pattern, asset, other, tuple(sorted(origins))))
    return tuple(sorted(found, key=lambda one: one.id))
