"""The joins of one part of a graph along a tree of cuts, in flat arrays that kernels walk; see ``treecuts``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from graphmodel.engine.exact.branching import Leaf, Side, Tree
from graphmodel.engine.exact.kernel_joins import CERTAIN, WAY, joined, played, sloped, spread
from graphmodel.engine.exact.loops import Chances
from graphmodel.engine.exact.rules import Awaited, TooWideError, always

STATES = 400_000  # operators of one side of a cut
_COVERS = 6  # controls that several steps meet, of one step
_MANY = 32  # before a join of a greater part of the pairs that may be had, it is looked whether the others have room
_SURE = 1.2  # times as many pairs may be expected then as there are

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Table:
    """The operators of one side of a cut: rows for its ``facts``, whose bits are at ``bits``; ``held`` has the bits of
    ``controls``. ``first`` is the place of the first among all operators."""

    first: int
    facts: tuple[int, ...]
    bits: tuple[int, ...]
    rows: Ints
    way_at: Ints
    ways: Ints
    controls: tuple[int, ...]
    held: Ints

    def moved(self, place: Mapping[int, int]) -> tuple[Ints, Ints, Ints]:
        """Rows, and the starts and ways, with the bits of facts at other places."""
        rows, ways = self.rows.copy(), self.ways.copy()
        new = np.zeros(max(self.bits, default=0) + 1, dtype=np.int64)
        new[list(self.bits)] = [place[fact] for fact in self.facts]
        spread(rows, ways, new)
        return rows, self.way_at, ways

    def holding(self, controls: Sequence[int]) -> Ints:
        """The controls that hold, with the bits of these; others are left out."""
        found = np.zeros_like(self.held)
        for n, control in enumerate(self.controls):
            if control in controls:
                found |= (self.held >> n & 1) << controls.index(control)
        return found


@dataclass(frozen=True)
class _Join:
    """Which tables are joined to which by their first operators; see ``kernel_joins.joined``."""

    at: int
    first: int
    second: int
    groups: Ints
    order_a: Ints
    order_b: Ints
    result: NDArray[np.int32]


class LeafTables:
    """Tables of single steps and draws of controls, and the chances of their operators, which come first among all."""

    def __init__(self, tree: Tree, controls: int) -> None:
        self.controls = controls
        self.operators = self.pairs = 0
        self._factors: list[int] = []
        self._conditions: dict[tuple[int, tuple[int, ...]], int] = {}
        crossing = {one for one, total in zip(tree.variables, tree.total.tolist(), strict=True) if total > 1}
        self._tables = {int(tree.message[node, 0]): self._leaf(leaf, crossing) for node, leaf in enumerate(tree.leaves)}
        self._looks = {leaf.look: node for node, leaf in enumerate(tree.leaves) if leaf.look is not None}

    def _by_factor(self, weights: Chances) -> Chances:
        """The chance of every operator of a leaf in each case; ``weights`` is (events, cases)."""
        factors = np.ones((1 + 2 * len(self._conditions), weights.shape[1]))
        for (event, others), number in self._conditions.items():
            chance = weights[event].copy() if event >= 0 else np.ones(weights.shape[1])
            for other in others:
                chance *= 1.0 - weights[other]
            factors[2 * number + 1], factors[2 * number + 2] = chance, 1.0 - chance
        found: Chances = factors[self._factors]
        return found

    def _factor(self, event: int, others: tuple[int, ...], happens: bool) -> int:
        """The number of the factor that an event happens and none of the others, or that not so; 0 is 1."""
        if event < 0 and not others:
            return 0
        return 2 * self._conditions.setdefault((event, others), len(self._conditions)) + 1 + (not happens)

    def _leaf(self, leaf: Leaf, crossing: Collection[int]) -> Table:
        own = [one for one in leaf.touched if one in crossing]
        facts = tuple(one for one in own if one < self.controls)
        controls = tuple(one for one in own if one >= self.controls)
        if leaf.step is not None and len(leaf.step.covers) > _COVERS:
            raise TooWideError
        none = [0] * len(facts)
        link, way = list(none), []
        if leaf.step is not None:
            gains, needs = facts.index(leaf.step.gains), [1 << facts.index(need) for need in leaf.step.needs]
            if len(needs) > 1:
                way = [gains << WAY | sum(needs)]
            else:
                link[gains] = needs[0] if needs else CERTAIN
        found: list[tuple[int, list[int], list[int], int]] = []  # controls, row, ways, factor
        for mask in range(1 << len(controls)):
            if leaf.step is None:
                factor = 0 if leaf.control is None else self._factor(leaf.control - self.controls, (), bool(mask))
                found.append((mask, none, [], factor))
                continue
            others = tuple(part for control, part in leaf.step.covers if mask >> controls.index(control) & 1)
            if -1 in others:
                found.append((mask, none, [], 0))
                continue
            found.append((mask, link, way, self._factor(leaf.step.event, others, True)))
            if leaf.step.event >= 0 or others:
                found.append((mask, none, [], self._factor(leaf.step.event, others, False)))
        first = self.operators
        self.operators += len(found)
        self._factors += [factor for *_, factor in found]
        return Table(
            first,
            facts,
            tuple(range(len(facts))),
            np.array([row for _, row, _, _ in found], dtype=np.int64).reshape(len(found), len(facts)),
            np.cumsum([0, *(len(ways) for _, _, ways, _ in found)], dtype=np.int64),
            np.array([one for _, _, ways, _ in found for one in ways], dtype=np.int64),
            controls,
            np.array([mask for mask, *_ in found], dtype=np.int64),
        )


class Part(LeafTables):
    """The joins of a tree. ``true`` are for each fact that is looked at the operators of its look by which it is true.

    Raises ``TooWideError`` where there are more than ``most`` pairs. Variables from ``controls`` on are controls.
    """

    def __init__(self, tree: Tree, controls: int, most: int, awaited: Awaited = always) -> None:
        super().__init__(tree, controls)
        self._joins: list[_Join] = []
        tables, looks = self._tables, self._looks
        order = tree.order(looks.values())
        for number, (node, k) in enumerate(order):
            awaited()
            first, second = tree.into(node, k)
            here, there = tree.side(int(tree.message[node, k])), tree.side(tree.reverse(node, k))
            agreeing = _agreeing(tables[first], tables[second])
            pairs = int(((agreeing[2][:, 1] - agreeing[2][:, 0]) * (agreeing[2][:, 3] - agreeing[2][:, 2])).sum())
            self.pairs += pairs
            if self.pairs > most:
                raise TooWideError
            if _MANY * pairs > most:
                known = {message: len(table.held) for message, table in tables.items()}
                # What was expected too high until now is so in what is left.
                share = min(1.0, self.pairs / tree.expected(order[: number + 1], {}))
                if self.pairs + share * tree.expected(order[number + 1 :], known) > _SURE * most:
                    raise TooWideError
            tables[int(tree.message[node, k])] = self._join(tables[first], tables[second], here, there, agreeing)
        self.true: dict[int, Ints] = {}
        for fact, node in looks.items():
            table = tables[tree.reverse(node, 0)]
            own = table.rows[:, table.facts.index(fact)] if fact in table.facts else np.zeros(0, dtype=np.int64)
            self.true[fact] = table.first + np.flatnonzero(own == CERTAIN)

    def _join(self, a: Table, b: Table, here: Side, there: Side, agreeing: tuple[Ints, Ints, Ints]) -> Table:
        order_a, order_b, groups = agreeing
        table, result = joined_tables(a, b, here, there, self.controls, *agreeing)
        self._joins.append(_Join(self.operators, a.first, b.first, groups, order_a, order_b, result))
        table = replace(table, first=self.operators)
        self.operators += len(table.held)
        return table

    @cached_property
    def program(self) -> tuple[NDArray[np.int64] | NDArray[np.int32], ...]:
        """All joins in flat arrays, which take their place."""
        joins, self._joins = self._joins, []
        return (
            _ints(one.at for one in joins),
            _ints(one.first for one in joins),
            _ints(one.second for one in joins),
            _starts(len(one.groups) for one in joins),
            np.concatenate([np.zeros((0, 4), dtype=np.int64), *(one.groups for one in joins)]),
            np.concatenate([_ints(()), *(one.order_a for one in joins)]),
            np.concatenate([_ints(()), *(one.order_b for one in joins)]),
            np.stack([_starts(len(one.order_a) for one in joins), _starts(len(one.order_b) for one in joins)], axis=1),
            _starts(len(one.result) for one in joins),
            np.concatenate([np.zeros(0, dtype=np.int32), *(one.result for one in joins)]),
        )

    def values(self, weights: Chances) -> Chances:
        """The chance of every operator in each case, (operators, cases); ``weights`` is (events, cases)."""
        found = np.zeros((self.operators, weights.shape[1]))
        found[: len(self._factors)] = self._by_factor(weights)
        played(*self.program, found)
        return found

    def slopes(self, weights: NDArray[np.float64], amounts: Mapping[int, float]) -> NDArray[np.float64]:
        """The derivatives of the sum of the chances of facts times ``amounts`` by the chance of each event."""
        found = np.zeros(len(weights))
        if not amounts:
            return found
        slope = np.zeros(self.operators)
        for fact, amount in amounts.items():
            slope[self.true[fact]] += amount
        sloped(*self.program, np.ascontiguousarray(self.values(weights[:, np.newaxis])[:, 0]), slope)
        by_factor = np.bincount(self._factors, slope[: len(self._factors)], minlength=1 + 2 * len(self._conditions))
        for (event, others), number in self._conditions.items():
            happens = by_factor[2 * number + 1] - by_factor[2 * number + 2]
            passes = [1.0 - weights[other] for other in others]
            own = weights[event] if event >= 0 else 1.0
            if event >= 0:
                found[event] += happens * np.prod(passes)
            for n, other in enumerate(others):
                found[other] -= happens * own * np.prod(passes[:n] + passes[n + 1 :])
        return found


def joined_tables(
    a: Table, b: Table, here: Side, there: Side, controls: int, order_a: Ints, order_b: Ints, groups: Ints
) -> tuple[Table, NDArray[np.int32]]:
    """The table of those pairs of operators of two tables that ``groups`` are of, and for each pair its operator; see
    ``kernel_joins.joined``. Variables from ``controls`` on are controls."""
    place = {one: n for n, one in enumerate(sorted({*a.facts, *b.facts}))}
    facts = tuple(one for one in here.crossing if one < controls)
    own = tuple(one for one in here.crossing if one >= controls)
    kept = [place[one] for one in facts]
    count, result, rows, held, way_at, ways = joined(
        *a.moved(place), a.holding(own), _ints(place[one] for one in a.facts), order_a,
        *b.moved(place), b.holding(own), _ints(place[one] for one in b.facts), order_b,
        groups, len(place), _ints(place[one] for one in a.facts if one in b.facts), _ints(kept),
        *_canonical(there, kept), STATES,
    )  # fmt: skip
    if count < 0:
        raise TooWideError
    return Table(0, facts, tuple(kept), rows, way_at, ways, own, held), result


def held_together(a: Table, b: Table, held_a: Ints, held_b: Ints) -> list[tuple[int, int]]:
    """Which of the ways that the controls of two tables stand agree on the controls of both, by their places."""
    common = [one for one in b.controls if one in a.controls]
    first, second = (replace(one, held=own).holding(common) for one, own in ((a, held_a), (b, held_b)))
    return [(int(u), int(v)) for u, v in np.argwhere(first[:, np.newaxis] == second)]


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64)


def _starts(lengths: Iterable[int]) -> Ints:
    return np.cumsum([0, *lengths], dtype=np.int64)


def _canonical(there: Side, kept: Sequence[int]) -> tuple[Ints, Ints]:
    """For each fact of a cut the links into it that matter on the other side (-1: none does), and what surely leads to
    it there; bits are at ``kept``."""
    n = len(kept)
    sources = [sum(1 << p for p, row in enumerate(there.may) if row >> f & 1) for f in range(n)]
    allowed, sure = np.full(n, -1, dtype=np.int64), np.zeros(n, dtype=np.int64)
    for g, uses in enumerate(there.may[:n]):
        for p, row in enumerate(there.must):
            if row >> g & 1:
                sure[g] |= CERTAIN if p == len(there.crossing) else 1 << kept[p]
        if uses:
            matter = (f for f in range(n) if f != g and sources[f] & ~(1 << g) and uses & ~(1 << f))
            allowed[g] = sum(1 << kept[f] for f in matter)
    return allowed, sure


def _agreeing(a: Table, b: Table) -> tuple[Ints, Ints, Ints]:
    """Orders of the operators of both tables, and ranges of them that agree on the controls of both."""
    shared = [one for one in a.controls if one in b.controls]
    if not shared:
        whole = np.array([[0, len(a.held), 0, len(b.held)]], dtype=np.int64)
        return np.arange(len(a.held)), np.arange(len(b.held)), whole
    keys = a.holding(shared), b.holding(shared)
    first, second = (np.argsort(key, kind="stable") for key in keys)
    values = np.arange((1 << len(shared)) + 1)
    ends = [np.searchsorted(key[order], values).tolist() for key, order in zip(keys, (first, second), strict=True)]
    ranges = [
        [*x, *y] for x, y in zip(pairwise(ends[0]), pairwise(ends[1]), strict=True) if x[0] < x[1] and y[0] < y[1]
    ]
    return first, second, np.array(ranges, dtype=np.int64).reshape(-1, 4)
