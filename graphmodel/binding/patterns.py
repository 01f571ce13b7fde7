"""Which threat patterns bind to which assets: a binding is a step of the attack graph before its chance is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from graphmodel.binding.bodies import Bound, Room, TooManyError, bound
from graphmodel.binding.elements import Elements
from graphmodel.binding.relations import Reach, Relations, relations
from graphmodel.knowledge.vocabulary import ASSET, OTHER, Capability, Catalogue, ThreatPattern
from graphmodel.model.system import System

ZONE_TYPE = "Zone"


@dataclass(frozen=True)
class Binding:
    """A pattern bound to elements: one step before its chance is known.

    ``parts`` has the elements of each part of the pattern: one where the part distinguishes steps, else every
    witness of it. ``ways`` has for each link of the pattern the ids of the flows, dependencies and memberships
    that make it hold, over all witnesses; what covers the step on a link must cover all of them. ``gained`` is the
    capability that it gains, ``needs`` are the facts that it needs: those of the pattern, as the types of the
    elements tell them apart.
    """

    pattern: ThreatPattern
    asset: str
    parts: tuple[tuple[str, ...], ...] = ()
    ways: tuple[tuple[str, ...], ...] = ()
    gained: Capability = Capability.RUN
    needs: tuple[str, ...] = ()

    @cached_property
    def id(self) -> str:
        others = [
            f"<{found[0]}" if part.name == OTHER else f"<{part.name}={found[0]}"
            for part, found in zip(self.pattern.parts, self.parts, strict=True)
            if part.each
        ]
        return f"{self.pattern.id}:{self.asset}{''.join(others)}"

    @cached_property
    def trial(self) -> str:
        """What its draw is shared by, of the steps that gain the same fact; empty where it is its own."""
        parts = zip(self.pattern.parts, self.parts, strict=True)
        apart = [f"<{part.name}={found[0]}" for part, found in parts if part.name in self.pattern.trial_of]
        return f"{self.pattern.trial}{''.join(apart)}" if self.pattern.trial else ""

    @property
    def gains(self) -> str:
        return f"{self.asset}:{self.gained}"

    @cached_property
    def ends(self) -> Mapping[str, tuple[str, ...]]:
        """The elements of each part by its name, the asset among them."""
        named = {part.name: found for part, found in zip(self.pattern.parts, self.parts, strict=True)}
        return {ASSET: (self.asset,), **named}

    @property
    def defended(self) -> tuple[str, ...]:
        """The elements on which a control can count."""
        return tuple(dict.fromkeys(one for name in sorted(self.pattern.defended_on) for one in self.ends.get(name, ())))

    @property
    def other(self) -> str | None:
        """The asset at the other end, of a pattern over one relation."""
        return self.parts[0][0] if self.pattern.simple and self.parts else None

    @property
    def others(self) -> tuple[str, ...]:
        """Everything beside the asset that it comes over, part by part."""
        return tuple(dict.fromkeys(one for found in self.parts for one in found))

    @property
    def origins(self) -> tuple[str, ...]:
        """Everything that makes any of its relations hold."""
        return tuple(dict.fromkeys(one for way in self.ways for one in way))


def element_types(system: System) -> dict[str, str]:
    """The type of every asset and zone, by id: all that patterns bind to."""
    return {asset.id: asset.type for asset in system.assets} | {zone.id: ZONE_TYPE for zone in system.zones}


def bind(
    catalogue: Catalogue, elements: Mapping[str, str], related: Relations, trust: Mapping[str, int]
) -> tuple[Binding, ...]:
    """Every pattern of a catalogue on every element, and over every relation, that it speaks of, in order of id.

    ``trust`` has that of the zones of which it is known. Raises ``TooManyError`` for a pattern that would be too
    many steps.
    """
    known, room = Elements(catalogue, elements, related, trust), Room()

    def told(element: str, capability: Capability) -> Capability:
        return catalogue.told_apart(elements[element], capability)

    def stepped(pattern: ThreatPattern, one: Bound) -> Binding:
        needs = [f"{one.asset}:{told(one.asset, need)}" for need in pattern.needs]
        for part, found in zip(pattern.parts, one.parts, strict=True):
            needs += [f"{found[0]}:{told(found[0], need)}" for need in part.needs]
        gained = told(one.asset, pattern.gains)
        return Binding(pattern, one.asset, one.parts, one.ways, gained, tuple(dict.fromkeys(needs)))

    found = [stepped(pattern, one) for pattern in catalogue.patterns.values() for one in bound(pattern, known, room)]
    return tuple(sorted(found, key=lambda one: one.id))


def bound_system(system: System, catalogue: Catalogue, reach: Reach) -> tuple[Binding, ...]:
    """The bindings of a system that is free of errors; raises as ``bind`` does."""
    trust = {zone.id: zone.trust for zone in system.zones if zone.trust is not None}
    return bind(catalogue, element_types(system), relations(system, catalogue, reach), trust)


def unbindable(system: System, catalogue: Catalogue) -> TooManyError | None:
    """What is wrong with a pattern that cannot be bound to a system that is free of errors; None where all can."""
    several = {name: one for name, one in catalogue.patterns.items() if len(one.links) > 1}
    for reach in Reach if several else ():
        try:
            bound_system(system, replace(catalogue, patterns=several), reach)
        except TooManyError as error:
            return error
    return None
