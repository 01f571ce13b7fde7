"""Monte Carlo simulation of attack graphs, the same for a seed whoever plays the worlds.

Worlds are played in chunks whose size depends on the graph alone, and chunks are summed in their
order, so that results do not depend on the kernel or on who plays them. ``draws`` has the
specification of the random worlds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from graphmodel.engine.events import EventGraph
from graphmodel.engine.intervals import Moments
from graphmodel.engine.worlds.arrays import Arrays, arrays_of
from graphmodel.engine.worlds.chunks import (
    THREADS,
    Cases,
    Chunk,
    Counting,
    Found,
    Game,
    Holding,
    Job,
    Kernel,
    Part,
    Players,
    Task,
    cut,
    worlds_of,
)
from graphmodel.engine.worlds.draws import Draws, Thresholds, Words, derived_seed, happening
from graphmodel.engine.worlds.kernel_ints import IntKernel
from graphmodel.engine.worlds.lanes import Costing, fired, table_of
from graphmodel.engine.worlds.remainders import Core, Remaining

Progress = Callable[[int, int], bool]
"""Called with the worlds that are done and those that were asked for; False stops the simulation."""


@dataclass(frozen=True)
class Tally:
    """What was counted in one case: worlds in which each fact came true, and the losses of the worlds.

    ``saved`` is the loss of the first case less that of this one, world by world. Of the facts of
    a core ``beside`` counts the worlds in which they came true, but not by it; they cost something in these alone.
    """

    worlds: int
    hits: Mapping[str, int]
    loss: Moments
    saved: Moments
    beside: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Simulation:
    """The simulation of one graph; ``kernel`` is ``ints``, ``numba``, or empty to choose by the work."""

    graph: EventGraph
    seed: int
    kernel: str = ""
    players: Players = field(default=THREADS, compare=False, repr=False)

    @cached_property
    def game(self) -> Game:
        return Game(arrays_of(self.graph), Draws.of(self.seed, [event.name for event in self.graph.events]))

    @property
    def arrays(self) -> Arrays:
        return self.game.arrays

    @property
    def draws(self) -> Draws:
        return self.game.draws

    def run(
        self,
        weights: NDArray[np.float64],
        losses: Sequence[Mapping[str, float]],
        worlds: int,
        *,
        progress: Progress | None = None,
        enough: Callable[[Tally], bool] | None = None,
        counted: bool = True,
        core: Core | None = None,
    ) -> tuple[Tally, ...]:
        """Play ``worlds`` worlds in each case; ``weights`` is (events, cases), ``losses`` one map a case.

        With a ``core`` it is also counted what comes true beside it, and what its facts cost is added up in those
        worlds alone.

        Where facts are not ``counted`` only the losses of the tallies mean anything, and many cases are sooner played.

        Ends early where ``progress`` says so, or ``enough`` of the first case: that is asked when
        the number of worlds has doubled, see ``looks``.
        """
        job: Job[Part]
        beside = () if core is None else tuple(self.arrays.facts[fact] for fact in core.facts)
        if core is not None:
            job = Remaining.of(self.arrays, Cases.of(weights), [self._amounts(one) for one in losses], core)
        else:
            job = (Counting if counted else Costing)(Cases.of(weights), tuple(self._amounts(one) for one in losses))
        done = 0
        hits = np.zeros((len(losses), len(self.arrays.facts) + len(beside)), dtype=np.int64)
        sums = np.zeros((4, len(losses)))
        when = self.looks(worlds) if enough is not None else []
        with closing(self.play(job, self.game.chunks(0, worlds))) as parts:
            for part in parts:
                done += part.worlds
                hits += part.hits
                sums += part.sums
                if progress is not None and not progress(done, worlds):
                    break
                if (
                    enough is not None
                    and done in when
                    and enough(self._tallies(weights, losses, done, hits, sums, beside)[0])
                ):
                    break
        return self._tallies(weights, losses, done, hits, sums, beside)

    def looks(self, worlds: int) -> list[int]:
        """The numbers of worlds after which one may ask whether they are enough."""
        chunk = 64 * self.game.blocks
        found = []
        while chunk < worlds:
            found.append(chunk)
            chunk *= 2
        return [*found, worlds]

    def _amounts(self, losses: Mapping[str, float]) -> tuple[tuple[int, float], ...]:
        number = self.arrays.number
        return tuple((number[fact], amount) for fact, amount in sorted(losses.items()) if fact in number)

    def play(self, job: Job[Found], chunks: Sequence[Chunk], times: int = 0) -> Generator[Found, None, None]:
        """What comes of each chunk, in order; close it to end early.

        ``times`` is how often each world is played, by default once for each case of the job.
        """
        plays = sum(count for _, count in chunks) * (times or len(job.cases.thresholds))
        return self.players.play(self.game, Task(job, self.kernel, plays), chunks)

    def _tallies(
        self,
        weights: NDArray[np.float64],
        losses: Sequence[Mapping[str, float]],
        worlds: int,
        hits: NDArray[np.int64],
        sums: NDArray[np.float64],
        beside: Sequence[str],
    ) -> tuple[Tally, ...]:
        most = [sum(one.values()) for one in losses]
        never = dict.fromkeys(self.arrays.facts, 0)  # one for all cases: where only costs are counted there are many
        defends = np.array([event.defends for event in self.graph.events])
        better = [_never_worse(defends, weights, losses, 0, case) for case in range(len(losses))]
        worse = [_never_worse(defends, weights, losses, case, 0) for case in range(len(losses))]
        if beside:
            # More may come true beside a core where less comes true, unless nothing differs.
            better = worse = [one and other for one, other in zip(better, worse, strict=True)]
        known = len(self.arrays.facts)
        return tuple(
            Tally(
                worlds,
                dict(zip(self.arrays.facts, hits[case, :known].tolist(), strict=True)) if hits[case].any() else never,
                Moments(float(sums[0, case]), float(sums[1, case]), 0.0, most[case]),
                Moments(
                    float(sums[2, case]),
                    float(sums[3, case]),
                    0.0 if better[case] else -most[case],
                    0.0 if worse[case] else most[0],
                ),
                dict(zip(beside, hits[case, known:].tolist(), strict=True)),
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
        steps_of: defaultdict[int, list[int]] = defaultdict(list)
        for step, event in enumerate(arrays.event.tolist()):
            steps_of[event].append(step)
        producers: defaultdict[int, list[int]] = defaultdict(list)
        for step, fact in enumerate(arrays.gains.tolist()):
            producers[fact].append(step)
        parts: dict[frozenset[int], list[tuple[list[int], list[int]]]] = {}  # of each fact the own steps, and others
        members = [frozenset(step for event in group for step in steps_of[event]) for group in groups]
        for steps in members:
            if steps not in parts:
                gained = dict.fromkeys(int(arrays.gains[step]) for step in sorted(steps))
                parts[steps] = [
                    (
                        [one for one in producers[fact] if one in steps],
                        [one for one in producers[fact] if one not in steps],
                    )
                    for fact in gained
                ]
        sums = np.zeros((len(groups), 2))
        for first, count in self.game.chunks(0, worlds):
            kernel = self.game.kernel(self.kernel, worlds, first)
            held, fires = self._fired(kernel, thresholds, first, count)
            total = np.zeros(count)
            for fact, amount in amounts:
                total += amount * worlds_of(held[fact], count)
            found: dict[frozenset[int], list[float]] = {}
            for steps, split_up in parts.items():
                touched = alone = np.zeros(held.shape[1], dtype=np.uint64)
                for own, others in split_up:
                    here = fires[own[0]] if len(own) == 1 else np.bitwise_or.reduce(fires[own])
                    touched = touched | here
                    alone = alone | (here & ~np.bitwise_or.reduce(fires[others]) if others else here)
                found[steps] = [float(total @ worlds_of(mask, count)) for mask in (touched, alone)]
            for number, steps in enumerate(members):
                sums[number] += found[steps]
        return [(float(touched) / worlds, float(alone) / worlds) for touched, alone in sums]

    def apart(self, name: str) -> Simulation:
        """The same graph in other worlds, which belong to ``name`` and have nothing to do with these."""
        return replace(self, seed=derived_seed(self.seed, name))

    def held(self, weights: NDArray[np.float64], facts: Sequence[str], first: int, count: int) -> NDArray[np.bool_]:
        """Whether each fact comes true in each of ``count`` worlds from number ``first``, a multiple of 64, on.

        ``weights`` is (events, cases), the result (cases, facts, worlds); all cases see the same
        worlds. Raises KeyError for a fact that cannot come true, ValueError for another ``first``.
        """
        none = np.zeros((weights.shape[1], len(facts), 0), dtype=np.bool_)
        return np.concatenate([none, *self.held_in_turn(weights, facts, first, count)], axis=2)

    def held_in_turn(
        self, weights: NDArray[np.float64], facts: Sequence[str], first: int, count: int
    ) -> Generator[NDArray[np.bool_], None, None]:
        """The same in pieces, one after the other, for what would be too large as a whole."""
        if first % 64:
            raise ValueError(f"worlds are played from a multiple of 64 on, not from {first}")
        number, chunks = self.arrays.number, self.game.chunks(first // 64, count)
        job = Holding(Cases.of(weights), np.array([number[fact] for fact in facts], dtype=np.int64))
        with closing(self.play(job, chunks)) as parts:
            for (_, worlds), words in zip(chunks, parts, strict=True):
                bits = np.unpackbits(words.astype("<u8").view(np.uint8), axis=2, count=worlds, bitorder="little")
                yield bits.astype(np.bool_)

    def _fired(self, kernel: Kernel, thresholds: Thresholds, first: int, count: int) -> tuple[Words, Words]:
        """The worlds in which each fact comes true and each step fires, as words (facts or steps, blocks)."""
        arrays, blocks = self.arrays, -(-count // 64)
        held = cut(self.game.base(kernel, thresholds, first, blocks).held, count)
        if not isinstance(kernel, IntKernel):
            return held, np.ascontiguousarray(fired(arrays, table_of(self.draws, thresholds), held, first).T)
        found = arrays.possible(happening(self.draws, thresholds, np.arange(arrays.events), first, blocks))
        needing = np.repeat(np.arange(len(found)), np.diff(arrays.need_at))
        np.bitwise_and.at(found, needing, held[arrays.needs])
        return held, found


def _never_worse(
    defends: NDArray[np.bool_],
    weights: NDArray[np.float64],
    losses: Sequence[Mapping[str, float]],
    first: int,
    second: int,
) -> bool:
    """Whether the second case cannot cost more than the first in any world: steps no likelier, controls no weaker.

    ``defends`` are the events that are of controls.
    """
    change = np.where(defends, weights[:, first] - weights[:, second], weights[:, second] - weights[:, first])
    dearer = any(amount > losses[first].get(fact, 0.0) for fact, amount in losses[second].items())
    return bool((change <= 0).all()) and not dearer
