"""The cheapest set of measures that leaves no path, as an integer program solved to optimality.

A fact is *true* when some path leads to it. The compromised facts are the least set that is closed
under the steps, so a target stays false exactly when some set that contains the start, is closed
under every step that is not broken, and lacks the target exists: a *post-fixpoint*. With a variable
y for each fact and x for each measure, for a step with m needs:

    y(gained) >= sum of y(needed) - (m - 1) - sum of x over the measures that break the step

with y = 1 for the start and y = 0 for the targets. Cycles and AND steps need nothing more. In zeros and ones
the row is a clause: y(gained), or a measure that breaks the step, or not y of one of its needs. Where
each step has one need and a measure of its own this is the minimum cut; with shared measures or AND
steps it is NP-hard (Wang, Noel and Jajodia 2006).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from graphmodel.engine.derivations import relevant_steps
from graphmodel.engine.exact.rules import Awaited, always
from graphmodel.engine.graph import AttackGraph
from graphmodel.planning.choices import Choices
from graphmodel.planning.solvers import Program, solved

_Row = tuple[frozenset[str], str, frozenset[str]]


@dataclass(frozen=True)
class Front:
    """One attacker's graph and the facts that are to be out of reach."""

    graph: AttackGraph
    targets: tuple[str, ...]


@dataclass(frozen=True)
class Break:
    """The answer: a set of measures and its cost, or None where no allowed set leaves every target unreached.

    ``bound`` is proven: no set that suffices costs less. ``open`` are the targets, each with the
    number of its front, that stay reachable with every possible measure holding at once; where
    there is no answer and nothing is open, only exclusions stand in the way.
    """

    chosen: frozenset[str] | None
    cost: float
    bound: float
    open: tuple[tuple[int, str], ...] = ()

    @property
    def optimal(self) -> bool:
        """Whether no cheaper set suffices."""
        return self.chosen is not None and self.cost - self.bound <= 1e-6 * max(1.0, self.cost)


def breakers(graph: AttackGraph) -> Mapping[str, frozenset[str]]:
    """For each step the controls that break it while they hold: coverage below one breaks nothing for sure."""
    able = {one.id for one in graph.controls if one.holds > 0}
    return {
        step.id: frozenset(cover.control for cover in step.controls if cover.coverage == 1.0 and cover.control in able)
        for step in graph.steps
    }


def without_broken(graph: AttackGraph, holding: Collection[str]) -> AttackGraph:
    """The graph without the steps that these controls break while all of them hold."""
    by, held = breakers(graph), frozenset(holding)
    return replace(graph, steps=tuple(step for step in graph.steps if not by[step.id] & held))


def still_reached(fronts: Sequence[Front], holding: Collection[str]) -> tuple[tuple[int, str], ...]:
    """The targets that a path leads to although all of these controls hold, with the numbers of their fronts."""
    found = []
    for number, front in enumerate(fronts):
        true, _ = without_broken(front.graph, holding).derivable()
        found += [(number, target) for target in front.targets if target in true]
    return tuple(found)


def cheapest_break(
    fronts: Sequence[Front], choices: Choices, given: Collection[str] = (), awaited: Awaited = always
) -> Break:
    """The cheapest allowed set that, together with the controls in ``given``, breaks every path to every target.

    The set is checked on the graphs themselves: it suffices, and no measure in it can be left out.
    ``awaited`` is called while the program is solved and may raise to end that. Raises ``ArithmeticError``
    if the solver comes to no answer, or its answer does not stand that check.
    """
    left = still_reached(fronts, {*given, *choices.possible})
    if left or not choices.allows(choices.decided):
        return Break(None, 0.0, 0.0, left)
    names = sorted(choices.possible)
    found = solved(breaking_program(fronts, choices, given), awaited)
    if found.chosen is None:
        return Break(None, 0.0, found.bound)
    kept = _pruned(fronts, choices, frozenset(given), frozenset(names[place] for place in found.chosen))
    if still_reached(fronts, {*given, *kept}) or not choices.allows(kept):
        raise ArithmeticError("the integer program returned a set of measures that leaves a path")
    cost = choices.total(kept)
    return Break(kept, cost, min(found.bound, cost))


