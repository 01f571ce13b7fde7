"""Exact likelihoods by walking a front through the graph.

Components are taken one after the other; what is carried along is the joint distribution of the
facts and shared controls that later components still ask for, the *front*. The cost grows with the
number of states of the front, 2 to its width at most, and only linearly with the length of the
graph, so that a long and narrow graph of any size is exact. (The frontier method for network
reliability, after Carlier and Lucet 1996, here for AND and OR, shared controls and loops.)

A state is a word with a bit for each member of the front. Facts on a loop are brought up wave by
wave: a step is tried when the last of its needs comes true, once. All sums are of positive terms,
so nothing is lost by cancellation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from graphmodel.arrays import Arrays

States = NDArray[np.uint64]
Chances = NDArray[np.float64]

MOST_STATES = 1 << 14
MOST_WORK = 4 * 10**7  # in visits of a state by a step
_COMPONENT, _STEP = 2_000, 100  # what a component and a step cost beside their states, in such visits
_BITS = 62
_READY = 48  # how many components that could be next are looked at


class TooWideError(Exception):
    """The front has more states, or the walk costs more, than was allowed."""


class Front:
    """Walks to facts of one graph as long as there is ``work`` left, in visits of a state by a step."""

    def __init__(self, arrays: Arrays, states: int = MOST_STATES, work: int = MOST_WORK) -> None:
        self.states, self.work = states, work
        certain = frozenset(arrays.certain.tolist())
        starts, need_at, cover_at = arrays.component_at.tolist(), arrays.need_at.tolist(), arrays.cover_at.tolist()
        self.component = np.repeat(np.arange(len(starts) - 1), np.diff(arrays.component_at)).tolist()
        self.gains, self.event = arrays.gains.tolist(), arrays.event.tolist()
        needs = arrays.needs.tolist()
        self.needs = [[need for need in needs[a:b] if need not in certain] for a, b in pairwise(need_at)]
        covers = list(zip(arrays.control.tolist(), arrays.coverage.tolist(), strict=True))
        self.covers = [covers[a:b] for a, b in pairwise(cover_at)]
        self.producers: defaultdict[int, list[int]] = defaultdict(list)
        for step, fact in enumerate(self.gains):
            self.producers[fact].append(step)
        self.hopeless = {
            number
            for number, (a, b) in enumerate(pairwise(starts))
            if arrays.loop[number] and 3 * len(set(self.gains[a:b])) > _BITS
        }

    def walk(self, weights: Chances, target: int) -> dict[int, Chances]:
        """The chance of a fact and of all facts on the way to it, in each case; ``weights`` is (events, cases).

        Raises ``TooWideError`` where that takes too many states at once, or more work than is left.
        """
        walk = _Walk(self, weights, self.cone(target))
        try:
            return walk.run()
        finally:
            self.work = max(0, walk.work)

    def cone(self, target: int) -> dict[int, list[int]]:
        """The steps of each component that some way to the target may use."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        seen, agenda, steps = {target}, [target], 0
        while agenda:
            for step in self.producers[agenda.pop()]:
                found[self.component[step]].append(step)
                steps += 1
                for need in self.needs[step]:
                    if need not in seen:
                        seen.add(need)
                        agenda.append(need)
        self.work = max(0, self.work - _STEP * steps)
        if not self.work or not self.hopeless.isdisjoint(found):
            raise TooWideError
        return {one: sorted(own) for one, own in sorted(found.items())}


