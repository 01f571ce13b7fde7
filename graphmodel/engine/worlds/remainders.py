"""Counts what comes true beside cores: the worlds in which a fact comes true, but not by some of the steps alone.

A core is of steps by which a fact comes true with a chance that is known. Attack graphs are monotone: what
comes true by some of the steps comes true by all. So the chance of the fact is that known one and the share of the
worlds that are counted here, which are few where the core is well chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graphmodel.engine.worlds.arrays import Arrays
from graphmodel.engine.worlds.chunks import Cases, Counting, Game
from graphmodel.engine.worlds.draws import Thresholds, Words
from graphmodel.engine.worlds.lanes import Places, fired, table_of


@dataclass(frozen=True, eq=False)
class Remaining(Counting):
    """Counts facts, and after them of each fact with a core (number, steps) what comes true beside it; only that is
    added up of what these facts cost."""

    cores: tuple[tuple[int, Places], ...]

    @classmethod
    def beside(
        cls,
        arrays: Arrays,
        cases: Cases,
        amounts: Sequence[Sequence[tuple[int, float]]],
        cores: tuple[tuple[int, Places], ...],
    ) -> Remaining:
        """The job where these ``amounts`` are lost by facts, by number, in each case."""
        row = {fact: len(arrays.facts) + place for place, (fact, _) in enumerate(cores)}
        return cls(cases, tuple(tuple((row.get(fact, fact), amount) for fact, amount in one) for one in amounts), cores)

    def seen(self, game: Game, thresholds: Thresholds, held: Words, first: int) -> Words:
        fires = fired(game.arrays, table_of(game.draws, thresholds), held, first)
        own = [beside(game.arrays, fires, held[fact], fact, steps) for fact, steps in self.cores]
        return np.concatenate([held, np.stack(own)])


def beside(arrays: Arrays, fires: Words, held: Words, fact: int, steps: Places) -> Words:
    """The worlds, of those in which a fact is ``held``, in which it does not come true by these steps alone.

    ``fires`` are the worlds in which each step fires, as words (blocks, steps).
    """
    from graphmodel.engine.worlds import kernel_cores  # noqa: PLC0415 - slow to import

    found = kernel_cores.beside(
        fires, held, steps, len(arrays.certain), arrays.need_at, arrays.needs, arrays.gains, fact, len(arrays.facts)
    )
    return np.asarray(found)
