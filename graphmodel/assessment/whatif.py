"""What-ifs: what switching controls does, and what each of many cases would save, on the same worlds."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from graphmodel.assessment.cases import case_of, graph_under
from graphmodel.assessment.results import Assessment
from graphmodel.engine.estimates import BOUND, EXACT, SIMULATED, Estimate
from graphmodel.engine.graph import AttackGraph
from graphmodel.engine.likelihood import WHAT_IF_WORLDS, Case, Solution
from graphmodel.knowledge.vocabulary import View

_BATCH = 24
_CASES = 96  # worked out in a simulated model, a multiple of the batch


@dataclass(frozen=True)
class Switched:
    """One actor's attack graph with a choice of controls in force, and its solution beside that as things stand.

    Only likelihoods of the facts that were asked for are in the solutions where ``changed``.
    """

    graph: AttackGraph
    before: Solution
    now: Solution
    changed: bool


def switch(assessment: Assessment, actor: str, active: Collection[str], facts: Collection[str]) -> Switched:
    """What changes for an actor when exactly these control implementations are in force."""
    compiled, result = assessment.compiled, assessment.actor_by_id[actor]
    as_is = compiled.in_force(View.RESIDUAL)
    before = now = result.solutions[View.RESIDUAL]
    changed = frozenset(active) != as_is & {one.id for one in compiled.system.controls if one.control}
    if changed:
        cases = case_of(compiled, as_is), case_of(compiled, active)
        few = None if before.worlds == 0 else WHAT_IF_WORLDS
        before, now = result.solver.solve(*cases, worlds=few, facts=list(facts))
    return Switched(graph_under(assessment, actor, active), before, now, changed)


def saved_by(
    assessment: Assessment, cases: Sequence[Case], shares: Sequence[float] | None = None, most: int = 40
) -> tuple[Estimate, ...]:
    """How much each case saves against things as they stand, in currency per ``period``.

    ``shares`` are factors on the savings. Where numbers are simulated, cases are worked out in
    the order of a bound on their savings, until the ``most`` best are certain or a hundred are
    done; the results of the others are their bounds.
    """
    factors = list(shares) if shares is not None else [1.0] * len(cases)
    limits = _bounds(assessment, cases, factors)
    bounds = [bound for bound, _ in limits]
    order = sorted(range(len(cases)), key=lambda number: (-limits[number][1], -bounds[number], number))
    found: dict[int, Estimate] = {}
    for first in range(0, len(order), _BATCH):
        best = sorted((one.value for one in found.values()), reverse=True)[most - 1 : most]
        open_bound = max(bounds[number] for number in order[first:])
        if (best and best[0] >= open_bound) or (first >= _CASES and limits[order[first]][1] < math.inf):
            break
        batch = order[first : first + _BATCH]
        for number, estimate in zip(batch, _saved(assessment, [cases[one] for one in batch]), strict=True):
            found[number] = estimate.scaled(factors[number])
    left = {one: Estimate(bounds[one], 0.0, bounds[one], BOUND) for one in order if one not in found}
    return tuple((found | left)[number] for number in range(len(cases)))


def _bounds(assessment: Assessment, cases: Sequence[Case], factors: Sequence[float]) -> list[tuple[float, float]]:
    """The most that each case can save, and a guess at what it does; infinite where it is to be worked out."""
    now = case_of(assessment.compiled, assessment.compiled.in_force(View.RESIDUAL))
    if all(assessment.actor_by_id[actor].solver.is_exact for actor in assessment.weights):
        return [(math.inf, math.inf)] * len(cases)
    simple = [
        number
        for number, case in enumerate(cases)
        if case.blocked and case.holds == now.holds and case.losses == now.losses
    ]
    limits = [(math.inf, math.inf)] * len(cases)
    for number in simple:
        limits[number] = (0.0, 0.0)
    for actor, weight in assessment.weights.items():
        groups = [cases[number].blocked for number in simple]
        at_stake = assessment.actor_by_id[actor].solver.at_stake(now, groups, WHAT_IF_WORLDS)
        for number, (most, guess) in zip(simple, at_stake, strict=True):
            factor = weight * factors[number]
            limits[number] = (limits[number][0] + factor * most, limits[number][1] + factor * guess)
    return limits


def _saved(assessment: Assessment, cases: Sequence[Case]) -> list[Estimate]:
    now = case_of(assessment.compiled, assessment.compiled.in_force(View.RESIDUAL))
    sums = [(0.0, 0.0, 0.0, True)] * len(cases)
    for actor, weight in assessment.weights.items():
        solutions = assessment.actor_by_id[actor].solver.solve(now, *cases, worlds=WHAT_IF_WORLDS, facts=())[1:]
        for number, solution in enumerate(solutions):
            one, (value, low, high, exact) = solution.saved, sums[number]
            sums[number] = (
                value + weight * one.value,
                low + weight * one.low,
                high + weight * one.high,
                exact and one.is_exact,
            )
    return [Estimate(value, low, high, EXACT if exact else SIMULATED) for value, low, high, exact in sums]
