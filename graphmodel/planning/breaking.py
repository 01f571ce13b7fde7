"""The cheapest measures that leave no path to given facts, and the likelihood that remains.

What is proven is about paths, not about chances: while every chosen measure and every implemented
control holds, nothing leads to a target. No measure holds for sure, so the likelihood that remains
is worked out and stands beside the answer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from graphmodel.assessment.results import Assessment
from graphmodel.binding.attackgraph import attack_graph
from graphmodel.binding.compiled import holds_of
from graphmodel.engine.derivations import relevant_steps
from graphmodel.engine.estimates import Estimate
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
    relevant = frozenset(
        step.id for actor in names for step in relevant_steps(assessment.actor_by_id[actor].graph, targets)
    )
    choice = field(assessment, ask or Ask(), relevant, every=True)
    able = choice.standing | choice.by_id.keys()
    holds = [holds_of(choice.compiled, able, assessment.actor_by_id[actor].actor.skill) for actor in names]
    # What is broken while all holds, and how well it holds, are told by two graphs of the same steps.
    graphs, fronts = [], []
    for actor, chances in zip(names, holds, strict=True):
        own = tuple(target for target in targets if target not in held[actor])
        known = assessment.actor_by_id[actor].actor
        graphs.append(attack_graph(choice.compiled, known).with_holds(chances))
        fronts.append(Front(attack_graph(choice.compiled, known, whole=True).with_holds(chances), own))
    found = cheapest_break(fronts, choice.choices, choice.standing)
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
        remaining=_remaining(assessment, graphs, fronts, targets, choice.standing, taken, holds),
    )


def _left(graph: AttackGraph, steps: AttackGraph) -> AttackGraph:
    """A graph without the steps that another one of the same steps lacks."""
    return replace(graph, steps=tuple(step for step in graph.steps if step.id in steps.step_by_id))


def _remaining(
    assessment: Assessment,
    graphs: Sequence[AttackGraph],
    fronts: Sequence[Front],
    targets: Sequence[str],
    standing: frozenset[str],
    taken: frozenset[str],
    holds: Sequence[Mapping[str, float]],
) -> tuple[Remaining, ...]:
    worst = dict.fromkeys(targets, (_NEVER, _NEVER))
    for graph, front, chances in zip(graphs, fronts, holds, strict=True):
        cases = [
            Case({name: chance if name in active else 0.0 for name, chance in chances.items()})
            for active in (standing, standing | taken)
        ]
        steps = relevant_steps(graph, front.targets)
        now, then = Solver(replace(graph, steps=steps, losses={}), assessment.options).solve(*cases)
        for target in front.targets:
            first, second = worst[target]
            worst[target] = (
                max(first, now.of(target), key=lambda one: one.value),
                max(second, then.of(target), key=lambda one: one.value),
            )
    return tuple(Remaining(target, *worst[target]) for target in targets)
