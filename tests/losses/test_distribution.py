"""Draws, quantiles and tails of a distribution agree with theory."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from graphmodel.knowledge.vocabulary import Range
from graphmodel.losses.distribution import Distribution
from graphmodel.losses.variates import pert_quantile, poisson_counts, uniforms
from tests.losses.limits import LIMIT, z


# ------------------------------------------------------------ draws
def test_draws_do_not_depend_on_how_many_are_taken_at_a_time() -> None:
    whole = uniforms(7, "x", 0, 1000)
    for first, count in ((0, 1), (1, 2), (3, 10), (4, 8), (997, 3), (250, 501)):
        assert np.array_equal(uniforms(7, "x", first, count), whole[first : first + count])
    assert ((whole > 0) & (whole < 1)).all()
    assert not np.array_equal(whole, uniforms(8, "x", 0, 1000))
    assert not np.array_equal(whole, uniforms(7, "y", 0, 1000))


def test_draws_are_the_same_on_every_machine() -> None:
    assert uniforms(1, "campaigns of visitor", 0, 3).tolist() == [
        0.9949723981154803,
        0.1954420260836049,
        0.42934035097842455,
    ]


def test_draws_are_even_and_names_independent() -> None:
    one, other = uniforms(3, "one", 0, 200_000), uniforms(3, "other", 0, 200_000)
    assert stats.kstest(one, "uniform").pvalue > 1e-5
    assert abs(np.corrcoef(one, other)[0, 1]) * 200_000**0.5 < LIMIT


RANGES = (Range(0, 1, 10), Range(5, 5, 9), Range(1, 3, 3), Range(500_000, 2_000_000, 8_000_000))


@pytest.mark.parametrize("one", RANGES)
def test_pert_has_the_mean_that_stands_for_a_range_and_its_variance(one: Range) -> None:
    point = uniforms(5, "pert", 0, 200_000)
    drawn = pert_quantile(one, point)
    variance = (one.mean - one.low) * (one.high - one.mean) / 7
    assert z(float(drawn.mean()), one.mean, (variance / len(drawn)) ** 0.5) < LIMIT
    fourth = float(((drawn - drawn.mean()) ** 4).mean())
    assert z(float(drawn.var()), variance, ((fourth - variance**2) / len(drawn)) ** 0.5) < LIMIT
    width = one.high - one.low
    first = 1 + 4 * (one.mode - one.low) / width
    truth = stats.beta(first, 6 - first, loc=one.low, scale=width)
    assert np.abs(drawn[:20_000] - truth.ppf(point[:20_000])).max() < 1e-6 * width
    ends = np.array([1e-12, 1e-6, 0.05, 0.5, 0.95, 1 - 1e-6, 1 - 1e-12])
    assert np.abs(pert_quantile(one, ends) - truth.ppf(ends)).max() < 1e-6 * width
    assert pert_quantile(one, np.array([0.0, 1.0])).tolist() == [one.low, one.high]


def test_a_point_has_one_value() -> None:
    assert pert_quantile(Range.point(3.0), np.array([0.1, 0.9])).tolist() == [3.0, 3.0]


@pytest.mark.parametrize("rate", [0.01, 0.7, 3.0, 42.5, 900.0, 20_000.0])
def test_counts_are_those_of_poisson(rate: float) -> None:
    point = uniforms(9, "counts", 0, 50_000)
    assert np.array_equal(poisson_counts(rate, point), stats.poisson(rate).ppf(point).astype(int))
    assert (poisson_counts(rate * 1.1, point) >= poisson_counts(rate, point)).all()


def test_no_rate_gives_no_campaign() -> None:
    assert poisson_counts(0.0, np.array([0.1, 0.999])).tolist() == [0, 0]


# ------------------------------------------------------------ distributions
def test_intervals_of_quantiles_cover_the_truth_as_often_as_stated() -> None:
    truth = stats.expon()
    missed = {0.5: 0, 0.95: 0, 0.99: 0}
    tails = 0
    runs = 1500
    for run in range(runs):
        found = Distribution.of(truth.ppf(uniforms(run, "coverage", 0, 1000)), 0.9)
        for level in missed:
            one = found.quantile(level)
            assert one.low <= one.value <= one.high
            missed[level] += not one.low <= truth.ppf(level) <= one.high
        tail = found.tail_mean(0.9)
        tails += not tail.low <= truth.ppf(0.9) + 1 <= tail.high
    for count in missed.values():
        # Not too wide either: the interval is a pair of ranks, so it misses nearly as often as it may.
        assert 0.03 * runs < count < stats.binom(runs, 0.1).ppf(1 - 1e-5)
    assert tails < 0.15 * runs


def test_quantiles_and_tail_means_of_few_draws() -> None:
    found = Distribution.of(np.arange(1000.0), 0.99)
    assert found.quantile(0.95).value == 949
    assert found.tail_mean(0.95).value == pytest.approx(np.arange(950, 1000).mean())
    assert found.exceedance(989.5).value == 0.01
    assert found.exceedance(999).value == 0
    assert found.exceedance(-1).value == 1
    with pytest.raises(ValueError, match="too few"):
        Distribution.of(np.arange(100.0), 0.99).quantile(0.99)


@pytest.mark.parametrize(
    ("count", "level"), [(150, 0.05), (1000, 0.5), (1000, 0.99), (100_000, 0.95), (1_000_000, 0.99)]
)
def test_the_ranks_that_enclose_a_quantile_are_those_of_the_binomial(count: int, level: float) -> None:
    one = Distribution.of(np.arange(1.0, count + 1.0), 0.99).quantile(level)
    hits = stats.binom(count, level)
    assert hits.cdf(one.low - 1) <= 0.005 < hits.cdf(one.low)
    assert hits.cdf(one.high - 2) < 0.995 <= hits.cdf(one.high - 1)
    assert one.value == np.ceil(level * count - 1e-9)


def test_the_tail_mean_of_a_distribution_with_atoms() -> None:
    found = Distribution.of(np.array([0.0] * 970 + [10.0] * 30), 0.99)
    assert found.quantile(0.95).value == 0
    assert found.tail_mean(0.95).value == pytest.approx(10 * 0.03 / 0.05)


def test_nothing_lost_is_a_distribution_too() -> None:
    found = Distribution.of(np.zeros(1000), 0.99)
    assert found.round_losses() == ()
    assert found.curve(10) == []
    assert found.exceedance(0.0).value == 0
    assert found.tail_mean(0.99).value == 0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=60))
def test_exceedance_never_rises_with_the_loss(values: list[float]) -> None:
    found = Distribution.of(np.array(values), 0.99)
    at = sorted({0.0, *values, *found.round_losses(), *(loss for loss, _ in found.curve(7))})
    chances = [found.exceedance(loss) for loss in at]
    for one, other in itertools.pairwise(chances):
        assert one.value >= other.value
        assert one.low >= other.low
        assert one.high >= other.high
    for loss in at:
        assert found.exceedance(loss).value == sum(value > loss for value in values) / len(values)
