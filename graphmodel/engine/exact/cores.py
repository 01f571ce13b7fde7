"""Cores: few of the steps of a graph by which a fact mostly comes true, and its exact chance by those alone.

Attack graphs are monotone: what comes true by some of the steps comes true by all. So the chance of a fact is that by
its core, which a tree of cuts tells exactly, and that of the worlds in which it comes true, but not by its
core. These are few, and simulation tells them in an interval that is far narrower than one of the chance itself: the
core is a bound whose chance is known, as in Fishman's sampling plans (1986). Any core gives a true interval; it is
chosen in worlds of its own, so that the choice leaves the confidence as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphmodel.engine.exact.loops import Chances
from graphmodel.engine.exact.rules import Awaited, Rules, TooWideError
from graphmodel.engine.exact.treecuts import TreeOfCuts, cuts
from graphmodel.engine.worlds.draws import Thresholds, Words
from graphmodel.engine.worlds.lanes import Places, fired, grouped_needs, table_of
from graphmodel.engine.worlds.remainders import beside
from graphmodel.engine.worlds.simulation import Simulation

STEPS = 20_000  # of a graph in which cores are looked for
MOST = 32  # cores of a graph: each takes a tenth of a second
_ROUNDS = 1_024, 4_096  # worlds in which ways are looked for that the core lacks
_WAYS = 512  # that are looked at in each round and case
_FEWEST = 8  # ways in the first round: what is rarer has better methods
_SHARE = 40  # of the pairs of operators that may be joined, for each core
_TRIES = 1  # trees for each


@dataclass(frozen=True)
class Core:
    """The ``steps`` of the core of a fact, and the ``tree`` that tells its chance by them."""

    fact: int
    steps: Places
    tree: TreeOfCuts

    def chances(self, weights: Chances) -> Chances:
        """The chance that the fact comes true by the core alone, in each case; ``weights`` is (events, cases)."""
        return self.tree.evaluate(weights)[self.fact]


def cores(
    simulation: Simulation,
    rules: Rules,
    weights: Chances,
    facts: Sequence[int],
    pairs: int,
    awaited: Awaited,
    hurried: Callable[[], bool],
) -> tuple[Core, ...]:
    """Cores of as many of the facts as have one, for these cases; ``weights`` is (events, cases).

    ``pairs`` limits all joins of operators together; ``awaited`` is called between parts of the work, and may raise to
    end it; once ``hurried`` says so no more cores are made.
    """
    ways = _Ways(simulation.apart("cores"), weights)
    growing = {fact: _Growing.empty(len(simulation.arrays.gains)) for fact in facts}
    for number, worlds in enumerate(_ROUNDS):
        awaited()
        if hurried():
            break
        ways.play(worlds)
        for fact, one in list(growing.items()):
            if ways.grow(fact, one) < _FEWEST and number == 0:
                del growing[fact]
    found: list[Core] = []
    for fact, one in growing.items():
        for steps in reversed(one.stages):
            awaited()
            if hurried():
                return tuple(found)
            try:
                tree = cuts(rules, {0: steps.tolist()}, [fact], pairs // _SHARE, _TRIES, awaited)
                found.append(Core(fact, steps, tree.joined(pairs // _SHARE, awaited)))
                break
            except TooWideError:
                continue
    return tuple(found)


@dataclass
class _Growing:
    """How often each step was ``used`` on ways to a fact, and its core after each round."""

    used: NDArray[np.float64]
    stages: list[Places]

    @classmethod
    def empty(cls, steps: int) -> _Growing:
        return cls(np.zeros(steps), [])

    @property
    def steps(self) -> Places:
        return self.stages[-1] if self.stages else np.zeros(0, dtype=np.int64)


class _Ways:
    """Worlds in which ways to facts are looked for."""

    def __init__(self, simulation: Simulation, weights: Chances) -> None:
        self.simulation, self.weights = simulation, weights
        arrays = simulation.arrays
        self.users = grouped_needs(arrays)
        uncertain = np.append(arrays.needs >= len(arrays.certain), False).astype(np.int64)
        counts = np.add.reduceat(uncertain, arrays.need_at[:-1]) * (np.diff(arrays.need_at) > 0)
        self.first = np.flatnonzero(counts == 0)
        self.block = 0
        self.played: list[tuple[Words, Words]] = []  # of each case the facts that are held and the steps that fire

    def play(self, worlds: int) -> None:
        """So many new worlds, a multiple of 64."""
        game, self.played = self.simulation.game, []
        for column in self.weights.T:
            thresholds = Thresholds.of(column)
            table = table_of(game.draws, thresholds)
            for first, count in game.chunks(self.block, worlds):
                held = game.kernel("numba", worlds, first).play(thresholds, first, -(-count // 64))
                self.played.append((held, fired(game.arrays, table, held, first)))
        self.block += worlds // 64

    def grow(self, fact: int, one: _Growing) -> int:
        """Add the steps of ways that the core of a fact lacks; returns how many were looked at."""
        missed = [beside(self.simulation.arrays, fires, held[fact], fact, one.steps) for held, fires in self.played]
        before = one.used.copy()
        seen = self._look(fact, missed, one.used)
        if not one.stages:
            # Which steps many ways have is known only now.
            before = one.used.copy()
            self._look(fact, missed, one.used)
            one.used -= before
            before[:] = 0.0
        news = np.flatnonzero(one.used > before)
        if len(np.setdiff1d(news, one.steps)):
            one.stages.append(np.union1d(one.steps, news))
        return seen

    def _look(self, fact: int, missed: Sequence[Words], used: NDArray[np.float64]) -> int:
        from graphmodel.engine.worlds import kernel_cores  # noqa: PLC0415 - slow to import

        arrays = self.simulation.arrays
        return sum(
            int(
                kernel_cores.led(
                    own, fires, fact, len(arrays.certain), arrays.need_at, arrays.needs, arrays.gains, *self.users,
                    self.first, used, _WAYS,
                )
            )
            for own, (_, fires) in zip(missed, self.played, strict=True)
        )  # fmt: skip
