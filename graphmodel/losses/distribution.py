"""Empirical loss distributions: exceedance, value at risk and tail mean, with their sampling intervals.

The intervals are Clopper and Pearson's for chances of exceedance, and for quantiles the pair of order
statistics that encloses the true one with the confidence asked for, whatever the distribution
(David and Nagaraja 2003, section 7.1). That of the tail mean is asymptotic, from the influence
function of the expected shortfall (Chen 2008): it is too narrow where few draws lie in the tail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from graphmodel.engine.estimates import SIMULATED, Estimate
from graphmodel.engine.intervals import chance_interval

_STEPS = (1.0, 2.0, 5.0)
_REACHED = 10  # draws that must lie above the largest round loss that is listed
_SMALL = 100  # one in so many losses lies below the smallest


@dataclass(frozen=True)
class Distribution:
    """Losses of independent draws, in rising order, each as likely as any other."""

    losses: NDArray[np.float64]
    confidence: float

    @classmethod
    def of(cls, losses: NDArray[np.float64], confidence: float) -> Distribution:
        """The distribution of draws in any order."""
        return cls(np.sort(losses), confidence)

    @cached_property
    def mean(self) -> float:
        return float(self.losses.mean())

    @cached_property
    def deviation(self) -> float:
        """The standard deviation; 0 for a single draw."""
        return float(self.losses.std(ddof=1)) if len(self.losses) > 1 else 0.0

    def exceedance(self, loss: float) -> Estimate:
        """The chance that more than this is lost."""
        count = len(self.losses)
        above = count - int(np.searchsorted(self.losses, loss, side="right"))
        return Estimate(above / count, *chance_interval(above, count, self.confidence), SIMULATED)

    def quantile(self, level: float) -> Estimate:
        """The least loss that is not exceeded with this chance: at 0.95 the value at risk of 95 %.

        Raises ValueError where there are too few draws to enclose it.
        """
        rank, lower, upper = _ranks(len(self.losses), level, self.confidence)
        value, low, high = (float(self.losses[one - 1]) for one in (rank, lower, upper))
        return Estimate(value, low, high, SIMULATED)

    def tail_mean(self, level: float) -> Estimate:
        """The mean loss of the worst draws, those beyond the quantile at ``level`` (expected shortfall)."""
        start = self.quantile(level).value
        beyond = np.maximum(self.losses - start, 0.0)
        share = 1.0 - level
        value = start + float(beyond.mean()) / share
        error = float(beyond.std(ddof=1)) / share / len(self.losses) ** 0.5
        margin = NormalDist().inv_cdf(0.5 + self.confidence / 2) * error
        return Estimate(value, max(start, value - margin), value + margin, SIMULATED)

    def round_losses(self) -> tuple[float, ...]:
        """Round amounts (1, 2, 5, 10, ...) over nearly all losses that occur, for a table of exceedance."""
        positive = self.losses[self.losses > 0]
        if not len(positive):
            return ()
        least = float(positive[len(positive) // _SMALL])
        most = float(positive[max(0, len(positive) - 1 - _REACHED)])
        found = [
            step * 10.0**power
            for power in range(int(np.floor(np.log10(least))), int(np.ceil(np.log10(float(positive[-1])))) + 1)
            for step in _STEPS
        ]
        inside = [one for one in found if least <= one < most]
        return tuple(inside or [one for one in found if one < float(positive[-1])][-1:])

    def curve(self, points: int) -> list[tuple[float, Estimate]]:
        """The exceedance at so many losses, evenly apart on a logarithmic axis."""
        positive = self.losses[self.losses > 0]
        if not len(positive):
            return []
        grid: Sequence[float] = np.geomspace(float(positive[0]), float(positive[-1]), points).tolist()
        return [(loss, self.exceedance(loss)) for loss in dict.fromkeys(grid)]


@lru_cache(maxsize=64)
def _ranks(count: int, level: float, confidence: float) -> tuple[int, int, int]:
    """The ranks, from 1, of the draws that estimate a quantile and enclose it."""
    numbers = np.arange(1.0, count + 1.0)
    factorials = np.concatenate([[0.0], np.cumsum(np.log(numbers))])
    hits = np.arange(count + 1.0)
    chances = factorials[-1] - factorials - factorials[::-1] + hits * np.log(level) + hits[::-1] * np.log1p(-level)
    below = np.cumsum(np.exp(chances))[:-1]
    tail = (1.0 - confidence) / 2
    # The true quantile lies above the k-th smallest draw when fewer than k draws lie at or below it.
    lower = int(np.searchsorted(below, tail, side="right"))
    upper = int(np.searchsorted(below, 1.0 - tail, side="left")) + 1
    if lower < 1 or upper > count:
        raise ValueError(f"{count} draws are too few for a quantile at {level:g} with {confidence:g} confidence")
    return max(1, int(np.ceil(level * count - 1e-9))), lower, upper
