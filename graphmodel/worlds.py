"""Simulation of many worlds at once, where an exact answer is too large.

Worlds are played in chunks whose size depends on the graph alone, and chunks are summed in their
order, so that results do not depend on the kernel or on the number of threads. ``draws`` has the
specification of the random worlds.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from graphmodel.amounts import derived_seed
from graphmodel.arrays import Arrays, Played, arrays_of
from graphmodel.draws import Draws, Thresholds, Words, happening
from graphmodel.events import EventGraph
from graphmodel.intervals import Moments
from graphmodel.kernel_ints import IntKernel

# Step-worlds from which compiling pays: importing numba and its cached code costs what the other
# kernel needs for some 10**8 of them.
_COMPILE_FROM = 3 * 10**8
_COMPILED_FROM = 10**6  # and once that is done
_CHUNK_WORDS = 1 << 21
_MOST_BLOCKS = 256
_KEPT_CHUNKS = 2

Progress = Callable[[int, int], bool]
"""Called with the worlds that are done and those that were asked for; False stops the simulation."""


class Kernel(Protocol):
    """Plays worlds: 64 a word, from block ``first`` on."""

    def play(self, thresholds: Thresholds, first: int, blocks: int, near: Played | None = None) -> Words:
        """The worlds in which each fact comes true, as words (facts, blocks).

        ``near`` is what came of the same worlds with other chances: then only what can differ is played.
        """


@dataclass(frozen=True)
class Tally:
    """What was counted in one case: worlds in which each fact came true, and the losses of the worlds.

    ``saved`` is the loss of the first case less that of this one, world by world.
    """

    worlds: int
    hits: Mapping[str, int]
    loss: Moments
    saved: Moments


@dataclass(frozen=True)
class _Part:
    """What one chunk adds: hits (cases, facts), and sums of losses and savings (4, cases)."""

    worlds: int
    hits: NDArray[np.int64]
    sums: NDArray[np.float64]


@dataclass(frozen=True)
class Simulation:
    """The simulation of one graph; ``kernel`` is ``ints``, ``numba``, or empty to choose by the work."""

    graph: EventGraph
    seed: int
    kernel: str = ""

    @cached_property
    def arrays(self) -> Arrays:
        return arrays_of(self.graph)

    @cached_property
    def draws(self) -> Draws:
        return Draws.of(self.seed, [event.name for event in self.graph.events])

    @cached_property
    def _memory(self) -> dict[int, Played]:
        """What came of the first chunks when they were last played."""
        return {}

    @cached_property
    def blocks(self) -> int:
        """The words of a chunk."""
        return max(16, min(_MOST_BLOCKS, _CHUNK_WORDS // max(1, len(self.arrays.facts)) // 16 * 16))

    def run(
        self,
        weights: NDArray[np.float64],
        losses: Sequence[Mapping[str, float]],
        worlds: int,
        *,
        progress: Progress | None = None,
        enough: Callable[[Tally], bool] | None = None,
    ) -> tuple[Tally, ...]:
        """Play ``worlds`` worlds in each case; ``weights`` is (events, cases), ``losses`` one map a case.

        Ends early where ``progress`` says so, or ``enough`` of the first case: that is asked when
        the number of worlds has doubled, see ``looks``.
        """
        thresholds = [Thresholds.of(column) for column in weights.T]
        amounts = [self._amounts(one) for one in losses]
        done = 0
        hits = np.zeros((len(losses), len(self.arrays.facts)), dtype=np.int64)
        sums = np.zeros((4, len(losses)))
        when = self.looks(worlds) if enough is not None else []
        for part in self._parts(thresholds, amounts, worlds):
            done += part.worlds
            hits += part.hits
            sums += part.sums
            if progress is not None and not progress(done, worlds):
                break
            if enough is not None and done in when and enough(self._tallies(weights, losses, done, hits, sums)[0]):
                break
        return self._tallies(weights, losses, done, hits, sums)

    def looks(self, worlds: int) -> list[int]:
        """The numbers of worlds after which one may ask whether they are enough."""
        chunk = 64 * self.blocks
        found = []
        while chunk < worlds:
            found.append(chunk)
            chunk *= 2
        return [*found, worlds]

    def _amounts(self, losses: Mapping[str, float]) -> list[tuple[int, float]]:
        number = self.arrays.number
        return [(number[fact], amount) for fact, amount in sorted(losses.items()) if fact in number]

    def _kernels(self, plays: int) -> tuple[Callable[[], Kernel], int]:
        """How to make a kernel, and how many threads may play at once."""
        compiled = importlib.util.find_spec("numba") is not None
        enough = _COMPILE_FROM if "graphmodel.kernel_numba" not in sys.modules else _COMPILED_FROM
        if self.kernel == "numba" or (not self.kernel and compiled and plays * len(self.arrays.gains) >= enough):
            from graphmodel.kernel_numba import NumbaKernel  # noqa: PLC0415 - slow to import

            one = NumbaKernel(self.arrays, self.draws)
            return (lambda: one), os.cpu_count() or 1
        return (lambda: IntKernel(self.arrays, self.draws)), 1

    def _parts(
        self, thresholds: Sequence[Thresholds], amounts: Sequence[list[tuple[int, float]]], worlds: int
    ) -> Iterator[_Part]:
        make, threads = self._kernels(worlds * len(thresholds))
        chunks = [
            (first, min(64 * self.blocks, worlds - 64 * first)) for first in range(0, -(-worlds // 64), self.blocks)
        ]
        if threads == 1:
            kernel = make()
            for first, count in chunks:
                yield self._part(kernel, thresholds, amounts, first, count)
            return
        kernel = make()
        waiting: deque[Future[_Part]] = deque()
        with ThreadPoolExecutor(threads) as pool:
            for first, count in chunks:
                waiting.append(pool.submit(self._part, kernel, thresholds, amounts, first, count))
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def _part(
        self,
        kernel: Kernel,
        thresholds: Sequence[Thresholds],
        amounts: Sequence[list[tuple[int, float]]],
        first: int,
        count: int,
    ) -> _Part:
        hits, sums = [], np.zeros((4, len(thresholds)))
        reference = np.zeros(count)
        blocks = -(-count // 64)
        near = self._base(kernel, thresholds[0], first, blocks)
        for case, one in enumerate(thresholds):
            held = cut(kernel.play(one, first, blocks, near) if case else near.held, count)
            hits.append(np.bitwise_count(held).sum(axis=1, dtype=np.int64))
            total = np.zeros(count)
            for fact, amount in amounts[case]:
                total += amount * worlds_of(held[fact], count)
            if case == 0:
                reference = total
            saved = reference - total
            sums[:, case] = [total.sum(), (total * total).sum(), saved.sum(), (saved * saved).sum()]
        return _Part(count, np.stack(hits), sums)

    def _base(self, kernel: Kernel, thresholds: Thresholds, first: int, blocks: int) -> Played:
        """What comes of the first case, from memory where it was played before."""
        known = self._memory.get(first)
        if known is not None and known.held.shape[1] == blocks:
            if not known.thresholds.changed(thresholds).any():
                return known
            played = Played(thresholds, kernel.play(thresholds, first, blocks, known))
        else:
            played = Played(thresholds, kernel.play(thresholds, first, blocks))
        if first < _KEPT_CHUNKS * self.blocks:
            self._memory[first] = played
        return played

    def _tallies(
        self,
        weights: NDArray[np.float64],
        losses: Sequence[Mapping[str, float]],
        worlds: int,
        hits: NDArray[np.int64],
        sums: NDArray[np.float64],
    ) -> tuple[Tally, ...]:
        most = [sum(one.values()) for one in losses]
        better = [_never_worse(self.graph, weights, losses, case) for case in range(len(losses))]
        return tuple(
            Tally(
                worlds,
                dict(zip(self.arrays.facts, hits[case].tolist(), strict=True)),
                Moments(float(sums[0, case]), float(sums[1, case]), 0.0, most[case]),
                Moments(float(sums[2, case]), float(sums[3, case]), 0.0 if better[case] else -most[case], most[0]),
            )
            for case in range(len(losses))
        )

    def loss_through(
        self,
        weights: NDArray[np.float64],
        losses: Mapping[str, float],
        groups: Sequence[Collection[int]],
        worlds: int,
    ) -> list[tuple[float, float]]:
        """For each group of events the mean loss of the worlds in which one of them took effect, and
        of those among them in which nothing else gained the same fact.

        An event takes effect when a step of it fires. No more than the first could be saved, in
        the same worlds, if the events of the group were impossible; the second is a guess at what
        would be.
        """
        arrays, thresholds, amounts = self.arrays, Thresholds.of(weights), self._amounts(losses)
        kernel = self._kernels(worlds)[0]()
        steps_of: defaultdict[int, list[int]] = defaultdict(list)
        for step, event in enumerate(arrays.event.tolist()):
            steps_of[event].append(step)
        producers: defaultdict[int, list[int]] = defaultdict(list)
        for step, fact in enumerate(arrays.gains.tolist()):
            producers[fact].append(step)
        members = [frozenset(step for event in group for step in steps_of[event]) for group in groups]
        sums = np.zeros((len(groups), 2))
        for first in range(0, -(-worlds // 64), self.blocks):
            count = min(64 * self.blocks, worlds - 64 * first)
            held = cut(kernel.play(thresholds, first, -(-count // 64)), count)
            total = np.zeros(count)
            for fact, amount in amounts:
                total += amount * worlds_of(held[fact], count)
            fired = self._fired(held, thresholds, first)
            for number, steps in enumerate(members):
                touched = alone = np.zeros(held.shape[1], dtype=np.uint64)
                for fact in {int(arrays.gains[step]) for step in steps}:
                    own = np.bitwise_or.reduce(fired[[step for step in producers[fact] if step in steps]])
                    others = fired[[step for step in producers[fact] if step not in steps]]
                    touched = touched | own
                    alone = alone | (own & ~np.bitwise_or.reduce(others) if len(others) else own)
                sums[number] += [float(total @ worlds_of(mask, count)) for mask in (touched, alone)]
        return [(float(touched) / worlds, float(alone) / worlds) for touched, alone in sums]

    def apart(self, name: str) -> Simulation:
        """The same graph in other worlds, which belong to ``name`` and have nothing to do with these."""
        return replace(self, seed=derived_seed(self.seed, name))

    def held(self, weights: NDArray[np.float64], facts: Sequence[str], first: int, count: int) -> NDArray[np.bool_]:
        """Whether each fact comes true in each of ``count`` worlds from number ``first``, a multiple of 64, on.

        ``weights`` is (events, cases), the result (cases, facts, worlds); all cases see the same
        worlds. Raises KeyError for a fact that cannot come true, ValueError for another ``first``.
        """
        if first % 64:
            raise ValueError(f"worlds are played from a multiple of 64 on, not from {first}")
        arrays = self.arrays
        number, kernel = arrays.number, self._kernels(count * weights.shape[1])[0]()
        rows = [number[fact] for fact in facts]
        found = np.zeros((weights.shape[1], len(facts), count), dtype=np.bool_)
        thresholds = [Thresholds.of(column) for column in weights.T]
        for start in range(0, count, 64 * self.blocks):
            part = min(64 * self.blocks, count - start)
            near: Played | None = None
            for case, one in enumerate(thresholds):
                played = kernel.play(one, (first + start) // 64, -(-part // 64), near)
                near = near or Played(one, played)
                for place, row in enumerate(rows):
                    found[case, place, start : start + part] = worlds_of(played[row], part)
        return found

    def possible(self, happens: Words) -> Words:
        """The worlds in which each step succeeds and is not stopped, as words (steps, blocks), from those of events."""
        arrays = self.arrays
        everywhere = np.full((1, happens.shape[1]), np.uint64(0xFFFFFFFFFFFFFFFF))
        table = np.concatenate((happens, everywhere))
        found = table[arrays.event]
        covered = np.repeat(np.arange(len(found)), np.diff(arrays.cover_at))
        np.bitwise_and.at(found, covered, ~(table[arrays.control] & table[arrays.coverage]))
        return found

    def _fired(self, held: Words, thresholds: Thresholds, first: int) -> Words:
        """The worlds in which each step fires, as words (steps, blocks)."""
        arrays = self.arrays
        fired = self.possible(happening(self.draws, thresholds, np.arange(arrays.events), first, held.shape[1]))
        needing = np.repeat(np.arange(len(fired)), np.diff(arrays.need_at))
        np.bitwise_and.at(fired, needing, held[arrays.needs])
        return fired


def _never_worse(
    graph: EventGraph, weights: NDArray[np.float64], losses: Sequence[Mapping[str, float]], case: int
) -> bool:
    """Whether a case cannot cost more than the first in any world: steps no likelier, controls no weaker."""
    defends = np.array([not event.members for event in graph.events])
    change = np.where(defends, weights[:, 0] - weights[:, case], weights[:, case] - weights[:, 0])
    dearer = any(amount > losses[0].get(fact, 0.0) for fact, amount in losses[case].items())
    return bool((change <= 0).all()) and not dearer


def cut(held: Words, count: int) -> Words:
    """The same with only the first ``count`` worlds; the last word may hold more."""
    if count % 64:
        held = held.copy()
        held[:, -1] &= np.uint64((1 << count % 64) - 1)
    return held


def worlds_of(words: Words, count: int) -> NDArray[np.uint8]:
    """A value 0 or 1 for each of ``count`` worlds."""
    return np.unpackbits(words.astype("<u8").view(np.uint8), count=count, bitorder="little")
