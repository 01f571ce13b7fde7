"""Counter-based random variates: uniform, PERT and Poisson.

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

from graphmodel.knowledge.vocabulary import Range

_PER_BLOCK = 4  # a counter of Philox 4x64 gives four numbers
_KNOTS = 4096


def uniforms(seed: int, name: str, first: int, count: int) -> NDArray[np.float64]:
    """Draws ``first`` to ``first + count`` of a name, evenly between 0 and 1, without the ends."""
    key = int.from_bytes(hashlib.blake2b(f"{seed}\0{name}".encode(), digest_size=16).digest(), "big")
    generator = np.random.Philox(key=key)
    generator.advance(first // _PER_BLOCK)
    skipped = first % _PER_BLOCK
    raw = np.asarray(generator.random_raw(skipped + count), dtype=np.uint64)[skipped:]
    return np.asarray(((raw >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53)


def pert_quantile(one: Range, uniform: NDArray[np.float64]) -> NDArray[np.float64]:
    """The values of a range at these points of its PERT distribution.

    That is the beta distribution between low and high with shapes 1 + 4 (mode - low) / (high - low)
    and 1 + 4 (high - mode) / (high - low), whose mean is ``Range.mean`` (Malcolm et al. 1959). The
    error is below a millionth of the width of the range.
    """
    width = one.high - one.low
    if not width > 0:
        return np.full(len(uniform), one.mean)
    chances, places = _table((one.mode - one.low) / width)
    return np.asarray(one.low + width * np.interp(uniform, chances, places))


@lru_cache(maxsize=256)
def _table(mode: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The distribution function between 0 and 1 at knots, which lie closer together at the ends."""
    angles = np.pi * np.arange(2 * _KNOTS + 1) / (2 * _KNOTS)
    places = (1.0 - np.cos(angles)) / 2.0
    # In the angle the density has no steep ends, so that Simpson's rule between knots is enough.
    density = places ** (0.5 + 4.0 * mode) * (1.0 - places) ** (4.5 - 4.0 * mode)
    pieces = density[:-2:2] + 4.0 * density[1::2] + density[2::2]
    chances = np.concatenate([[0.0], np.cumsum(pieces)])
    return chances / chances[-1], places[::2]


def poisson_counts(rate: float, uniform: NDArray[np.float64]) -> NDArray[np.int64]:
    """The counts of a Poisson distribution with this mean at these points; a higher rate never lowers one."""
    if rate <= 0:
        return np.zeros(len(uniform), dtype=np.int64)
    reach = 12.0 * math.sqrt(rate) + 40.0
    lowest = max(0, math.floor(rate - reach))
    counts = range(lowest, math.ceil(rate + reach) + 1)
    chances = [math.exp(k * math.log(rate) - rate - math.lgamma(k + 1)) for k in counts]
    return lowest + np.searchsorted(np.cumsum(chances), uniform, side="right").astype(np.int64)
