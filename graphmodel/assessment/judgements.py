"""Single judgements that a figure hangs on: one actor's rate, or one loss's cost, behind half of it or more."""

from __future__ import annotations

import math
from dataclasses import dataclass

from graphmodel.assessment.results import Assessment
from graphmodel.knowledge.vocabulary import View

_HALF = 0.5
RATE, AMOUNT = "rate", "amount"


@dataclass(frozen=True)
class Judgement:
    """One stated number and the share of the expected loss that is proportional to it, 0 to 1.

    ``kind`` is ``rate`` (campaigns a year of the actor ``element``) or ``amount`` (what the fact
    ``element`` costs once); ``value`` is the mean that is counted with.
    """

    kind: str
    element: str
    value: float
    share: float


def leading_judgements(assessment: Assessment, view: View = View.RESIDUAL) -> tuple[Judgement, ...]:
    """The rate and the amount on which half of the expected loss or more hangs, the larger share first.

    The loss is that of a year where rates are known, else of a campaign of each actor.
    """
    parts: dict[tuple[str, str], float] = {}
    for actor, weight in assessment.weights.items():
        result = assessment.actor_by_id[actor]
        for risk in assessment.risks:
            part = weight * result.likelihood(risk.fact, view).value * risk.amount[view]
            parts[actor, risk.fact] = part
    whole = math.fsum(parts.values())
    if whole <= 0:
        return ()
    found = []
    if assessment.rated:
        rates = [
            Judgement(RATE, actor, weight, math.fsum(part for key, part in parts.items() if key[0] == actor) / whole)
            for actor, weight in assessment.weights.items()
        ]
        found.append(max(rates, key=lambda one: (one.share, one.element)))
    amounts = [
        Judgement(
            AMOUNT,
            risk.fact,
            risk.amount[view],
            math.fsum(part for key, part in parts.items() if key[1] == risk.fact) / whole,
        )
        for risk in assessment.risks
    ]
    found.append(max(amounts, key=lambda one: (one.share, one.element)))
    return tuple(sorted((one for one in found if one.share >= _HALF), key=lambda one: -one.share))
