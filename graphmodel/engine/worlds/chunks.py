"""Chunks of worlds as units of work: what is worked out from one, and who plays them (threads, a cluster).

What comes of a chunk follows from the graph, the draws, the task and the place of the chunk, and
from nothing else. So any thread, process or machine may play it, and may play it again.
"""

from __future__ import annotations

import importlib.util
import sys
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from graphmodel.engine.parallel import processors
from graphmodel.engine.worlds.arrays import Arrays, Played
from graphmodel.engine.worlds.draws import Draws, Thresholds, Words
from graphmodel.engine.worlds.kernel_ints import IntKernel

# Step-worlds from which compiling pays: importing numba and its cached code costs what the other
# kernel needs for some 10**8 of them.
_COMPILE_FROM = 3 * 10**8
_COMPILED_FROM = 10**6  # and once that is done
_CHUNK_WORDS = 1 << 21
_MOST_BLOCKS = 128
_KEPT_CHUNKS = 2

Found = TypeVar("Found")
Found_co = TypeVar("Found_co", covariant=True)
Chunk = tuple[int, int]
"""The number of the first block, and how many worlds."""


class Kernel(Protocol):
    """Plays worlds: 64 a word, from block ``first`` on."""

    def play(self, thresholds: Thresholds, first: int, blocks: int, near: Played | None = None) -> Words:
        """The worlds in which each fact comes true, as words (facts, blocks).

        ``near`` is what came of the same worlds with other chances: then only what can differ is played.
        """


