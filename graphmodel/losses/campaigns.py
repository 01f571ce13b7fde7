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
from graphmodel.binding.amounts import loss_range
from graphmodel.binding.compiled import Compiled
from graphmodel.engine.worlds.simulation import Simulation
from graphmodel.knowledge.vocabulary import Range
from graphmodel.losses.variates import pert_quantile, uniforms
from graphmodel.model.system import Loss


@dataclass(frozen=True, slots=True)
class Price:
    """What one loss of the system costs whenever its fact comes true, before controls that limit it.

    ``id`` does not depend on the place of the loss in the document.
    """

    id: str
    loss: Loss
    amount: Range

    @property
    def fact(self) -> str:
        return str(self.loss.held)


def prices(compiled: Compiled) -> tuple[Price, ...]:
    """The prices of all losses of a system, in order of their ids."""
    by_fact: defaultdict[str, list[Loss]] = defaultdict(list)
    for loss in compiled.system.losses:
        by_fact[str(loss.held)].append(loss)
    found = []
    for fact, losses in by_fact.items():
        ranked = sorted(((loss_range(compiled, one), one) for one in losses), key=lambda pair: _place(*pair))
        for number, (amount, loss) in enumerate(ranked, start=1):
            found.append(Price(f"{fact}#{number}" if len(losses) > 1 else fact, loss, amount))
    return tuple(sorted(found, key=lambda one: one.id))


def _place(amount: Range, loss: Loss) -> tuple[float | str, ...]:
    """What losses on one fact are ordered by; those that are equal in it can change places without any effect."""
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
                point = uniforms(simulation.seed, f"amount: {price.id}", first, count)[some]
                amount = pert_quantile(price.amount, point)
            else:
                amount = np.full(len(some), price.amount.mean)
            total[:, some] += shares[number][:, np.newaxis] * amount * rows[:, some]
        yield first, total
        first += count
