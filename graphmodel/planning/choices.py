"""Constraints on sets of measures: what requires or excludes what, and what a set costs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class Choices:
    """Measures to choose from.

    ``cost`` names every measure, with its cost from 0 up; those in ``fixed`` are a part of every
    choice. ``requires`` maps a measure to what must be chosen with it; a circle means all or none.
    Of a pair in ``excludes`` at most one is chosen.
    """

    cost: Mapping[str, float]
    fixed: frozenset[str] = frozenset()
    requires: Mapping[str, Collection[str]] = field(default_factory=dict)
    excludes: Collection[tuple[str, str]] = ()

    @cached_property
    def bundle(self) -> Mapping[str, frozenset[str]]:
        """For each measure the measure with everything that it requires, directly or not."""
        return {one: self._closed((one,)) for one in self.cost}

    @cached_property
    def rivals(self) -> Mapping[str, frozenset[str]]:
        """For each measure those that exclude it."""
        found: dict[str, set[str]] = {one: set() for one in self.cost}
        for first, second in self.excludes:
            if first in found and second in found:
                found[first].add(second)
                found[second].add(first)
        return {one: frozenset(others) for one, others in found.items()}

    @cached_property
    def decided(self) -> frozenset[str]:
        """The fixed measures with everything that they require."""
        return self._closed(self.fixed)

    @cached_property
    def possible(self) -> frozenset[str]:
        """The measures that some allowed choice contains."""
        return frozenset(one for one in self.cost if self.allows(self.decided | self.bundle[one]))

    def allows(self, chosen: Collection[str]) -> bool:
        """Whether a choice holds what is fixed, lacks nothing that it requires, and nothing in it excludes another."""
        taken = frozenset(chosen)
        return (
            self.fixed <= taken <= self.cost.keys()
            and all(taken.issuperset(self.requires.get(one, ())) for one in taken)
            and not any(self.rivals[one] & taken for one in taken)
        )

    def total(self, chosen: Iterable[str]) -> float:
        """What a choice costs; summed in one order, so that equal choices cost the same to the last bit."""
        return float(sum(self.cost[one] for one in sorted(chosen)))

    def _closed(self, chosen: Iterable[str]) -> frozenset[str]:
        taken: set[str] = set()
        agenda = list(chosen)
        while agenda:
            one = agenda.pop()
            if one not in taken:
                taken.add(one)
                agenda.extend(self.requires.get(one, ()))
        return frozenset(taken)