@dataclass(frozen=True, eq=False)
class Game:
    """What all chunks of a graph have in common. A pickled one has its graph and draws, not what it remembers."""

    arrays: Arrays
    draws: Draws

    def __getstate__(self) -> dict[str, Any]:
        return {"arrays": self.arrays, "draws": self.draws}

    @cached_property
    def memory(self) -> dict[int, Played]:
        """What came of the first chunks when they were last played."""
        return {}

    def forget(self) -> None:
        """Without what is remembered of worlds, so that all are played and drawn again."""
        self.memory.clear()
        self._kernels.clear()

    @cached_property
    def blocks(self) -> int:
        """The words of a chunk."""
        return max(16, min(_MOST_BLOCKS, _CHUNK_WORDS // max(1, len(self.arrays.facts)) // 16 * 16))

    def chunks(self, first: int, worlds: int) -> list[Chunk]:
        """The chunks of so many worlds from block ``first`` on."""
        return [
            (first + start, min(64 * self.blocks, worlds - 64 * start))
            for start in range(0, -(-worlds // 64), self.blocks)
        ]

    def compiles(self, kernel: str, plays: int) -> bool:
        """Whether to use the compiled kernel here, where so many worlds are to be played in all."""
        if kernel:
            return kernel == "numba"
        enough = _COMPILE_FROM if "graphmodel.engine.worlds.kernel_numba" not in sys.modules else _COMPILED_FROM
        return plays * len(self.arrays.gains) >= enough and importlib.util.find_spec("numba") is not None

    @cached_property
    def _compiled(self) -> Kernel:
        from graphmodel.engine.worlds.kernel_numba import NumbaKernel  # noqa: PLC0415 - slow to import

        return NumbaKernel(self.arrays, self.draws)

    @cached_property
    def _kernels(self) -> dict[int, IntKernel]:
        """The kernels that last played the first chunks, each with the draws of its chunk."""
        return {}

    def kernel(self, kernel: str, plays: int, first: int) -> Kernel:
        """A kernel for one thread, to play the chunk that begins with block ``first``."""
        if self.compiles(kernel, plays):
            return self._compiled
        if first >= _KEPT_CHUNKS * self.blocks or self.arrays.events * self.blocks > _CHUNK_WORDS:
            return IntKernel(self.arrays, self.draws)
        return self._kernels.setdefault(first, IntKernel(self.arrays, self.draws))

    def base(self, kernel: Kernel, thresholds: Thresholds, first: int, blocks: int) -> Played:
        """What comes of the first case, from memory where it was played before."""
        known = self.memory.get(first)
        if known is not None and known.held.shape[1] == blocks:
            if not known.thresholds.changed(thresholds).any():
                return known
            played = Played(thresholds, kernel.play(thresholds, first, blocks, known))
        else:
            played = Played(thresholds, kernel.play(thresholds, first, blocks))
        if first < _KEPT_CHUNKS * self.blocks:
            self.memory[first] = played
        return played


@dataclass(frozen=True, eq=False)
class Cases:
    """The chances of one case or more. Pickled as the first and what is different in the others, mostly little."""

    thresholds: tuple[Thresholds, ...]

    @classmethod
    def of(cls, weights: NDArray[np.float64]) -> Cases:
        """The cases that are the columns of (events, cases)."""
        return cls(tuple(Thresholds.of(column) for column in weights.T))

    def __reduce__(self) -> tuple[Callable[..., Cases], tuple[Any, ...]]:
        first, *others = self.thresholds
        changed = [np.flatnonzero(first.changed(one)) for one in others]
        return _cases, (
            first,
            [(where, one.value[where], one.sure[where]) for where, one in zip(changed, others, strict=True)],
        )


def _cases(first: Thresholds, changes: Sequence[tuple[NDArray[np.int64], Words, NDArray[np.bool_]]]) -> Cases:
    found = [first]
    for where, values, surely in changes:
        value, sure = first.value.copy(), first.sure.copy()
        value[where], sure[where] = values, surely
        found.append(Thresholds(value, sure))
    return Cases(tuple(found))


@dataclass(frozen=True, eq=False)
class Part:
    """What one chunk adds: hits (cases, facts), and sums of losses and savings (4, cases)."""

    worlds: int
    hits: NDArray[np.int64]
    sums: NDArray[np.float64]


class Job(Protocol[Found_co]):
    """What to work out from each chunk; it can be pickled."""

    @property
    def cases(self) -> Cases: ...

    def chunk(self, game: Game, kernel: Kernel, first: int, count: int) -> Found_co: ...


@dataclass(frozen=True, eq=False)
class Counting:
    """Counts facts and adds up losses; ``amounts`` has facts by number and what each costs, by case."""

    cases: Cases
    amounts: tuple[tuple[tuple[int, float], ...], ...]

    def chunk(self, game: Game, kernel: Kernel, first: int, count: int) -> Part:
        thresholds = self.cases.thresholds
        hits, sums = [], np.zeros((4, len(thresholds)))
        reference = np.zeros(count)
        blocks = -(-count // 64)
        near = game.base(kernel, thresholds[0], first, blocks)
        for case, one in enumerate(thresholds):
            if not case or thresholds[case - 1].changed(one).any():  # views that come to the same stand side by side
                held = cut(kernel.play(one, first, blocks, near) if case else near.held, count)
                held = self.seen(game, one, held, first)
            hits.append(np.bitwise_count(held).sum(axis=1, dtype=np.int64))
            total = np.zeros(count)
            for fact, amount in self.amounts[case]:
                total += amount * worlds_of(held[fact], count)
            if case == 0:
                reference = total
            saved = reference - total
            sums[:, case] = [total.sum(), (total * total).sum(), saved.sum(), (saved * saved).sum()]
        return Part(count, np.stack(hits), sums)

    def seen(self, game: Game, thresholds: Thresholds, held: Words, first: int) -> Words:
        """The rows that are counted, of facts that are ``held`` in some worlds."""
        return held


@dataclass(frozen=True, eq=False)
class Holding:
    """Says in which worlds some facts, by number, come true: words (cases, facts, blocks)."""

    cases: Cases
    rows: NDArray[np.int64]

    def chunk(self, game: Game, kernel: Kernel, first: int, count: int) -> Words:
        blocks = -(-count // 64)
        near: Played | None = None
        found = np.zeros((len(self.cases.thresholds), len(self.rows), blocks), dtype=np.uint64)
        for case, one in enumerate(self.cases.thresholds):
            held = kernel.play(one, first, blocks, near)
            near = near or Played(one, held)
            found[case] = held[self.rows]
        return found


@dataclass(frozen=True, eq=False)
class Task(Generic[Found]):
    """A job on chunks with ``plays`` worlds in all; ``kernel`` is ``ints``, ``numba``, or empty to choose by the work.

    Each machine chooses for itself: all kernels give the same.
    """

    job: Job[Found]
    kernel: str
    plays: int

    def chunk(self, game: Game, first: int, count: int) -> Found:
        return self.job.chunk(game, game.kernel(self.kernel, self.plays, first), first, count)


class Players(Protocol):
    """Whoever plays chunks."""

    def play(self, game: Game, task: Task[Found], chunks: Sequence[Chunk]) -> Generator[Found, None, None]:
        """What comes of each chunk, in the order of the chunks. Closing it early gives up the rest."""


@dataclass(frozen=True)
class Threads:
    """Plays chunks here, on all cores where the kernel is compiled."""

    def play(self, game: Game, task: Task[Found], chunks: Sequence[Chunk]) -> Generator[Found, None, None]:
        threads = processors() if game.compiles(task.kernel, task.plays) else 1
        if min(threads, len(chunks)) == 1:
            for first, count in chunks:
                yield task.chunk(game, first, count)
            return
        waiting: deque[Future[Found]] = deque()
        with ThreadPoolExecutor(threads) as pool:
            try:
                for first, count in chunks:
                    waiting.append(pool.submit(task.chunk, game, first, count))
                    if len(waiting) > threads:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for one in waiting:
                    one.cancel()


THREADS = Threads()


def cut(held: Words, count: int) -> Words:
    """The same with only the first ``count`` worlds; the last word may hold more."""
    if count % 64:
        held = held.copy()
        held[:, -1] &= np.uint64((1 << count % 64) - 1)
    return held


def worlds_of(words: Words, count: int) -> NDArray[np.uint8]:
    """A value 0 or 1 for each of ``count`` worlds."""
    return np.unpackbits(words.astype("<u8").view(np.uint8), count=count, bitorder="little")
