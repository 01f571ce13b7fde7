"""The event graph as flat arrays, in the layout that the kernels walk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphmodel.engine.events import EventGraph
from graphmodel.engine.worlds.draws import Thresholds, Words

Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Arrays:
    """Facts and steps by number; steps stand in the order of their components, which can be solved in turn.

    The steps of component *c* are those from ``component_at[c]`` to ``component_at[c + 1]``, its facts those
    from ``fact_at[c]`` to ``fact_at[c + 1]``.
    The needs of step *s* are ``needs[need_at[s]:need_at[s + 1]]``; its covers are the pairs of
    ``control`` and ``coverage`` at ``cover_at``, the latter -1 where it is complete; ``event`` is -1
    for a step that always succeeds. ``users`` lists for each fact the steps of its own component
    that need it; ``inner`` marks those steps, ``loop`` the components in which there are any.
    """

    facts: tuple[str, ...]
    certain: Ints
    component_at: Ints
    fact_at: Ints
    loop: NDArray[np.bool_]
    gains: Ints
    need_at: Ints
    needs: Ints
    inner: NDArray[np.bool_]
    event: Ints
    cover_at: Ints
    control: Ints
    coverage: Ints
    user_at: Ints
    users: Ints
    events: int

    @cached_property
    def number(self) -> Mapping[str, int]:
        """The number of each fact by its name."""
        return {fact: number for number, fact in enumerate(self.facts)}

    def __getstate__(self) -> dict[str, Any]:
        """What goes to workers of a cluster, who can number the facts themselves."""
        return {name: value for name, value in self.__dict__.items() if name != "number"}

    def touched(self, changed: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The steps that any of these events can change; both arrays are masks."""
        known = np.append(changed, False)
        found = known[self.event]
        covered = np.repeat(np.arange(len(found)), np.diff(self.cover_at))
        found[covered[known[self.control] | known[self.coverage]]] = True
        return found

    def possible(self, happens: Words) -> Words:
        """The worlds in which each step succeeds and is not stopped, from those in which each event happens.

        Both are words, (events, blocks) and (steps, blocks).
        """
        everywhere = np.full((1, happens.shape[1]), np.uint64(0xFFFFFFFFFFFFFFFF))
        table = np.concatenate((happens, everywhere))
        found = table[self.event]
        covered = np.repeat(np.arange(len(found)), np.diff(self.cover_at))
        np.bitwise_and.at(found, covered, ~(table[self.control] & table[self.coverage]))
        return found


@dataclass(frozen=True)
class Played:
    """What came of some worlds: with these chances, each fact was ``held`` in those, words (facts, blocks)."""

    thresholds: Thresholds
    held: Words


def arrays_of(graph: EventGraph) -> Arrays:
    """The arrays of an event graph; certain facts come first, then facts in the order of their first gain."""
    facts = [*sorted(graph.certain)]
    fact_at = [len(facts)]
    for component in graph.components:
        facts.extend(dict.fromkeys(step.gains for step in component.steps))
        fact_at.append(len(facts))
    number = {fact: n for n, fact in enumerate(facts)}
    steps = [step for component in graph.components for step in component.steps]
    component_at = _starts(len(component.steps) for component in graph.components)
    need_at = _starts(len(step.needs) for step in steps)
    needs = _ints(number[need] for step in steps for need in step.needs)
    # A need is an inner one where the component that gains it is that of the step.
    home = np.searchsorted(fact_at, np.arange(len(facts)), side="right") - 1
    place = np.repeat(np.repeat(np.arange(len(graph.components)), np.diff(component_at)), np.diff(need_at))
    step_of = np.repeat(np.arange(len(steps), dtype=np.int32), np.diff(need_at))
    within = home[needs] == place
    inner = np.zeros(len(steps), dtype=np.bool_)
    inner[step_of[within]] = True
    loop = np.zeros(len(graph.components), dtype=np.bool_)
    loop[place[within]] = True
    order = np.argsort(needs[within], kind="stable")
    covers = [step.covers for step in steps]
    return Arrays(
        facts=tuple(facts),
        certain=_ints(range(len(graph.certain))),
        component_at=component_at,
        fact_at=_ints(fact_at),
        loop=loop,
        gains=_ints(number[step.gains] for step in steps),
        need_at=need_at,
        needs=needs,
        inner=inner,
        event=_ints(-1 if step.event is None else step.event for step in steps),
        cover_at=_starts(map(len, covers)),
        control=_ints(control for pairs in covers for control, _ in pairs),
        coverage=_ints(-1 if part is None else part for pairs in covers for _, part in pairs),
        user_at=_starts(np.bincount(needs[within], minlength=len(facts)).tolist()),
        users=step_of[within][order],
        events=len(graph.events),
    )


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int32)


def _starts(lengths: Iterable[int]) -> Ints:
    found = np.fromiter(lengths, dtype=np.int32)
    return np.concatenate((np.zeros(1, dtype=np.int32), np.cumsum(found, dtype=np.int32)))
