"""What several measures save together, worked out exactly on the graphs that are solved already.

A measure that is not in a graph yet holds or does not, and takes from the chance of each step that it covers its ratio
against the step's threat while it holds. The chance of any fact is linear in that of each event. So a measure that
concerns one event of a graph is told by the mean chance of that event; and over those that concern several, all ways
in which they may hold are added up, each with its chance: for every one of these the graph is only evaluated anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from graphmodel.assessment.results import ActorResult
from graphmodel.binding.amounts import loss_amounts
from graphmodel.binding.compiled import Compiled, holds_of
from graphmodel.engine.likelihood import Solver
from graphmodel.knowledge.vocabulary import Skill, View
from graphmodel.model.system import ControlImplementation

_WORK = 10_000_000  # entries or pairs of a solved graph, times the ways; to solve another takes as long
_LOCAL = 10  # measures that may concern one event
_COLUMNS = 256
_ROUNDING = 1e-12  # of a loss, that what is called exact may be off by


@dataclass(frozen=True)
class _Added:
    """A measure that a graph has not: the chance that it holds, and what it then takes from which steps of an event."""

    holds: float
    taken: Mapping[str, float]


def saved_together(
    actor: ActorResult, compiled: Compiled, standing: Collection[str], measures: Sequence[ControlImplementation]
) -> float | None:
    """How much less a campaign of an actor loses with these measures beside the ``standing`` implementations.

    ``compiled`` is the system with the measures in it. None where the graph of the actor is not solved exactly, or
    adding up would take longer than solving another graph.
    """
    if not actor.solver.is_exact:
        return None
    skill, solver = actor.actor.skill, actor.solver
    active = frozenset(standing).union(one.id for one in measures)
    there = {one.id for one in actor.graph.controls}
    before = {name: chance for name, chance in holds_of(compiled, standing, skill).items() if name in there}
    after = {name: chance for name, chance in holds_of(compiled, active, skill).items() if name in there}
    added = [_added(compiled, one, skill, solver) for one in measures if one.id not in there]
    ways = _ways(solver, after, [one for one in added if one.taken])
    if ways is None:
        return None
    now = _loss(solver, solver.events.weights(before)[:, np.newaxis], loss_amounts(compiled, View.RESIDUAL, standing))
    left, losses = 0.0, loss_amounts(compiled, View.RESIDUAL, active)
    for weights, chances in ways:
        left += float(chances @ _loss(solver, weights, losses))
    less = float(now[0]) - left
    return less if abs(less) > _ROUNDING * max(abs(float(now[0])), abs(left)) else 0.0


def _added(compiled: Compiled, one: ControlImplementation, skill: Skill, solver: Solver) -> _Added:
    steps = sorted(compiled.credit.steps(one) & solver.events.events_of.keys()) if _prevents(compiled, one) else []
    taken = {step: one.coverage * compiled.ratio(one, compiled.binding_by_id[step].pattern.id, skill) for step in steps}
    return _Added(compiled.holds(one, skill), {step: share for step, share in taken.items() if share > 0})


def _prevents(compiled: Compiled, one: ControlImplementation) -> bool:
    return any(other.id == one.id for other in compiled.preventing)


def _loss(solver: Solver, weights: NDArray[np.float64], losses: Mapping[str, float]) -> NDArray[np.float64]:
    """The expected loss in each case; ``weights`` is (events, cases)."""
    chances = solver.exact(weights, needed=())
    known = (amount * chances[fact] for fact, amount in sorted(losses.items()) if fact in chances)
    return sum(known, np.zeros(weights.shape[1]))


def _ways(
    solver: Solver, holds: Mapping[str, float], added: Sequence[_Added]
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]] | None:
    """The chances of all events in each way in which the measures may hold, and the chance of each way, in batches;
    None where there are too many."""
    events, concerned = solver.events.events_of, defaultdict[int, list[int]](list)
    for number, one in enumerate(added):
        for event in sorted({events[step] for step in one.taken}):
            concerned[event].append(number)
    shared = [number for number, one in enumerate(added) if len({events[step] for step in one.taken}) > 1]
    cost = sum(tier.cost for tier in solver.tiers(()))
    if cost << len(shared) > _WORK or any(len(found) > _LOCAL for found in concerned.values()):
        return None
    return _batches(solver, holds, added, concerned, shared)


def _batches(
    solver: Solver,
    holds: Mapping[str, float],
    added: Sequence[_Added],
    concerned: Mapping[int, Sequence[int]],
    shared: Sequence[int],
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    base = solver.events.weights(holds)
    tables = {event: _table(solver, event, holds, added, found, shared) for event, found in concerned.items()}
    place = {number: at for at, number in enumerate(shared)}
    for first in range(0, 1 << len(shared), _COLUMNS):
        ways = np.arange(first, min(first + _COLUMNS, 1 << len(shared)))
        chances = np.ones(len(ways))
        for number in shared:
            held = (ways >> place[number]) & 1 == 1
            chances *= np.where(held, added[number].holds, 1.0 - added[number].holds)
        weights = np.repeat(base[:, np.newaxis], len(ways), axis=1)
        for event, table in tables.items():
            row = np.zeros(len(ways), dtype=np.int64)
            for bit, number in enumerate(one for one in concerned[event] if one in place):
                row |= ((ways >> place[number]) & 1) << bit
            weights[event] = table[row]
        yield weights, chances


def _table(
    solver: Solver,
    event: int,
    holds: Mapping[str, float],
    added: Sequence[_Added],
    concerned: Sequence[int],
    shared: Sequence[int],
) -> NDArray[np.float64]:
    """The chance of an event for each way in which the shared ones of the measures that concern it may hold, the first
    as the lowest bit; the mean over the others, which concern no other event."""
    outer = [one for one in concerned if one in shared]
    inner = [one for one in concerned if one not in shared]
    steps = sorted({step for one in concerned for step in added[one].taken if solver.events.events_of[step] == event})
    found = np.zeros(1 << len(outer))
    for way in range(len(found)):
        held = [one for bit, one in enumerate(outer) if way >> bit & 1]
        for rest in product((False, True), repeat=len(inner)):
            chance, holding = 1.0, list(held)
            for one, holds_too in zip(inner, rest, strict=True):
                chance *= added[one].holds if holds_too else 1.0 - added[one].holds
                holding += [one] if holds_too else []
            left = dict.fromkeys(steps, 1.0)
            for one in holding:
                for step, share in added[one].taken.items():
                    if step in left:
                        left[step] *= 1.0 - share
            taken = {step: 1.0 - share for step, share in left.items()}
            found[way] += chance * solver.events.chance(event, holds, taken)
    return found
