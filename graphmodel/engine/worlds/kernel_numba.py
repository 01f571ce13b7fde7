"""Simulation kernel for large graphs, compiled by numba: the worlds of the other kernel, bit for bit.

Worlds are played in groups of sixteen words. Draws are lazy: of an event only those worlds are
decided in which all that its step needs is held and the gain is not. Inside a loop of facts only
news travel, so that a step is tried in a world when the last of its needs comes true and not again.
The functions run without the interpreter lock, so threads share the chunks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from graphmodel.engine.worlds.arrays import Arrays, Ints, Played
from graphmodel.engine.worlds.compiler import numba
from graphmodel.engine.worlds.draws import Draws, Thresholds, Words

_GROUP = 16


@dataclass(frozen=True)
class NumbaKernel:
    """Plays worlds of one graph; may be used by several threads at once."""

    arrays: Arrays
    draws: Draws

    @cached_property
    def kept(self) -> Ints:
        """A place for the draws of each control that several steps meet, or -1."""
        arrays = self.arrays
        places = np.full(arrays.events, -1, dtype=np.int32)
        controls = np.unique(arrays.control)
        places[controls] = np.arange(len(controls), dtype=np.int32)
        return places

    def play(self, thresholds: Thresholds, first: int, blocks: int, near: Played | None = None) -> Words:
        """The worlds in which each fact comes true, as words (facts, blocks); see the other kernel."""
        arrays = self.arrays
        if near is None:
            held = np.zeros((len(arrays.facts), blocks), dtype=np.uint64)
            held[arrays.certain] = np.uint64(0xFFFFFFFFFFFFFFFF)
            touched = np.ones(len(arrays.gains), dtype=np.bool_)
        else:
            held = near.held.copy()
            touched = arrays.touched(near.thresholds.changed(thresholds))
        table = np.stack(
            (self.draws.key, self.draws.width, thresholds.value, thresholds.sure.astype(np.uint64)), axis=1
        )
        always = np.array([[0, 1, 0, 1]], dtype=np.uint64)
        own = np.concatenate((table, always))[arrays.event]
        _play(
            held, held if near is None else near.held, touched, near is None, first, own, table, self.kept,
            int(self.kept.max(initial=-1)) + 1, arrays.component_at, arrays.fact_at, arrays.loop, arrays.gains,
            arrays.need_at, arrays.needs, arrays.inner, arrays.cover_at, arrays.control, arrays.coverage,
            arrays.user_at, arrays.users,
        )  # fmt: skip
        return held


@numba.njit(inline="always")
def _draw(table: Words, row: int, block: int, wanted: np.uint64) -> np.uint64:
    """Those of the wanted worlds in which an event happens; a row is key, width, threshold and sureness."""
    if table[row, 3] != np.uint64(0):
        return wanted
    happens = np.uint64(0)
    undecided = wanted
    width = table[row, 1]
    rest = table[row, 2]
    state = table[row, 0] + width * np.uint64(64 * block)
    while undecided != np.uint64(0) and rest != np.uint64(0):
        state += width
        word = state
        word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        word = word ^ (word >> np.uint64(31))
        if rest >> np.uint64(63):
            happens |= undecided & ~word
            undecided &= word
        else:
            undecided &= ~word
        rest = rest << np.uint64(1)
    return happens


@numba.njit(nogil=True, cache=True)
def _play(  # type: ignore[no-untyped-def]
    held, before, touched, whole, first, own, table, kept, places, component_at, fact_at, loop, gains, need_at,
    needs, inner, cover_at, control, coverage, user_at, users,
):  # fmt: skip
    facts, blocks = held.shape
    memory = np.zeros((places, _GROUP, 2), dtype=np.uint64)
    stamp = np.full(places, -1, dtype=np.int64)
    queue = np.empty(facts + 1, dtype=np.int32)
    queued = np.zeros(facts, dtype=np.bool_)
    fresh = np.zeros((facts, _GROUP), dtype=np.uint64)
    mask = np.empty(_GROUP, dtype=np.uint64)
    news = np.empty(_GROUP, dtype=np.uint64)
    moved = np.zeros(facts, dtype=np.bool_)

    def concerned(component):  # type: ignore[no-untyped-def]
        for step in range(component_at[component], component_at[component + 1]):
            if touched[step]:
                return True
            for at in range(need_at[step], need_at[step + 1]):
                if moved[needs[at]]:
                    return True
        return False

    def shared(one, block, lane, wanted, group):  # type: ignore[no-untyped-def]
        place = kept[one]
        if stamp[place] != group:
            stamp[place] = group
            for other in range(_GROUP):
                memory[place, other, 0] = np.uint64(0)
                memory[place, other, 1] = np.uint64(0)
        missing = wanted & ~memory[place, lane, 0]
        if missing:
            memory[place, lane, 1] |= _draw(table, one, block, missing)
            memory[place, lane, 0] |= missing
        return memory[place, lane, 1] & wanted

    def fire(step, begin, count, group):  # type: ignore[no-untyped-def]
        """Those of the worlds in ``mask`` in which the step brings something new are left in it."""
        gain = gains[step]
        some = np.uint64(0)
        for lane in range(count):
            wanted = mask[lane] & ~held[gain, begin + lane]
            if wanted != np.uint64(0):
                for at in range(need_at[step], need_at[step + 1]):
                    wanted &= held[needs[at], begin + lane]
            mask[lane] = wanted
            some |= wanted
        if some == np.uint64(0):
            return False
        grown = False
        for lane in range(count):
            wanted = mask[lane]
            if wanted == np.uint64(0):
                continue
            block = first + begin + lane
            wanted = _draw(own, step, block, wanted)
            for at in range(cover_at[step], cover_at[step + 1]):
                if wanted == np.uint64(0):
                    break
                stopped = shared(control[at], block, lane, wanted, group)
                if coverage[at] >= 0 and stopped != np.uint64(0):
                    stopped = _draw(table, coverage[at], block, stopped)
                wanted &= ~stopped
            mask[lane] = wanted
            if wanted != np.uint64(0):
                held[gain, begin + lane] |= wanted
                grown = True
        return grown

    group = 0
    for begin in range(0, blocks, _GROUP):
        count = min(_GROUP, blocks - begin)
        moved[:] = False
        for component in range(len(loop)):
            if not whole:
                if not concerned(component):
                    continue
                held[fact_at[component] : fact_at[component + 1], begin : begin + count] = np.uint64(0)
            head = 0
            length = 0
            for step in range(component_at[component], component_at[component + 1]):
                if inner[step]:
                    continue
                for lane in range(count):
                    mask[lane] = ~np.uint64(0)
                if fire(step, begin, count, group) and loop[component]:
                    fact = gains[step]
                    for lane in range(count):
                        fresh[fact, lane] |= mask[lane]
                    if not queued[fact]:
                        queued[fact] = True
                        queue[(head + length) % (facts + 1)] = fact
                        length += 1
            while length:
                source = queue[head]
                head = (head + 1) % (facts + 1)
                length -= 1
                queued[source] = False
                for lane in range(count):
                    news[lane] = fresh[source, lane]
                    fresh[source, lane] = np.uint64(0)
                for at in range(user_at[source], user_at[source + 1]):
                    for lane in range(count):
                        mask[lane] = news[lane]
                    if fire(users[at], begin, count, group):
                        fact = gains[users[at]]
                        for lane in range(count):
                            fresh[fact, lane] |= mask[lane]
                        if not queued[fact]:
                            queued[fact] = True
                            queue[(head + length) % (facts + 1)] = fact
                            length += 1
            if not whole:
                for fact in range(fact_at[component], fact_at[component + 1]):
                    for lane in range(begin, begin + count):
                        if held[fact, lane] != before[fact, lane]:
                            moved[fact] = True
                            break
        group += 1
