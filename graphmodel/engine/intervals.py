"""Clopper-Pearson and empirical Bernstein intervals of what was counted in simulated worlds.

Clopper and Pearson (1934) for chances, which covers at least as often as stated, and the empirical
Bernstein bound of Maurer and Pontil (2009) for mean losses.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphmodel.engine.estimates import SIMULATED, Estimate


@dataclass(frozen=True, slots=True)
class Moments:
    """Sum and sum of squares of an amount over worlds, and the range that it must lie in."""

    total: float
    squares: float
    least: float
    most: float


def chance_interval(hits: int, worlds: int, confidence: float) -> tuple[float, float]:
    """The Clopper-Pearson interval of a chance."""
    low, high = chance_intervals(np.array([hits]), worlds, confidence)
    return float(low[0]), float(high[0])


def chance_intervals(
    hits: NDArray[np.int64], worlds: int, confidence: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The lower and upper ends of the Clopper-Pearson intervals of many chances."""
    from scipy.special import betaincinv  # noqa: PLC0415 - slow to import, and needed only where something is simulated

    tail = (1.0 - confidence) / 2
    low = np.where(hits == 0, 0.0, betaincinv(np.maximum(hits, 1), worlds - hits + 1, tail))
    high = np.where(hits == worlds, 1.0, betaincinv(hits + 1, np.maximum(worlds - hits, 1), 1.0 - tail))
    return low, high


def mean_interval(moments: Moments, worlds: int, confidence: float) -> tuple[float, float, float]:
    """The mean over worlds with its empirical Bernstein interval, cut to the range that is possible."""
    mean = moments.total / worlds
    if worlds < 2:
        return mean, moments.least, moments.most
    variance = max(0.0, (moments.squares - worlds * mean * mean) / (worlds - 1))
    log = math.log(4.0 / (1.0 - confidence))
    margin = math.sqrt(2 * variance * log / worlds) + 7 * (moments.most - moments.least) * log / (3 * (worlds - 1))
    return mean, max(moments.least, mean - margin), min(moments.most, mean + margin)


def counted(hits_of: Mapping[str, int], worlds: int, facts: Sequence[str], confidence: float) -> dict[str, Estimate]:
    """The chances of facts that came true in so many of the ``worlds``."""
    hits = np.array([hits_of.get(fact, 0) for fact in facts], dtype=np.int64)
    low, high = chance_intervals(hits, worlds, confidence)
    values = zip((hits / worlds).tolist(), low.tolist(), high.tolist(), strict=True)
    return {fact: Estimate(*value, SIMULATED) for fact, value in zip(facts, values, strict=True)}


def mean_estimate(moments: Moments, worlds: int, confidence: float, known: float) -> Estimate:
    """The mean over worlds of an amount, to which what is ``known`` is added."""
    if moments.most <= moments.least:
        return Estimate.exactly(known)
    mean, low, high = mean_interval(moments, worlds, confidence)
    return Estimate(known + mean, known + low, known + high, SIMULATED)
