"""What is simulated of a graph: worlds counted in each case, closer estimates of rare facts, and what a core tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from graphmodel.engine.estimates import SIMULATED, Estimate
from graphmodel.engine.intervals import chance_interval, counted
from graphmodel.engine.worlds.draws import Draws
from graphmodel.engine.worlds.rare import count_rare
from graphmodel.engine.worlds.simulation import Simulation, Tally

if TYPE_CHECKING:
    from graphmodel.engine.likelihood import Options
    from graphmodel.engine.worlds.remainders import Core

_RARE_WORLDS = 20_000
_RARE_WORK = 4 * 10**8  # step-worlds for all rare facts together


@dataclass(frozen=True)
class Cored:
    """A core, and the chances of its facts by it in each case; see ``exact.cores``."""

    core: Core | None
    chances: Mapping[str, NDArray[np.float64]]

    def known(self, losses: Mapping[str, float], case: int) -> float:
        """What the core alone comes to of some losses."""
        return sum(amount * float(self.chances[fact][case]) for fact, amount in losses.items() if fact in self.chances)


NONE = Cored(None, {})


def played(
    simulation: Simulation,
    options: Options,
    weights: NDArray[np.float64],
    losses: Sequence[Mapping[str, float]],
    facts: Sequence[str],
    worlds: int | None,
    any_counted: bool,
    cored: Cored,
) -> tuple[tuple[Tally, ...], float]:
    """The tallies of the cases, and the confidence that each of their intervals must have.

    A simulation that may end early is looked at several times; so that all looks together keep
    the confidence that was asked for, each interval gets its share of the risk (Bonferroni).
    """
    count = worlds or options.worlds
    if worlds is not None or options.precision is None:
        found = simulation.run(
            weights, losses, count, progress=options.progress, counted=any_counted or worlds is None, core=cored.core
        )
        return found, options.confidence
    width = options.precision
    confidence = 1.0 - (1.0 - options.confidence) / len(simulation.looks(count))
    watched = [fact for fact in facts if fact in losses[0]] or list(facts)

    def enough(tally: Tally) -> bool:
        for fact in watched:
            hits = tally.beside.get(fact, tally.hits.get(fact, 0))
            low, high = chance_interval(hits, tally.worlds, confidence)
            if max(high - hits / tally.worlds, hits / tally.worlds - low) > width:
                return False
        return True

    found = simulation.run(weights, losses, count, progress=options.progress, enough=enough, core=cored.core)
    return found, confidence


def likelihoods_of(
    tally: Tally, facts: Sequence[str], confidence: float, cored: Cored, case: int
) -> dict[str, Estimate]:
    """The chances of the facts in one case: of those of the core what it tells, and what was counted beside it."""
    plain = counted(tally.hits, tally.worlds, [fact for fact in facts if fact not in tally.beside], confidence)
    beside = counted(tally.beside, tally.worlds, [fact for fact in facts if fact in tally.beside], confidence)
    return plain | {fact: one.added(float(cored.chances[fact][case])).within(0.0, 1.0) for fact, one in beside.items()}


def rare_likelihoods(
    simulation: Simulation, options: Options, rare: Sequence[str], weights: NDArray[np.float64], confidence: float
) -> dict[str, Estimate]:
    """Closer estimates of what costs something and was hardly ever seen, from worlds of their own.

    They are drawn apart, so that the choice of the facts leaves the confidence as it is.
    """
    if not rare:
        return {}
    names = [f"rare {event.name}" for event in simulation.graph.events]
    arrays, draws = simulation.arrays, Draws.of(options.seed, names)
    worlds = max(_RARE_WORLDS // 10, min(_RARE_WORLDS, _RARE_WORK // (len(arrays.gains) * len(rare))))
    found = {}
    for fact in rare:
        count = count_rare(arrays, draws, weights, fact, worlds, options.progress)
        low, high = chance_interval(count.hits, count.worlds, confidence)
        value = count.hits / count.worlds
        found[fact] = Estimate(value, low, high, SIMULATED).scaled(count.factor)
    return found
