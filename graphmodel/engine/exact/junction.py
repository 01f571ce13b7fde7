"""Exact likelihoods of all facts at once by a junction tree (tree decomposition, min-fill).

Variables and their tables come from ``rules``. Variables are eliminated one after the other, each
time one that newly ties the fewest others together (min-fill). What a variable is tied to when it goes
is its *bag*, and the bags form a tree; a walk from its leaves to its root and back gives the chance of
every variable (Lauritzen and Spiegelhalter 1988; Jensen, Lauritzen and Olesen 1990). The cost is 2
to the size of each bag, so it grows with the *width* of a graph, the size of its largest bag less one,
and only linearly with its length. All sums are of positive terms: nothing is lost by cancellation.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from graphmodel.engine.exact.loops import Chances
from graphmodel.engine.exact.rules import LoopRule, Rule, Rules, TooWideError

WIDTH = 23
EASY = 1_000_000  # entries of all tables together: some 25 milliseconds a case
MOST_COST = 30_000_000  # entries of all tables together: seconds, and a quarter of a gigabyte
STEPS = 5_000  # of a graph that is tried
_TOGETHER = 1 << 21  # entries of all tables and cases that are worked out at once, where there is a choice


@dataclass(frozen=True)
class JunctionTree:
    """Bags in the order of elimination; the first variable of each is the one that goes.

    ``parent`` is the bag that the rest of a bag lies in, -1 where there is no rest; ``cost`` the entries
    of all tables; ``facts`` whose chances are wanted.
    """

    bags: tuple[tuple[int, ...], ...]
    parent: tuple[int, ...]
    rules: tuple[tuple[Rule | LoopRule, ...], ...]
    facts: frozenset[int]
    cost: int

    def evaluate(self, weights: Chances) -> dict[int, Chances]:
        """The chance of every fact, by number, in each case; ``weights`` is (events, cases)."""
        step = max(1, _TOGETHER // self.cost)
        parts = [self._evaluate(weights[:, n : n + step]) for n in range(0, weights.shape[1], step)]
        return {fact: np.concatenate([one[fact] for one in parts]) for fact in sorted(self.facts)}

    def _evaluate(self, weights: Chances) -> dict[int, Chances]:
        tables: list[Chances] = []
        upward: list[Chances] = []
        for number, bag in enumerate(self.bags):
            table = np.ones((2,) * len(bag) + (weights.shape[1],))
            for rule in self.rules[number]:
                table *= self.spread(rule.table(weights), rule.scope, bag)
            for child in self.children[number]:
                table *= self.spread(upward[child], self.bags[child][1:], bag)
            tables.append(table)
            upward.append(table.sum(axis=0))
        found: dict[int, Chances] = {}
        for number in reversed(range(len(self.bags))):
            bag, table = self.bags[number], tables[number]
            if bag[0] in self.facts:
                found[bag[0]] = table[1].reshape(-1, weights.shape[1]).sum(axis=0)
            for child in self.children[number]:
                kept = set(self.bags[child])
                whole = table.sum(axis=tuple(axis for axis, one in enumerate(bag) if one not in kept))
                # Where the message from below is nothing, so is the table that it came from.
                below = upward[child]
                tables[child] *= np.divide(whole, below, out=np.zeros_like(whole), where=below > 0)
            tables[number] = upward[number] = np.empty(0)
        return found

    def spread(self, table: Chances, scope: Sequence[int], bag: Sequence[int]) -> Chances:
        """A table over some variables of a bag with the axes of the bag, of length 1 for the others."""
        axes = sorted(range(len(scope)), key=lambda axis: self.place[scope[axis]])
        known = set(scope)
        shape = tuple(2 if one in known else 1 for one in bag)
        return table.transpose((*axes, len(scope))).reshape((*shape, table.shape[-1]))

    @cached_property
    def place(self) -> Mapping[int, int]:
        """The bag of each variable, which tells when it goes."""
        return {bag[0]: number for number, bag in enumerate(self.bags)}

    @cached_property
    def children(self) -> Sequence[Sequence[int]]:
        found: list[list[int]] = [[] for _ in self.bags]
        for number, parent in enumerate(self.parent):
            if parent >= 0:
                found[parent].append(number)
        return found


def junction_tree(
    rules: Rules,
    cone: Mapping[int, Sequence[int]],
    width: int = WIDTH,
    cost: int = MOST_COST,
    wanted: Collection[int] | None = None,
) -> JunctionTree:
    """The tree of the steps of a cone, for the ``wanted`` facts or all.

    Raises ``TooWideError`` where a bag would have more than ``width`` + 1 variables, or all tables together
    more than ``cost`` entries.
    """
    found = rules.of(cone)
    bags = eliminated([rule.scope for rule in found], width, cost)
    place = {bag[0]: number for number, bag in enumerate(bags)}
    held: list[list[Rule | LoopRule]] = [[] for _ in bags]
    for rule in found:
        held[min(place[one] for one in rule.scope)].append(rule)
    return JunctionTree(
        bags=tuple(tuple(sorted(bag, key=place.__getitem__)) for bag in bags),
        parent=tuple(min((place[one] for one in bag[1:]), default=-1) for bag in bags),
        rules=tuple(tuple(own) for own in held),
        facts=frozenset(place if wanted is None else wanted).intersection(range(len(rules.arrays.facts))),
        cost=sum(1 << len(bag) for bag in bags),
    )


def eliminated(scopes: Sequence[Sequence[int]], width: int, cost: int) -> list[tuple[int, ...]]:
    """The bags of a greedy elimination, each with its own variable first; raises ``TooWideError``."""
    tied: defaultdict[int, set[int]] = defaultdict(set)
    for scope in scopes:
        for one in scope:
            tied[one].update(scope)
    for one, others in tied.items():
        others.discard(one)

    def price(one: int) -> tuple[int, int, int]:
        others = tied[one]
        if len(others) > width:
            return (1 << 30, len(others), one)
        # Each pair that is not tied is missed from both of its ends.
        count = len(others)
        tied_pairs = sum(len(others & tied[other]) for other in others)
        return ((count * (count - 1) - tied_pairs) // 2, count, one)

    current = {one: price(one) for one in tied}
    queue = list(current.values())
    heapq.heapify(queue)
    bags: list[tuple[int, ...]] = []
    while queue:
        entry = heapq.heappop(queue)
        one = entry[2]
        if current.get(one) != entry:
            continue
        others = tied.pop(one)
        cost -= 2 << len(others)
        if len(others) > width or cost < 0:
            raise TooWideError
        del current[one]
        bags.append((one, *others))
        changed = set(others)
        for other in others:
            tied[other].discard(one)
            new = others - tied[other] - {other}
            if new:
                tied[other] |= new
                changed |= tied[other]
        for other in changed:
            now = price(other)
            if now != current[other]:
                current[other] = now
                heapq.heappush(queue, now)
    return bags
