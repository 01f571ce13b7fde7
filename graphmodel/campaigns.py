"""Campaigns of an actor played one by one: what is lost in each of many worlds.

Which facts come true is drawn as everywhere else; what each loss then costs is drawn too, from the
PERT distribution of its amount, anew for each campaign. The mean over campaigns is therefore the
expected loss that comes from the means of the amounts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphmodel import worlds
from graphmodel.compile import Compiled
from graphmodel.draws import derived_seed, pert_quantile, uniforms
from graphmodel.events import EventGraph
from graphmodel.system import Loss
from graphmodel.vocabulary import Range

CHUNK = 1 << 14


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
        ranked = sorted(((compiled.loss_range(one), one) for one in losses), key=lambda pair: _place(*pair))
        for number, (amount, loss) in enumerate(ranked, start=1):
            found.append(Price(f"{fact}#{number}" if len(losses) > 1 else fact, loss, amount))
    return tuple(sorted(found, key=lambda one: one.id))


def _place(amount: Range, loss: Loss) -> tuple[float | str, ...]:
    """What losses on one fact are ordered by; those that are equal in it can change places without any effect."""
    words = (str(loss.severity or ""), loss.impact, loss.description)
    return (amount.low, amount.mode, amount.high, *words)


def facts_held(
    graph: EventGraph, weights: NDArray[np.float64], facts: Sequence[str], seed: int, first: int, count: int
) -> NDArray[np.bool_]:
    """Whether each fact comes true in each of ``count`` worlds from number ``first`` on.

    ``weights`` is (events, cases), the result (cases, facts, worlds); all cases see the same worlds.
    This is the only place where losses meet the engine that plays worlds.
    """
    keys = [worlds._key(seed, event.name) for event in graph.events]
    bits = worlds._draw(keys, weights, first, count)
    full = (1 << count) - 1
    held = np.zeros((weights.shape[1], len(facts), count), dtype=np.bool_)
    for case in range(weights.shape[1]):
        masks = worlds._play(graph, [row[case] for row in bits], full)
        for number, fact in enumerate(facts):
            if masks.get(fact):
                held[case, number] = worlds._unpack(masks[fact], count).astype(np.bool_)
    return held


def campaign_losses(
    graph: EventGraph,
    weights: NDArray[np.float64],
    priced: Sequence[Price],
    shares: NDArray[np.float64],
    seed: int,
    actor: str,
    first: int,
    count: int,
) -> NDArray[np.float64]:
    """What campaigns number ``first`` to ``first + count`` of an actor cost, as (cases, campaigns).

    ``weights`` is (events, cases); ``shares`` is (prices, cases), the part of each loss that its
    limiting controls leave. Campaigns of different actors are independent; different cases of one
    campaign see the same draws.
    """
    possible = set(graph.facts)
    met = [(number, price) for number, price in enumerate(priced) if price.fact in possible]
    facts = sorted({price.fact for _, price in met})
    held = facts_held(graph, weights, facts, derived_seed(seed, f"campaigns of {actor}"), first, count)
    total = np.zeros((weights.shape[1], count))
    for number, price in met:
        rows = held[:, facts.index(price.fact)]
        some = np.flatnonzero(rows.any(axis=0))
        if not len(some):
            continue
        if price.amount.high > price.amount.low:
            point = uniforms(seed, f"amount in campaigns of {actor}: {price.id}", first, count)[some]
            amount = pert_quantile(price.amount, point)
        else:
            amount = np.full(len(some), price.amount.mean)
        total[:, some] += shares[number][:, np.newaxis] * amount * rows[:, some]
    return total
