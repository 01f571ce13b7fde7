"""Simulated campaigns of one actor, each with its own losses drawn from the PERT distributions of the amounts.

Which facts come true is drawn as everywhere else; what each loss then costs is drawn too, from the
PERT distribution of its amount, anew for each campaign. The mean over campaigns is therefore the
expected loss that comes from the means of the amounts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphmodel.assessment.results import ActorResult
from graphmodel.binding.amounts import stated_range
from graphmodel.binding.compiled import Compiled, Stake
from graphmodel.engine.worlds.simulation import Simulation
from graphmodel.knowledge.vocabulary import Range
from graphmodel.losses.variates import pert_quantile, uniforms


@dataclass(frozen=True, slots=True)
class Price:
    """What is lost whenever a fact comes true, before controls that limit it: a share of what a stated loss costs.

    ``id`` and that of the ``source``, the stated loss, do not depend on places in the document; ``stated`` is what
    the source costs, so that all shares of one loss come from one draw.
    """

    id: str
    stake: Stake
    source: str
    stated: Range

    @property
    def fact(self) -> str:
        return str(self.stake.held)

    @property
    def amount(self) -> Range:
        return self.stated.scaled(self.stake.share)


def prices(compiled: Compiled) -> tuple[Price, ...]:
    """The prices of all facts that something is lost with, in order of their ids."""
    by_fact: defaultdict[str, list[Stake]] = defaultdict(list)
    for stake in compiled.stakes:
        by_fact[str(stake.held)].append(stake)
    found = []
    for fact, stakes in by_fact.items():
        ranked = sorted(((stated_range(compiled, one.loss), one) for one in stakes), key=lambda pair: _place(*pair))
        for number, (stated, stake) in enumerate(ranked, start=1):
            after = f"#{number}" if len(stakes) > 1 else ""
            found.append(Price(f"{fact}{after}", stake, f"{stake.loss.held}{after}", stated))
    return tuple(sorted(found, key=lambda one: one.id))


def _place(amount: Range, stake: Stake) -> tuple[float | str, ...]:
    """What losses on one fact are ordered by; those that are equal in it can change places without any effect."""
    loss = stake.loss
    words = (str(loss.severity or ""), loss.impact, loss.description)
    return (amount.low, amount.mode, amount.high, *words)


def campaigns_of(actor: ActorResult) -> Simulation:
    """The worlds that are the campaigns of an actor; those of different actors are independent."""
    return actor.solver.simulation.apart(f"campaigns of {actor.actor.id}")


def campaign_losses(
    simulation: Simulation,
    weights: NDArray[np.float64],
    priced: Sequence[Price],
    shares: NDArray[np.float64],
    campaigns: int,
) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """What so many campaigns cost: piece by piece the number of the first and (cases, campaigns).

    ``weights`` is (events, cases); ``shares`` is (prices, cases), the part of each loss that its
    limiting controls leave. ``simulation`` is that of ``campaigns_of`` an actor; different cases of
    one campaign see the same draws.
    """
    possible = set(simulation.graph.facts)
    met = [(number, price) for number, price in enumerate(priced) if price.fact in possible]
    facts = sorted({price.fact for _, price in met})
    first = 0
    for held in simulation.held_in_turn(weights, facts, 0, campaigns):
        count = held.shape[2]
        total = np.zeros((weights.shape[1], count))
        for number, price in met:
            rows = held[:, facts.index(price.fact)]
            some = np.flatnonzero(rows.any(axis=0))
            if not len(some):
                continue
            if price.amount.high > price.amount.low:
                point = uniforms(simulation.seed, f"amount: {price.source}", first, count)[some]
                amount = pert_quantile(price.amount, point)
            else:
                amount = np.full(len(some), price.amount.mean)
            total[:, some] += shares[number][:, np.newaxis] * amount * rows[:, some]
        yield first, total
        first += count
