"""A judgement as low, most likely and high value, and the one number that stands for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Range:
    """A judgement as low, most likely and high value; ``mean`` is that of the PERT distribution.

    The mean ``(low + 4 mode + high) / 6`` is the one number that stands for the range wherever a
    single number is computed (Malcolm et al., 1959).
    """

    low: float
    mode: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.mode <= self.high:
            raise ValueError(f"a range needs low <= mode <= high, not {self.low} {self.mode} {self.high}")

    @property
    def mean(self) -> float:
        return (self.low + 4 * self.mode + self.high) / 6

    @classmethod
    def point(cls, value: float) -> Self:
        return cls(value, value, value)

    def scaled(self, factor: float) -> Range:
        return Range(self.low * factor, self.mode * factor, self.high * factor)

    def at_most(self, most: float) -> Range:
        return Range(min(self.low, most), min(self.mode, most), min(self.high, most))
