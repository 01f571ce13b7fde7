"""Estimates: a number with its interval, exact, enclosed, simulated or a bound, and how estimates add up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

EXACT, ENCLOSED, SIMULATED, BOUND = "exact", "enclosed", "simulated", "bound"
METHODS = frozenset({EXACT, ENCLOSED, SIMULATED, BOUND})


def method_of(parts: Iterable[str]) -> str:
    """The method of what is made of numbers with these methods."""
    found = {*parts}
    return EXACT if found <= {EXACT} else ENCLOSED if found <= {EXACT, ENCLOSED} else SIMULATED


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval; for an exact one both ends are the number itself.

    With the method ``enclosed`` the true number is certainly in the interval, and the value its middle. With the
    method ``bound`` the value is no more than the most that it can be.
    """

    value: float
    low: float
    high: float
    method: str

    @classmethod
    def exactly(cls, value: float) -> Estimate:
        return cls(value, value, value, EXACT)

    @classmethod
    def between(cls, low: float, high: float) -> Estimate:
        """What is certainly between two numbers."""
        return cls((low + high) / 2, low, high, ENCLOSED)

    @property
    def width(self) -> float:
        """From one end of the interval to the other."""
        return self.high - self.low

    @property
    def is_exact(self) -> bool:
        return self.method == EXACT

    @property
    def rank(self) -> float:
        """The number to rank by: what differs by rounding alone is equal."""
        return float(f"{self.value:.9g}")

    @classmethod
    def total(cls, parts: Iterable[Estimate]) -> Estimate:
        """The sum of estimates; the ends of the interval add up, which is wide enough whatever ties them."""
        found = tuple(parts)
        return cls(
            sum(one.value for one in found),
            sum(one.low for one in found),
            sum(one.high for one in found),
            method_of(one.method for one in found),
        )

    def added(self, amount: float) -> Estimate:
        """The same with an amount added that is known."""
        return Estimate(self.value + amount, self.low + amount, self.high + amount, self.method)

    def scaled(self, factor: float) -> Estimate:
        """The same with number and interval multiplied by a factor."""
        return Estimate(self.value * factor, self.low * factor, self.high * factor, self.method)

    def share_of(self, whole: Estimate) -> Estimate:
        """What part of a whole an amount in it is, 0 to 1; both intervals are taken at their worst."""
        if whole.value <= 0:
            return Estimate.exactly(0.0) if whole.high <= 0 else Estimate(0.0, 0.0, 1.0, whole.method)
        value = self.value / whole.value
        if self.is_exact and whole.is_exact:
            return Estimate.exactly(min(max(value, 0.0), 1.0))
        high = self.high / whole.low if whole.low > 0 else 1.0
        method = method_of((self.method, whole.method))
        return Estimate(value, self.low / whole.high, high, method).within(0.0, 1.0)

    def negated(self) -> Estimate:
        """The same amount with the other sign."""
        return Estimate(0.0 - self.value, 0.0 - self.high, 0.0 - self.low, self.method)

    def within(self, least: float, most: float) -> Estimate:
        """The same where the true number is known to lie between two others."""
        low, high = max(self.low, least), min(self.high, most)
        if low > high:
            low, high = least, most
        return Estimate(min(max(self.value, low), high), low, high, self.method)

    def narrowed(self, low: float, high: float) -> Estimate:
        """The same where the true number is certainly between two others: that alone where it says more, or else cut
        to it."""
        if self.is_exact:
            return self
        return Estimate.between(low, high) if high - low <= self.width else self.within(low, high)

    def to_json(self, name: str = "value") -> dict[str, Any]:
        return {name: self.value, "low": self.low, "high": self.high, "method": self.method}
