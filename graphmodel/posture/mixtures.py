"""What a system would cost that has some of the changes between two states and not the others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from graphmodel.assessment.assess import changeable_steps
from graphmodel.assessment.results import NEVER, Assessment
from graphmodel.binding.amounts import loss_amounts
from graphmodel.binding.attackgraph import attack_graph
from graphmodel.binding.compiled import Compiled, compile_system, holds_of
from graphmodel.binding.patterns import unbindable
from graphmodel.engine.estimates import Estimate
from graphmodel.engine.likelihood import Case, Options, Solution, Solver
from graphmodel.engine.parallel import in_parallel
from graphmodel.knowledge.vocabulary import Catalogue, View
from graphmodel.model.checks import check_system
from graphmodel.model.system import Actor, System
from graphmodel.posture.causes import DATE, KNOWLEDGE, REACH, SETTINGS, Cause, State, catalogue_key
from graphmodel.posture.changes import SECTIONS, Key, elements

_SOLVERS = 24  # attack graphs in numbers that are kept for the next mixture
_NOW = View.RESIDUAL


class InvalidMixtureError(Exception):
    """That a system with some of the changes, and not the others, would be none."""


@dataclass(frozen=True)
class Figures:
    """What a state comes to as things stand: the expected loss per period, in all and by fact, and likelihoods.

    A fact's likelihood is that of its worst actor in a campaign; losses are in the system's currency.
    """

    total: Estimate
    loss: Mapping[str, Estimate]
    likelihood: Mapping[str, Estimate]


def figures_of(assessment: Assessment, facts: Collection[str], yearly: bool) -> Figures:
    """The figures of a whole assessment; per year, or else of one campaign of each actor in sum."""
    solved = [(one.actor, one.solutions[_NOW]) for one in assessment.actors]
    return _figures(solved, loss_amounts(assessment.compiled, _NOW), facts, yearly)


def _figures(
    solved: Sequence[tuple[Actor, Solution]], amounts: Mapping[str, float], facts: Collection[str], yearly: bool
) -> Figures:
    weights = {actor.id: _weight(actor, yearly) for actor, _ in solved}
    counted = [(one, weights[actor.id]) for actor, one in solved if weights[actor.id] is not None]
    loss = {
        fact: Estimate.total(one.of(fact).scaled(weight or 0.0) for one, weight in counted).scaled(
            amounts.get(fact, 0.0)
        )
        for fact in facts
    }
    likelihood = {fact: max((one.of(fact) for _, one in solved), key=_value, default=NEVER) for fact in facts}
    return Figures(Estimate.total(one.loss.scaled(weight or 0.0) for one, weight in counted), loss, likelihood)


def _value(one: Estimate) -> float:
    return one.value


def _weight(actor: Actor, yearly: bool) -> float | None:
    """How many campaigns of an actor a sum counts; None where that is not known."""
    if not yearly:
        return 1.0
    return actor.attempts_per_year.mean if actor.attempts_per_year else None


class Mixtures:
    """The figures of every mixture of two states, worked out once each.

    ``heard`` is told of each mixture that is worked out.
    """

    def __init__(
        self,
        states: tuple[State, State],
        assessments: tuple[Assessment, Assessment],
        causes: Sequence[Cause],
        facts: Collection[str],
        yearly: bool,
        options: Options,
        heard: Callable[[], None] = lambda: None,
    ) -> None:
        self.old, self.new = states
        self.all = frozenset(key for one in causes for key in one.keys)
        self.facts, self.yearly, self.options, self.heard = tuple(facts), yearly, options, heard
        self.known = {frozenset[Key](): figures_of(assessments[0], facts, yearly)}
        self.known[self.all] = figures_of(assessments[1], facts, yearly)
        self._solvers: dict[Any, Solver] = {}
        self._before, self._after = elements(self.old.system), elements(self.new.system)

    def figures(self, keys: frozenset[Key]) -> Figures:
        """The figures of the old state with these changes; raises ``InvalidMixtureError`` where there is no such."""
        if keys not in self.known:
            self.known[keys] = self._recalled(self.state(keys))
            self.heard()
        return self.known[keys]

    def state(self, keys: frozenset[Key]) -> State:
        """The old state with these changes, and with those that no number rests on."""

        def has(judgement: str) -> bool:
            return (judgement, judgement) in keys

        return State(
            self._system(keys),
            self._catalogue(keys),
            (self.new if has(SETTINGS) else self.old).settings,
            (self.new if has(REACH) else self.old).reach,
            (self.new if has(DATE) else self.old).today,
        )

    def _catalogue(self, keys: frozenset[Key]) -> Catalogue:
        old, new = self.old.catalogue, self.new.catalogue
        if (KNOWLEDGE, KNOWLEDGE) in self.all:
            return new if (KNOWLEDGE, KNOWLEDGE) in keys else old
        return replace(
            new,
            patterns={
                id_: one if catalogue_key("pattern", id_) in keys else old.patterns[id_]
                for id_, one in new.patterns.items()
            },
            controls={
                id_: one if catalogue_key("control", id_) in keys else old.controls[id_]
                for id_, one in new.controls.items()
            },
        )

    def _system(self, keys: frozenset[Key]) -> System:
        parts: dict[str, list[Any]] = {kind: [] for kind in SECTIONS}
        for key in dict.fromkeys([*self._before, *self._after]):
            one = self._version(key, keys)
            if one is not None and key[0] == "control":  # what a plan may choose together is no matter here
                one = replace(one, requires=(), excludes=())
            if one is not None:
                parts[key[0]].append(one)
        sections: dict[str, Any] = {SECTIONS[kind]: tuple(ones) for kind, ones in parts.items()}
        return replace(self.new.system, **sections)

    def _version(self, key: Key, keys: frozenset[Key]) -> Any:
        before, after = self._before.get(key), self._after.get(key)
        if key in self.all:
            return after if key in keys else before
        if before is None or after is None or (key[0] == "control" and before.protects != after.protects):
            return None  # a control that counts in neither state, and may name what only one of them has
        return after

    def _recalled(self, state: State) -> Figures:
        parts = state.system, state.catalogue, state.settings, state.reach, state.today
        question = ("figures", *parts, self.facts, self.yearly, self.options)
        return self.options.memory.recall(
            question, Figures, lambda: self._worked_out(state), lambda one: one.loss.keys() == set(self.facts)
        )

    def _worked_out(self, state: State) -> Figures:
        wrong = any(one.level == "error" for one in check_system(state.system, state.catalogue, whole=False))
        if wrong or unbindable(state.system, state.catalogue) is not None:
            raise InvalidMixtureError
        compiled = compile_system(state.system, state.catalogue, state.settings, state.reach, state.today)
        amounts, changeable = loss_amounts(compiled, _NOW), changeable_steps(compiled)
        actors = sorted(state.system.actors, key=lambda one: one.id)

        def solved(actor: Actor) -> tuple[Actor, Solution]:
            case = Case(holds=holds_of(compiled, compiled.in_force(_NOW), actor.skill), losses=amounts)
            (solution,) = self._solver(compiled, actor, changeable).solve(case, facts=self.facts)
            return actor, solution

        return _figures(in_parallel([partial(solved, one) for one in actors]), amounts, self.facts, self.yearly)

    def _solver(self, compiled: Compiled, actor: Actor, changeable: frozenset[str]) -> Solver:
        """That of the actor's graph; the same one for graphs that differ in how well controls hold, or in amounts."""
        graph = attack_graph(compiled, actor)
        controls = tuple((one.id, one.independent) for one in graph.controls)
        key = (graph.facts, graph.start, graph.steps, controls, tuple(sorted(graph.losses)), changeable)
        solver = self._solvers.pop(key, None) or Solver(graph, self.options, changeable)
        self._solvers[key] = solver
        for oldest in list(self._solvers)[:-_SOLVERS]:
            self._solvers.pop(oldest, None)
        return solver
