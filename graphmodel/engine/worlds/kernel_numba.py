"""Simulation kernel for large graphs, compiled by numba: the worlds of the other kernel, bit for bit.

Worlds are played in groups of sixteen words. Draws are lazy: of an event only those worlds are
decided in which all that its step needs is held and the gain is not. Inside a loop of facts only
news travel, so that a step is tried in a world when the last of its needs comes true and not again; they go
round in the order of the facts, which is about that of the attack, so that many worlds travel together.
The functions run without the interpreter lock, so threads share the chunks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from graphmodel.engine.worlds.arrays import Arrays, Ints, Played
from graphmodel.engine.worlds.compiler import kernel, part
from graphmodel.engine.worlds.draws import Draws, Thresholds, Words

_GROUP = 16
_SEVERAL = 4  # words of a group from which draws are made side by side
_TOGETHER = 8  # planes of them; what is undecided then are few worlds of few words


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


@part
def _mix(word: np.uint64) -> np.uint64:
    """The finaliser of SplitMix64, as in ``draws``."""
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


@part
def _decided(state: np.uint64, width: np.uint64, rest: np.uint64, undecided: np.uint64) -> np.uint64:
    """Those of the undecided worlds in which an event happens, by the planes after ``state`` and the digits that are
    left of its threshold."""
    happens = np.uint64(0)
    while undecided != np.uint64(0) and rest != np.uint64(0):
        state += width
        word = _mix(state)
        if rest >> np.uint64(63):
            happens |= undecided & ~word
            undecided &= word
        else:
            undecided &= ~word
        rest = rest << np.uint64(1)
    return happens


@part
def _draw(table: Words, row: int, block: int, wanted: np.uint64) -> np.uint64:
    """Those of the wanted worlds in which an event happens; a row is key, width, threshold and sureness."""
    if table[row, 3] != np.uint64(0):
        return wanted
    width = table[row, 1]
    happens: np.uint64 = _decided(table[row, 0] + width * np.uint64(64 * block), width, table[row, 2], wanted)
    return happens


@part
def _draw_side_by_side(
    table: Words, row: int, block: int, count: int, wanted: Words, undecided: Words, happens: Words
) -> None:
    """The same for the words of a group at once; what was wanted is left where the event happens."""
    width = table[row, 1]
    rest = table[row, 2]
    state = table[row, 0] + width * (np.uint64(block) << np.uint64(6))
    apart = width << np.uint64(6)
    for lane in range(count):
        undecided[lane] = wanted[lane]
        happens[lane] = np.uint64(0)
    left = np.uint64(1)
    plane = 0
    while left != np.uint64(0) and rest != np.uint64(0) and plane < _TOGETHER:
        state += width
        left = np.uint64(0)
        digit = np.uint64(0) - (rest >> np.uint64(63))
        for lane in range(count):
            word = _mix(state + apart * np.uint64(lane))
            happens[lane] |= undecided[lane] & ~word & digit
            undecided[lane] &= word ^ ~digit
            left |= undecided[lane]
        rest = rest << np.uint64(1)
        plane += 1
    for lane in range(count):
        wanted[lane] = happens[lane]
        if undecided[lane] != np.uint64(0) and rest != np.uint64(0):
            wanted[lane] |= _decided(state + apart * np.uint64(lane), width, rest, undecided[lane])


@kernel
def _play(  # type: ignore[no-untyped-def]
    held, before, touched, whole, first, own, table, kept, places, component_at, fact_at, loop, gains, need_at,
    needs, inner, cover_at, control, coverage, user_at, users,
):  # fmt: skip
    facts, blocks = held.shape
    memory = np.zeros((places, _GROUP, 2), dtype=np.uint64)
    stamp = np.full(places, -1, dtype=np.int64)
    heap = np.empty(facts + 1, dtype=np.int64)
    queued = np.zeros(facts, dtype=np.bool_)
    fresh = np.zeros((facts, _GROUP), dtype=np.uint64)
    mask = np.empty(_GROUP, dtype=np.uint64)
    news = np.empty(_GROUP, dtype=np.uint64)
    undecided = np.empty(_GROUP, dtype=np.uint64)
    happens = np.empty(_GROUP, dtype=np.uint64)
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
        several = 0
        for lane in range(count):
            mask[lane] &= ~held[gain, begin + lane]
        for at in range(need_at[step], need_at[step + 1]):
            need = needs[at]
            for lane in range(count):
                mask[lane] &= held[need, begin + lane]
        for lane in range(count):
            some |= mask[lane]
            several += mask[lane] != np.uint64(0)
        if some == np.uint64(0):
            return False
        if own[step, 3] == np.uint64(0):
            if several >= _SEVERAL:
                _draw_side_by_side(own, step, first + begin, count, mask, undecided, happens)
            else:
                for lane in range(count):
                    if mask[lane] != np.uint64(0):
                        mask[lane] = _draw(own, step, first + begin + lane, mask[lane])
        grown = np.uint64(0)
        if cover_at[step] == cover_at[step + 1]:
            for lane in range(count):
                held[gain, begin + lane] |= mask[lane]
                grown |= mask[lane]
            return grown != np.uint64(0)
        for lane in range(count):
            wanted = mask[lane]
            if wanted != np.uint64(0):
                block = first + begin + lane
                for at in range(cover_at[step], cover_at[step + 1]):
                    if wanted == np.uint64(0):
                        break
                    stopped = shared(control[at], block, lane, wanted, group)
                    if coverage[at] >= 0 and stopped != np.uint64(0):
                        stopped = _draw(table, coverage[at], block, stopped)
                    wanted &= ~stopped
                mask[lane] = wanted
            held[gain, begin + lane] |= wanted
            grown |= wanted
        return grown != np.uint64(0)

    def put(size, one):  # type: ignore[no-untyped-def]
        """Add to a heap of so many turns."""
        while size and heap[(size - 1) >> 1] > one:
            heap[size] = heap[(size - 1) >> 1]
            size = (size - 1) >> 1
        heap[size] = one

    def taken(size):  # type: ignore[no-untyped-def]
        """The least of a heap of so many turns, which is taken out."""
        least, one, size, at = heap[0], heap[size - 1], size - 1, 0
        while 2 * at + 1 < size:
            child = 2 * at + 1
            if child + 1 < size and heap[child + 1] < heap[child]:
                child += 1
            if one <= heap[child]:
                break
            heap[at] = heap[child]
            at = child
        heap[at] = one
        return least

    group = 0
    for begin in range(0, blocks, _GROUP):
        count = min(_GROUP, blocks - begin)
        moved[:] = False
        for component in range(len(loop)):
            if not whole:
                if not concerned(component):
                    continue
                held[fact_at[component] : fact_at[component + 1], begin : begin + count] = np.uint64(0)
            # First all steps whose needs lie before the component, then the users of each fact with news in their turn.
            waiting = turn = source = 0
            start, end, seeding = component_at[component], component_at[component + 1], True
            for lane in range(count):
                news[lane] = ~np.uint64(0)
            while True:
                for at in range(start, end):
                    step = at if seeding else users[at]
                    if seeding and inner[step]:
                        continue
                    for lane in range(count):
                        mask[lane] = news[lane]
                    if fire(step, begin, count, group) and loop[component]:
                        fact = gains[step]
                        for lane in range(count):
                            fresh[fact, lane] |= mask[lane]
                        if not queued[fact]:
                            queued[fact] = True
                            put(waiting, turn - source + fact + (facts if fact < source else 0))
                            waiting += 1
                if waiting == 0:
                    break
                turn = taken(waiting)
                waiting -= 1
                source = turn % facts
                queued[source] = False
                for lane in range(count):
                    news[lane] = fresh[source, lane]
                    fresh[source, lane] = np.uint64(0)
                start, end, seeding = user_at[source], user_at[source + 1], False
            if not whole:
                for fact in range(fact_at[component], fact_at[component + 1]):
                    for lane in range(begin, begin + count):
                        if held[fact, lane] != before[fact, lane]:
                            moved[fact] = True
                            break
        group += 1
