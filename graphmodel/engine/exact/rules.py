"""Conditional probability tables of an attack graph, for the junction tree.

A fact is a variable with two values; so is a control that several steps meet, and so are parts of
steps that need much or of facts that are gained in many ways, which keeps tables small. The facts
of a loop have one table together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from graphmodel.engine.exact.loops import MOST_BITS, Chances, Loop, LoopStep
from graphmodel.engine.worlds.arrays import Arrays

Awaited = Callable[[], None]  # called between parts of long work; raises to end it


def always() -> None:
    """Somebody waits for the answer."""


class TooWideError(Exception):
    """The graph is wider, or its tables together are larger, than was allowed."""


class HopelessError(TooWideError):
    """So far too wide that nothing of about the same size need be tried."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A part of a rule: that a variable is true or, of a control, that it does not stop the step."""

    variable: int
    stops: bool = False
    coverage: int = -1

    def passes(self, weights: Chances) -> Chances:
        """The chance to get past where the variable is false and where it is true, (2, cases)."""
        found = np.zeros((2, weights.shape[1]))
        found[0 if self.stops else 1] = 1.0
        if self.stops and self.coverage >= 0:
            found[1] = 1.0 - weights[self.coverage]
        return found


@dataclass(frozen=True, slots=True)
class Rule:
    """A variable is true if the one ``before`` is, or if all literals pass and the event happens.

    ``event`` is -1 where it always does.
    """

    gains: int
    literals: tuple[Literal, ...]
    event: int = -1
    before: int | None = None

    @property
    def scope(self) -> tuple[int, ...]:
        first = () if self.before is None else (self.before,)
        return (*first, *(one.variable for one in self.literals), self.gains)

    def table(self, weights: Chances) -> Chances:
        """An axis of length 2 for each variable of the scope, and one for the cases."""
        cases = weights.shape[1]
        chance = np.ones(cases) if self.event < 0 else weights[self.event]
        for literal in self.literals:
            chance = chance[..., np.newaxis, :] * literal.passes(weights)
        if self.before is not None:
            chance = np.stack((chance, np.ones_like(chance)))
        return np.stack((1.0 - chance, chance), axis=-2)


@dataclass(frozen=True, slots=True)
class LoopRule:
    """All facts of a loop at once; the scope is what comes from outside, and then the facts."""

    loop: Loop
    scope: tuple[int, ...]

    def table(self, weights: Chances) -> Chances:
        """An axis of length 2 for each variable of the scope, and one for the cases."""
        return self.loop.table(weights)


class Rules:
    """Makes the rules of any part of one graph.

    Facts have their numbers as variables, controls the number of their event after those, and parts what follows.
    """

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        starts = arrays.component_at
        self._component = np.repeat(np.arange(len(starts) - 1, dtype=np.int32), np.diff(starts))
        self._by_gain = np.argsort(arrays.gains, kind="stable")
        self._gain_at = np.searchsorted(arrays.gains[self._by_gain], np.arange(len(arrays.facts) + 1))

    # Of a large graph only small parts are ever asked for, so nothing is kept for each step.
    def producers(self, fact: int) -> list[int]:
        """The steps that gain a fact."""
        found: list[int] = self._by_gain[self._gain_at[fact] : self._gain_at[fact + 1]].tolist()
        return found

    def needs(self, step: int) -> list[int]:
        """What a step needs that is not certain."""
        arrays, known = self.arrays, len(self.arrays.certain)
        return [
            need for need in arrays.needs[arrays.need_at[step] : arrays.need_at[step + 1]].tolist() if need >= known
        ]

    def covers(self, step: int) -> list[tuple[int, int]]:
        """The controls that a step meets as variables, with the events of their coverages, -1 where complete."""
        arrays = self.arrays
        own = slice(arrays.cover_at[step], arrays.cover_at[step + 1])
        controls = (arrays.control[own] + len(arrays.facts)).tolist()
        return list(zip(controls, arrays.coverage[own].tolist(), strict=True))

    def gains(self, step: int) -> int:
        return int(self.arrays.gains[step])

    def event(self, step: int) -> int:
        """The event of a step, -1 where it always succeeds."""
        return int(self.arrays.event[step])

    def cone(self, targets: Collection[int], most: int | None = None) -> Mapping[int, list[int]]:
        """The steps of each component that some way to a target may use.

        Raises ``TooWideError`` once they are found to be more than ``most``.
        """
        found: defaultdict[int, list[int]] = defaultdict(list)
        seen, agenda = set(targets), list(targets)
        count = 0
        while agenda:
            own = self.producers(agenda.pop())
            count += len(own)
            if most is not None and count > most:
                raise TooWideError
            for step in own:
                found[int(self._component[step])].append(step)
                for need in self.needs(step):
                    if need not in seen:
                        seen.add(need)
                        agenda.append(need)
        return {one: sorted(own) for one, own in sorted(found.items())}

    def of(self, cone: Mapping[int, Sequence[int]]) -> list[Rule | LoopRule]:
        """The rules of all facts of a cone and their controls; raises ``TooWideError``."""
        found: list[Rule | LoopRule] = []
        controls: set[int] = set()
        part = len(self.arrays.facts) + self.arrays.events
        for component, steps in cone.items():
            controls.update(control for step in steps for control, _ in self.covers(step))
            if self.arrays.loop[component]:
                found.append(self.of_loop(steps))
            else:
                rules = self.of_fact(steps, part)
                part += len(rules)
                found.extend(rules)
        found.extend(Rule(one, (), one - len(self.arrays.facts)) for one in sorted(controls))
        return found

    def of_fact(self, steps: Sequence[int], part: int) -> list[Rule]:
        """The rules of a fact that is on no loop, with variables for parts from ``part`` on.

        Literals are joined in pairs, and the steps one after the other.
        """
        found: list[Rule] = []
        before: int | None = None
        for number, step in enumerate(steps):
            literals = [Literal(need) for need in self.needs(step)]
            literals += [Literal(control, True, coverage) for control, coverage in self.covers(step)]
            while len(literals) > 2:
                found.append(Rule(part + len(found), tuple(literals[:2])))
                literals = [*literals[2:], Literal(found[-1].gains)]
            last = number == len(steps) - 1
            gains = self.gains(step) if last else part + len(found)
            found.append(Rule(gains, tuple(literals), self.event(step), before))
            before = gains
        return found

    def of_loop(self, steps: Sequence[int]) -> LoopRule:
        own = sorted({self.gains(step) for step in steps})
        outside = {need for step in steps for need in self.needs(step)}.difference(own)
        outside |= {control for step in steps for control, _ in self.covers(step)}
        if len(outside) + len(own) > MOST_BITS:
            raise TooWideError
        scope = (*sorted(outside), *own)
        place = {one: number for number, one in enumerate(scope)}
        found = tuple(
            LoopStep(
                tuple(place[need] for need in self.needs(step)),
                place[self.gains(step)],
                self.event(step),
                tuple((place[control], coverage) for control, coverage in self.covers(step)),
            )
            for step in steps
        )
        return LoopRule(Loop(len(outside), len(own), found), scope)
