"""When counts that were drawn at random contradict the chances that they should have, at a stated rate of alarms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats


@dataclass(frozen=True)
class Count:
    """``hits`` of ``worlds`` independent worlds, each of which hits with this ``chance`` if all is well."""

    hits: int
    worlds: int
    chance: float

    @property
    def z(self) -> float:
        spread = math.sqrt(self.worlds * self.chance * (1 - self.chance))
        return (self.hits - self.worlds * self.chance) / spread


def least_likely(counts: Sequence[Count]) -> float:
    """The chance, at most, that some of the counts is as far off as the farthest of them, were all of them right.

    Two-sided tails of the binomial distribution, with no approximation, times the number of counts (Bonferroni),
    which holds whatever ties them. A test that demands more than 1e-6 of this raises a false alarm with a chance
    of one in a million, over all its counts together.
    """
    hits, worlds = np.array([one.hits for one in counts]), np.array([one.worlds for one in counts])
    chance = np.array([one.chance for one in counts])
    tails = np.minimum(stats.binom.cdf(hits, worlds, chance), stats.binom.sf(hits - 1, worlds, chance))
    return float(min(1.0, 2 * tails.min() * len(counts)))


def pooled(counts: Sequence[Count]) -> tuple[float, float]:
    """For counts that are independent: the chances that their mean deviation and their spread are as far off.

    The first finds what is off a little, but always to one side; the second draws that are used twice. Both take
    the sums of z and of its square to be normal and chi-square, so chances should be neither small nor large.
    """
    z = np.array([one.z for one in counts])
    side = 2 * stats.norm.sf(abs(z.sum()) / math.sqrt(len(z)))
    spread = 2 * min(stats.chi2.sf((z**2).sum(), len(z)), stats.chi2.cdf((z**2).sum(), len(z)))
    return float(side), float(spread)