def breaking_program(fronts: Sequence[Front], choices: Choices, given: Collection[str] = ()) -> Program:
    """The integer program of the cheapest break; its measures are the possible ones in the order of their names."""
    names = sorted(choices.possible)
    rows = [row for number, front in enumerate(fronts) for row in _rows(front, frozenset(names), given, number)]
    return _program(names, rows, choices)


def droppable(
    fronts: Sequence[Front], choices: Choices, given: Collection[str], chosen: frozenset[str]
) -> tuple[str, ...]:
    """The measures of a sufficient set that could be left out, one at a time."""
    return tuple(
        one
        for one in sorted(chosen - choices.decided, key=lambda one: (-choices.cost[one], one))
        if choices.allows(chosen - {one}) and not still_reached(fronts, {*given, *chosen} - {one})
    )


def _pruned(fronts: Sequence[Front], choices: Choices, given: frozenset[str], chosen: frozenset[str]) -> frozenset[str]:
    """Without measures that cost nothing and do nothing."""
    while spare := droppable(fronts, choices, given, chosen):
        chosen = chosen - {spare[0]}
    return chosen


def _rows(front: Front, names: frozenset[str], given: Collection[str], number: int) -> Iterable[_Row]:
    """The constraints of one front: the open needs, the fact gained, and the measures that break the step.

    Facts that no measure keeps false are true in every post-fixpoint, and facts from which a target
    follows whatever is chosen must be false; steps that these decide are left out.
    """
    graph = without_broken(front.graph, given)
    by = {step: broken & names for step, broken in breakers(graph).items()}
    certain, _ = replace(graph, steps=tuple(step for step in graph.steps if not by[step.id])).derivable()
    steps = relevant_steps(graph, front.targets)
    barred = set(front.targets)
    pending = defaultdict(list)
    open_needs: dict[str, frozenset[str]] = {}
    for step in steps:
        open_needs[step.id] = frozenset(step.needs) - certain
        if not by[step.id] and len(open_needs[step.id]) == 1:
            pending[step.gains].append(next(iter(open_needs[step.id])))
    agenda = list(barred)
    while agenda:
        for need in pending[agenda.pop()]:
            if need not in barred:
                barred.add(need)
                agenda.append(need)
    found: set[tuple[frozenset[str], str, frozenset[str]]] = set()
    for step in steps:
        needs = open_needs[step.id]
        if step.gains in certain or needs & barred:
            continue
        gained = "" if step.gains in barred else f"{number} {step.gains}"
        found.add((frozenset(f"{number} {need}" for need in needs), gained, by[step.id]))
    return sorted(found, key=lambda row: (sorted(row[0]), row[1], sorted(row[2])))


def _program(names: Sequence[str], rows: Sequence[_Row], choices: Choices) -> Program:
    """The rows and what the choices require and exclude as clauses; the measures are the first variables."""
    facts = sorted({fact for needs, gained, _ in rows for fact in (*needs, gained) if fact})
    column = {fact: len(names) + place for place, fact in enumerate(facts)}
    measure = {name: place for place, name in enumerate(names)}
    clauses = [
        (
            (*(measure[name] for name in sorted(broken)), *([column[gained]] if gained else ())),
            tuple(column[need] for need in sorted(needs)),
        )
        for needs, gained, broken in rows
    ]
    for name in names:
        for other in sorted(set(choices.requires.get(name, ())) - {name}):
            clauses.append(((measure[other],), (measure[name],)))
    for first, second in sorted(choices.excludes):
        if first in measure and second in measure:
            clauses.append(((), (measure[first], measure[second])))
    return Program(
        costs=tuple(choices.cost[name] for name in names),
        size=len(names) + len(facts),
        clauses=tuple(clauses),
        fixed=tuple(sorted(measure[name] for name in choices.decided)),
    )
