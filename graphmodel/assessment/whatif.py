"""What-ifs: what switching controls does, and what each of many cases would save, on the same worlds."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from graphmodel.assessment.cases import BySkill, case_of, cases_of, graph_under
from graphmodel.assessment.results import Assessment
from graphmodel.engine.estimates import BOUND, EXACT, SIMULATED, Estimate
from graphmodel.engine.graph import AttackGraph
from graphmodel.engine.likelihood import WHAT_IF_WORLDS, Solution
from graphmodel.knowledge.vocabulary import Skill, View

Factors = Mapping[Skill, float]
"""What is saved from actors of each skill, as a share of what a case saves there."""

WHOLE: Factors = dict.fromkeys(Skill, 1.0)
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
        skill = result.actor.skill
        cases = case_of(compiled, as_is, skill), case_of(compiled, active, skill)
        few = None if before.worlds == 0 else WHAT_IF_WORLDS
        before, now = result.solver.recalled(*cases, worlds=few, facts=list(facts))
    return Switched(graph_under(assessment, actor, active), before, now, changed)


def saved_by(
    assessment: Assessment, cases: Sequence[BySkill], shares: Sequence[Factors] | None = None, most: int = 40
) -> tuple[Estimate, ...]:
    """How much each case saves against things as they stand, in currency per ``period``.

    ``shares`` are factors on the savings from actors of each skill. Where numbers are simulated, cases are
    worked out in the order of a bound on their savings, until the ``most`` best are certain or a hundred
    are done; the results of the others are their bounds.
    """
    factors = list(shares) if shares is not None else [WHOLE] * len(cases)
    limits = _bounds(assessment, cases, factors)
    bounds = [bound for bound, _ in limits]
    order = sorted(range(len(cases)), key=lambda number: (-limits[number][1], -bounds[number], number))
    found: dict[int, Estimate] = {}
    ahead: dict[int, Estimate] = {}
    simulated = bool(order) and limits[order[-1]][1] < math.inf
    for first in range(0, len(order), _BATCH):
        best = sorted((one.value for one in found.values()), reverse=True)[most - 1 : most]
        open_bound = max(bounds[number] for number in order[first:])
        if (best and best[0] >= open_bound) or (first >= _CASES and limits[order[first]][1] < math.inf):
            break
        batch = order[first : first + _BATCH]
        if batch[0] not in ahead:
            # Many cases in the same worlds take hardly longer than few.
            more = order[first : first + (_CASES if simulated else _BATCH)]
            saved = _saved(assessment, [cases[one] for one in more], [factors[one] for one in more])
            ahead = dict(zip(more, saved, strict=True))
        found.update({one: ahead[one] for one in batch})
    left = {one: Estimate(bounds[one], 0.0, bounds[one], BOUND) for one in order if one not in found}
    told = found | left
    return tuple(told[number] for number in range(len(cases)))


def _bounds(assessment: Assessment, cases: Sequence[BySkill], factors: Sequence[Factors]) -> list[tuple[float, float]]:
    """The most that each case can save, and a guess at what it does; infinite where it is to be worked out."""
    now = cases_of(assessment.compiled, assessment.compiled.in_force(View.RESIDUAL))
    if all(assessment.actor_by_id[actor].solver.is_exact for actor in assessment.weights):
        return [(math.inf, math.inf)] * len(cases)
    simple = [
        number
        for number, case in enumerate(cases)
        if all(
            case[skill].blocked and case[skill].holds == one.holds and case[skill].losses == one.losses
            for skill, one in now.items()
        )
    ]
    limits = [(math.inf, math.inf)] * len(cases)
    for number in simple:
        limits[number] = (0.0, 0.0)
    for actor, weight in assessment.weights.items():
        result = assessment.actor_by_id[actor]
        skill = result.actor.skill
        groups = [cases[number][skill].blocked for number in simple]
        at_stake = result.solver.at_stake(now[skill], groups, WHAT_IF_WORLDS)
        for number, (most, guess) in zip(simple, at_stake, strict=True):
            factor = weight * factors[number][skill]
            limits[number] = (limits[number][0] + factor * most, limits[number][1] + factor * guess)
    return limits


def _saved(assessment: Assessment, cases: Sequence[BySkill], factors: Sequence[Factors]) -> list[Estimate]:
    now = cases_of(assessment.compiled, assessment.compiled.in_force(View.RESIDUAL))
    sums = [(0.0, 0.0, 0.0, True)] * len(cases)
    for actor, weight in assessment.weights.items():
        result = assessment.actor_by_id[actor]
        skill = result.actor.skill
        asked = [now[skill], *(one[skill] for one in cases)]
        for number, solution in enumerate(result.solver.solve(*asked, worlds=WHAT_IF_WORLDS, facts=())[1:]):
            one, (value, low, high, exact) = solution.saved.scaled(factors[number][skill]), sums[number]
            sums[number] = (
                value + weight * one.value,
                low + weight * one.low,
                high + weight * one.high,
                exact and one.is_exact,
            )
    return [Estimate(value, low, high, EXACT if exact else SIMULATED) for value, low, high, exact in sums]
