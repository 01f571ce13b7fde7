"""What meeting a requirement is worth: the loss that its controls would remove where they are missing on the graph.

All measures of a requirement are put in place together, each of them wherever it would cover a step on a way to a loss
and does not stand yet, with the strengths of the catalogue as far as declared, and the loss is worked out anew. A
requirement for which the graph knows no control, or none that a way to a loss meets, is a matter of compliance here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from graphmodel.assessment.cases import cases_of, steps_to_losses
from graphmodel.assessment.results import Assessment
from graphmodel.assessment.whatif import saved_by
from graphmodel.binding.amounts import loss_amounts
from graphmodel.engine.estimates import Estimate
from graphmodel.engine.parallel import in_parallel
from graphmodel.knowledge.framework import Framework
from graphmodel.knowledge.vocabulary import ControlFunction, View
from graphmodel.planning.options import Ask, Field, Option, field
from graphmodel.planning.plan import Evaluator


@dataclass(frozen=True)
class Worth:
    """What closing a requirement saves in currency per ``Assessment.period``, and costs a year.

    ``measures`` are what is missing, ids as ``plan`` has them; ``cost`` is their sum, None where any has no cost;
    ``assumed`` says that a part of it is the settings' assumption.
    """

    saves: Estimate
    measures: tuple[str, ...]
    cost: float | None
    assumed: bool


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
    found = in_parallel([partial(_worth, assessment, options) for options in distinct.values()])
    worth = dict(zip(distinct, found, strict=True))
    return {requirement: worth[tuple(one.id for one in options)] for requirement, options in by_requirement.items()}


def _worth(assessment: Assessment, options: tuple[Option, ...]) -> Worth:
    given = Field(assessment, options, (), (), 0)
    names = frozenset(one.id for one in options)
    if any(one.control is not None and one.control.function is ControlFunction.PREVENT for one in options):
        (_, _), (_, saved) = Evaluator(given).estimates([frozenset(), names])
    else:
        # What limits losses changes no graph, so those that are solved already serve.
        active = given.standing
        losses = loss_amounts(given.compiled, View.RESIDUAL, active | names)
        now = cases_of(assessment.compiled, active)
        (saved,) = saved_by(assessment, [{skill: replace(one, losses=losses) for skill, one in now.items()}])
    costs = [one.cost for one in options]
    return Worth(
        saves=saved.within(0.0, max(saved.high, 0.0)),
        measures=tuple(sorted(names)),
        cost=None if None in costs else sum(one for one in costs if one is not None),
        assumed=any(one.assumed for one in options),
    )
