"""Intervals against other programs for the same, and against their formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binomtest

from graphmodel.engine.intervals import Moments, chance_interval, mean_interval


@pytest.mark.parametrize("confidence", [0.9, 0.99, 0.999999])
@pytest.mark.parametrize(("hits", "worlds"), [(0, 1), (1, 1), (0, 1_000), (3, 1_000), (500, 1_000), (999, 1_000)])
def test_chances_have_the_interval_of_clopper_and_pearson(hits: int, worlds: int, confidence: float) -> None:
    known = binomtest(hits, worlds).proportion_ci(confidence, method="exact")
    assert chance_interval(hits, worlds, confidence) == pytest.approx((known.low, known.high), rel=1e-9)


def test_nothing_seen_bounds_a_chance_by_the_rule_of_three() -> None:
    low, high = chance_interval(0, 10_000, 0.9)
    assert (low, high) == (0.0, pytest.approx(3 / 10_000, rel=0.01))


@pytest.mark.parametrize(("least", "most"), [(0.0, 1_000.0), (-50.0, 200.0)])
def test_means_have_the_empirical_bernstein_interval(least: float, most: float) -> None:
    """Maurer and Pontil (2009), theorem 4, for both sides: ln(2/risk) with half of the risk to each."""
    losses = np.random.default_rng(2).uniform(0, 100, 5_000)
    moments = Moments(float(losses.sum()), float((losses**2).sum()), least, most)
    mean, low, high = mean_interval(moments, len(losses), 0.95)
    log = math.log(2 / 0.025)
    margin = math.sqrt(2 * losses.var(ddof=1) * log / 5_000) + 7 * (most - least) * log / (3 * 4_999)
    assert (mean, low, high) == pytest.approx((losses.mean(), losses.mean() - margin, losses.mean() + margin))


def test_intervals_stay_in_the_range_that_is_possible() -> None:
    assert mean_interval(Moments(0.0, 0.0, 0.0, 10.0), 50, 0.99)[1] == 0.0
    assert mean_interval(Moments(500.0, 5_000.0, 0.0, 10.0), 50, 0.99)[2] == 10.0
    assert mean_interval(Moments(7.0, 49.0, 0.0, 10.0), 1, 0.99) == (7.0, 0.0, 10.0)
