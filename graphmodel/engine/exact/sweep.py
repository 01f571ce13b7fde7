"""Carries distributions over closure operators from cut to cut, from both ends; see ``frontier``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from graphmodel.engine.exact.closures import NOTHING, Closure, sets_of, with_step, within
from graphmodel.engine.exact.frontier import Frontier, Ints, Layer, Look
from graphmodel.engine.exact.line import Item, Kind, Line
from graphmodel.engine.exact.rules import TooWideError
from graphmodel.engine.graph import many_lasting_objects

MOVES = 1_000_000  # from operator to operator, in both directions together; some six seconds
STATES = 5_000  # operators of one cut and one side
PAIRS = 20_000_000  # of operators of both sides, of all cuts, with what their tables take; some two seconds
PAIRS_OF_CUT = 2_000_000  # some 60 megabytes
_GIVEN = 10  # facts that the operators of a cut may take, at most
_OBJECTS = 10  # for each move
_TABLED = 20  # pairs that take as long as a set of an operator's table
_DEARER = 64  # moves between operators that have so many sets, squared, count as one more

State = tuple[int, Closure]  # the bits of the controls that hold, and the operator


def sweep(line: Line, moves: int = MOVES, states: int = STATES) -> Frontier:
    """All facts that the steps of a line gain.

    Raises ``TooWideError`` where there are more than so many ``states`` on one side of a cut, more than so many
    ``moves`` between them on both sides together, or too many pairs of them.
    """
    with many_lasting_objects(moves * _OBJECTS):
        forward = _Sweep(line, False, moves, states)
        backward = _Sweep(line, True, moves - forward.moves, states)
        looks, pairs = [], PAIRS
        for number, item in enumerate(line.items):
            if item.kind is not Kind.LOOK:
                continue
            # Nothing after this gains the fact, and up to its last step every cut knows of it.
            cuts = range(number, line.spans[item.number][1] + 1)
            count, at = min((len(forward.states[n]) * len(backward.states[-1 - n]), n) for n in cuts)
            before, after = forward.states[at], backward.states[-1 - at]
            pairs -= count + _TABLED * sum(1 + sets_of(closure) for _, closure in (*before, *after))
            if pairs < 0 or count > PAIRS_OF_CUT:
                raise TooWideError
            looks.append(_look(item.number, at, line.place[item.number], before, after))
    cost = forward.moves + backward.moves + sum(len(one.rows) + len(one.columns) + one.true.size for one in looks)
    return Frontier(tuple(forward.layers), tuple(backward.layers), tuple(looks), cost)


class _Sweep:
    """The operators of every cut from one end of the line to the other, and the layers between them."""

    def __init__(self, line: Line, backward: bool, moves: int, states: int) -> None:
        self.line, self.backward = line, backward
        self.states: list[tuple[State, ...]] = [((0, NOTHING),)]
        self.layers: list[Layer] = []
        self.moves = 0
        items = line.items[::-1] if backward else line.items
        before = (0, 0)
        for item, *after in zip(items, *self._open(items), strict=True):
            self._add(item, _Effect(line, item, before, (after[0], after[1])))
            if self.moves > moves or len(self.states[-1]) > states:
                raise TooWideError
            before = (after[0], after[1])

    def _open(self, items: Sequence[Item]) -> tuple[list[int], list[int]]:
        """The bits of the facts that steps after each item gain, and of those that something after it needs.

        Only facts that are on both sides of it count.
        """
        place, spans = self.line.place, self.line.spans
        later = [0, 0]
        found: tuple[list[int], list[int]] = ([], [])
        for n in reversed(range(len(items))):
            at = len(items) - 1 - n if self.backward else n
            for bits, own in zip(later, found, strict=True):
                own.append(bits)
            item = items[n]
            needed: tuple[int, ...] = (item.number,) if item.kind is Kind.LOOK else ()
            gained: tuple[int, ...] = ()
            if item.kind is Kind.STEP:
                step = self.line.steps[item.number]
                needed, gained = step.needs, (step.gains,)
            for number, facts in enumerate((gained, needed)):
                for fact in facts:
                    later[number] |= 1 << place[fact]
            for fact in {*gained, *needed}:
                if spans[fact][self.backward] == at:  # it begins here, so nothing before it is about this fact
                    later = [bits & ~(1 << place[fact]) for bits in later]
        return found[0][::-1], found[1][::-1]

    def _add(self, item: Item, effect: _Effect) -> None:
        children: dict[State, list[tuple[int, int]]] = {}
        for parent, (held, closure) in enumerate(self.states[-1]):
            if item.kind is Kind.STEP:
                ways = effect.step(held, closure)
            else:
                ways = effect.other(held, closure, item.kind is (Kind.CLOSE if self.backward else Kind.OPEN))
            for factor, state in ways:
                children.setdefault(state, []).append((parent, factor))
                self.moves += 1 + sets_of(state[1]) ** 2 // _DEARER
        found = np.array([way for own in children.values() for way in own], dtype=np.int64)
        start = np.cumsum([0, *(len(own) for own in children.values())], dtype=np.int64)[:-1]
        self.layers.append(Layer(found[:, 0], start, found[:, 1], tuple(effect.conditions)))
        self.states.append(tuple(children))


class _Effect:
    """What an item does to an operator; ``before`` and ``after`` it are facts that may be given, and those wanted."""

    def __init__(self, line: Line, item: Item, before: tuple[int, int], after: tuple[int, int]) -> None:
        self.item = item
        self.given, self.wanted = after
        self.ends = bool(before[0] & ~self.given or before[1] & ~self.wanted)
        self.conditions: dict[tuple[int, tuple[int, ...]], int] = {}
        self.known: dict[Closure, tuple[Closure, Closure]] = {}
        place = line.place
        if item.kind is Kind.STEP:
            step = line.steps[item.number]
            self.event = step.event
            self.covers = [(1 << place[control], coverage) for control, coverage in step.covers]
            self.needs, self.gains = [place[need] for need in step.needs], place[step.gains]
            self.ends |= not self.wanted >> self.gains & 1
        elif item.kind is not Kind.LOOK:
            self.bit, self.event = 1 << place[item.number], item.number - line.controls

    def factors(self, others: tuple[int, ...] = ()) -> tuple[int, int]:
        """The factors of a move in which the event happens and none of the others, and of one in which not so."""
        number = self.conditions.setdefault((self.event, others), len(self.conditions))
        return 2 * number + 1, 2 * number + 2

    def settled(self, closure: Closure) -> Closure:
        """The same without what has ended."""
        return within(closure, self.given, self.wanted) if self.ends else closure

    def step(self, held: int, closure: Closure) -> Sequence[tuple[int, State]]:
        """The moves of a step: it is possible or not."""
        if closure not in self.known:
            more = with_step(closure, self.needs, self.gains, self.given)
            self.known[closure] = self.settled(more), self.settled(closure)
        more, less = self.known[closure]
        others = tuple(coverage for bit, coverage in self.covers if held & bit)
        if -1 in others or more == less:
            return ((0, (held, less)),)
        if self.event < 0 and not others:
            return ((0, (held, more)),)
        succeeds, fails = self.factors(others)
        return (succeeds, (held, more)), (fails, (held, less))

    def other(self, held: int, closure: Closure, begins: bool) -> Sequence[tuple[int, State]]:
        """The moves where nothing happens to facts, but a control may begin or end."""
        less = self.settled(closure)
        if self.item.kind is Kind.LOOK:
            return ((0, (held, less)),)
        # Either end of the line may come first, and the chance of a control counts once, where it opens.
        holds, fails = self.factors() if self.item.kind is Kind.OPEN else (0, 0)
        if begins:
            return (holds, (held | self.bit, less)), (fails, (held, less))
        return ((holds if held & self.bit else fails, (held & ~self.bit, less)),)


def _look(fact: int, at: int, place: int, before: Sequence[State], after: Sequence[State]) -> Look:
    """Where the least set that is closed under the operators of both sides holds a fact."""
    first, second = _Tables(before), _Tables(after)
    true = np.zeros((len(before), len(after)), dtype=np.uint64)
    while True:
        above = second.table[np.arange(len(after))[np.newaxis, :], second.number(true)]
        more = first.table[np.arange(len(before))[:, np.newaxis], first.number(above)]
        if (more == true).all():
            break
        true = more
    holds = (true >> np.uint64(place)) & np.uint64(1) == 1
    holds &= first.held[:, np.newaxis] == second.held[np.newaxis, :]
    first_row, rows = _alike(holds)
    first_column, columns = _alike(holds[first_row].T)
    return Look(fact, at, rows, columns, holds[np.ix_(first_row, first_column)].astype(np.float64))


def _alike(holds: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """The first row of each kind, and the kind of each row."""
    _, first, kinds = np.unique(np.packbits(holds, axis=1), axis=0, return_index=True, return_inverse=True)
    return first, kinds.reshape(-1)


class _Tables:
    """What each operator of a cut brings, for each set of the facts that any of them takes."""

    def __init__(self, states: Sequence[State]) -> None:
        self.held = np.array([held for held, _ in states], dtype=np.uint64)
        bits = 0
        for _, closure in states:
            for _, sets in closure:
                for one in sets:
                    bits |= one
        self.taken = [place for place in range(bits.bit_length()) if bits >> place & 1]
        if len(self.taken) > _GIVEN:
            raise TooWideError
        number = np.arange(1 << len(self.taken), dtype=np.uint64)
        given = np.zeros_like(number)
        for n, place in enumerate(self.taken):
            given |= (number >> np.uint64(n) & np.uint64(1)) << np.uint64(place)
        self.table = np.zeros((len(states), len(number)), dtype=np.uint64)
        for row, (_, closure) in zip(self.table, states, strict=True):
            for fact, sets in closure:
                for one in sets:
                    row[given & np.uint64(one) == one] |= np.uint64(1 << fact)

    def number(self, true: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """The column of the table for each of these sets of facts."""
        found = np.zeros_like(true)
        for n, place in enumerate(self.taken):
            found |= (true >> np.uint64(place) & np.uint64(1)) << np.uint64(n)
        return found
