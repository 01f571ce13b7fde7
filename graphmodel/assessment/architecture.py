"""What a system lacks beside the reference architectures of its kinds: roles that nothing fills, open passages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graphmodel.binding.compiled import Compiled
from graphmodel.binding.relations import relations
from graphmodel.knowledge.architectures import (
    ACTOR,
    Architecture,
    Passage,
    Related,
    Role,
    load_architectures,
)
from graphmodel.knowledge.vocabulary import View


@dataclass(frozen=True)
class RoleGap:
    """A role that nothing fills, or a passage that nothing stands in; ``places`` are then its two ends, by pair.

    ``types`` could fill the role or stand in the passage, ``controls`` of the catalogue would do as well.
    """

    architecture: Architecture
    gap: Role | Passage
    types: tuple[str, ...]
    controls: tuple[str, ...]
    places: tuple[tuple[str, str], ...] = ()


def role_gaps(compiled: Compiled) -> tuple[RoleGap, ...]:
    """The gaps of a system beside the architectures of its kinds, in their order; none for kinds that it is not."""
    look = _Look(compiled)
    kinds = {one.id: one for one in load_architectures() if look.is_kind(one.when)}
    found: list[RoleGap] = []
    for one in kinds.values():
        if not kinds.keys() & {*one.unless}:
            found += [RoleGap(one, role, role.types, role.controls) for role in one.roles if not look.fills(role)]
            for passage in one.passages:
                places = tuple(look.open(passage))
                if places:
                    found.append(RoleGap(one, passage, passage.by, passage.controls, places))
    return tuple(found)


class _Look:
    """A system with what is asked of it again and again."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled, self.catalogue, self.system = compiled, compiled.catalogue, compiled.system
        self.relations = relations(compiled.system, compiled.catalogue, compiled.reach)
        in_force = compiled.in_force(View.RESIDUAL)
        self.controls = [one for one in compiled.system.controls if one.id in in_force]

    def is_kind(self, when: Related) -> bool:
        if not when.relation:
            return any(self.catalogue.is_any(one.type, when.origins) for one in self.system.assets)
        return any(True for _ in self.pairs(when))

    def fills(self, role: Role) -> bool:
        return any(one.control in role.controls for one in self.controls) or any(
            self.catalogue.is_any(one.type, role.types) and not self.catalogue.is_any(one.type, role.without)
            for one in self.system.assets
        )

    def pairs(self, related: Related) -> Iterable[tuple[str, str, frozenset[str]]]:
        """The pairs that are so related, with the flows and dependencies that make it so."""
        types: Mapping[str, str] = self.compiled.elements

        def fits(name: str, wanted: tuple[str, ...]) -> bool:
            return self.catalogue.is_any(types.get(name, ""), wanted)

        for origin, targets in sorted(self.relations.get(related.relation, {}).items()):
            if fits(origin, related.origins):
                for target, ways in sorted(targets.items()):
                    if fits(target, related.targets) and not fits(target, related.without):
                        yield origin, target, frozenset(ways)
        if ACTOR in related.origins:
            for flow in self.system.flows:
                if flow.origin in self.system.actor_by_id and fits(flow.target, related.targets):
                    yield flow.origin, flow.target, frozenset({flow.id})

    def open(self, passage: Passage) -> Iterable[tuple[str, str]]:
        """The pairs of a passage that nothing stands in."""
        for origin, target, ways in self.pairs(passage.related):
            if not all(self._mediated(way, passage) for way in ways) and not self._controlled(origin, target, passage):
                yield origin, target

    def _mediated(self, way: str, passage: Passage) -> bool:
        """Whether a flow goes through something of the right kind, or a control names it."""
        flow = self.system.flow_by_id.get(way)
        if any(one.control in passage.controls and way in one.named for one in self.controls):
            return True
        return flow is not None and any(
            self.catalogue.is_any(self.compiled.elements.get(one, ""), passage.by) for one in flow.mediated_by
        )

    def _controlled(self, origin: str, target: str, passage: Passage) -> bool:
        ends = [one for one in (origin, target) if one in self.compiled.elements]
        if any(self.catalogue.is_any(self.compiled.elements[one], passage.by) for one in ends):
            return True
        return any(
            one.control in passage.controls and self.compiled.credit.protects(one, end)
            for one in self.controls
            for end in ends
        )
