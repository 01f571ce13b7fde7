"""Simulation kernel for small graphs, in pure Python: a bit of a big integer for each world.

AND and OR act on all worlds of a chunk together; nothing is compiled, so nothing has to be waited for.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from graphmodel.engine.worlds.arrays import Arrays, Played
from graphmodel.engine.worlds.draws import Draws, Thresholds, Words, happening


@dataclass
class IntKernel:
    """Plays worlds of one graph; what events did in the last chunk is kept for the next case.

    May be used by several threads at once.
    """

    arrays: Arrays
    draws: Draws
    _last: tuple[tuple[int, int], Thresholds, list[int]] | None = None

    def play(
        self,
        thresholds: Thresholds,
        first: int,
        blocks: int,
        near: Played | None = None,
        forced: Mapping[int, int] | None = None,
    ) -> Words:
        """The worlds in which each fact comes true, as words (facts, blocks).

        ``near`` is what came of the same worlds with other chances: then only what can differ is
        played. ``forced`` gives other worlds to some events than those that were drawn for them.
        """
        bits = list(self.bits(thresholds, first, blocks))
        for event, worlds in (forced or {}).items():
            bits[event] = worlds
        arrays, full = self.arrays, (1 << 64 * blocks) - 1
        held = [0] * len(arrays.facts)
        for fact in arrays.certain.tolist():
            held[fact] = full
        if near is not None:
            held = [int.from_bytes(row.tobytes(), "little") for row in near.held.astype("<u8", copy=False)]
            touched = arrays.touched(near.thresholds.changed(thresholds)).tolist()
        moved: set[int] = set()
        gains, events = arrays.gains.tolist(), arrays.event.tolist()
        need_at, needs = arrays.need_at.tolist(), arrays.needs.tolist()
        cover_at, controls, coverages = arrays.cover_at.tolist(), arrays.control.tolist(), arrays.coverage.tolist()
        user_at, users = arrays.user_at.tolist(), arrays.users.tolist()

        def fire(step: int, mask: int) -> int:
            """Those of the worlds in which the step brings something new."""
            mask &= ~held[gains[step]]
            for need in needs[need_at[step] : need_at[step + 1]]:
                mask &= held[need]
            if mask and events[step] >= 0:
                mask &= bits[events[step]]
            if mask:
                for cover in range(cover_at[step], cover_at[step + 1]):
                    stops = bits[controls[cover]]
                    mask &= ~(stops if coverages[cover] < 0 else stops & bits[coverages[cover]])
            held[gains[step]] |= mask
            return mask

        starts, inner = arrays.component_at.tolist(), arrays.inner.tolist()
        own = pairwise(arrays.fact_at.tolist())
        for begin, end, loop, (low, high) in zip(starts, starts[1:], arrays.loop.tolist(), own, strict=False):
            before = held[low:high]
            if near is not None:
                if not any(touched[begin:end]) and moved.isdisjoint(needs[need_at[begin] : need_at[end]]):
                    continue
                held[low:high] = [0] * (high - low)
            if not loop:
                for step in range(begin, end):
                    fire(step, full)
                if near is not None:
                    moved.update(fact for fact, old in enumerate(before, low) if held[fact] != old)
                continue
            fresh: OrderedDict[int, int] = OrderedDict()
            for step in range(begin, end):
                if not inner[step]:
                    fresh[gains[step]] = fresh.get(gains[step], 0) | fire(step, full)
            while fresh:
                source, news = fresh.popitem(last=False)
                for step in users[user_at[source] : user_at[source + 1]] if news else ():
                    gained = fire(step, news)
                    if gained:
                        fresh[gains[step]] = fresh.get(gains[step], 0) | gained
            if near is not None:
                moved.update(fact for fact, old in enumerate(before, low) if held[fact] != old)
        data = b"".join(mask.to_bytes(8 * blocks, "little") for mask in held)
        return np.frombuffer(data, dtype="<u8").astype(np.uint64, copy=False).reshape(len(held), blocks)

    def bits(self, thresholds: Thresholds, first: int, blocks: int) -> list[int]:
        """The worlds in which each event happens, as an integer; only changed chances are drawn anew."""
        last, place = self._last, (first, blocks)
        if last is not None and last[0] != place:
            last = None
        if last is not None:
            bits, chosen = list(last[2]), np.flatnonzero(last[1].changed(thresholds))
        else:
            bits, chosen = [0] * self.arrays.events, np.arange(self.arrays.events)
        for event, words in zip(chosen.tolist(), happening(self.draws, thresholds, chosen, first, blocks), strict=True):
            bits[event] = int.from_bytes(words.astype("<u8").tobytes(), "little")
        if last is None:
            self._last = (place, thresholds, bits)
        return bits
