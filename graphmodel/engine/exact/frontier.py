"""Exact likelihoods by a frontier method: distributions over closure operators along a linear arrangement of steps.

The steps are put in a line. A cut between two of them is crossed by few facts and controls where the
graph is narrow, and what the steps on one side do for those is a closure operator (see ``closures``)
that hangs on which of them are possible. So from either end of the line the distribution over
operators is carried from cut to cut: the frontier method of network reliability (Hardy, Lucet and
Limnios 2007), with steps that need several facts, and controls that several steps meet. At the cut
after its last step a fact is true where the least set that is closed under both operators holds it.
All sums are of positive terms, so nothing is lost by cancellation.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphmodel.engine.exact.loops import Chances

_TOGETHER = 1 << 21  # moves and cases that are worked out at once, where there is a choice

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Layer:
    """From the operators of one cut to those of the next.

    A move leads from a ``parent`` and is one of the ways to the child whose ways begin at its ``start``.
    Its ``factor`` is 0 for certain, 2 n + 1 for the chance that all of ``conditions[n]`` happen, and 2 n + 2 for
    that they do not; a condition is an event and events that must not happen.
    """

    parent: Ints
    start: Ints
    factor: Ints
    conditions: tuple[tuple[int, tuple[int, ...]], ...]

    def apply(self, chances: Chances, weights: Chances) -> Chances:
        """The distribution after the layer, (operators, cases)."""
        factors = np.ones((1 + 2 * len(self.conditions), weights.shape[1]))
        for number, (event, others) in enumerate(self.conditions):
            if event >= 0:
                factors[2 * number + 1] = weights[event]
            for other in others:
                factors[2 * number + 1] *= 1.0 - weights[other]
            factors[2 * number + 2] = 1.0 - factors[2 * number + 1]
        return np.add.reduceat(chances[self.parent] * factors[self.factor], self.start, axis=0)


@dataclass(frozen=True)
class Look:
    """Where a fact is true: at the cut before item ``at``, for operators of these ``rows`` on the one side and
    ``columns`` on the other."""

    fact: int
    at: int
    rows: Ints
    columns: Ints
    true: NDArray[np.float64]

    def chance(self, before: Chances, after: Chances) -> Chances:
        """The chance of the fact in each case."""
        height, width = self.true.shape
        rows, columns = np.zeros((height, before.shape[1])), np.zeros((width, after.shape[1]))
        np.add.at(rows, self.rows, before)
        np.add.at(columns, self.columns, after)
        found: Chances = (rows * (self.true @ columns)).sum(axis=0)
        return found


@dataclass(frozen=True)
class Frontier:
    """All cuts of a line with ``forward`` and ``backward`` layers, and where each of the ``facts`` is looked at."""

    forward: tuple[Layer, ...]
    backward: tuple[Layer, ...]
    looks: tuple[Look, ...]
    cost: int

    @property
    def facts(self) -> frozenset[int]:
        return frozenset(one.fact for one in self.looks)

    def evaluate(self, weights: Chances) -> dict[int, Chances]:
        """The chance of every fact, by number, in each case; ``weights`` is (events, cases)."""
        step = max(1, _TOGETHER // self.cost)
        parts = [self._evaluate(weights[:, n : n + step]) for n in range(0, weights.shape[1], step)]
        return {fact: np.concatenate([one[fact] for one in parts]) for fact in sorted(self.facts)}

    def _evaluate(self, weights: Chances) -> dict[int, Chances]:
        looks: defaultdict[int, list[Look]] = defaultdict(list)
        for look in self.looks:
            looks[look.at].append(look)
        after: dict[int, Chances] = {}
        chances = np.ones((1, weights.shape[1]))
        for number, layer in zip(reversed(range(len(self.backward))), self.backward, strict=True):
            chances = layer.apply(chances, weights)
            if number in looks:
                after[number] = chances
        found: dict[int, Chances] = {}
        chances = np.ones((1, weights.shape[1]))
        for number, layer in enumerate(self.forward):
            for look in looks.get(number, ()):
                found[look.fact] = look.chance(chances, after[number])
            chances = layer.apply(chances, weights)
        return found
