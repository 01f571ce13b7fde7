"""A tree of cuts (branch decomposition) of the steps of a graph, on which few closure operators are to be expected.

The leaves are steps, draws of controls, and *looks* at the facts whose chances are wanted; every inner node has
three neighbours. An edge parts the leaves into two sides, and what steps of both sides touch crosses it. A first
tree comes from an elimination of facts and controls (min-fill); annealing then makes it cheaper, see ``kernel_trees``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from math import log2

import numpy as np
from numpy.typing import NDArray

from graphmodel.engine.exact.junction import eliminated
from graphmodel.engine.exact.kernel_trees import CROSSING, SINK, SOURCE, annealed, described
from graphmodel.engine.exact.reductions import CutStep
from graphmodel.engine.exact.rules import Awaited, HopelessError, TooWideError, always

_WIDTH = 26  # of a first tree
_STARTS, _DESCENT = 4, 20  # trees that are begun with, and exchanges tried for each of their nodes
_ANNEALED, _HOT = 80, (0.2, 0.5, 0.1)  # exchanges for each node of the best, and the temperatures in turn
# Times the price that may be had, after each try: first trees differ by a hundred and more, later ones by less.
_IN_VAIN = 200, 60, 30, 12, 8, 7, 5, 3, 2, 1.5
_HOPELESS = 20  # times that price, in the end
_DOUBTFUL = 8  # times that price: of a wide grid, prices are so much too high
_EXCHANGE, _EFFORT = 12, 2  # pairs that take as long as to try an exchange; pairs of a tree for one of its search
_CHANGED = "near", "back", "message", "spare", "many", "var", "count", "may", "must", "looks", "size"  # by annealing
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Leaf:
    """A step, or the draw of a control or the look at a fact by its variable."""

    touched: tuple[int, ...]
    step: CutStep | None = None
    control: int | None = None
    look: int | None = None


@dataclass(frozen=True)
class Side:
    """What crosses an edge as seen from one side of it, by places among the ``crossing`` variables.

    ``may`` has bits of the facts that this side may bring about from each, and ``SINK`` where a look lies behind;
    ``must`` of those that it surely does; the row after the last is for what is there to begin with.
    """

    crossing: tuple[int, ...]
    may: tuple[int, ...]
    must: tuple[int, ...]


class Tree:
    """A ternary tree of ``leaves``; the price is about how many pairs of operators its joins have.

    ``number`` decides where the greedy elimination that it comes from has a choice.
    """

    def __init__(self, leaves: Sequence[Leaf], controls: int, number: int) -> None:
        self.leaves = leaves
        self.variables = sorted(
            {one for leaf in leaves for one in leaf.touched}, key=lambda one: (one >= controls, one)
        )
        place = {one: number for number, one in enumerate(self.variables)}
        self.facts = sum(one < controls for one in self.variables)
        touched = [[place[one] for one in leaf.touched] for leaf in leaves]
        self.total = np.bincount([one for own in touched for one in own], minlength=len(self.variables)).astype(
            np.int64
        )
        self._connect(_first(touched, self.total, leaves, number))
        self._describe(touched)
        self.price = self._anneal(0, 0.0, 1)

    def annealed(self, rounds: int, hot: float, seed: int) -> Tree:
        """Another tree, from this one by the exchange of subtrees; see ``kernel_trees``."""
        other = copy(self)
        for name in _CHANGED:
            setattr(other, name, getattr(self, name).copy())
        other.price = other._anneal(rounds, hot, seed)
        return other

    def _anneal(self, rounds: int, hot: float, seed: int) -> float:
        ends = self.near, self.back, self.message, self.spare
        return float(annealed(*ends, *self._state, self.size, self.total, self.facts, rounds, hot, seed))

    def _connect(self, joins: Sequence[tuple[int, int]]) -> None:
        """Neighbours from joins of two nodes each, the n-th making the n-th inner node; the last joins two sides."""
        count = len(self.leaves) + max(0, len(joins) - 1)
        self.near = np.zeros((count, 3), dtype=np.int64)
        self.back = np.zeros((count, 3), dtype=np.int64)
        self.message = np.arange(3 * count, dtype=np.int64).reshape(count, 3)
        own = [1 if node < len(self.leaves) else 2 for node in range(count)]

        def link(node: int, k: int, other: int, j: int) -> None:
            self.near[node, k], self.back[node, k], self.near[other, j], self.back[other, j] = other, j, node, k

        # The last neighbour of an inner node is what it is joined with later.
        for number, (first, second) in enumerate(joins[:-1]):
            for k, child in enumerate((first, second)):
                link(len(self.leaves) + number, k, child, own[child] if own[child] == 2 else 0)
        if joins:
            first, second = joins[-1]
            link(first, own[first] if own[first] == 2 else 0, second, own[second] if own[second] == 2 else 0)

    def _describe(self, touched: Sequence[Sequence[int]]) -> None:
        """The messages of the first tree, from the leaves inward and back; raises ``TooWideError``."""
        messages = 3 * len(self.near) + 2
        self.spare = np.array([messages - 2, messages - 1])
        self.many = np.zeros(messages, dtype=np.int64)
        self.var, self.count = (np.zeros((messages, CROSSING), dtype=np.int64) for _ in range(2))
        self.may, self.must = (np.zeros((messages, CROSSING + 1), dtype=np.int64) for _ in range(2))
        self.looks = np.zeros(messages, dtype=np.int64)
        self.size = np.zeros(messages, dtype=np.float64)
        for node, (leaf, own) in enumerate(zip(self.leaves, touched, strict=True)):
            self._leaf(int(self.message[node, 0]), leaf, sorted(own))
        order = np.array(self.order(range(len(self.leaves))), dtype=np.int64).reshape(-1, 2)
        made, k = order[:, 0], order[:, 1]
        ends = self.message[self.near, self.back]
        plan = np.stack([ends[made, (k + 1) % 3], ends[made, (k + 2) % 3], self.message[made, k]], axis=1)
        joined = np.arange(len(self.near))[:, np.newaxis] >= len(self.leaves) * (np.arange(3) > 0)
        edges = np.stack([self.message[joined], ends[joined]], axis=1)
        edges = edges[edges[:, 0] <= edges[:, 1]]
        if not described(plan, edges, *self._state, self.size, self.total, self.facts):
            raise TooWideError

    @property
    def _state(self) -> tuple[Ints, Ints, Ints, Ints, Ints, Ints]:
        return self.many, self.var, self.count, self.may, self.must, self.looks

    def _leaf(self, message: int, leaf: Leaf, own: Sequence[int]) -> None:
        kept = [one for one in own if self.total[one] > 1]
        if len(kept) > CROSSING:
            raise TooWideError
        place = {self.variables[one]: number for number, one in enumerate(kept)}
        self.many[message], self.looks[message] = len(kept), leaf.look is not None
        self.var[message, : len(kept)], self.count[message, : len(kept)] = kept, 1
        if leaf.look is not None and leaf.look in place:
            self.may[message, place[leaf.look]] = 1 << SINK
        if leaf.step is not None and leaf.step.gains in place:
            rows = [place[need] for need in leaf.step.needs if need in place] or [SOURCE]
            for row in rows:
                self.may[message, row] |= 1 << place[leaf.step.gains]
                if leaf.step.always and len(rows) == 1:
                    self.must[message, row] |= 1 << place[leaf.step.gains]

    def into(self, node: int, k: int) -> tuple[int, int]:
        """The two messages from which that of an inner node to its neighbour ``k`` is made."""
        first, second = ((node, (k + 1) % 3), (node, (k + 2) % 3))
        return self.reverse(*first), self.reverse(*second)

    def reverse(self, node: int, k: int) -> int:
        """What a neighbour says to a node."""
        return int(self.message[self.near[node, k], self.back[node, k]])

    def order(self, targets: Iterable[int]) -> list[tuple[int, int]]:
        """The messages (node, neighbour) of inner nodes on which those to the target leaves hang, in order."""
        found: dict[tuple[int, int], None] = {}
        for leaf in targets:
            stack = [(int(self.near[leaf, 0]), int(self.back[leaf, 0]), False)]
            while stack:
                node, k, made = stack.pop()
                if node < len(self.leaves) or (node, k) in found:
                    continue
                if made:
                    found[node, k] = None
                    continue
                stack.append((node, k, True))
                for other in ((k + 1) % 3, (k + 2) % 3):
                    stack.append((int(self.near[node, other]), int(self.back[node, other]), False))
        return list(found)

    def expected(self, joins: Iterable[tuple[int, int]], known: Mapping[int, int]) -> float:
        """About how many pairs of operators the joins to these messages (node, neighbour) have; ``known`` is how many
        operators some messages have."""
        found = 0.0
        for node, k in joins:
            both = self.into(node, k)
            size = sum(log2(known[one]) if one in known else float(self.size[one]) for one in both)
            first, second = (self.var[one, : self.many[one]] for one in both)
            shared = np.intersect1d(first[first >= self.facts], second, assume_unique=True)
            found += 2.0 ** (size - len(shared))
        return found

    def side(self, message: int) -> Side:
        """A message with the numbers of the variables as they were given."""
        n = int(self.many[message])
        rows = [*range(n), SOURCE]
        return Side(
            tuple(self.variables[one] for one in self.var[message, :n].tolist()),
            tuple(self.may[message, rows].tolist()),
            tuple(self.must[message, rows].tolist()),
        )


def searched(leaves: Sequence[Leaf], controls: int, most: float, tries: int, awaited: Awaited = always) -> Tree:
    """The cheapest tree that is found in so many ``tries``, with as much effort as it may save.

    It is looked for until its price, as far as the tries tell, will be above ``most``.
    """
    best = Tree(leaves, controls, _STARTS).annealed(_DESCENT, 0.0, 1)
    spent = _DESCENT
    for number in range(1, tries):
        awaited()
        if best.price > _IN_VAIN[min(number, len(_IN_VAIN)) - 1] * most:
            break
        rounds = _DESCENT if number < _STARTS else _ANNEALED
        spent += rounds
        if best.price < _EFFORT * _EXCHANGE * spent * len(leaves):
            break
        if number < _STARTS:
            other = Tree(leaves, controls, number).annealed(rounds, 0.0, 1)
        else:
            other = best.annealed(rounds, _HOT[number % len(_HOT)], number)
        best = min(best, other, key=lambda one: one.price)
    return best


def too_dear(tree: Tree, most: float) -> TooWideError | None:
    """That the joins of a tree have surely more pairs than ``most``, to be raised: a ``HopelessError`` where they have
    so many that those of a part of it have too."""
    if tree.price > _HOPELESS * most:
        return HopelessError()
    return TooWideError() if tree.price > _DOUBTFUL * most else None


def leaves_of(steps: Sequence[CutStep], looks: Collection[int]) -> list[list[Leaf]]:
    """The leaves of each part of the steps that shares no fact and no control with others."""
    leaves = [Leaf(tuple(sorted(step.touched)), step=step) for step in steps]
    controls = {control for step in steps for control, _ in step.covers}
    leaves += [Leaf((one,), control=one) for one in sorted(controls)]
    leaves += [Leaf((one,), look=one) for one in sorted(looks)]
    other: dict[int, int] = {}

    def of(one: int) -> int:
        while other.get(one, one) != one:
            other[one] = one = other.get(other[one], other[one])
        return one

    for leaf in leaves:
        for one in leaf.touched[1:]:
            other[of(one)] = of(leaf.touched[0])
    parts: defaultdict[int, list[Leaf]] = defaultdict(list)
    for leaf in leaves:
        parts[of(leaf.touched[0])].append(leaf)
    return list(parts.values())


def _first(touched: Sequence[Sequence[int]], total: Ints, leaves: Sequence[Leaf], number: int) -> list[tuple[int, int]]:
    """Joins in the order of a greedy elimination, of small sides first; ``number`` decides ties."""
    names = (
        np.random.Generator(np.random.PCG64(number)).permutation(len(total)).tolist() if number else range(len(total))
    )
    variable_of = {name: variable for variable, name in enumerate(names)}
    scopes = [[names[one] for one in own] for own in touched if len(own) > 1]
    order = [variable_of[bag[0]] for bag in eliminated(scopes, _WIDTH, 1 << 40)]
    order += sorted(set(range(len(total))) - set(order))
    looking = {node for node, leaf in enumerate(leaves) if leaf.look is not None}
    size = [1] * len(leaves)
    holding: defaultdict[int, dict[int, None]] = defaultdict(dict)
    crossing = [dict.fromkeys(own, 1) for own in touched]
    for node, own in enumerate(touched):
        for one in own:
            holding[one][node] = None
    joins: list[tuple[int, int]] = []
    for variable in order:
        here = sorted(holding[variable], key=lambda node: (node not in looking, size[node], node))
        for second in here[1:]:
            first = here[0]
            node = len(leaves) + len(joins)
            joins.append((first, second))
            size.append(size[first] + size[second])
            both = crossing[first]
            for one, times in crossing[second].items():
                both[one] = both.get(one, 0) + times
            for old in (first, second):
                for one in list(crossing[old]):
                    holding[one].pop(old, None)
            left = {one: times for one, times in both.items() if times < total[one]}
            crossing.append(left)
            for one in left:
                holding[one][node] = None
            here[0] = node
    return joins
