"""Cases of a system's attack graphs: which control implementations are in force, and which steps are impossible."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from graphmodel.assessment.results import Assessment
from graphmodel.binding.amounts import loss_amounts
from graphmodel.binding.compiled import Compiled
from graphmodel.engine.derivations import relevant_steps
from graphmodel.engine.graph import AttackGraph
from graphmodel.engine.likelihood import Case
from graphmodel.knowledge.vocabulary import View


def case_of(compiled: Compiled, active: Iterable[str], blocked: Collection[str] = ()) -> Case:
    """The case in which exactly these implementations are in force, and the blocked steps impossible."""
    chosen = frozenset(active)
    holds = {one.id: compiled.holds(one) if one.id in chosen else 0.0 for one in compiled.preventing}
    return Case(holds=holds, blocked=blocked, losses=loss_amounts(compiled, View.RESIDUAL, chosen))


def graph_in(assessment: Assessment, actor: str, view: View = View.RESIDUAL) -> AttackGraph:
    """The attack graph of an actor with the controls of a view."""
    return graph_under(assessment, actor, assessment.compiled.in_force(view))


def graph_under(assessment: Assessment, actor: str, active: Iterable[str]) -> AttackGraph:
    """The attack graph of an actor with exactly these control implementations in force."""
    one, whole = case_of(assessment.compiled, active), assessment.actor_by_id[actor].graph
    losses = {fact: amount for fact, amount in (one.losses or {}).items() if fact in whole.losses}
    return replace(whole.with_holds(one.holds), losses=losses)


def steps_to_losses(assessment: Assessment, view: View = View.RESIDUAL) -> Mapping[str, frozenset[str]]:
    """For each actor the steps that lie on some way to a loss."""
    losses = [risk.fact for risk in assessment.risks]
    return {
        one.actor.id: frozenset(step.id for step in relevant_steps(graph_in(assessment, one.actor.id, view), losses))
        for one in assessment.actors
    }
