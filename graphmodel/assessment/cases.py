"""Cases of a system's attack graphs: which control implementations are in force, and which steps are impossible."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from weakref import WeakKeyDictionary

from graphmodel.assessment.results import Assessment
from graphmodel.binding.amounts import loss_amounts
from graphmodel.binding.compiled import Compiled, holds_of
from graphmodel.engine.derivations import relevant_steps
from graphmodel.engine.graph import AttackGraph
from graphmodel.engine.likelihood import Case
from graphmodel.knowledge.vocabulary import Skill, View

_KEPT = 4  # graphs of an assessment, for the next question
_graphs: WeakKeyDictionary[Assessment, dict[tuple[str, View], AttackGraph]] = WeakKeyDictionary()

BySkill = Mapping[Skill, Case]
"""One question to the graphs of all actors: a case for each skill, since controls hold by it."""


def case_of(compiled: Compiled, active: Iterable[str], skill: Skill, blocked: Collection[str] = ()) -> Case:
    """The case in which exactly these implementations are in force against an actor of this skill, and the blocked
    steps are impossible."""
    chosen = frozenset(active)
    losses = loss_amounts(compiled, View.RESIDUAL, chosen)
    return Case(holds=holds_of(compiled, chosen, skill), blocked=blocked, losses=losses)


def cases_of(compiled: Compiled, active: Iterable[str]) -> BySkill:
    """The same for actors of every skill."""
    chosen = frozenset(active)
    losses = loss_amounts(compiled, View.RESIDUAL, chosen)
    return {skill: Case(holds_of(compiled, chosen, skill), losses=losses) for skill in Skill}


def blocking(cases: BySkill, steps: Collection[str]) -> BySkill:
    """The same cases with these steps impossible."""
    return {skill: replace(one, blocked=steps) for skill, one in cases.items()}


def graph_in(assessment: Assessment, actor: str, view: View = View.RESIDUAL) -> AttackGraph:
    """The attack graph of an actor with the controls of a view."""
    kept = _graphs.setdefault(assessment, {})
    found = kept.pop((actor, view), None) or graph_under(assessment, actor, assessment.compiled.in_force(view))
    kept[actor, view] = found
    for oldest in list(kept)[:-_KEPT]:
        kept.pop(oldest, None)
    return found


def graph_under(assessment: Assessment, actor: str, active: Iterable[str]) -> AttackGraph:
    """The attack graph of an actor with exactly these control implementations in force."""
    result = assessment.actor_by_id[actor]
    one, whole = case_of(assessment.compiled, active, result.actor.skill), result.graph
    losses = {fact: amount for fact, amount in (one.losses or {}).items() if fact in whole.losses}
    return replace(whole.with_holds(one.holds), losses=losses)


def steps_to_losses(assessment: Assessment, view: View = View.RESIDUAL) -> Mapping[str, frozenset[str]]:
    """For each actor the steps that lie on some way to a loss."""
    losses = [risk.fact for risk in assessment.risks]
    return {
        one.actor.id: frozenset(step.id for step in relevant_steps(graph_in(assessment, one.actor.id, view), losses))
        for one in assessment.actors
    }
