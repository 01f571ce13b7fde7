"""A core: few of the steps of a graph by which some facts mostly come true, and their exact chances by those alone.

Attack graphs are monotone: what comes true by some of the steps comes true by all. So the chance of a fact is that by
the core, which a tree of cuts tells exactly, and that of the worlds in which it comes true, but not by the
core. These are few, and simulation tells them in an interval that is far narrower than one of the chance itself: the
core is a bound whose chance is known, as in Fishman's sampling plans (1986). Any core gives a true interval; it is
chosen in worlds of its own, so that the choice leaves the confidence as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphmodel.engine.exact.loops import Chances
from graphmodel.engine.exact.rules import Awaited, Rules, TooWideError
from graphmodel.engine.exact.treecuts import Cuts, TreeOfCuts, cuts
from graphmodel.engine.worlds.draws import Thresholds, Words
from graphmodel.engine.worlds.lanes import Places, fired, grouped_needs, table_of
from graphmodel.engine.worlds.remainders import Core, beside
from graphmodel.engine.worlds.simulation import Simulation

STEPS = 20_000  # of a graph in which a core is looked for
MOST = 100  # facts that have one
_ROUNDS = 1_024, 4_096  # worlds in which ways are looked for
_WAYS = 512  # to a fact that are looked at in each round and case
_FEWEST = 8  # ways in the first round: what is rarer has better methods
_OFTEN = 64, 32, 16, 8, 6, 5, 4, 3, 2, 1  # times that a step was used on the way to some fact: the least that can be
_TRIES = 1  # trees for each


@dataclass(frozen=True)
class CutCore:
    """A core, and the ``tree`` that tells the chances of its facts by it."""

    core: Core
    tree: TreeOfCuts

    def chances(self, weights: Chances) -> dict[int, Chances]:
        """The chance of each of its facts by the core alone, in each case; ``weights`` is (events, cases)."""
        return self.tree.evaluate(weights)


def core_of(
    simulation: Simulation,
    rules: Rules,
    weights: Chances,
    facts: Sequence[int],
    pairs: int,
    awaited: Awaited,
    hurried: Callable[[], bool],
) -> CutCore | None:
    """A core of those of the facts that are not rare, for these cases; ``weights`` is (events, cases).

    ``pairs`` limits the joins of operators; ``awaited`` is called between parts of the work, and may raise to end it;
    once ``hurried`` says so there is no more of it.
    """
    used = _used(simulation, weights, facts, awaited, hurried)
    if not used:
        return None
    most = np.max([*used.values()], axis=0)
    best: tuple[Places, Cuts] | None = None
    low, high = 0, len(_OFTEN)
    while low < high:
        if hurried():
            return None
        middle = (low + high) // 2
        steps = np.flatnonzero(most >= _OFTEN[middle])
        try:
            found = cuts(rules, {0: steps.tolist()}, [*used], pairs, _TRIES, awaited)
        except TooWideError:
            high = middle
            continue
        if found.price <= pairs:
            best, low = (steps, found), middle + 1
        else:
            high = middle
    if best is None:
        return None
    try:
        return CutCore(Core(tuple(used), best[0]), best[1].joined(2 * pairs, awaited))  # a price is a guess
    except TooWideError:
        return None


def _used(
    simulation: Simulation, weights: Chances, facts: Sequence[int], awaited: Awaited, hurried: Callable[[], bool]
) -> dict[int, NDArray[np.float64]]:
    """How often each step was used on ways to each of the facts, without those that hardly ever come true."""
    ways = _Ways(simulation.apart("core"), np.unique(weights, axis=1))
    used = {fact: np.zeros(len(simulation.arrays.gains)) for fact in facts}
    for number, worlds in enumerate(_ROUNDS):
        awaited()
        if hurried():
            return {}
        ways.play(worlds)
        for fact, own in list(used.items()):
            if ways.follow(fact, own) < _FEWEST and number == 0:
                del used[fact]
    return used


class _Ways:
    """Worlds in which ways to facts are looked for."""

    def __init__(self, simulation: Simulation, weights: Chances) -> None:
        self.simulation, self.weights = simulation, weights
        arrays = simulation.arrays
        self.users = grouped_needs(arrays)
        step_of = np.repeat(np.arange(len(arrays.gains)), np.diff(arrays.need_at))
        uncertain = step_of[arrays.needs >= len(arrays.certain)]
        self.first = np.flatnonzero(np.bincount(uncertain, minlength=len(arrays.gains)) == 0)
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

    def follow(self, fact: int, used: NDArray[np.float64]) -> int:
        """Add to ``used`` the steps of ways to a fact where those that were used do not lead to it; returns how many
        ways there were."""
        core = Core((fact,), np.flatnonzero(used))
        missed = [beside(self.simulation.arrays, fires, held, core)[0] for held, fires in self.played]
        if len(core.steps):
            return self._follow(fact, missed, used)
        # Which steps many ways have is known only after the first look.
        self._follow(fact, missed, used)
        before = used.copy()
        seen = self._follow(fact, missed, used)
        used -= before
        return seen

    def _follow(self, fact: int, missed: Collection[Words], used: NDArray[np.float64]) -> int:
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
