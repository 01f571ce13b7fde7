"""The cheapest measures that leave no path to given facts, and the likelihood that remains.

What is proven is about paths, not about chances: while every chosen measure and every implemented
control holds, nothing leads to a target. No measure holds for sure, so the likelihood that remains
is worked out and stands beside the answer.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from graphmodel.assessment.results import Assessment
from graphmodel.binding.attackgraph import attack_graph
from graphmodel.binding.compiled import holds_of
from graphmodel.engine.derivations import relevant_steps
from graphmodel.engine.estimates import Estimate
from graphmodel.engine.exact.rules import always
from graphmodel.engine.graph import AttackGraph
from graphmodel.engine.likelihood import Case, Solver
from graphmodel.engine.paths import Path, best_paths
from graphmodel.planning.options import Ask, Field, Option, field
from graphmodel.planning.programs import Break, Front, cheapest_break, droppable, still_reached, without_broken

_SHOWN = 20  # open targets among which the likeliest remaining path is looked for
_NEVER = Estimate.exactly(0.0)


@dataclass(frozen=True)
class Remaining:
    """A target with the likelihood that its worst actor makes it true: as things stand, and with the set."""

    target: str
    now: Estimate
    then: Estimate


@dataclass(frozen=True)
class BreakPlan:
    """The answer for some targets and the actors named in ``actors``.

    ``chosen`` is None where no set suffices; ``path`` is then one that every possible measure
    leaves, with its actor, or None where only exclusions stand in the way. ``minimal`` says that no
    measure that is not decided could be left out. ``relies_on`` are implemented controls without
    any one of which a path would be left. ``by_position`` are pairs of an actor and a target that the
    actor holds from the start: there is no path to break.
    """

    field: Field
    actors: tuple[str, ...]
    targets: tuple[str, ...]
    found: Break
    chosen: tuple[Option, ...] | None
    minimal: bool
    relies_on: tuple[str, ...]
    by_position: tuple[tuple[str, str], ...]
    path: tuple[str, Path] | None
    remaining: tuple[Remaining, ...]


def break_plan(
    assessment: Assessment, targets: Sequence[str], ask: Ask | None = None, actors: Collection[str] | None = None
) -> BreakPlan:
    """The cheapest measures that leave none of ``actors`` (None: every actor) a path to any target.

    Raises ``PlanError`` where ``ask`` cannot be met.
    """
    names = tuple(sorted(assessment.actor_by_id if actors is None else actors))
    held = {actor: assessment.actor_by_id[actor].given for actor in names}
    choice, fronts, graphs = asked(assessment, targets, ask or Ask(), names)
    found = cheapest_break(fronts, choice.choices, choice.standing, assessment.options.awaited or always)
    path = None
    if found.chosen is None:
        holding = choice.standing | choice.choices.possible
        left = [
            (names[number], one)
            for number, target in found.open[:_SHOWN]
            for one in best_paths(
                _left(graphs[number], without_broken(fronts[number].graph, holding)),
                target,
                1,
                trivial=assessment.certain,
            )
        ]
        path = max(left, key=lambda pair: (pair[1].chance, -len(pair[1].steps), pair[0]), default=None)
    taken = found.chosen or frozenset()
    return BreakPlan(
        field=choice,
        actors=names,
        targets=tuple(targets),
        found=found,
        chosen=tuple(choice.by_id[one] for one in sorted(taken)) if found.chosen is not None else None,
        minimal=found.chosen is not None and not droppable(fronts, choice.choices, choice.standing, taken),
        relies_on=tuple(
            one
            for one in sorted(choice.standing & {control.id for control in choice.compiled.preventing})
            if found.chosen is not None and still_reached(fronts, (choice.standing - {one}) | taken)
        ),
        by_position=tuple((actor, target) for actor in names for target in targets if target in held[actor]),
        path=path,
        remaining=_remaining(assessment, graphs, fronts, targets, choice.standing, taken),
    )


def _left(graph: AttackGraph, steps: AttackGraph) -> AttackGraph:
    """A graph without the steps that another one of the same steps lacks."""
    return replace(graph, steps=tuple(step for step in graph.steps if step.id in steps.step_by_id))


def asked(
    assessment: Assessment, targets: Sequence[str], ask: Ask, actors: Sequence[str]
) -> tuple[Field, list[Front], list[AttackGraph]]:
    """What there is to choose from; for each actor the graph with all of it and the targets to keep from, and the
    graph that tells how well it holds.

    Raises ``PlanError`` where ``ask`` cannot be met.
    """
    relevant = frozenset(
        step.id for actor in actors for step in relevant_steps(assessment.actor_by_id[actor].graph, targets)
    )
    choice = field(assessment, ask, relevant, every=True)
    able = choice.standing | choice.by_id.keys()
    fronts, graphs = [], []
    for actor in actors:
        known = assessment.actor_by_id[actor]
        holds = holds_of(choice.compiled, able, known.actor.skill)
        # What is broken while all holds, and how well it holds, are told by two graphs of the same steps.
        graphs.append(attack_graph(choice.compiled, known.actor).with_holds(holds))
        whole = attack_graph(choice.compiled, known.actor, whole=True).with_holds(holds)
        fronts.append(Front(whole, tuple(target for target in targets if target not in known.given)))
    return choice, fronts, graphs


def _remaining(
    assessment: Assessment,
    graphs: Sequence[AttackGraph],
    fronts: Sequence[Front],
    targets: Sequence[str],
    standing: frozenset[str],
    taken: frozenset[str],
) -> tuple[Remaining, ...]:
    worst = dict.fromkeys(targets, (_NEVER, _NEVER))
    for graph, front in zip(graphs, fronts, strict=True):
        cases = [
            Case({one.id: one.holds if one.id in active else 0.0 for one in graph.controls})
            for active in (standing, standing | taken)
        ]
        steps = relevant_steps(graph, front.targets)
        now, then = Solver(replace(graph, steps=steps, losses={}), assessment.options).recalled(*cases)
        for target in front.targets:
            first, second = worst[target]
            worst[target] = (
                max(first, now.of(target), key=lambda one: one.value),
                max(second, then.of(target), key=lambda one: one.value),
            )
    return tuple(Remaining(target, *worst[target]) for target in targets)
