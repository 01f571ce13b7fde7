"""Seeded random draws of uncertain amounts and counts.

Draw *i* of a name depends on the seed, the name and *i* alone: the generator is Philox (Salmon et al.
2011), which is counter-based, with the name hashed into its key. So the order in which things are
drawn, and how many at a time, changes nothing.
"""

from __future__ import annotations

import hashlib
import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from graphmodel.vocabulary import Range

_PER_BLOCK = 4  # a counter of Philox 4x64 gives four numbers
_KNOTS = 2048


def uniforms(seed: int, name: str, first: int, count: int) -> NDArray[np.float64]:
    """Draws ``first`` to ``first + count`` of a name, evenly between 0 and 1, without the ends."""
    key = int.from_bytes(hashlib.blake2b(f"{seed}\0{name}".encode(), digest_size=16).digest(), "big")
    generator = np.random.Philox(key=key)
    generator.advance(first // _PER_BLOCK)
    skipped = first % _PER_BLOCK
    raw = np.asarray(generator.random_raw(skipped + count), dtype=np.uint64)[skipped:]
    return np.asarray(((raw >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53)


def derived_seed(seed: int, name: str) -> int:
    """A seed of its own for a name, so that what is drawn for it is independent of the rest."""
    return int.from_bytes(hashlib.blake2b(f"{seed}\0{name}".encode(), digest_size=8).digest(), "big")


def pert_quantile(one: Range, uniform: NDArray[np.float64]) -> NDArray[np.float64]:
    """The values of a range at these points of its PERT distribution.

    That is the beta distribution between low and high with shapes 1 + 4 (mode - low) / (high - low)
    and 1 + 4 (high - mode) / (high - low), whose mean is ``Range.mean`` (Malcolm et al. 1959).
    """
    from scipy.special import betaincinv  # noqa: PLC0415 - slow to import

    width = one.high - one.low
    if not width > 0:
        return np.full(len(uniform), one.mean)
    first = 1.0 + 4.0 * (one.mode - one.low) / width
    return np.asarray(one.low + width * betaincinv(first, 6.0 - first, uniform), dtype=np.float64)


def pert_draws(one: Range, uniform: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same for millions of points, between knots of the distribution.

    The error is below a thousandth of the range's width at its very ends, and a millionth on average.
    """
    if not one.high > one.low:
        return np.full(len(uniform), one.mean)
    knots, values = _table(one)
    return np.interp(uniform, knots, values)


@lru_cache(maxsize=256)
def _table(one: Range) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    # Knots lie closer together at the ends, where the distribution is steepest.
    knots = (1.0 - np.cos(np.pi * np.arange(_KNOTS + 1) / _KNOTS)) / 2.0
    return knots, pert_quantile(one, knots)


def poisson_counts(rate: float, uniform: NDArray[np.float64]) -> NDArray[np.int64]:
    """The counts of a Poisson distribution with this mean at these points; a higher rate never lowers one."""
    if rate <= 0:
        return np.zeros(len(uniform), dtype=np.int64)
    reach = 12.0 * math.sqrt(rate) + 40.0
    lowest = max(0, math.floor(rate - reach))
    counts = range(lowest, math.ceil(rate + reach) + 1)
    chances = [math.exp(k * math.log(rate) - rate - math.lgamma(k + 1)) for k in counts]
    return lowest + np.searchsorted(np.cumsum(chances), uniform, side="right").astype(np.int64)
