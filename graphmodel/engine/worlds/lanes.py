"""Many cases of one graph in the same worlds: the weakest is played, and of the others what they lose beside it.

Of each event the *weakest* case has the greatest chance of a step, and the least of a control or a coverage, that
any case has. So whatever comes true in a case comes true there, and in each world only what hangs on the steps that
a case loses is looked at, a bit for each case. What is lost is that of a simulation of each case by itself, in every
world.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from graphmodel.engine.worlds.arrays import Arrays, Ints
from graphmodel.engine.worlds.chunks import Counting, Game, Kernel, Part
from graphmodel.engine.worlds.draws import Draws, Thresholds, Words
from graphmodel.engine.worlds.kernel_ints import IntKernel

Places: TypeAlias = NDArray[np.int64]
Amounts: TypeAlias = Sequence[Sequence[tuple[int, float]]]
"""For each case facts by number and what each costs."""
_FEW = 3  # cases that are as soon played one by one


@dataclass(frozen=True, eq=False)
class Lanes:
    """Cases as the ``weakest`` of them all, and what takes steps away from it.

    A variant is a step as it is in some cases: ``lanes`` has bits of those, in words. The variants of step *s* are
    those from ``at[s]`` to ``at[s + 1]``. ``altered`` are events with other chances, ``others``, which stand as rows
    after those of all events; ``own`` is the row of a variant's step, or -1 where that is as in the weakest case, and
    its covers are the rows of ``control`` and ``coverage`` from ``cover_at`` on.
    """

    weakest: Thresholds
    altered: Places
    others: Thresholds
    at: Places
    lanes: Words
    own: Places
    cover_at: Places
    control: Places
    coverage: Places

    @classmethod
    def of(cls, arrays: Arrays, cases: Sequence[Thresholds]) -> Lanes:
        """The lanes of these cases, each of which keeps its place."""
        weakest = _weakest(arrays, cases)
        rows: dict[tuple[int, int, bool], int] = {}
        classes: dict[int, Places] = {}  # for each event that is altered its row in every case
        for number, case in enumerate(cases):
            for event in np.flatnonzero(weakest.changed(case)).tolist():
                key = (event, int(case.value[event]), bool(case.sure[event]))
                if event not in classes:
                    classes[event] = np.full(len(cases), event, dtype=np.int64)
                classes[event][number] = rows.setdefault(key, arrays.events + len(rows))
        at, lanes, own, cover_at, control, coverage = [0], list[Words](), [], [0], [], []
        parted: dict[tuple[int, ...], list[tuple[Mapping[int, int], Words]]] = {}
        events, covers = arrays.event.tolist(), arrays.cover_at.tolist()
        pairs = list(zip(arrays.control.tolist(), arrays.coverage.tolist(), strict=True))
        concerning = arrays.touched(np.isin(np.arange(arrays.events), list(classes))).tolist()
        for step, event in enumerate(events):
            if not concerning[step]:
                at.append(len(lanes))
                continue
            met = pairs[covers[step] : covers[step + 1]]
            concerned = tuple(sorted({one for one in (event, *(x for pair in met for x in pair)) if one in classes}))
            if concerned not in parted:
                parted[concerned] = _parted(concerned, classes)
            for row, mask in parted[concerned]:
                lanes.append(mask)
                own.append(row.get(event, -1) if row.get(event, event) != event else -1)
                control += [row.get(one, one) for one, _ in met]
                coverage += [row.get(one, one) for _, one in met]
                cover_at.append(len(control))
            at.append(len(lanes))
        return cls(
            weakest=weakest,
            altered=_places([event for event, _, _ in rows]),
            others=Thresholds(
                np.array([value for _, value, _ in rows], dtype=np.uint64),
                np.array([sure for _, _, sure in rows], dtype=np.bool_),
            ),
            at=_places(at),
            lanes=np.array(lanes, dtype=np.uint64).reshape(len(lanes), -(-len(cases) // 64)),
            own=_places(own),
            cover_at=_places(cover_at),
            control=_places(control),
            coverage=_places(coverage),
        )

    def totals(
        self, arrays: Arrays, draws: Draws, held: Words, amounts: Amounts, first: int, count: int
    ) -> NDArray[np.float64]:
        """What is lost in each case and world, (cases, worlds); ``held`` is what comes true in the weakest case."""
        from graphmodel.engine.worlds import kernel_cases  # noqa: PLC0415 - slow to import

        table = table_of(draws, self.weakest)
        more = table_of(Draws(draws.key[self.altered], draws.width[self.altered]), self.others)
        # Summed up in the order of their names, as elsewhere.
        facts = sorted({fact for case in amounts for fact, _ in case}, key=arrays.facts.__getitem__)
        place = {fact: number for number, fact in enumerate(facts)}
        costs = np.zeros((len(amounts), len(facts)))
        for number, case in enumerate(amounts):
            for fact, amount in case:
                costs[number, place[fact]] = amount
        kinds, kind = np.unique(costs, axis=0, return_inverse=True)
        user_at, users = grouped_needs(arrays)
        made_at, made = grouped(arrays.gains, len(arrays.facts))
        found = kernel_cases.totals(
            held, fired(arrays, table, held, first), np.concatenate((table, more)), first, count,
            self.at, self.lanes, self.own, self.cover_at, self.control, self.coverage,
            made_at, made, user_at, users, arrays.gains, arrays.need_at, arrays.needs,
            len(arrays.certain), _places(facts), kinds, kind.reshape(-1).astype(np.int64),
        )  # fmt: skip
        return np.asarray(found)


@dataclass(frozen=True, eq=False)
class Costing(Counting):
    """Adds up losses and counts no facts: as counting does, and sooner where there are many cases."""

    @cached_property
    def _lanes(self) -> dict[int, Lanes]:
        return {}

    def __getstate__(self) -> dict[str, Any]:
        return {"cases": self.cases, "amounts": self.amounts}

    def chunk(self, game: Game, kernel: Kernel, first: int, count: int) -> Part:
        thresholds, arrays = self.cases.thresholds, game.arrays
        if isinstance(kernel, IntKernel) or len(thresholds) <= _FEW:
            return super().chunk(game, kernel, first, count)
        lanes = self._lanes.get(0) or self._lanes.setdefault(0, Lanes.of(arrays, thresholds))
        held = game.base(kernel, lanes.weakest, first, -(-count // 64)).held
        totals = lanes.totals(arrays, game.draws, held, self.amounts, first, count)
        sums = np.zeros((4, len(thresholds)))
        for case, total in enumerate(totals):
            saved = totals[0] - total
            sums[:, case] = [total.sum(), (total * total).sum(), saved.sum(), (saved * saved).sum()]
        return Part(count, np.zeros((len(thresholds), len(arrays.facts)), dtype=np.int64), sums)


def fired(arrays: Arrays, table: Words, held: Words, first: int) -> Words:
    """The worlds in which each step fires, as words (blocks, steps), where these facts are held."""
    from graphmodel.engine.worlds import kernel_cases  # noqa: PLC0415 - the same

    found = kernel_cases.fired(
        held, table, first, arrays.gains, arrays.need_at, arrays.needs, arrays.event, arrays.cover_at,
        arrays.control, arrays.coverage,
    )  # fmt: skip
    return np.asarray(found)


def table_of(draws: Draws, thresholds: Thresholds) -> Words:
    """A row for each event: its key and width, its threshold, and whether it is sure."""
    return np.stack((draws.key, draws.width, thresholds.value, thresholds.sure.astype(np.uint64)), axis=1)


def grouped(values: Ints, size: int) -> tuple[Places, Places]:
    """Where the places of each value begin, and the places in the order of the values."""
    order = np.argsort(values, kind="stable")
    return np.searchsorted(values[order], np.arange(size + 1)), order


def grouped_needs(arrays: Arrays) -> tuple[Places, Places]:
    """Where the steps that need each fact begin, and those steps."""
    at, places = grouped(arrays.needs, len(arrays.facts))
    return at, np.repeat(np.arange(len(arrays.gains)), np.diff(arrays.need_at))[places]


def _weakest(arrays: Arrays, cases: Sequence[Thresholds]) -> Thresholds:
    value, sure = cases[0].value.copy(), cases[0].sure.copy()
    attacks = np.zeros(len(value), dtype=np.bool_)
    attacks[arrays.event[arrays.event >= 0]] = True
    for case in cases[1:]:
        above = (case.sure & ~sure) | ((case.sure == sure) & (case.value > value))
        taken = np.where(attacks, above, case.changed(Thresholds(value, sure)) & ~above)
        value[taken], sure[taken] = case.value[taken], case.sure[taken]
    return Thresholds(value, sure)


def _parted(concerned: Sequence[int], classes: Mapping[int, Places]) -> list[tuple[Mapping[int, int], Words]]:
    """The rows that these events have together in some cases, and those cases as bits; without the weakest."""
    found: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    for number, rows in enumerate(zip(*(classes[event].tolist() for event in concerned), strict=True)):
        found[rows].append(number)
    cases = len(classes[concerned[0]])
    parts: list[tuple[Mapping[int, int], Words]] = []
    for rows, numbers in found.items():
        if rows != tuple(concerned):
            mask = np.zeros(-(-cases // 64) * 64, dtype=np.uint8)
            mask[numbers] = 1
            words = np.packbits(mask, bitorder="little").view("<u8").astype(np.uint64)
            parts.append((dict(zip(concerned, rows, strict=True)), words))
    return parts


def _places(values: Sequence[int]) -> Places:
    return np.array(values, dtype=np.int64)
