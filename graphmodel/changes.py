"""What many changes of one graph would each save or cost, in one pass over the same worlds.

A change gives other chances to a few events. Both cases see the same draws, so what a change does in a world
is known exactly there, and differences are not noise. The numbers are those that a simulation of
each change by itself has, to the last world.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from graphmodel.arrays import Arrays
from graphmodel.draws import Draws, Thresholds, Words, happening
from graphmodel.intervals import Moments
from graphmodel.worlds import Progress, Simulation, cut

Change = Mapping[int, float]
"""Other chances of some events, by their numbers."""

_BLOCKS = 16
_MOST_WORDS = 1 << 22  # of a step or a pair, held at once
_BATCH = 24
_STEP_WORLDS = 2 * 10**8


@dataclass(frozen=True)
class Differences:
    """For each change the loss of the first case less that with the change, summed up over ``worlds``."""

    worlds: int
    saved: tuple[Moments, ...]


def differences(
    simulation: Simulation,
    weights: NDArray[np.float64],
    changes: Sequence[Change],
    losses: Mapping[str, float],
    worlds: int,
    progress: Progress | None = None,
) -> Differences:
    """Compare each change with the case of these ``weights`` (events,), in the same worlds.

    A change lowers every chance of a loss or raises every such chance; ``ValueError`` where it does both.
    Ends early when ``progress`` says so.
    """
    lowering = [lowers(simulation, weights, change) for change in changes]
    most = sum(amount for fact, amount in losses.items() if fact in simulation.arrays.number)
    if importlib.util.find_spec("numba") is not None:
        done, sums = _in_lanes(simulation, weights, changes, lowering, losses, worlds, progress)
    else:
        done, sums = _one_by_one(simulation, weights, changes, losses, worlds, progress)
    ends = [(0.0, most) if lower else (-most, 0.0) for lower in lowering]
    pairs = zip(sums.T.tolist(), ends, strict=True)
    return Differences(done, tuple(Moments(total, squares, *end) for (total, squares), end in pairs))


def worlds_for(simulation: Simulation, most: int) -> int:
    """How many worlds to compare changes in, by the size of the graph alone: seconds, and at most ``most``."""
    return max(256, min(most, _STEP_WORLDS // max(1, len(simulation.arrays.gains)) // 64 * 64))


def lowers(simulation: Simulation, weights: NDArray[np.float64], change: Change) -> bool:
    """Whether a change makes no step likelier and no control weaker; ``ValueError`` where it does both."""
    signs = {
        (chance < weights[event]) == bool(simulation.graph.events[event].members)
        for event, chance in change.items()
        if chance != weights[event]
    }
    if len(signs) > 1:
        raise ValueError("a change must not make one thing likelier and another less likely")
    return signs != {False}


def _one_by_one(
    simulation: Simulation,
    weights: NDArray[np.float64],
    changes: Sequence[Change],
    losses: Mapping[str, float],
    worlds: int,
    progress: Progress | None,
) -> tuple[int, NDArray[np.float64]]:
    """What ``_in_lanes`` gives, by a what-if for each change."""
    known = {fact: amount for fact, amount in sorted(losses.items()) if fact in simulation.arrays.number}
    amounts = np.array(list(known.values()), dtype=np.float64)
    sums, done = np.zeros((2, len(changes))), 0
    while done < worlds:
        count = min(64 * _BLOCKS, worlds - done)
        for first in range(0, len(changes), _BATCH):
            batch = changes[first : first + _BATCH]
            cases = np.repeat(weights[:, np.newaxis], len(batch) + 1, axis=1)
            for number, change in enumerate(batch, 1):
                for event, chance in change.items():
                    cases[event, number] = chance
            lost = np.einsum("f,cfw->cw", amounts, simulation.held(cases, list(known), done, count))
            saved = lost[0] - lost[1:]
            sums[:, first : first + len(batch)] += [saved.sum(axis=1), (saved * saved).sum(axis=1)]
        done += count
        if progress is not None and not progress(done, worlds):
            break
    return done, sums


@dataclass(frozen=True)
class _Pairs:
    """The steps that each of some changes touches; ``rows`` say where the draws of changed events stand."""

    arrays: Arrays
    weights: NDArray[np.float64]
    changes: Sequence[Change]

    @cached_property
    def altered(self) -> tuple[NDArray[np.int64], NDArray[np.float64], Mapping[tuple[int, int], int]]:
        """Events with another chance, those chances, and the place of each by change and event."""
        rows = [
            (number, event, chance) for number, change in enumerate(self.changes) for event, chance in change.items()
        ]
        events = np.array([event for _, event, _ in rows], dtype=np.int64)
        chances = np.array([chance for _, _, chance in rows], dtype=np.float64)
        return events, chances, {(number, event): place for place, (number, event, _) in enumerate(rows)}

    @cached_property
    def steps_of(self) -> Mapping[int, Sequence[int]]:
        """The steps that an event concerns."""
        arrays = self.arrays
        wanted = set(self.altered[0].tolist())
        found: dict[int, list[int]] = {event: [] for event in wanted}
        for step, event in enumerate(arrays.event.tolist()):
            if event in wanted:
                found[event].append(step)
        covered = np.repeat(np.arange(len(arrays.gains)), np.diff(arrays.cover_at)).tolist()
        for step, control, coverage in zip(covered, arrays.control.tolist(), arrays.coverage.tolist(), strict=True):
            for event in {control, coverage} & wanted:
                found[event].append(step)
        return found

    @cached_property
    def pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Steps and changes of the pairs in the order of the steps, and where the pairs of each step begin."""
        found = sorted(
            {
                (step, number)
                for number, change in enumerate(self.changes)
                for event in change
                for step in self.steps_of[event]
            }
        )
        table = np.array(found, dtype=np.int64).reshape(-1, 2)
        return table[:, 0], table[:, 1], np.searchsorted(table[:, 0], np.arange(len(self.arrays.gains) + 1))

    @cached_property
    def places(self) -> tuple[NDArray[np.int64], list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]]:
        """For each pair the place of its step's draw among those of events, changed events, and one that always
        happens; then for the first cover of each pair that has one, the second and so on: the pairs, and the
        places of control and coverage."""
        arrays, place = self.arrays, self.altered[2]
        always = arrays.events + len(self.altered[0])
        steps, numbers, _ = self.pairs

        def at(number: int, event: int) -> int:
            return always if event < 0 else arrays.events + place[number, event] if (number, event) in place else event

        events = arrays.event.tolist()
        own = [at(number, events[step]) for step, number in zip(steps.tolist(), numbers.tolist(), strict=True)]
        cover_at, control, coverage = arrays.cover_at.tolist(), arrays.control.tolist(), arrays.coverage.tolist()
        covers: list[tuple[list[int], list[int], list[int]]] = []
        for pair, (step, number) in enumerate(zip(steps.tolist(), numbers.tolist(), strict=True)):
            for turn, cover in enumerate(range(cover_at[step], cover_at[step + 1])):
                if turn == len(covers):
                    covers.append(([], [], []))
                covers[turn][0].append(pair)
                covers[turn][1].append(at(number, control[cover]))
                covers[turn][2].append(at(number, coverage[cover]))
        return _ints(own), [(_ints(a), _ints(b), _ints(c)) for a, b, c in covers]

    def differ(self, draws: Draws, happens: Words, possible: Words, first: int) -> Words:
        """The worlds in which the step of a pair is possible in one of both cases only, as words (pairs, blocks)."""
        events, chances, _ = self.altered
        blocks = happens.shape[1]
        own_draws = Draws(draws.key[events], draws.width[events])
        other = happening(own_draws, Thresholds.of(chances), np.arange(len(events)), first, blocks)
        table = np.concatenate((happens, other, np.full((1, blocks), np.uint64(0xFFFFFFFFFFFFFFFF))))
        own, covers = self.places
        found = table[own]
        for pairs, control, coverage in covers:
            found[pairs] &= ~(table[control] & table[coverage])
        return np.asarray(found ^ possible[self.pairs[0]])


