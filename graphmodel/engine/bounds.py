"""Certain lower and upper bounds on the likelihood of every fact, by positive association, in one pass.

Whether a fact comes true never falls when a step succeeds or a control fails, and draws are
independent; so facts are positively associated (Harris 1960; Esary, Proschan and Walkup 1967):

- all of some facts come true with at least the product of their chances (lower bound of a step),
- one of some steps fires with at most 1 - product of (1 - chance) (upper bound of a fact).

From above, the needs of a step together are no likelier than the least likely of them. A draw that
belongs to one step only is independent of the ways to its needs that do not lead through its gain,
and a shortest way never does; so it multiplies. A control that several steps meet does not: there
the lesser of both chances counts. The bounds are loose where ways share much or lie on loops; they
are a screen and a certificate, never the number itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from graphmodel.engine.estimates import Estimate
from graphmodel.engine.worlds.arrays import Arrays

_ROUNDS = 60  # through a loop of facts; fewer in a large one, where bounds are then looser
_WORK = 1_000_000
_SLACK = 1e-12


@dataclass(frozen=True)
class Bounds:
    """A lower and an upper bound for each fact, by the number of the fact in the arrays."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def certified(self, estimates: Mapping[str, Estimate], number: Mapping[str, int]) -> dict[str, Estimate]:
        """The estimates cut to what is certain; exact where that leaves nothing open."""
        found = {}
        for fact, one in estimates.items():
            low, high = float(self.low[number[fact]]), float(self.high[number[fact]])
            found[fact] = one.within(low, high) if high - low > _SLACK else Estimate.exactly((low + high) / 2)
        return found


def bounds(arrays: Arrays, weights: NDArray[np.float64]) -> Bounds:
    """Bounds of the likelihood of every fact; ``weights`` is (events,)."""
    return _Walk(arrays, weights).bounds()


class _Walk:
    def __init__(self, arrays: Arrays, weights: NDArray[np.float64]) -> None:
        self.arrays = arrays
        chances = [*weights.tolist(), 1.0]
        self.own = [chances[event] for event in arrays.event.tolist()]
        cover_at = arrays.cover_at.tolist()
        met: defaultdict[int, int] = defaultdict(int)
        for control in arrays.control.tolist():
            met[control] += 1
        self.shared = [1.0] * len(self.own)
        for step in range(len(self.own)):
            for at in range(cover_at[step], cover_at[step + 1]):
                control, part = int(arrays.control[at]), int(arrays.coverage[at])
                passes = 1.0 - chances[control] * (chances[part] if part >= 0 else 1.0)
                if met[control] > 1:
                    self.shared[step] *= passes
                else:
                    self.own[step] *= passes
        need_at, needs = arrays.need_at.tolist(), arrays.needs.tolist()
        self.needs: list[list[int]] = [needs[begin:end] for begin, end in pairwise(need_at)]
        self.gains = arrays.gains.tolist()
        self.low = [0.0] * len(arrays.facts)
        self.high = [0.0] * len(arrays.facts)
        for fact in arrays.certain.tolist():
            self.low[fact] = self.high[fact] = 1.0

    def bounds(self) -> Bounds:
        starts = self.arrays.component_at.tolist()
        for begin, end, loop in zip(starts, starts[1:], self.arrays.loop.tolist(), strict=False):
            producers: defaultdict[int, list[int]] = defaultdict(list)
            for step in range(begin, end):
                producers[self.gains[step]].append(step)
            rounds = max(3, min(_ROUNDS, _WORK // max(1, end - begin))) if loop else 1
            self.raise_low(producers, rounds)
            if loop:
                self.loop_high(producers, rounds)
            else:
                for fact, steps in producers.items():
                    self.high[fact] = self.above(steps)
        low = np.array(self.low)
        return Bounds(low, np.maximum(low, np.minimum(1.0, np.array(self.high))))

    def raise_low(self, producers: dict[int, list[int]], rounds: int) -> None:
        """Every round gives a bound that holds, so ending before nothing changes does no harm."""
        for _ in range(rounds):
            grown = False
            for fact, steps in producers.items():
                for step in steps:
                    chance = self.own[step] * self.shared[step]
                    for need in self.needs[step]:
                        chance *= self.low[need]
                    if chance > self.low[fact] + _SLACK:
                        self.low[fact] = chance
                        grown = True
            if not grown:
                return

    def above(self, steps: list[int]) -> float:
        fails, high = 1.0, self.high
        for step in steps:
            least = self.shared[step]
            for need in self.needs[step]:
                if high[need] < least:
                    least = high[need]
            fails *= 1.0 - self.own[step] * least
        return 1.0 - fails

    def loop_high(self, producers: dict[int, list[int]], rounds: int) -> None:
        """An upper bound must be closed: no round may raise it any more. Approached from below, then raised
        a little until that holds; one for each fact always is."""
        users: defaultdict[int, set[int]] = defaultdict(set)
        for fact, steps in producers.items():
            for step in steps:
                for need in self.needs[step]:
                    users[need].add(fact)
        moved = set(producers)  # those of which something that they need is another than when last looked at
        for _ in range(rounds):
            grown = 0.0
            for fact, steps in producers.items():
                if fact not in moved:
                    continue
                moved.discard(fact)
                found = self.above(steps)
                grown = max(grown, found - self.high[fact])
                if found != self.high[fact]:
                    self.high[fact] = found
                    moved |= users[fact]
            if grown < _SLACK:
                break
        reached = {fact: self.high[fact] for fact in producers}
        for margin in (1e-11, 1e-9, 1e-6, 1e-4, 1e-2, 0.1, 1.0):
            for fact, value in reached.items():
                self.high[fact] = min(1.0, value + margin * (1.0 - value) if margin < 1 else 1.0)
            if all(self.above(steps) <= self.high[fact] for fact, steps in producers.items()):
                return
