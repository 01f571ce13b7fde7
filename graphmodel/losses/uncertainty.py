"""Uncertainty propagation: intervals from the ranges of the inputs, and which inputs they come from.

An outer draw gives every input that is a range one value from its PERT distribution, independently
of the other inputs, and all results are computed again with these values. The spread of a result
over the outer draws is what is not known, however many worlds are played; the sampling error of a
simulation is stated apart from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from graphmodel.assessment.results import Assessment
from graphmodel.engine.estimates import Estimate
from graphmodel.knowledge.vocabulary import View
from graphmodel.losses.distribution import Distribution
from graphmodel.losses.inputs import Columns, Input
from graphmodel.losses.propagation import Propagation
from graphmodel.losses.variates import uniforms

LOW, HIGH = 0.05, 0.95
EXACT_DRAWS, SIMULATED_DRAWS = 1000, 128
_WORLDS, _LEAST_WORLDS = 1 << 12, 1 << 9  # for each outer draw, where something is simulated
_MOST_WORK = 1_000_000_000  # steps of the graphs times worlds times outer draws
_MOST_DRIVERS = 12
_FALSE_ALARM = 0.01


@dataclass(frozen=True)
class Spread:
    """A result over the outer draws: nine tenths of them lie from ``low`` to ``high``.

    ``value`` is the result with every input at its mean. The intervals of ``low`` and ``high`` say
    how well that many outer draws fix them; ``sampling`` is half the width of the interval of a
    simulation with the inputs at their means, 0 where the result is exact.
    """

    value: float
    mean: float
    median: float
    low: Estimate
    high: Estimate
    sampling: float

    @classmethod
    def of(cls, drawn: Columns, value: float, sampling: float, confidence: float) -> Spread:
        """The spread of what the outer draws gave; ValueError where they are too few."""
        found = Distribution.of(drawn, confidence)
        low, median, high = (found.quantile(level) for level in (LOW, 0.5, HIGH))
        return cls(value, found.mean, median.value, low, high, sampling)

    @property
    def width(self) -> float:
        return self.high.value - self.low.value


@dataclass(frozen=True)
class Driver:
    """An input that the expected loss depends on.

    ``low`` and ``high`` are the expected loss with this input at its 5 % and 95 % point and all
    others at their means. ``correlation`` is Spearman's rank correlation over the outer draws;
    ``share`` its square, about the part of the spread that goes with this input, None where the
    correlation is too small to be told from chance.
    """

    input: Input
    low: float
    high: float
    correlation: float
    share: float | None

    @property
    def width(self) -> float:
        return abs(self.high - self.low)


@dataclass(frozen=True)
class Uncertainty:
    """The spread of the results of a view over the outer draws.

    ``drivers`` are the inputs that move the expected loss (of a year, or of the worst campaign where
    no rate is known) most, the strongest first.
    """

    view: View
    draws: int
    inputs: tuple[Input, ...]
    likelihood: Mapping[str, Spread]
    campaign: Spread
    yearly: Spread | None
    drivers: tuple[Driver, ...]

    @property
    def headline(self) -> Spread:
        """The spread of the expected loss of a year, or of the worst campaign where no rate is known."""
        return self.yearly or self.campaign


def uncertainty(assessment: Assessment, view: View = View.RESIDUAL, draws: int | None = None) -> Uncertainty:
    """Carry the ranges of the inputs to the results of a view.

    ``draws`` None takes 1,000 where all results are exact and 128 otherwise. Raises ValueError for
    draws too few to say where nine tenths of them lie.
    """
    stakes = {one.fact for one in assessment.risks}

    def fit(one: Uncertainty) -> bool:
        return one.likelihood.keys() >= stakes and {each.input for each in one.drivers} <= set(one.inputs)

    return assessment.recall(
        ("uncertainty", view, draws), Uncertainty, lambda: _uncertainty(assessment, view, draws), fit
    )


def _uncertainty(assessment: Assessment, view: View, draws: int | None) -> Uncertainty:
    count = draws if draws is not None else EXACT_DRAWS if is_exact(assessment) else SIMULATED_DRAWS
    size = sum(len(one.solver.events.events) for one in assessment.actors)
    worlds = min(_WORLDS, max(_LEAST_WORLDS, _MOST_WORK // max(1, size * count)))
    propagation = Propagation(assessment, view, worlds)
    inputs, confidence = propagation.inputs, assessment.options.confidence
    points = outer_draws(inputs, assessment.options.seed, count)
    means = np.full((len(inputs), 1), np.nan)
    found = propagation.outcome(np.concatenate([means, points], axis=1))
    errors = propagation.sampling_errors()

    def spread(columns: Columns, error: Columns) -> Spread:
        return Spread.of(columns[1:], float(columns[0]), float(error[0]), confidence)

    headline = found.yearly if found.yearly is not None else found.campaign
    return Uncertainty(
        view,
        count,
        inputs,
        {fact: spread(columns, errors.likelihood[fact]) for fact, columns in found.likelihood.items()},
        spread(found.campaign, errors.campaign),
        spread(found.yearly, errors.yearly) if found.yearly is not None and errors.yearly is not None else None,
        _drivers(propagation, points, headline[1:]),
    )


def is_exact(assessment: Assessment) -> bool:
    """Whether no fact with a loss has to be simulated, so that the intervals cost little."""
    propagation = Propagation(assessment, View.RESIDUAL, 0)
    return assessment.recall(
        ("is exact",), bool, lambda: not any(propagation.simulated(one) for one in assessment.actors)
    )


def outer_draws(inputs: Sequence[Input], seed: int, count: int) -> Columns:
    """The points of the outer draws, as (inputs, draws); an input has the same points in every view."""
    points = np.empty((len(inputs), count))
    for row, one in enumerate(inputs):
        points[row] = uniforms(seed, f"input {one.id}", 0, count)
    return points


def _drivers(propagation: Propagation, points: Columns, result: Columns) -> tuple[Driver, ...]:
    inputs = propagation.inputs
    if not inputs:
        return ()
    swings = np.full((len(inputs), 2 * len(inputs)), np.nan)
    for number in range(len(inputs)):
        swings[number, 2 * number : 2 * number + 2] = LOW, HIGH
    outcome = propagation.outcome(swings)
    ends = outcome.yearly if outcome.yearly is not None else outcome.campaign
    # Under no dependence a rank correlation has variance 1 / (n - 1); the false alarm is that of all inputs together.
    least = NormalDist().inv_cdf(1.0 - _FALSE_ALARM / 2 / len(inputs)) / (len(result) - 1) ** 0.5
    varies, ranked = float(np.ptp(result)) > 0, _ranks(result)
    found = []
    for number, (one, row) in enumerate(zip(inputs, points, strict=True)):
        correlation = float(np.corrcoef(_ranks(row), ranked)[0, 1]) if varies else 0.0
        share = correlation**2 if abs(correlation) > least else None
        found.append(Driver(one, float(ends[2 * number]), float(ends[2 * number + 1]), correlation, share))
    moving = sorted((one for one in found if one.width > 0), key=lambda one: (-one.width, one.input.id))
    return tuple(moving[:_MOST_DRIVERS])


def _ranks(values: Columns) -> NDArray[np.float64]:
    """Ranks from 0; equal values, which are rare, share their mean rank."""
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts) - 1
    return np.asarray((last - (counts - 1) / 2.0)[where], dtype=np.float64)
