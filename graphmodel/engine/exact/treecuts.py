"""Exact likelihoods by distributions over closure operators on the cuts of a tree of steps.

What the steps on one side of a cut do for the facts that cross it is a closure operator (see ``kernel_joins``), which
hangs on which of them are possible. Where two sides meet their operators are joined: composed, closed, and cut
down to what crosses the next edge and matters beyond it. From the leaves inward and back to every look the
distribution over operators is carried so, and a look sees whether its fact is true. That carries what a frontier
method does along a line (Hardy, Lucet and Limnios 2007) over to trees, to steps with several needs, and to shared
controls. Two operators are one where the other side cannot tell them apart:

- what that side surely brings about is in both; and
- a link from f to g is of no use where that side brings f about through g alone, or where g leads only to f.

Which pair gives which operator hangs on no chance. So joins are made once, and a case costs one pass of sums
over them, all of positive terms; a pass back gives the derivative by every chance at once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from graphmodel.engine.exact.branching import Tree, leaves_of, searched, too_dear
from graphmodel.engine.exact.joins import Part
from graphmodel.engine.exact.loops import Chances
from graphmodel.engine.exact.reductions import START, reduced, steps_of
from graphmodel.engine.exact.rules import Awaited, Rules, always

_COST = 8  # pairs that take as long as an entry of a table
_TOGETHER = 1 << 22  # operators and cases that are worked out at once


@dataclass(frozen=True)
class TreeOfCuts:
    """``parts`` that share nothing; which fact of them each wanted one is (``same``); and facts that follow from others
    by one event (``after``)."""

    parts: tuple[Part, ...]
    same: Mapping[int, int]
    after: Mapping[int, tuple[int, int]]

    @property
    def facts(self) -> frozenset[int]:
        return frozenset(self.same)

    @cached_property
    def pairs(self) -> int:
        return sum(part.pairs for part in self.parts)

    @property
    def cost(self) -> int:
        return self.pairs // _COST + 1

    def evaluate(self, weights: Chances) -> dict[int, Chances]:
        """The chance of every fact, by number, in each case; ``weights`` is (events, cases)."""
        step = max(1, _TOGETHER // (1 + sum(part.operators for part in self.parts)))
        parts = [self._evaluate(weights[:, n : n + step]) for n in range(0, weights.shape[1], step)]
        return {fact: np.concatenate([one[fact] for one in parts]) for fact in sorted(self.same)}

    def _evaluate(self, weights: Chances) -> dict[int, Chances]:
        return followed(self._looked(weights), self.same, self.after, weights)

    def _looked(self, weights: Chances) -> dict[int, Chances]:
        """The chances of the facts that looks are at, and of what is certain."""
        known: dict[int, Chances] = {START: np.ones(weights.shape[1])}
        for part in self.parts:
            values = part.values(weights)
            known.update({fact: values[where].sum(axis=0) for fact, where in part.true.items()})
        return known

    def slopes(self, weights: NDArray[np.float64], amounts: Mapping[int, float]) -> NDArray[np.float64]:
        """The derivatives of the sum of the facts' chances times their ``amounts`` by the chance of each event, in one
        case; ``weights`` is (events,)."""
        found = np.zeros(len(weights))
        known = self._looked(weights[:, np.newaxis])
        left: dict[int, float] = {}
        for fact, amount in amounts.items():
            one, events = self.same[fact], []
            while one in self.after:
                one, event = self.after[one]
                events += [event] if event >= 0 else []
            own = weights[events]
            for number, event in enumerate(events):
                found[event] += amount * float(known[one][0]) * float(np.delete(own, number).prod())
            left[one] = left.get(one, 0.0) + amount * float(own.prod())
        for part in self.parts:
            found += part.slopes(weights, {fact: amount for fact, amount in left.items() if fact in part.true})
        return found


def followed(
    known: dict[int, Chances], same: Mapping[int, int], after: Mapping[int, tuple[int, int]], weights: Chances
) -> dict[int, Chances]:
    """The chances of the facts that are the ``same`` as those ``known`` or follow them, which are added to these."""
    for fact in same.values():
        chain = []
        while fact not in known:
            chain.append(fact)
            fact = after[fact][0]
        for one in reversed(chain):
            need, event = after[one]
            known[one] = known[need] * (weights[event] if event >= 0 else 1.0)
    return {fact: known[other] for fact, other in same.items()}


@dataclass(frozen=True)
class Cuts:
    """Trees of the steps of some facts, the cheapest that were found; the rest is as in ``TreeOfCuts``.

    Variables from ``controls`` on are controls.
    """

    trees: tuple[Tree, ...]
    controls: int
    same: Mapping[int, int]
    after: Mapping[int, tuple[int, int]]

    @property
    def price(self) -> float:
        """About how many pairs of operators they have."""
        return sum(tree.price for tree in self.trees)

    def joined(self, pairs: int, awaited: Awaited = always) -> TreeOfCuts:
        """With all their joins; raises ``TooWideError`` where these are more than so many ``pairs``, and
        ``HopelessError`` where they are far more."""
        for tree in self.trees:
            error = too_dear(tree, pairs)
            if error is not None:
                raise error
        parts = []
        for tree in self.trees:
            parts.append(Part(tree, self.controls, pairs, awaited))
            pairs -= parts[-1].pairs
        return TreeOfCuts(tuple(parts), self.same, self.after)


def cuts(
    rules: Rules,
    cone: Mapping[int, Collection[int]],
    wanted: Collection[int],
    pairs: int,
    tries: int,
    awaited: Awaited = always,
) -> Cuts:
    """Trees for the ``wanted`` facts by the steps of a cone; ``tries`` are made for each, as long as so many ``pairs``
    seem to be enough.

    ``awaited`` is called between parts of the work, and may raise to end it. Raises ``TooWideError`` where too much
    crosses every cut.
    """
    found = reduced(steps_of(rules, cone), wanted)
    looks = {fact for fact in found.same.values() if fact not in found.after}
    looks |= {need for need, _ in found.after.values() if need not in found.after}
    controls = len(rules.arrays.facts)
    trees = [searched(leaves, controls, pairs, tries, awaited) for leaves in leaves_of(found.steps, looks - {START})]
    return Cuts(tuple(sorted(trees, key=lambda one: one.price)), controls, found.same, found.after)