class _Walk:
    def __init__(self, front: Front, weights: Chances, steps_of: dict[int, list[int]]) -> None:
        self.weights, self.steps_of = weights, steps_of
        self.states, self.work = front.states, front.work
        self.gains, self.event, self.needs, self.covers = front.gains, front.event, front.needs, front.covers
        self.keys: States = np.zeros(1, dtype=np.uint64)
        self.chances: Chances = np.ones((1, weights.shape[1]))
        self.bit: dict[tuple[str, int], int] = {}
        self.free = list(range(_BITS - 1, -1, -1))
        self.found: dict[int, Chances] = {}

    def asked(self, steps: Collection[int]) -> set[tuple[str, int]]:
        """The members of the front that these steps ask for."""
        wanted = {("control", control) for step in steps for control, _ in self.covers[step]}
        return wanted | {("fact", need) for step in steps for need in self.needs[step]}

    def run(self) -> dict[int, Chances]:
        asks = {one: self.asked(steps) for one, steps in self.steps_of.items()}
        makes = {one: {("fact", self.gains[step]) for step in steps} for one, steps in self.steps_of.items()}
        open_asks: defaultdict[tuple[str, int], set[int]] = defaultdict(set)
        for one, members in asks.items():
            for member in members:
                open_asks[member].add(one)
        producer = {member: one for one, members in makes.items() for member in members}
        missing = {
            one: {producer[member] for member in members if member in producer} - {one} for one, members in asks.items()
        }
        waiting = dict.fromkeys(sorted(one for one, before in missing.items() if not before))
        later: defaultdict[int, list[int]] = defaultdict(list)
        for one, before in missing.items():
            for other in before:
                later[other].append(one)
        while waiting:
            one = self.narrowest(waiting, asks, makes, open_asks)
            del waiting[one]
            self.enter(self.steps_of[one], sorted(fact for _, fact in makes[one]))
            for member in asks[one] | makes[one]:
                open_asks[member].discard(one)
                if not open_asks[member]:
                    self.leave(member)
            self.merge()
            for other in later[one]:
                missing[other].discard(one)
                if not missing[other]:
                    waiting[other] = None
        return self.found

    def narrowest(
        self,
        waiting: dict[int, None],
        asks: dict[int, set[tuple[str, int]]],
        makes: dict[int, set[tuple[str, int]]],
        open_asks: dict[tuple[str, int], set[int]],
    ) -> int:
        """The component after which the front is narrowest, of those that can be next."""

        def growth(one: int) -> tuple[int, int]:
            members = asks[one] | makes[one]
            kept = sum(bool(open_asks[member] - {one}) for member in members)
            return kept - sum(member in self.bit for member in members), one

        return min((one for one, _ in zip(waiting, range(_READY), strict=False)), key=growth)

    # ------------------------------------------------------------ the states
    def take(self, member: tuple[str, int]) -> int:
        if not self.free:
            raise TooWideError
        self.bit[member] = self.free.pop()
        return self.bit[member]

    def has(self, member: tuple[str, int]) -> NDArray[np.bool_]:
        return np.asarray((self.keys >> np.uint64(self.bit[member])) & np.uint64(1), dtype=np.bool_)

    def branch(self, member: tuple[str, int], chance: Chances) -> None:
        """Split every state by whether a new member is true, which has this chance (states, cases)."""
        flag = np.uint64(1 << self.take(member))
        if not chance.any():
            return
        keys = np.concatenate((self.keys, self.keys | flag))
        chances = np.concatenate((self.chances * (1.0 - chance), self.chances * chance))
        some = chances.any(axis=1)
        self.keys, self.chances = keys[some], chances[some]

    def leave(self, member: tuple[str, int]) -> None:
        if member in self.bit:
            place = self.bit.pop(member)
            self.keys = self.keys & ~np.uint64(1 << place)
            self.free.append(place)

    def merge(self) -> None:
        keys, where = np.unique(self.keys, return_inverse=True)
        chances = np.zeros((len(keys), self.chances.shape[1]))
        np.add.at(chances, where, self.chances)
        self.keys, self.chances = keys, chances

    def spend(self, steps: int) -> None:
        self.work -= len(self.keys) * steps
        if self.work < 0 or len(self.keys) > self.states:
            raise TooWideError

    # ------------------------------------------------------------ one component
    def enter(self, steps: list[int], facts: list[int]) -> None:
        """Bring the facts of a component into the front."""
        self.work -= _COMPONENT
        for step in steps:
            for control, _ in self.covers[step]:
                if ("control", control) not in self.bit:
                    self.branch(("control", control), np.broadcast_to(self.weights[control], self.chances.shape))
        own = frozenset(facts)
        outer: defaultdict[int, list[int]] = defaultdict(list)
        inner: defaultdict[int, list[int]] = defaultdict(list)
        for step in steps:
            (outer if own.isdisjoint(self.needs[step]) else inner)[self.gains[step]].append(step)
        for fact in facts:
            self.branch(("fact", fact), self.fires(outer[fact]))
        if inner:
            self.waves(facts, inner, own)
        for fact in facts:
            self.found[fact] = self.chances[self.has(("fact", fact))].sum(axis=0)

    def waves(self, facts: list[int], inner: dict[int, list[int]], own: frozenset[int]) -> None:
        """Let the facts of a loop bring each other about, until no state has any news."""
        for fact in facts:
            self.take(("old", fact))
        for _ in facts:
            for fact in facts:
                chance = self.fires(inner[fact], own)
                chance[self.has(("fact", fact))] = 0.0
                self.branch(("new", fact), chance)
            news = False
            for fact in facts:
                now, fresh = self.has(("fact", fact)), self.has(("new", fact))
                news = news or bool(fresh.any())
                self.keys = self.keys | (now.astype(np.uint64) << np.uint64(self.bit["old", fact]))
                self.keys = self.keys | (fresh.astype(np.uint64) << np.uint64(self.bit["fact", fact]))
                self.leave(("new", fact))
            self.merge()
            if not news:
                break
        for fact in facts:
            self.leave(("old", fact))
        self.merge()

    def fires(self, steps: list[int], own: frozenset[int] = frozenset()) -> Chances:
        """The chance, in each state, that one or more of the steps fire.

        Inside a loop with the facts ``own`` only those count whose last need came true a wave ago.
        """
        self.spend(len(steps))
        none = np.ones_like(self.chances)
        for step in steps:
            ready = np.ones(len(self.keys), dtype=np.bool_)
            before = np.full(len(self.keys), bool(own))
            for need in self.needs[step]:
                ready &= self.has(("fact", need))
                if need in own:
                    before &= self.has(("old", need))
            ready &= ~before
            if not ready.any():
                continue
            event = self.event[step]
            chance = np.ones((int(ready.sum()), self.weights.shape[1]))
            if event >= 0:
                chance *= self.weights[event]
            for control, part in self.covers[step]:
                passes = 1.0 - self.weights[part] if part >= 0 else np.zeros(self.weights.shape[1])
                chance *= np.where(self.has(("control", control))[ready][:, np.newaxis], passes, 1.0)
            none[ready] *= 1.0 - chance
        return 1.0 - none
