"""A linear arrangement of the steps of a narrow graph, with few facts and controls across each cut (cutwidth).

A fact crosses a cut while there are steps that gain or need it on both sides; a control from the first to the
last step that meets it. The next step is always one that ends most and begins least of them. A step that needs
many facts is taken apart into steps for two of them, so that it does not hold on to all until it comes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from graphmodel.engine.exact.rules import Rules, TooWideError

MOST_CROSSINGS = 200_000  # the sum over cuts of 2 to what crosses them, which operators are about as many as
_NEEDS = 3  # of a step that is left whole
_SEARCHES, _IN_VAIN = 16, 3
_EFFORT = 100_000  # looks at a next step, of all searches; half a second
_SPREAD, _MODULUS = 2_654_435_761, 65_521  # primes


class Kind(Enum):
    """What stands in the line: a step, the place where a fact is looked at, and where a control begins and ends."""

    OPEN = 1
    STEP = 2
    LOOK = 3
    CLOSE = 4


@dataclass(frozen=True, slots=True)
class Item:
    """A step by its place among the steps, or a fact or control by that of its variable."""

    kind: Kind
    number: int


@dataclass(frozen=True, slots=True)
class LineStep:
    """A step in variables: ``event`` is -1 where it always succeeds, ``covers`` are controls with the events of
    their coverages, -1 where those are complete."""

    needs: tuple[int, ...]
    gains: int
    event: int
    covers: tuple[tuple[int, int], ...]

    @property
    def touched(self) -> frozenset[int]:
        return frozenset((self.gains, *self.needs, *(control for control, _ in self.covers)))


def steps_of(rules: Rules, cone: Mapping[int, Collection[int]]) -> list[LineStep]:
    """The steps of a cone; parts of needs are variables below 0."""
    found: list[LineStep] = []
    part = 0
    for number in (number for own in cone.values() for number in own):
        needs = sorted(rules.needs(number))
        while len(needs) > _NEEDS:
            part -= 1
            found.append(LineStep((needs[0], needs[1]), part, -1, ()))
            needs = [part, *needs[2:]]
        found.append(LineStep(tuple(needs), rules.gains(number), rules.event(number), tuple(rules.covers(number))))
    return found


class Line:
    """Steps in an order, with what begins and ends between them; variables from ``controls`` on are controls.

    ``place`` gives facts and controls small numbers, each kind its own: the same to several that cross no cut together.
    """

    def __init__(self, steps: Sequence[LineStep], order: Sequence[int], controls: int) -> None:
        self.steps, self.controls = steps, controls
        self.items = tuple(self._items(order))
        self.place = _places(self)

    def _items(self, order: Sequence[int]) -> list[Item]:
        gained = {self.steps[step].gains: n for n, step in enumerate(order)}
        met = [[control for control, _ in self.steps[step].covers] for step in order]
        first = {control: n for n, own in reversed(list(enumerate(met))) for control in own}
        last = {control: n for n, own in enumerate(met) for control in own}
        found = []
        for n, step in enumerate(order):
            found += [Item(Kind.OPEN, control) for control in met[n] if first[control] == n]
            found.append(Item(Kind.STEP, step))
            found += [Item(Kind.CLOSE, control) for control in met[n] if last[control] == n]
            fact = self.steps[step].gains
            if fact >= 0 and gained[fact] == n:
                found.append(Item(Kind.LOOK, fact))
        return found

    @cached_property
    def spans(self) -> dict[int, tuple[int, int]]:
        """The first and the last item of each fact and control."""
        found: dict[int, tuple[int, int]] = {}
        for n, item in enumerate(self.items):
            touched = {item.number}
            if item.kind is Kind.STEP:
                touched = {self.steps[item.number].gains, *self.steps[item.number].needs}
            for one in touched:
                found[one] = (found.get(one, (n, n))[0], n)
        return found


def _places(line: Line) -> dict[int, int]:
    found: dict[int, int] = {}
    for controls in (False, True):
        free: list[int] = []
        taken: list[tuple[int, int]] = []
        for one, (first, last) in sorted(line.spans.items(), key=lambda entry: (entry[1], entry[0])):
            if (one >= line.controls) is not controls:
                continue
            free += [place for end, place in taken if end < first]
            taken = [(end, place) for end, place in taken if end >= first]
            found[one] = min(free, default=len(taken))
            free = [place for place in free if place != found[one]]
            taken.append((last, found[one]))
    return found


def line_of(rules: Rules, cone: Mapping[int, Collection[int]], most: int = MOST_CROSSINGS) -> Line:
    """The steps of a cone in the best line that several searches find.

    Raises ``TooWideError`` where the sum over its cuts of 2 to the number of facts and controls that cross it
    is more than ``most``.
    """
    steps = steps_of(rules, cone)
    touched = [step.touched for step in steps]
    best: list[int] | None = None
    effort = _EFFORT
    for number in range(_SEARCHES):
        search = _Search(touched, number)
        found = search.run(most, effort)
        effort -= search.looks
        if found is not None:
            best, most = found, search.crossings - 1
        if effort <= 0 or (best is None and number == _IN_VAIN):
            break
    if best is None:
        raise TooWideError
    return Line(steps, best, len(rules.arrays.facts))


class _Search:
    """For a line in which the next step always ends most and begins least of what crosses; ``number`` decides ties."""

    def __init__(self, touched: Sequence[frozenset[int]], number: int) -> None:
        self.touched = touched
        self.users: defaultdict[int, set[int]] = defaultdict(set)
        for step, own in enumerate(touched):
            for one in own:
                self.users[one].add(step)
        self.tie = {step: (step * _SPREAD * number >> 7) % _MODULUS if number else step for step in range(len(touched))}
        self.crossing: dict[int, int] = {}  # with the number of the step that it began with
        self.looks = self.crossings = 0

    def run(self, most: int, effort: int) -> list[int] | None:
        """The steps in line; None where there are too many crossings, or the effort is spent."""
        found: list[int] = []
        left = dict.fromkeys(sorted(self.tie, key=self.tie.__getitem__))
        while left:
            near = set().union(*(self.users[one] for one in self.crossing)) or {next(iter(left))}
            self.looks += len(near)
            step = min(near, key=self.price)
            del left[step]
            for one in self.touched[step]:
                self.users[one].discard(step)
                if self.users[one]:
                    self.crossing.setdefault(one, len(found))
                else:
                    self.crossing.pop(one, None)
            found.append(step)
            self.crossings += 1 << len(self.crossing)
            if self.crossings > most or self.looks > effort:
                return None
        return found

    def price(self, step: int) -> tuple[int, int, int]:
        crossing, own = self.crossing, self.touched[step]
        change = sum(-1 if one in crossing else 1 for one in own if (len(self.users[one]) == 1) is (one in crossing))
        return change, min((crossing[one] for one in own if one in crossing), default=0), self.tie[step]