def _ints(values: Sequence[int]) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)


def _in_lanes(
    simulation: Simulation,
    weights: NDArray[np.float64],
    changes: Sequence[Change],
    lowering: Sequence[bool],
    losses: Mapping[str, float],
    worlds: int,
    progress: Progress | None,
) -> tuple[int, NDArray[np.float64]]:
    from graphmodel import kernel_lanes  # noqa: PLC0415 - slow to import
    from graphmodel.kernel_numba import NumbaKernel  # noqa: PLC0415

    arrays, draws = simulation.arrays, simulation.draws
    thresholds, number = Thresholds.of(weights), arrays.number
    known = [(number[fact], amount) for fact, amount in sorted(losses.items()) if fact in number]
    facts, amounts = _ints([fact for fact, _ in known]), np.array([amount for _, amount in known], dtype=np.float64)
    component = np.repeat(np.arange(len(arrays.loop)), np.diff(arrays.component_at))
    made_at, made = _grouped(arrays.gains, len(arrays.facts))
    user_at, used = _grouped(arrays.needs, len(arrays.facts))
    users = np.repeat(np.arange(len(arrays.gains)), np.diff(arrays.need_at))[used]
    certain = np.zeros(len(arrays.facts), dtype=np.bool_)
    certain[arrays.certain] = True
    kinds = [[n for n, lower in enumerate(lowering) if lower is wanted] for wanted in (True, False)]
    parts = [_Pairs(arrays, weights, [changes[n] for n in kind]) for kind in kinds]
    for part in parts:
        part.places  # noqa: B018 - threads must not race to compute it
    kernel = NumbaKernel(arrays, draws)
    kernel.kept  # noqa: B018
    rows = len(arrays.gains) + arrays.events + sum(len(part.pairs[0]) for part in parts)
    blocks = max(1, min(_BLOCKS, _MOST_WORDS // max(1, rows)))

    def chunk(first: int) -> tuple[int, NDArray[np.float64]]:
        count = min(64 * blocks, worlds - 64 * first)
        size = -(-count // 64)
        held = cut(kernel.play(thresholds, first, size), count)
        happens = happening(draws, thresholds, np.arange(arrays.events), first, size)
        possible = simulation.possible(happens)
        sums = np.zeros((2, len(changes)))
        for kind, part, lower in zip(kinds, parts, (True, False), strict=True):
            if not kind:
                continue
            differ = part.differ(draws, happens, possible, first)
            steps, pair_change, pair_at = part.pairs
            shared = (held, possible, differ, pair_at, pair_change, len(kind))
            if lower:
                sums[:, kind] = kernel_lanes.lowered(
                    *shared, made_at, made, arrays.gains, arrays.need_at, arrays.needs, component, arrays.loop,
                    certain, facts, amounts, count,
                )  # fmt: skip
            else:
                added = kernel_lanes.raised(
                    *shared, np.unique(steps), arrays.gains, arrays.need_at, arrays.needs, user_at, users,
                    facts, amounts, count,
                )  # fmt: skip
                sums[:, kind] = added * np.array([[-1.0], [1.0]])
        return count, sums

    done, total = 0, np.zeros((2, len(changes)))
    starts = iter(range(0, -(-worlds // 64), blocks))
    threads = os.cpu_count() or 1
    with ThreadPoolExecutor(threads) as pool:
        waiting = [pool.submit(chunk, first) for first in islice(starts, threads)]
        while waiting:
            count, sums = waiting.pop(0).result()
            waiting += [pool.submit(chunk, first) for first in islice(starts, 1)]
            done, total = done + count, total + sums
            if progress is not None and not progress(done, worlds):
                for one in waiting:
                    one.cancel()
                break
    return done, total


def _grouped(values: NDArray[np.int32], size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the places of each value begin, and the places in the order of the values."""
    order = np.argsort(values, kind="stable")
    return np.searchsorted(values[order], np.arange(size + 1)), order
