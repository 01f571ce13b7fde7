"""Many changes of one graph compared on common random numbers, in one pass over the same worlds.

A change gives other chances to a few events. Both cases see the same draws, so what a change does in a world
is known exactly there, and differences are not noise. The numbers are those that a simulation of
each change by itself has, to the last world.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphmodel.engine.intervals import Moments
from graphmodel.engine.worlds.arrays import Arrays, Played
from graphmodel.engine.worlds.chunks import Cases, Chunk, Game, Kernel, cut, worlds_of
from graphmodel.engine.worlds.draws import Draws, Thresholds, Words, happening
from graphmodel.engine.worlds.simulation import Progress, Simulation

Change = Mapping[int, float]
"""Other chances of some events, by their numbers."""
Places = NDArray[np.int64]

_BLOCKS = 16
_MOST_WORDS = 1 << 22  # of a step or a pair, held at once
STEP_WORLDS = 2 * 10**7


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
    job = Comparing.of(simulation, weights, changes, lowering, losses)
    done, sums = 0, np.zeros((2, len(changes)))
    with closing(simulation.play(job, job.chunks(worlds), 1 + len(changes))) as parts:
        for count, part in parts:
            done, sums = done + count, sums + part
            if progress is not None and not progress(done, worlds):
                break
    most = float(job.amounts.sum())
    ends = [(0.0, most) if lower else (-most, 0.0) for lower in lowering]
    pairs = zip(sums.T.tolist(), ends, strict=True)
    return Differences(done, tuple(Moments(total, squares, *end) for (total, squares), end in pairs))


def worlds_for(simulation: Simulation, weights: NDArray[np.float64], changes: Sequence[Change], most: int) -> int:
    """How many worlds to compare changes in, by the work alone: seconds, and at most ``most``.

    Changes that take steps away are looked at only where these fire; the others cost a word of lanes for each step.
    """
    lanes = sum(not lowers(simulation, weights, one) for one in changes)
    return max(256, min(most, STEP_WORLDS // (max(1, len(simulation.arrays.gains)) * _words(lanes)) // 64 * 64))


def _words(lanes: int) -> int:
    return max(1, -(-lanes // 64))


def lowers(simulation: Simulation, weights: NDArray[np.float64], change: Change) -> bool:
    """Whether a change makes no step likelier and no control weaker; ``ValueError`` where it does both."""
    signs = {
        (chance < weights[event]) != simulation.graph.events[event].defends
        for event, chance in change.items()
        if chance != weights[event]
    }
    if len(signs) > 1:
        raise ValueError("a change must not make one thing likelier and another less likely")
    return signs != {False}


@dataclass(frozen=True, eq=False)
class Pairs:
    """The steps that each of some changes touches.

    A pair is a step and a change, in the order of the steps; those of step *s* are from ``at[s]`` to
    ``at[s + 1]``. ``events`` and ``chances`` are what is altered. For the draws of a pair stand places in a table of
    those of all events, then of what is altered, then of one that always happens: ``own`` that of the step, and
    for its first cover, its second and so on the pairs that have one, with the places of control and coverage.
    """

    steps: Places
    change: Places
    at: Places
    events: Places
    chances: NDArray[np.float64]
    own: Places
    covers: tuple[tuple[Places, Places, Places], ...]

    @classmethod
    def of(cls, arrays: Arrays, changes: Sequence[Change]) -> Pairs:
        rows = [(number, event, chance) for number, one in enumerate(changes) for event, chance in one.items()]
        place = {(number, event): row for row, (number, event, _) in enumerate(rows)}
        always = arrays.events + len(rows)
        concerned = _steps_of(arrays, {event for _, event, _ in rows})
        pairs = sorted({(step, number) for number, event, _ in rows for step in concerned[event]})

        def at(number: int, event: int) -> int:
            return always if event < 0 else arrays.events + place[number, event] if (number, event) in place else event

        events, cover_at = arrays.event.tolist(), arrays.cover_at.tolist()
        control, coverage = arrays.control.tolist(), arrays.coverage.tolist()
        covers: list[list[tuple[int, int, int]]] = []
        for pair, (step, number) in enumerate(pairs):
            for turn, cover in enumerate(range(cover_at[step], cover_at[step + 1])):
                if turn == len(covers):
                    covers.append([])
                covers[turn].append((pair, at(number, control[cover]), at(number, coverage[cover])))
        # Rows of their own and not columns of one table, of which numba would compile the kernels for a type more.
        steps, change = np.ascontiguousarray(np.array(pairs, dtype=np.int64).reshape(-1, 2).T)
        return cls(
            steps=steps,
            change=change,
            at=np.searchsorted(steps, np.arange(len(arrays.gains) + 1)),
            events=np.array([event for _, event, _ in rows], dtype=np.int64),
            chances=np.array([chance for _, _, chance in rows], dtype=np.float64),
            own=np.array([at(number, events[step]) for step, number in pairs], dtype=np.int64),
            covers=tuple((one[:, 0], one[:, 1], one[:, 2]) for one in map(np.array, covers)),
        )

    def differ(self, draws: Draws, happens: Words, possible: Words, first: int) -> Words:
        """The worlds in which the step of a pair is possible in one of both cases only, as words (pairs, blocks)."""
        blocks = happens.shape[1]
        altered = Draws(draws.key[self.events], draws.width[self.events])
        other = happening(altered, Thresholds.of(self.chances), np.arange(len(self.events)), first, blocks)
        table = np.concatenate((happens, other, np.full((1, blocks), np.uint64(0xFFFFFFFFFFFFFFFF))))
        found = table[self.own]
        for pairs, control, coverage in self.covers:
            found[pairs] &= ~(table[control] & table[coverage])
        return np.asarray(found ^ possible[self.steps])


def _steps_of(arrays: Arrays, wanted: set[int]) -> Mapping[int, list[int]]:
    """The steps that each of some events concerns."""
    found: dict[int, list[int]] = {event: [] for event in wanted}
    for step, event in enumerate(arrays.event.tolist()):
        if event in wanted:
            found[event].append(step)
    covered = np.repeat(np.arange(len(arrays.gains)), np.diff(arrays.cover_at)).tolist()
    for step, control, coverage in zip(covered, arrays.control.tolist(), arrays.coverage.tolist(), strict=True):
        for event in {control, coverage} & wanted:
            found[event].append(step)
    return found


@dataclass(frozen=True, eq=False)
class Comparing:
    """Sums of what changes save and of its squares, chunk by chunk; ``lower`` and ``raised`` are the numbers of
    the changes that save and of those that cost, ``facts`` and ``amounts`` what is lost."""

    cases: Cases
    changes: tuple[Change, ...]
    lower: Places
    higher: Places
    lowered: Pairs
    raised: Pairs
    facts: Places
    amounts: NDArray[np.float64]
    blocks: int

    @classmethod
    def of(
        cls,
        simulation: Simulation,
        weights: NDArray[np.float64],
        changes: Sequence[Change],
        lowering: Sequence[bool],
        losses: Mapping[str, float],
    ) -> Comparing:
        arrays = simulation.arrays
        number = arrays.number
        known = [(number[fact], amount) for fact, amount in sorted(losses.items()) if fact in number]
        kinds = [np.flatnonzero(np.array(lowering, dtype=np.bool_) == wanted) for wanted in (True, False)]
        pairs = [Pairs.of(arrays, [changes[one] for one in kind.tolist()]) for kind in kinds]
        rows = len(arrays.gains) + arrays.events + sum(len(one.steps) for one in pairs)
        return cls(
            cases=Cases.of(weights[:, np.newaxis]),
            changes=tuple(changes),
            lower=kinds[0],
            higher=kinds[1],
            lowered=pairs[0],
            raised=pairs[1],
            facts=np.array([fact for fact, _ in known], dtype=np.int64),
            amounts=np.array([amount for _, amount in known], dtype=np.float64),
            blocks=max(1, min(_BLOCKS, _MOST_WORDS // (max(1, rows) * _words(len(kinds[1]))))),
        )

    def chunks(self, worlds: int) -> list[Chunk]:
        """The chunks of so many worlds."""
        return [
            (first, min(64 * self.blocks, worlds - 64 * first)) for first in range(0, -(-worlds // 64), self.blocks)
        ]

    def chunk(self, game: Game, kernel: Kernel, first: int, count: int) -> tuple[int, NDArray[np.float64]]:
        """How many worlds, and the sums over them, (2, changes)."""
        thresholds = self.cases.thresholds[0]
        held = kernel.play(thresholds, first, -(-count // 64))
        if importlib.util.find_spec("numba") is None:
            return count, self.one_by_one(kernel, Played(thresholds, held), first, count)
        return count, self.in_lanes(game, cut(held, count), first, count)

    def one_by_one(self, kernel: Kernel, near: Played, first: int, count: int) -> NDArray[np.float64]:
        """The sums by a what-if for each change."""
        sums = np.zeros((2, len(self.changes)))
        before = self.lost(near.held, count)
        for number, change in enumerate(self.changes):
            value, sure = near.thresholds.value.copy(), near.thresholds.sure.copy()
            events = list(change)
            other = Thresholds.of(np.array(list(change.values()), dtype=np.float64))
            value[events], sure[events] = other.value, other.sure
            played = kernel.play(Thresholds(value, sure), first, near.held.shape[1], near)
            saved = before - self.lost(played, count)
            sums[:, number] = saved.sum(), (saved * saved).sum()
        return sums

    def lost(self, held: Words, count: int) -> NDArray[np.float64]:
        total = np.zeros(count)
        for fact, amount in zip(self.facts.tolist(), self.amounts.tolist(), strict=True):
            total += amount * worlds_of(held[fact], count)
        return total

    def in_lanes(self, game: Game, held: Words, first: int, count: int) -> NDArray[np.float64]:
        """The same sums with a lane for each change."""
        from graphmodel.engine.worlds import kernel_lanes  # noqa: PLC0415 - slow to import

        arrays = game.arrays
        held = np.require(held, requirements="W")  # the other kernel's are not, and numba compiles for such anew
        happens = happening(game.draws, self.cases.thresholds[0], np.arange(arrays.events), first, held.shape[1])
        possible = arrays.possible(happens)
        sums = np.zeros((2, len(self.changes)))
        made_at, made = _grouped(arrays.gains, len(arrays.facts))
        if len(self.lower):
            pairs = self.lowered
            sums[:, self.lower] = kernel_lanes.lowered(
                held, possible, pairs.differ(game.draws, happens, possible, first), pairs.at, pairs.change,
                len(self.lower), made_at, made, arrays.gains, arrays.need_at, arrays.needs,
                np.repeat(np.arange(len(arrays.loop)), np.diff(arrays.component_at)), arrays.loop,
                len(arrays.certain), self.facts, self.amounts, count,
            )  # fmt: skip
        if len(self.higher):
            pairs = self.raised
            user_at, used = _grouped(arrays.needs, len(arrays.facts))
            users = np.repeat(np.arange(len(arrays.gains)), np.diff(arrays.need_at))[used]
            added = kernel_lanes.raised(
                held, possible, pairs.differ(game.draws, happens, possible, first), pairs.at, pairs.change,
                len(self.higher), np.unique(pairs.steps), arrays.gains, arrays.need_at, arrays.needs, user_at, users,
                self.facts, self.amounts, count,
            )  # fmt: skip
            sums[:, self.higher] = added * np.array([[-1.0], [1.0]])
        return sums


def _grouped(values: NDArray[np.int32], size: int) -> tuple[Places, Places]:
    """Where the places of each value begin, and the places in the order of the values."""
    order = np.argsort(values, kind="stable")
    return np.searchsorted(values[order], np.arange(size + 1)), order
