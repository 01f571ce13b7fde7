"""The joint distribution of the facts of one strongly connected component, given what they need from outside.

Facts on a loop bring each other about, so none of them can be taken before the others. They are
brought up together, wave by wave: a step is tried when the last of its needs comes true, once. What
is carried along is the joint distribution over which facts are true and which of them are news, for
every combination of what comes from outside. All sums are of positive terms, so nothing is lost by
cancellation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

States = NDArray[np.uint64]
Chances = NDArray[np.float64]

MOST_BITS = 18  # facts and what they need from outside, together
_ONE = np.uint64(1)


@dataclass(frozen=True, slots=True)
class LoopStep:
    """A step of a loop: its ``needs`` and its controls as places in the state, its gain as a fact's place.

    ``covers`` are pairs of a control's place and the event of its coverage, -1 where that is complete;
    ``event`` is -1 for a step that always succeeds.
    """

    needs: tuple[int, ...]
    gains: int
    event: int
    covers: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Loop:
    """``outside`` bits of the state come first, then one for each of the ``facts``."""

    outside: int
    facts: int
    steps: tuple[LoopStep, ...]

    def table(self, weights: Chances) -> Chances:
        """The chance of each combination of facts given each combination from outside.

        ``weights`` is (events, cases); the result has an axis of length 2 for each bit of the state,
        and one for the cases.
        """
        return _Waves(self, weights).run()


class _Waves:
    def __init__(self, loop: Loop, weights: Chances) -> None:
        self.loop, self.weights = loop, weights
        self.keys: States = np.arange(1 << loop.outside, dtype=np.uint64)
        self.chances: Chances = np.ones((len(self.keys), weights.shape[1]))

    def run(self) -> Chances:
        loop = self.loop
        own = range(loop.outside, loop.outside + loop.facts)
        outer: dict[int, list[LoopStep]] = {fact: [] for fact in own}
        inner: dict[int, list[LoopStep]] = {fact: [] for fact in own}
        for step in loop.steps:
            (inner if any(need >= loop.outside for need in step.needs) else outer)[step.gains].append(step)
        for fact in own:
            self.branch(fact, self.fires(outer[fact], first=True))
        while self.wave(inner):
            pass
        width = loop.outside + loop.facts
        table = np.zeros((1 << width, self.weights.shape[1]))
        table[self.keys & np.uint64((1 << width) - 1)] = self.chances
        # Place 0 is the lowest bit of a state, and so the last axis.
        table = table.reshape((2,) * width + (-1,))
        return np.ascontiguousarray(table.transpose((*reversed(range(width)), width)))

    def wave(self, inner: Mapping[int, Sequence[LoopStep]]) -> bool:
        """Let the news of the last wave have their effect; whether that brings any news."""
        count = self.loop.facts
        for fact, steps in inner.items():
            chance = self.fires(steps)
            chance[self.has(fact)] = 0.0
            self.branch(fact + 2 * count, chance)
        own = np.uint64(((1 << count) - 1) << self.loop.outside)
        now, news = self.keys & own, (self.keys >> np.uint64(2 * count)) & own
        outside = self.keys & np.uint64((1 << self.loop.outside) - 1)
        keys = outside | now | news | (now << np.uint64(count))
        self.keys, where = np.unique(keys, return_inverse=True)
        chances = np.zeros((len(self.keys), self.chances.shape[1]))
        np.add.at(chances, where, self.chances)
        self.chances = chances
        return bool(news.any())

    def has(self, place: int) -> NDArray[np.bool_]:
        return np.asarray((self.keys >> np.uint64(place)) & _ONE, dtype=np.bool_)

    def branch(self, place: int, chance: Chances) -> None:
        """Split every state by whether a new bit is set, which has this chance (states, cases)."""
        if not chance.any():
            return
        keys = np.concatenate((self.keys, self.keys | (_ONE << np.uint64(place))))
        chances = np.concatenate((self.chances * (1.0 - chance), self.chances * chance))
        some = chances.any(axis=1)
        self.keys, self.chances = keys[some], chances[some]

    def fires(self, steps: Sequence[LoopStep], first: bool = False) -> Chances:
        """The chance, in each state, that one or more of the steps fire.

        But for the ``first`` wave only those count whose last need came true a wave ago.
        """
        loop = self.loop
        none = np.ones_like(self.chances)
        for step in steps:
            ready = np.ones(len(self.keys), dtype=np.bool_)
            before = np.full(len(self.keys), not first)
            for need in step.needs:
                ready &= self.has(need)
                if need >= loop.outside:
                    before &= self.has(need + loop.facts)
            ready &= ~before
            if not ready.any():
                continue
            chance = np.ones((int(ready.sum()), self.weights.shape[1]))
            if step.event >= 0:
                chance *= self.weights[step.event]
            for control, part in step.covers:
                passes = 1.0 - self.weights[part] if part >= 0 else np.zeros(self.weights.shape[1])
                chance *= np.where(self.has(control)[ready][:, np.newaxis], passes, 1.0)
            none[ready] *= 1.0 - chance
        return 1.0 - none
