"""What meeting a requirement is worth: the loss that its controls would remove where they are missing on the graph.

All measures of a requirement are put in place together, each of them wherever it would cover a step on a way to a loss
and does not stand yet, with the strengths of the catalogue as far as declared, and the loss is worked out anew. A
requirement for which the graph knows no control, or none that a way to a loss meets, is a matter of compliance here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graphmodel.assessment.cases import steps_to_losses
from graphmodel.assessment.results import Assessment
from graphmodel.engine.estimates import Estimate
from graphmodel.knowledge.framework import Framework
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
    found: dict[str, Worth] = {}
    known: dict[tuple[str, ...], Worth] = {}
    for requirement in framework.controls():
        controls = {control for item in requirement.items for control in item.controls}
        options = tuple(one for one in offered if one.control is not None and one.control.id in controls)
        if options:
            names = tuple(one.id for one in options)
            if names not in known:
                known[names] = _worth(assessment, options)
            found[requirement.id] = known[names]
    return found


def _worth(assessment: Assessment, options: tuple[Option, ...]) -> Worth:
    names = [one.id for one in options]
    evaluator = Evaluator(Field(assessment, options, (), (), 0))
    (_, _), (_, saved) = evaluator.estimates([frozenset(), frozenset(names)])
    costs = [one.cost for one in options]
    return Worth(
        saves=saved.within(0.0, max(saved.high, 0.0)),
        measures=tuple(sorted(names)),
        cost=None if None in costs else sum(one for one in costs if one is not None),
        assumed=any(one.assumed for one in options),
    )
