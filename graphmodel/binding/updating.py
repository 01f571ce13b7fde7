"""From k hits in n prompts to a chance: a prior from the catalogue, its posterior, and what a campaign makes of it.

All of it is in closed form but for two searches by halving (the prior that gives the catalogue's chance, and the
quantiles of how much a control takes off); nothing is sampled. ``docs/method.md`` has the rule.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from graphmodel.knowledge.vocabulary import Range

LOW, HIGH = 0.05, 0.95  # the quantiles that are shown
_EDGE = 1e-9  # of a prior: what the catalogue calls impossible or certain, a test may still find otherwise
_HALVINGS = 80
_SEEN = 40  # of a strength, which is shown to three figures
_POINTS = 2_000  # of the chance without a control, at which that with it is looked at
_JEFFREYS = 0.5


@dataclass(frozen=True, slots=True)
class Beta:
    """What is known of the chance that one prompt succeeds: as after ``a`` prompts that did and ``b`` that did not."""

    a: float
    b: float

    @property
    def mean(self) -> float:
        return self.a / (self.a + self.b)

    def after(self, hits: int, attempts: int) -> Beta:
        """The same after a test."""
        return Beta(self.a + hits, self.b + attempts - hits)

    def quantile(self, share: float) -> float:
        """The chance that is not exceeded with this probability."""
        from scipy.special import betaincinv  # noqa: PLC0415 - few systems have tests

        found = float(betaincinv(self.a, self.b, share))
        return found if math.isfinite(found) else self.mean

    def reached(self, prompts: int) -> float:
        """The chance that at least one of so many prompts succeeds: 1 - B(a, b + t) / B(a, b)."""
        whole = self.a + self.b
        none = math.lgamma(self.b + prompts) - math.lgamma(self.b) + math.lgamma(whole) - math.lgamma(whole + prompts)
        return min(1.0, max(0.0, -math.expm1(min(0.0, none))))


@dataclass(frozen=True, slots=True)
class Campaign:
    """The chance of a campaign of so many prompts: its mean, and the 5 % and 95 % quantiles."""

    prompts: int
    mean: float
    low: float
    high: float


def prior(chance: float, worth: float, prompts: int) -> Beta:
    """The Beta distribution worth so many prompts in which a campaign succeeds with the chance of the catalogue."""
    wanted = min(1 - _EDGE, max(_EDGE, chance))
    if prompts == 1:
        return Beta(worth * wanted, worth * (1 - wanted))
    a = _halved(lambda a: Beta(a, worth - a).reached(prompts) < wanted, 0.0, worth)
    return Beta(a, worth - a)


def campaign(known: Beta, prompts: int) -> Campaign:
    """What a campaign makes of a chance by prompt."""
    low, high = (at_least_one(known.quantile(share), prompts) for share in (LOW, HIGH))
    return Campaign(prompts, known.reached(prompts), low, high)


def at_least_one(chance: float, prompts: int) -> float:
    """The chance that one of so many prompts succeeds where each does with this chance."""
    return 1.0 if chance >= 1 else -math.expm1(prompts * math.log1p(-max(0.0, chance)))


def as_range(mean: float, low: float, high: float) -> Range:
    """The range of this mean between these ends; where there is none, one end is drawn in until there is."""
    low, high = min(max(0.0, low), mean), max(min(1.0, high), mean)
    mode = (6 * mean - low - high) / 4
    if mode < low:
        return Range(low, low, max(low, 6 * mean - 5 * low))
    if mode > high:
        return Range(min(high, 6 * mean - 5 * high), high, high)
    return Range(low, mode, high)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a control takes off the chance of a campaign, as a share, by a test with it and one without; below 0 it
    makes things worse, and is not looked for beyond -1.

    ``probability`` is that the chance by prompt is lower with the control than without.
    """

    probability: float
    mean: float
    low: float
    median: float
    high: float

    @property
    def range(self) -> Range:
        """The strength of the control; what would make things worse counts as nothing."""
        return as_range(max(0.0, self.mean), max(0.0, self.low), max(0.0, self.high))


def effect(without: tuple[int, int], with_it: tuple[int, int], prompts: int = 1) -> Effect:
    """What two tests, each as hits and attempts, say of a control; both begin from Jeffreys' prior, so that the
    catalogue has no say in whether the control works."""
    import numpy as np  # noqa: PLC0415 - few systems have tests
    from scipy.special import betainc, betaincinv  # noqa: PLC0415 - the same

    bare, kept = (Beta(_JEFFREYS, _JEFFREYS).after(*one) for one in (without, with_it))
    shares = (np.arange(_POINTS) + 0.5) / _POINTS
    chances = betaincinv(bare.a, bare.b, shares)  # without the control, each as probable as the others
    reached = -np.expm1(prompts * np.log1p(-np.minimum(chances, 1 - 1e-15)))

    def beyond(strength: float) -> float:
        """The probability that the control is stronger than this."""
        left = np.clip((1 - strength) * reached, 0.0, 1.0)
        same = -np.expm1(np.log1p(-np.minimum(left, 1 - 1e-15)) / prompts)
        return float(np.mean(betainc(kept.a, kept.b, same)))

    def at(share: float) -> float:
        return _halved(lambda strength: beyond(strength) > 1 - share, -1.0, 1.0, _SEEN)

    mean = 1 - kept.reached(prompts) / bare.reached(prompts)
    return Effect(float(np.mean(betainc(kept.a, kept.b, chances))), mean, at(LOW), at(0.5), at(HIGH))


def _halved(below: Callable[[float], bool], low: float, high: float, times: int = _HALVINGS) -> float:
    """Where what is asked turns from true to false."""
    for _ in range(times):
        middle = (low + high) / 2
        if below(middle):
            low = middle
        else:
            high = middle
    return (low + high) / 2
