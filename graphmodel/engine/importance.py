"""Birnbaum importance: how much hangs on each step and control of an attack graph.

Every answer is a difference from things as they stand, all of them from the same exact program or from one
pass over the same worlds; see ``worlds.changes``.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from graphmodel.engine.estimates import Estimate
from graphmodel.engine.likelihood import Case, Solver
from graphmodel.engine.worlds.changes import Change

Part = TypeVar("Part", bound=Hashable)


@dataclass(frozen=True)
class Effect:
    """How much less is lost after a change (``saves``), or how much more (``costs``), in the unit of the losses.

    ``birnbaum`` of a single step is how much more is lost when it is certain than when it is impossible
    (Birnbaum 1969).
    """

    saves: Estimate | None = None
    costs: Estimate | None = None
    birnbaum: Estimate | None = None


class Changes(Generic[Part]):
    """Changes of one graph, each of a part of the caller's choosing, worked out together."""

    def __init__(self, solver: Solver, case: Case) -> None:
        self.solver, self.case = solver, case
        self.base = solver.events.weights(case.holds)
        self.changes: list[Change] = []
        self.labels: list[tuple[Part, bool, bool]] = []

    def add(self, part: Part, blocked: Collection[str] = (), holds: Mapping[str, float] | None = None) -> None:
        """For the better where steps are blocked or a control holds for certain, otherwise for the worse."""
        self._add(part, blocked, holds or {}, False)

    def add_step(self, part: Part, step: str) -> None:
        """A single step made impossible."""
        self._add(part, [step], {}, True)

    def _add(self, part: Part, blocked: Collection[str], holds: Mapping[str, float], single: bool) -> None:
        change = self.solver.events.change(self.case.holds, holds, frozenset(blocked))
        if change:
            self.changes.append(change)
            self.labels.append((part, bool(blocked) or 1.0 in holds.values(), single))

    def compared(self) -> Iterator[tuple[Part, Effect]]:
        """What each change that makes a difference to the graph does to the loss."""
        found = self.solver.compare(self.case, self.changes)
        for (part, saving, single), change, estimate in zip(self.labels, self.changes, found, strict=True):
            if single:
                ((event, chance),) = change.items()
                # The step's own part in an event that others may bring about as well, and its share in a trial.
                own = 1.0 - (1.0 - float(self.base[event])) / (1.0 - chance)
                own *= self.solver.graph.chance_of_trial(self.solver.events.events[event].members[0].among)
                yield part, Effect(saves=estimate, birnbaum=estimate.scaled(1.0 / own))
            elif saving:
                yield part, Effect(saves=estimate)
            else:
                yield part, Effect(costs=estimate.negated())


@dataclass(frozen=True)
class GraphImportance:
    """Of each step how much less a campaign costs if it is impossible, and of each control how much less if it holds
    for certain and how much more if it never does."""

    steps: Mapping[str, Estimate]
    perfect: Mapping[str, Estimate]
    absent: Mapping[str, Estimate]


def graph_importance(solver: Solver) -> GraphImportance:
    """The importance of every step and control of any graph; steps that cannot fire, or that always succeed and are
    not ``changeable`` in the solver, are left out."""
    changes = Changes[tuple[bool, str]](solver, Case())
    for step in sorted(solver.events.events_of):
        changes.add_step((True, step), step)
    for control in solver.graph.controls:
        changes.add((False, control.id), holds={control.id: 1.0})
        changes.add((False, control.id), holds={control.id: 0.0})
    found = tuple(changes.compared())
    return GraphImportance(
        {one: effect.saves for (is_step, one), effect in found if is_step and effect.saves},
        {one: effect.saves for (is_step, one), effect in found if not is_step and effect.saves},
        {one: effect.costs for (_, one), effect in found if effect.costs},
    )
