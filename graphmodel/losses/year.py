"""Loss distributions of a campaign of each actor and of a year (compound Poisson).

The campaigns of an actor in a year are a Poisson process at the actor's rate, and independent of
each other. A year's loss is the sum of that many campaigns, each with worlds and amounts of its
own, over all actors whose rate is known. What is assumed for certain here are the chances, the
controls and the rates, at their means; ``graphmodel.losses.uncertainty`` says what follows when they are
not. All views see the same years, campaigns and draws.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphmodel.assessment.results import ActorResult, Assessment
from graphmodel.binding.amounts import share_left
from graphmodel.binding.compiled import holds_of
from graphmodel.engine.estimates import Estimate
from graphmodel.knowledge.vocabulary import View
from graphmodel.losses.campaigns import Price, campaign_losses, campaigns_of, prices
from graphmodel.losses.distribution import Distribution
from graphmodel.losses.variates import poisson_counts, uniforms

YEARS = 100_000
LEAST_YEARS = 1_000
LEVELS = (0.95, 0.99)
LEAST_CAMPAIGNS = 1_000  # fewer do not enclose a point at 0.99 with the usual confidence
_MOST_WORK = 4_000_000_000  # steps of the graph times campaigns: minutes, not hours


class TooManyCampaignsError(ValueError):
    """More campaigns a year than can be played one by one."""


@dataclass(frozen=True)
class ActorLosses:
    """What one campaign of an actor costs; ``expected`` is the assessment's own figure for its mean."""

    actor: str
    rate: float | None
    expected: Estimate
    campaign: Distribution


@dataclass(frozen=True)
class Losses:
    """The losses in one view.

    ``year`` is None where no actor has a rate. ``expected`` is the assessment's expected loss of a
    year, or of the worst actor's campaign where there is no rate. ``years`` were played, which are
    fewer than asked for where there are very many campaigns.
    """

    view: View
    years: int
    expected: Estimate
    year: Distribution | None
    campaigns: tuple[ActorLosses, ...]


def loss_distributions(
    assessment: Assessment, views: Sequence[View] = (View.RESIDUAL,), years: int = YEARS
) -> Mapping[View, Losses]:
    """The distribution of losses in each view.

    Raises TooManyCampaignsError where not even a thousand years can be played, and ValueError for
    fewer than a thousand years.
    """
    if years < LEAST_YEARS:
        raise ValueError(f"at least {LEAST_YEARS} years are needed, not {years}")
    return assessment.recall(
        ("years", tuple(views), years),
        Mapping[View, Losses],
        lambda: _played(assessment, views, years),
        lambda one: one.keys() == set(views),
    )


def _played(assessment: Assessment, views: Sequence[View], years: int) -> Mapping[View, Losses]:
    options = assessment.options
    priced = prices(assessment.compiled)
    shares = np.stack([shares_left(assessment, view, priced) for view in views], axis=1)
    played = _affordable(assessment, years)
    total = np.zeros((len(views), played))
    campaigns: dict[View, list[ActorLosses]] = {view: [] for view in views}
    for one in assessment.actors:
        counts = poisson_counts(one.rate or 0.0, uniforms(options.seed, f"campaigns of {one.actor.id}", 0, played))
        ends = np.cumsum(counts)
        sample = np.zeros((len(views), max(options.worlds, LEAST_CAMPAIGNS)))
        sampled = sample.shape[1]
        weights, simulation = _weights(assessment, one, views), campaigns_of(one)
        campaigns_played = max(sampled, int(ends[-1]))
        for first, lost in campaign_losses(simulation, weights, priced, shares, campaigns_played):
            count = lost.shape[1]
            sample[:, first : first + count] = lost[:, : max(0, sampled - first)]
            inside = min(count, int(ends[-1]) - first)
            if inside > 0:
                year = np.searchsorted(ends, np.arange(first, first + inside), side="right")
                for row in range(len(views)):
                    total[row] += np.bincount(year, weights=lost[row, :inside], minlength=played)
        for row, view in enumerate(views):
            found = Distribution.of(sample[row], options.confidence)
            campaigns[view].append(ActorLosses(one.actor.id, one.rate, one.solutions[view].loss, found))
    return {
        view: Losses(
            view,
            played,
            assessment.yearly_loss(view) or assessment.expected_loss(view),
            Distribution.of(total[row], options.confidence) if assessment.rated else None,
            tuple(campaigns[view]),
        )
        for row, view in enumerate(views)
    }


def shares_left(assessment: Assessment, view: View, priced: Iterable[Price]) -> NDArray[np.float64]:
    """The part of each loss that detecting, responding and recovering controls leave in a view."""
    compiled = assessment.compiled
    return np.array([share_left(compiled, one.stake.held, view) for one in priced])


def _weights(assessment: Assessment, actor: ActorResult, views: Sequence[View]) -> NDArray[np.float64]:
    compiled, events = assessment.compiled, actor.solver.events
    cases = [holds_of(compiled, compiled.in_force(view), actor.actor.skill) for view in views]
    return np.stack([events.weights(holds) for holds in cases], axis=1)


def _affordable(assessment: Assessment, years: int) -> int:
    """So many of the years as can be played."""
    work = sum((one.rate or 0.0) * (1 + len(one.solver.events.events)) for one in assessment.actors)
    most = years if work * years <= _MOST_WORK else int(_MOST_WORK / work)
    if most < LEAST_YEARS:
        often = sum(one.rate or 0.0 for one in assessment.actors)
        raise TooManyCampaignsError(
            f"{often:,.0f} campaigns a year are too many to play one by one. A campaign is one determined attempt, "
            "not every probe: give the rate of those."
        )
    return most
