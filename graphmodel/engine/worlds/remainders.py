"""Counts what comes true beside a core: the worlds in which a fact comes true, but not by some of the steps alone.

A core is of steps by which facts come true with chances that are known. Attack graphs are monotone: what comes true by
some of the steps comes true by all. So the chance of a fact is that known one and the share of the worlds that
are counted here, which are few where the core is well chosen.
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
class Core:
    """Steps by which some ``facts`` come true, by their numbers."""

    facts: tuple[int, ...]
    steps: Places


@dataclass(frozen=True, eq=False)
class Remaining(Counting):
    """Counts facts, and after them for each fact of a core what comes true beside it; only that is added up of what
    these facts cost."""

    core: Core

    @classmethod
    def of(cls, arrays: Arrays, cases: Cases, amounts: Sequence[Sequence[tuple[int, float]]], core: Core) -> Remaining:
        """The job where these ``amounts`` are lost by facts, by number, in each case."""
        row = {fact: len(arrays.facts) + place for place, fact in enumerate(core.facts)}
        return cls(cases, tuple(tuple((row.get(fact, fact), amount) for fact, amount in one) for one in amounts), core)

    def seen(self, game: Game, thresholds: Thresholds, held: Words, first: int) -> Words:
        fires = fired(game.arrays, table_of(game.draws, thresholds), held, first)
        return np.concatenate([held, beside(game.arrays, fires, held, self.core)])


def beside(arrays: Arrays, fires: Words, held: Words, core: Core) -> Words:
    """The worlds in which each fact of a core is ``held``, but not by the core alone, as words (facts, blocks).

    ``fires`` are the worlds in which each step fires, as words (blocks, steps).
    """
    from graphmodel.engine.worlds import kernel_cores  # noqa: PLC0415 - slow to import

    targets = np.array(core.facts, dtype=np.int64)
    found = kernel_cores.beside(
        fires, held[targets], core.steps, len(arrays.certain), arrays.need_at, arrays.needs, arrays.gains, targets,
        len(arrays.facts),
    )  # fmt: skip
    return np.asarray(found)
