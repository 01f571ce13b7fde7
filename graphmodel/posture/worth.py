"""What meeting a requirement is worth: the loss that its controls would remove where they are missing on the graph.

All measures of a requirement are put in place together, each of them wherever it would cover a step on a way to a loss
and does not stand yet, with the strengths of the catalogue as far as declared, and the loss is worked out anew; of
measures that exclude each other some are left out, and told. A
requirement for which the graph knows no control, or none that a way to a loss meets, is a matter of compliance here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from graphmodel.assessment.cases import cases_of, steps_to_losses
from graphmodel.assessment.results import Assessment
from graphmodel.assessment.together import saved_together
from graphmodel.assessment.whatif import saved_by
from graphmodel.binding.amounts import loss_amounts
from graphmodel.engine.estimates import Estimate
from graphmodel.engine.parallel import in_parallel
from graphmodel.knowledge.framework import Framework
from graphmodel.knowledge.vocabulary import ControlFunction, Status, View
from graphmodel.planning.options import Ask, Field, Option, exclusions, field
from graphmodel.planning.plan import Evaluator

_PAIRS = (
    1_000_000  # of a tree of cuts for two sets of measures; for more, to make it takes longer than to simulate them
)


@dataclass(frozen=True)
class Worth:
    """What closing a requirement saves in currency per ``Assessment.period``, and costs a year.

    ``measures`` are what is missing, ids as ``plan`` has them; ``cost`` is their sum, None where any has no cost;
    ``assumed`` says that a part of it is the settings' assumption. ``left_out`` are measures of the system that exclude
    one of these, or one that is implemented, so that they cannot be in place as well.
    """

    saves: Estimate
    measures: tuple[str, ...]
    cost: float | None
    assumed: bool
    left_out: tuple[str, ...] = ()


def worth_of(assessment: Assessment, framework: Framework) -> Mapping[str, Worth]:
    """For each requirement with a control that is missing on a way to a loss, what meeting it is worth."""
    relevant = frozenset().union(*steps_to_losses(assessment).values())
    whole = field(assessment, Ask(reconsider=True), relevant, every=True)
    offered = (*whole.options, *whole.unpriced)
    by_requirement: dict[str, tuple[Option, ...]] = {}
    for requirement in framework.controls():
        controls = {control for item in requirement.items for control in item.controls}
        options = tuple(one for one in offered if one.control is not None and one.control.id in controls)
        if options:
            by_requirement[requirement.id] = options
    # Some requirements lack the same measures.
    distinct = {tuple(one.id for one in options): options for options in by_requirement.values()}
    works = [partial(_worth, assessment, *_consistent(assessment, one)) for one in distinct.values()]
    found = assessment.recall(
        ("worth", tuple(distinct)),
        tuple[Worth, ...],
        lambda: tuple(in_parallel(works)),
        lambda one: len(one) == len(works),
    )
    worth = dict(zip(distinct, found, strict=True))
    return {requirement: worth[tuple(one.id for one in options)] for requirement, options in by_requirement.items()}


def _consistent(assessment: Assessment, options: tuple[Option, ...]) -> tuple[tuple[Option, ...], tuple[Option, ...]]:
    """Those of the measures that can be in place together, and the rest: what is planned comes first, then what meets
    more threats."""
    excluded = exclusions(assessment.compiled.system)
    taken = set(assessment.compiled.in_force(View.RESIDUAL))
    out = []
    for one in sorted(options, key=lambda one: (one.status != Status.PLANNED, -len(one.threats), one.id)):
        if any((one.id, other) in excluded for other in taken):
            out.append(one)
        else:
            taken.add(one.id)
    return tuple(one for one in options if one not in out), tuple(out)


def _worth(assessment: Assessment, options: tuple[Option, ...], rivals: tuple[Option, ...]) -> Worth:
    saved = _saved(Field(assessment, options, (), (), 0))
    costs = [one.cost for one in options]
    return Worth(
        saves=saved.within(0.0, max(saved.high, 0.0)),
        measures=tuple(sorted(one.id for one in options)),
        cost=None if None in costs else sum(one for one in costs if one is not None),
        assumed=any(one.assumed for one in options),
        left_out=tuple(sorted(one.id for one in rivals)),
    )


def _saved(given: Field) -> Estimate:
    """What all measures of a field save together: on the graphs that are solved already where they can tell it."""
    assessment, compiled, standing = given.assessment, given.compiled, given.standing
    measures = [one.implementation for one in given.options]
    known: list[Estimate] = []
    left: list[str] = []
    for name, weight in sorted(assessment.weights.items()):
        less = saved_together(assessment.actor_by_id[name], compiled, standing, measures)
        if less is None:
            left.append(name)
        else:
            known.append(Estimate.exactly(weight * less))
    if left and any(one.control and one.control.function is ControlFunction.PREVENT for one in given.options):
        # The graphs of these actors with the measures in them are solved anew.
        options = replace(assessment.options, pairs=min(_PAIRS, assessment.options.pairs))
        (_, _), (_, saved) = Evaluator(given, left, options).estimates(
            [frozenset(), frozenset(one.id for one in measures)]
        )
        known.append(saved)
    elif left:
        # What limits losses changes no graph, so those that are solved already serve, on the same worlds.
        losses = loss_amounts(compiled, View.RESIDUAL, standing | {one.id for one in measures})
        now = cases_of(assessment.compiled, standing)
        case = {skill: replace(one, losses=losses) for skill, one in now.items()}
        return saved_by(assessment, [case])[0]
    return Estimate.total(known)
