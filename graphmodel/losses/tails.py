"""Uncertainty of a year's loss distribution: exceedance and value at risk over draws of the inputs.

For each outer draw of chances, strengths and rates the same years are played again. Amounts are
not among the outer draws here: their ranges are the variability inside the distribution, drawn anew
for each loss, and to count them twice would make the tail heavier than what is stated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from graphmodel.assessment.results import ActorResult, Assessment
from graphmodel.engine.estimates import Estimate
from graphmodel.knowledge.vocabulary import View
from graphmodel.losses.campaigns import campaign_losses, campaigns_of
from graphmodel.losses.distribution import Distribution
from graphmodel.losses.inputs import Columns, Values
from graphmodel.losses.propagation import Propagation
from graphmodel.losses.uncertainty import SIMULATED_DRAWS, Spread, outer_draws
from graphmodel.losses.variates import poisson_counts, uniforms
from graphmodel.losses.year import LEVELS, TooManyCampaignsError

YEARS = 4_000  # for each outer draw
_MOST_WORK = 2_000_000_000  # steps of the graph times campaigns times outer draws


@dataclass(frozen=True)
class TailSpread:
    """The spread over the outer draws of chances of exceedance, by loss, and of values at risk, by level."""

    draws: int
    years: int
    exceedance: Mapping[float, Spread]
    value_at_risk: Mapping[float, Spread]


def tail_spread(
    assessment: Assessment, view: View, losses: Sequence[float], draws: int = SIMULATED_DRAWS, years: int = YEARS
) -> TailSpread | None:
    """The spread of the chances to lose more than each of ``losses`` in a year, and of the values at risk.

    None where no actor has a rate. Raises TooManyCampaignsError where it would take too long.
    """
    if not assessment.rated:
        return None
    return assessment.recall(
        ("tails", view, tuple(losses), draws, years),
        TailSpread,
        lambda: _tail_spread(assessment, view, losses, draws, years),
        lambda one: one.exceedance.keys() == set(losses) and one.value_at_risk.keys() == set(LEVELS),
    )


def _tail_spread(assessment: Assessment, view: View, losses: Sequence[float], draws: int, years: int) -> TailSpread:
    propagation = Propagation(assessment, view, 0)
    points = outer_draws(propagation.inputs, assessment.options.seed, draws)
    means = np.full((len(points), 1), np.nan)
    values = Values(propagation.inputs, np.concatenate([means, points], axis=1))
    lost = np.zeros((draws + 1, years))
    shares = propagation.shares(values)
    highest = {one.actor.id: float(values.of_rate(one).max()) for one in assessment.rated}
    work = sum(highest[one.actor.id] * len(one.solver.events.events) for one in assessment.rated)
    if work * years * draws > _MOST_WORK:
        raise TooManyCampaignsError(
            "the model is too large, or its campaigns too many, to play its years once for each draw of the inputs."
        )
    for one in assessment.rated:
        lost += _years(assessment, propagation, one, values, shares, years)
    found = [Distribution.of(row, assessment.options.confidence) for row in lost]
    return TailSpread(
        draws,
        years,
        {loss: _spread([one.exceedance(loss) for one in found], assessment) for loss in losses},
        {level: _spread([one.quantile(level) for one in found], assessment) for level in LEVELS},
    )


def _spread(estimates: Sequence[Estimate], assessment: Assessment) -> Spread:
    first = estimates[0]
    drawn = np.array([one.value for one in estimates[1:]])
    return Spread.of(drawn, first.value, (first.high - first.low) / 2, assessment.options.confidence)


def _years(
    assessment: Assessment,
    propagation: Propagation,
    actor: ActorResult,
    values: Values,
    shares: Columns,
    years: int,
) -> Columns:
    """What an actor's campaigns cost in each year, as (columns, years).

    A year has places for as many campaigns as at the highest rate of any column. Each column fills
    the first of them, so that the same campaign is the same in all columns.
    """
    seed, name = assessment.options.seed, actor.actor.id
    rates = values.of_rate(actor)
    uniform = uniforms(seed, f"campaigns of {name}", 0, years)
    counts = np.stack([poisson_counts(float(rate), uniform) for rate in rates])
    ends = np.cumsum(counts.max(axis=0))
    weights, simulation = propagation.weights(actor, values), campaigns_of(actor)
    lost = np.zeros((values.count, years))
    for first, cost in campaign_losses(simulation, weights, propagation.priced, shares, int(ends[-1])):
        places = np.arange(first, first + cost.shape[1])
        year = np.searchsorted(ends, places, side="right")
        number = places - np.concatenate([[0], ends])[year]
        cost *= number < counts[:, year]
        for row in range(values.count):
            lost[row] += np.bincount(year, weights=cost[row], minlength=years)
    return lost
