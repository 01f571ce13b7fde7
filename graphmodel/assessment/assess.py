"""Assesses a system: solves the attack graph of every actor in every view, and rates risks and assets."""

from __future__ import annotations

from functools import partial

from graphmodel.assessment.assets import asset_results
from graphmodel.assessment.results import ActorResult, Actors, Assessment
from graphmodel.assessment.risks import risks
from graphmodel.binding.amounts import loss_amounts
from graphmodel.binding.attackgraph import attack_graph, certain_steps
from graphmodel.binding.compiled import Compiled, holds_of
from graphmodel.engine.graph import AttackGraph
from graphmodel.engine.likelihood import Case, Options, Solver
from graphmodel.engine.parallel import in_parallel
from graphmodel.knowledge.vocabulary import View
from graphmodel.model.system import Actor


def assess(compiled: Compiled, options: Options | None = None) -> Assessment:
    """Solve the attack graph of every actor in every view."""
    chosen, certain = options or Options(), certain_steps(compiled)
    changeable = changeable_steps(compiled)
    losses = {view: loss_amounts(compiled, view) for view in View}

    def solved(actor: Actor) -> ActorResult:
        graph = attack_graph(compiled, actor)
        solver = Solver(graph, chosen, changeable)
        cases = [
            Case(holds=holds_of(compiled, compiled.in_force(view), actor.skill), losses=losses[view]) for view in View
        ]
        solutions = dict(zip(View, solver.recalled(*cases), strict=True))
        return ActorResult(actor, graph, solver, solutions, _given(graph, certain))

    order = sorted(compiled.system.actors, key=lambda one: one.id)
    results = in_parallel([partial(solved, one) for one in order])
    actors = Actors(tuple(results))
    rated = risks(compiled, actors)
    return Assessment(actors.actors, compiled, chosen, rated, asset_results(compiled, actors, rated), certain)


def changeable_steps(compiled: Compiled) -> frozenset[str]:
    """The ids of the steps that a what-if may block: threats, and consequences that some control mitigates."""
    mitigated = {threat for control in compiled.catalogue.controls.values() for threat in control.mitigates}
    return frozenset(one.id for one in compiled.bindings if not one.pattern.propagation or one.pattern.id in mitigated)


def _given(graph: AttackGraph, certain: frozenset[str]) -> frozenset[str]:
    steps = tuple(step for step in graph.steps if step.id in certain)
    return frozenset(AttackGraph(graph.facts, graph.start, steps).derivable()[0])
