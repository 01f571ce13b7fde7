"""Certain intervals where a tree of cuts has too many operators: unlikely pairs are counted from below and above.

Where two sides of a cut meet, pairs of operators that are likelier than a threshold are joined as they are. In any
other pair one operator is taken for a likelier one by which no more follows, and for one by which no less does.
Whether a fact is true never falls when an operator grows, so the first gives no more than the chance of the fact and
the second no less, whatever the chances of events are: those for which the pairs were chosen, or others. Nothing is
left out on either side: both are distributions over all worlds, and with a threshold of 0 they are one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from graphmodel.engine.exact.branching import Tree
from graphmodel.engine.exact.joins import Ints, LeafTables, Table, held_together, joined_tables
from graphmodel.engine.exact.kernel_enclosures import enclosed, parents_of
from graphmodel.engine.exact.kernel_joins import CERTAIN
from graphmodel.engine.exact.loops import Chances
from graphmodel.engine.exact.rules import Awaited, TooWideError, always

_SCANNED = 400  # of the likeliest operators are looked at for one that may take another's place

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Ordered:
    """A table in groups by how its controls stand (``held``), the likeliest operators first; ``least`` and ``most`` of
    each group are operators of the table."""

    table: Table
    held: Ints
    start: tuple[int, ...]
    order: Ints
    likely: Floats
    parents: Ints
    least: Ints
    most: Ints

    @cached_property
    def both(self) -> Ints:
        """The order, and after it the least of each group and the most."""
        return np.concatenate([self.order, self.least, self.most])

    def scales(self, known: set[int], weights: Chances, controls: int) -> Floats:
        """For each group the chance at most that those controls stand as in it whose draws are not ``known``."""
        found = np.ones(len(self.held))
        for n, control in enumerate(self.table.controls):
            if control not in known:
                holds = weights[control - controls]
                found *= np.where(self.held >> n & 1, holds.max(), (1.0 - holds).max())
        return found


@dataclass(frozen=True)
class _Paired:
    """How the operators of two messages pair up; see ``kernel_enclosures``."""

    out: int
    first: int
    second: int
    operators: int
    blocks: Ints
    ends: Ints
    orders: tuple[Ints, Ints]
    parents: tuple[Ints, Ints]
    results: NDArray[np.int32]

    def chances(self, a: Chances, b: Chances) -> Chances:
        found = np.zeros((2, self.operators, a.shape[2]))
        enclosed(self.blocks, self.ends, *self.orders, *self.parents, self.results, a, b, found)
        return found


class EnclosedPart(LeafTables):
    """The likelier pairs of operators along a tree, by the ``weights`` (events, cases) of some cases.

    ``found`` are the least and the most that the chance of each fact that is looked at can be in these cases. Raises
    ``TooWideError`` where there are more than ``most`` pairs.
    """

    def __init__(
        self, tree: Tree, controls: int, most: int, weights: Chances, threshold: float, awaited: Awaited = always
    ) -> None:
        super().__init__(tree, controls)
        self._joins: list[_Paired] = []
        self._leaves = {message: (one.first, len(one.held)) for message, one in self._tables.items()}
        chances = self._of_leaves(weights)
        drawn = {
            int(tree.message[node, 0]): frozenset(() if leaf.control is None else (leaf.control,))
            for node, leaf in enumerate(tree.leaves)
        }
        ordered = {
            message: _ordered(table, chances[message], *_ends_of_leaf(table)) for message, table in self._tables.items()
        }
        for node, k in tree.order(self._looks.values()):
            awaited()
            out, (first, second) = int(tree.message[node, k]), tree.into(node, k)
            here, there = tree.side(out), tree.side(tree.reverse(node, k))
            drawn[out] = drawn[first] | drawn[second]
            a, b = ordered[first], ordered[second]
            scales = (
                a.scales({*drawn[out]}, weights, controls),
                b.scales({*drawn[out], *a.table.controls}, weights, controls),
            )
            plan = _plan(a, b, *scales, threshold)
            self.pairs += plan.pairs
            if self.pairs > most:
                raise TooWideError
            table, results = joined_tables(a.table, b.table, here, there, controls, a.both, b.both, plan.groups)
            self._joins.append(
                _Paired(
                    out, first, second, len(table.held), plan.blocks, plan.ends, (a.order, b.order),
                    (a.parents, b.parents), results
                )
            )  # fmt: skip
            chances[out] = self._joins[-1].chances(chances[first], chances[second])
            ordered[out] = _ordered(table, chances[out], *_ends(table, results, plan))
        self._true = {}
        for fact, node in self._looks.items():
            message = tree.reverse(node, 0)
            table = ordered[message].table
            own = table.rows[:, table.facts.index(fact)] if fact in table.facts else np.zeros(0, dtype=np.int64)
            self._true[fact] = message, np.flatnonzero(own == CERTAIN)
        self.found = self._at_looks(chances)

    def _of_leaves(self, weights: Chances) -> dict[int, Chances]:
        values = self._by_factor(weights)
        return {
            message: np.stack([values[first : first + many]] * 2) for message, (first, many) in self._leaves.items()
        }

    def _at_looks(self, chances: dict[int, Chances]) -> dict[int, Chances]:
        return {fact: chances[message][:, where].sum(axis=1) for fact, (message, where) in self._true.items()}

    def evaluate(self, weights: Chances) -> dict[int, Chances]:
        """The least and the most that the chance of each fact can be, (2, cases), with other ``weights``."""
        chances = self._of_leaves(weights)
        for one in self._joins:
            chances[one.out] = one.chances(chances[one.first], chances[one.second])
        return self._at_looks(chances)


@dataclass(frozen=True)
class _Plan:
    """The pairs of two tables: ``blocks``, ``ends`` as in ``kernel_enclosures``, ``groups`` as in ``kernel_joins``.

    ``standing`` are how many controls hold in each block; ``least`` and ``most`` where the pairs of these ends are.
    """

    blocks: Ints
    ends: Ints
    groups: Ints
    pairs: int
    standing: Ints
    least: Ints
    most: Ints


def _plan(a: _Ordered, b: _Ordered, scale_a: Floats, scale_b: Floats, threshold: float) -> _Plan:
    groups: list[Ints] = []
    blocks: list[tuple[int, ...]] = []
    ends: list[Ints] = []
    standing: list[int] = []
    least, most = [], []
    pairs = 0
    shared = sum(1 << n for n, one in enumerate(b.table.controls) if one in a.table.controls)
    for u, v in held_together(a.table, b.table, a.held, b.held):
        a0, a1, b0, b1 = a.start[u], a.start[u + 1], b.start[v], b.start[v + 1]
        x, y = scale_a[u] * a.likely[a0:a1], scale_b[v] * b.likely[b0:b1]
        if threshold > 0:
            with np.errstate(divide="ignore"):
                end = np.searchsorted(-y, -threshold / x, side="right")
        else:
            end = np.full(len(x), len(y))
        paired = int(np.count_nonzero(end))
        # What is passed over is at most so likely together, and its least and most are paired as likely ones.
        left = float(x[paired:].sum())
        last = int(np.searchsorted(-y, -threshold / left, side="right")) if left > 0 and threshold > 0 else 0
        end = np.concatenate([end[:paired], [last, last]])
        least_b, most_b = len(b.order) + v, len(b.order) + len(b.held) + v
        rows = np.concatenate([np.arange(a0, a0 + paired), [len(a.order) + u, len(a.order) + len(a.held) + u]])
        own = np.empty((len(rows), 3, 4), dtype=np.int64)
        own[:, :, 0], own[:, :, 1] = rows[:, np.newaxis], rows[:, np.newaxis] + 1
        own[:, 0, 2], own[:, 0, 3] = b0, b0 + end
        own[:, 1, 2:], own[:, 2, 2:] = (least_b, least_b + 1), (most_b, most_b + 1)
        groups.append(own.reshape(-1, 4))
        blocks.append((a0, a0 + paired, a1, b0, b1))
        ends.append(b0 + end)
        pairs += int(end.sum()) + 2 * len(end)
        standing.append(int(a.held[u]).bit_count() + (int(b.held[v]) & ~shared).bit_count())
        least.append(pairs - last - 2 - 2)
        most.append(pairs - 1)
    return _Plan(
        np.array(blocks, dtype=np.int64).reshape(-1, 5),
        np.concatenate([np.zeros(0, dtype=np.int64), *ends]),
        np.concatenate([np.zeros((0, 4), dtype=np.int64), *groups]),
        pairs,
        np.array(standing, dtype=np.int64),
        np.array(least, dtype=np.int64),
        np.array(most, dtype=np.int64),
    )


def _ends(table: Table, results: NDArray[np.int32], plan: _Plan) -> tuple[Ints, Ints]:
    """The least and the most operator of a join for each way that its controls stand, in the order of these.

    Of controls that end here it is where they hold that least follows, and where they do not that most does.
    """
    held = np.unique(table.held)
    least, most = results[plan.least], results[plan.most]
    found = np.zeros((2, len(held)), dtype=np.int64)
    for n in np.argsort(plan.standing, kind="stable").tolist():
        found[0, np.searchsorted(held, table.held[least[n]])] = least[n]
    for n in np.argsort(-plan.standing, kind="stable").tolist():
        found[1, np.searchsorted(held, table.held[most[n]])] = most[n]
    return found[0], found[1]


def _ends_of_leaf(table: Table) -> tuple[Ints, Ints]:
    """The least and the most operator for each way that the controls of a leaf stand, in the order of these."""
    # Operators of a leaf are in this order, and where there are two the first is the greater.
    held = np.unique(table.held)
    return np.searchsorted(table.held, held, side="right") - 1, np.searchsorted(table.held, held)


def _ordered(table: Table, chances: Chances, least: Ints, most: Ints) -> _Ordered:
    likely = chances.max(axis=(0, 2))
    order = np.lexsort((-likely, table.held))
    held, start = np.unique(table.held[order], return_index=True)
    starts = np.append(start, len(order))
    parents = parents_of(table.rows, table.way_at, table.ways, order, starts, _SCANNED)
    return _Ordered(table, held, tuple(starts.tolist()), order, likely[order], parents, least, most)
