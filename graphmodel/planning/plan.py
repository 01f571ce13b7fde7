"""Plans: the best set for a budget, why, in which order, and the frontier of cost against expected loss."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from graphmodel.assessment.cases import steps_to_losses
from graphmodel.assessment.results import Assessment
from graphmodel.binding.amounts import at_stake, limiting_controls
from graphmodel.binding.attackgraph import attack_graph
from graphmodel.binding.compiled import holds_of
from graphmodel.engine.derivations import relevant_steps
from graphmodel.engine.estimates import Estimate
from graphmodel.engine.likelihood import WHAT_IF_WORLDS, Case, Options, Solver
from graphmodel.knowledge.vocabulary import Skill
from graphmodel.planning.budgets import Best, Progress, Search
from graphmodel.planning.options import Ask, Field, Option, field

WORK = 6_000  # sets of measures worked out at most, where losses are exact
WORK_SIMULATED = 400
_TOGETHER = 64  # sets that are worked out with those that are asked for
PHASES = ("now", "next", "later")


class Evaluator:
    """The expected loss with any set of measures in force: exact, or on the same worlds for every set."""

    def __init__(self, given: Field, actors: Collection[str] | None = None, options: Options | None = None) -> None:
        """``actors`` are those whose campaigns count; all unless given, as ``options`` are those of the assessment."""
        compiled, assessment = given.compiled, given.assessment
        self._field = given
        self._names = frozenset(one.id for one in given.options)
        able = given.standing | self._names
        self._losses: list[tuple[str, float, list[tuple[str, float]]]] = [
            (
                str(stake.held),
                at_stake(compiled, stake).mean,
                [
                    (one.id, 1.0 - compiled.avoids(one) * one.coverage)
                    for one in limiting_controls(compiled, stake.held.asset, stake.held.capability)
                    if one.id in able
                ],
            )
            for stake in compiled.stakes
        ]
        self._solvers: list[tuple[float, Skill, Solver]] = []
        for name, weight in sorted(assessment.weights.items()):
            if actors is not None and name not in actors:
                continue
            actor = assessment.actor_by_id[name].actor
            graph = attack_graph(compiled, actor).with_holds(holds_of(compiled, able, actor.skill))
            steps = relevant_steps(graph, sorted(graph.losses))
            how = options or assessment.options
            if not assessment.actor_by_id[name].solver.tiers(()):
                # What was too wide without these measures is no narrower with them.
                how = replace(how, nodes=0)
            self._solvers.append((weight, actor.skill, Solver(replace(graph, steps=steps), how)))
        self._known: dict[frozenset[str], float] = {}
        self._likely: tuple[frozenset[str], ...] = ()

    @cached_property
    def is_exact(self) -> bool:
        return all(solver.is_exact for _, _, solver in self._solvers)

    @cached_property
    def _is_simulated(self) -> bool:
        """Whether every loss is simulated, so that a set costs the same whatever it is worked out with."""
        return not any(solver.tiers(()) for _, _, solver in self._solvers)

    def case(self, chosen: Collection[str], skill: Skill) -> Case:
        """The implemented controls and these measures in force, against actors of this skill."""
        active = self._field.standing.union(chosen)
        amounts: dict[str, float] = {}
        for fact, amount, limits in self._losses:
            share = 1.0
            for control, factor in limits:
                if control in active:
                    share *= factor
            amounts[fact] = amounts.get(fact, 0.0) + share * amount
        return Case(holds_of(self._field.compiled, active, skill), losses=amounts)

    def estimates(self, sets: Sequence[Collection[str]]) -> list[tuple[Estimate, Estimate]]:
        """For each set the loss per period, and how much less that is than with the first set."""
        worlds = min(self._field.assessment.options.worlds, WHAT_IF_WORLDS)
        solved = [
            (weight, solver.solve(*(self.case(one, skill) for one in sets), worlds=worlds, facts=()))
            for weight, skill, solver in self._solvers
        ]
        return [
            (
                Estimate.total(solutions[number].loss.scaled(weight) for weight, solutions in solved),
                Estimate.total(solutions[number].saved.scaled(weight) for weight, solutions in solved),
            )
            for number in range(len(sets))
        ]

    def last(self, chosen: frozenset[str], names: Sequence[str]) -> list[Estimate]:
        """How much less is lost with the whole choice than without each of these measures."""
        if self._is_simulated:
            without = self.estimates([chosen, *(chosen - {one} for one in names)])[1:]
            return [saved.negated() for _, saved in without]
        return [self.estimates([chosen - {one}, chosen])[1][1] for one in names]

    def losses(self, sets: Sequence[frozenset[str]]) -> list[float]:
        """The expected loss per period with each set."""
        new = dict.fromkeys(one for one in sets if one not in self._known)
        if new:
            more = dict.fromkeys(one for one in self._likely if one not in self._known and one not in new)
            asked = [*new, *list(more)[: max(0, _TOGETHER - len(new))]]
            self._known.update(zip(asked, (loss.value for loss, _ in self.estimates(asked)), strict=True))
        return [self._known[one] for one in sets]

    def foresee(self, sets: Sequence[frozenset[str]]) -> None:
        """These sets are likely to be asked for: in simulated models many in the same worlds take hardly longer than
        few, so they are worked out with the next that are."""
        if self._is_simulated:
            self._likely = tuple(sets)


@dataclass(frozen=True)
class Chosen:
    """A measure of a plan. ``alone`` is what it saves as the only one; ``last`` what is lost without it."""

    option: Option
    alone: Estimate
    last: Estimate


@dataclass(frozen=True)
class Stage:
    """One step of the order: measures to take together, the cost by then, the loss then, and a phase."""

    measures: tuple[Option, ...]
    cost: float
    loss: Estimate
    phase: str


@dataclass(frozen=True)
class Point:
    """A set on the frontier: what is chosen, its certified gap, and its loss and saving with intervals."""

    best: Best
    loss: Estimate
    saved: Estimate


@dataclass(frozen=True)
class Plan:
    """The answer to: what first.

    ``now`` is the loss as things stand, per ``Assessment.period``. ``best`` is None where what is
    decided costs more than the budget. ``budget`` None means that none was given: then the plan is
    the point of the frontier with the least sum of yearly loss and yearly cost or, where losses are
    per campaign, the least loss. ``complete`` says that every allowed set was worked out, ``ended`` that the
    search was ended before its work was done.
    """

    field: Field
    now: Estimate
    budget: float | None
    best: Best | None
    loss: Estimate
    saved: Estimate
    chosen: tuple[Chosen, ...]
    order: tuple[Stage, ...]
    frontier: tuple[Point, ...]
    exact: bool
    worked_out: int
    complete: bool
    ended: bool = False


@dataclass(frozen=True)
class _Answer:
    """A plan as it is kept: measures by their ids, and everything else as ``Plan`` has it."""

    now: Estimate
    best: Best | None
    loss: Estimate
    saved: Estimate
    chosen: tuple[tuple[str, Estimate, Estimate], ...]
    order: tuple[tuple[tuple[str, ...], float, Estimate, str], ...]
    frontier: tuple[Point, ...]
    exact: bool
    worked_out: int
    complete: bool
    ended: bool


class Planner:
    """Plans for one assessment and one field of choice; what was worked out serves the next question.

    Raises ``PlanError`` where what is asked for cannot be.
    """

    def __init__(self, assessment: Assessment, ask: Ask | None = None, progress: Progress | None = None) -> None:
        self.ask, self._progress = ask or Ask(), progress
        relevant = frozenset().union(*steps_to_losses(assessment).values())
        self.field = field(assessment, self.ask, relevant)

    @cached_property
    def evaluator(self) -> Evaluator:
        return Evaluator(self.field)

    @cached_property
    def search(self) -> Search:
        work = self.ask.work or (WORK if self.evaluator.is_exact else WORK_SIMULATED)
        return Search(self.field.choices, self.evaluator.losses, work, self._progress, self.evaluator.foresee)

    @cached_property
    def frontier(self) -> tuple[Best, ...]:
        return self.search.frontier()

    @property
    def decided_cost(self) -> float:
        """What the decided measures cost a year."""
        return self.field.choices.total(self.field.choices.decided)

    def plan(self, budget: float | None = None) -> Plan:
        """The best set for a yearly budget, with the whole frontier beside it.

        A search that was ended early, or that earlier questions have helped, is not kept.
        """
        fresh, known = "search" not in self.__dict__, self.field.by_id

        def fit(one: _Answer) -> bool:
            named = [*(id_ for id_, _, _ in one.chosen), *(id_ for ids, _, _, _ in one.order for id_ in ids)]
            named += [id_ for point in one.frontier for id_ in point.best.chosen]
            return fresh and not one.ended and known.keys() >= set(named)

        found = self.field.assessment.recall(("plan", self.ask, budget), _Answer, lambda: self._plan(budget), fit)
        return Plan(
            field=self.field,
            now=found.now,
            budget=budget,
            best=found.best,
            loss=found.loss,
            saved=found.saved,
            chosen=tuple(Chosen(known[id_], alone, last) for id_, alone, last in found.chosen),
            order=tuple(
                Stage(tuple(known[id_] for id_ in ids), cost, loss, phase) for ids, cost, loss, phase in found.order
            ),
            frontier=found.frontier,
            exact=found.exact,
            worked_out=found.worked_out,
            complete=found.complete,
            ended=found.ended,
        )

    def estimates(self, sets: Sequence[frozenset[str]]) -> tuple[tuple[Estimate, Estimate], ...]:
        """For each set of measures the loss per period, and how much less that is than with the first set."""
        return self.field.assessment.recall(
            ("sets of measures", self.ask, tuple(sets)),
            tuple[tuple[Estimate, Estimate], ...],
            lambda: tuple(self.evaluator.estimates(sets)),
            lambda one: len(one) == len(sets),
        )

    def _plan(self, budget: float | None) -> _Answer:
        best = self.search.best(budget, self.search.work // 2) if budget is not None else None
        frontier = self.frontier
        if budget is not None:
            best = self.search.best(budget, 0)
        elif self.field.assessment.period == "year":
            best = min(frontier, key=lambda one: one.loss + one.cost, default=None)
        else:
            best = frontier[-1] if frontier else None
        stages = self.search.order(best.chosen) if best is not None else ()
        sets = [frozenset[str](), *(one.chosen for one in frontier)]
        sets += [best.chosen] if best is not None else []
        found = self.evaluator.estimates(sets)
        points = tuple(Point(best, *pair) for best, pair in zip(frontier, found[1:], strict=False))
        loss, saved = found[-1]
        return _Answer(
            now=found[0][0],
            best=best,
            loss=loss,
            saved=saved,
            chosen=self._reasons(best.chosen) if best is not None else (),
            order=self._stages([bundle for bundle, _ in stages]),
            frontier=points,
            exact=self.evaluator.is_exact,
            worked_out=self.search.done,
            complete=self.search.complete,
            ended=self.search.ended and not self.search.complete,
        )

    def _reasons(self, chosen: frozenset[str]) -> tuple[tuple[str, Estimate, Estimate], ...]:
        """Each measure with what it saves alone, and what is lost without it."""
        names = sorted(chosen)
        alone = self.evaluator.estimates([frozenset(), *(frozenset({one}) for one in names)])[1:]
        lasts = self.evaluator.last(chosen, names)
        found = [(one, saved, last) for one, (_, saved), last in zip(names, alone, lasts, strict=True)]
        return tuple(sorted(found, key=lambda one: (-one[2].value, one[0])))

    def _stages(self, bundles: Sequence[frozenset[str]]) -> tuple[tuple[tuple[str, ...], float, Estimate, str], ...]:
        choices = self.field.choices
        whole = choices.total(frozenset().union(*bundles))
        taken = frozenset[str]()
        sets = [taken]
        for bundle in bundles:
            taken |= bundle
            sets.append(taken)
        stages = []
        estimates = self.evaluator.estimates(sets)[1:]
        for before, after, bundle, (loss, _) in zip(sets, sets[1:], bundles, estimates, strict=False):
            share = choices.total(before) / whole if whole else 0.0
            stages.append((tuple(sorted(bundle)), choices.total(after), loss, PHASES[min(2, int(share * 3))]))
        return tuple(stages)
