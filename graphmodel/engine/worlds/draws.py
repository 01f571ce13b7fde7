"""Counter-based random worlds, by one specification that every kernel follows to the bit.

Sixty-four worlds stand in a word, a bit each; block *b* holds the worlds 64*b* to 64*b* + 63. An
event has a key and an odd step width, the two halves of the BLAKE2b digest of seed and name. Its
plane *j* in block *b* is the word

    mix(key + width * (64*b + j + 1))        modulo 2 to the 64th

where mix is the finaliser of SplitMix64 (Steele, Lea and Flood 2014). The planes 0 to 63 of a block
are the binary digits, from the highest, of one uniform number for each of its worlds; the event
happens where that number is below the chance, rounded to a multiple of 2 to the minus 64th.

So the draw of an event in a world depends on seed, name and number of the world alone. Kernels may
read only the planes that decide, since most worlds are decided by the first few, and only the
worlds that matter; counts are the same on any machine, with any number of threads, in chunks of
any size. Two cases that differ in one chance differ in nothing else (common random numbers), and
raising a chance never makes an event fail where it happened.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]

_ONE = np.uint64(1)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_DENSE = 6  # planes that are read for every world; later ones only where something is undecided
_BATCH = 1 << 16


@dataclass(frozen=True)
class Draws:
    """The keys and step widths of a sequence of events, as arrays (events,)."""

    key: Words
    width: Words

    @classmethod
    def of(cls, seed: int, names: Sequence[str]) -> Draws:
        """The draws of events by their names, which must differ."""
        digests = b"".join(hashlib.blake2b(f"{seed}\0{name}".encode(), digest_size=16).digest() for name in names)
        halves = np.frombuffer(digests, dtype=">u8").astype(np.uint64).reshape(len(names), 2)
        return cls(halves[:, 0].copy(), halves[:, 1] | _ONE)


@dataclass(frozen=True)
class Thresholds:
    """Chances as whole multiples of 2 to the minus 64th, arrays (events,); ``sure`` marks those that are one."""

    value: Words
    sure: NDArray[np.bool_]

    @classmethod
    def of(cls, chances: NDArray[np.float64]) -> Thresholds:
        """The thresholds of chances from 0 to 1; a double times 2 to the 64th is a whole number but below 2**-11."""
        scaled = np.rint(np.clip(chances, 0.0, 1.0) * 2.0**64)
        sure = scaled >= 2.0**64
        return cls(np.where(sure, 0.0, scaled).astype(np.uint64), sure)

    def changed(self, other: Thresholds) -> NDArray[np.bool_]:
        """The events whose chances differ."""
        return np.asarray((self.value != other.value) | (self.sure != other.sure))


def mix(value: Words) -> Words:
    """The finaliser of SplitMix64, on whole arrays."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def happening(draws: Draws, thresholds: Thresholds, chosen: NDArray[np.int64], first: int, blocks: int) -> Words:
    """The worlds in which the chosen events happen, as words (events, blocks) from block ``first`` on."""
    out = np.empty((len(chosen), blocks), dtype=np.uint64)
    rows = max(1, _BATCH // blocks)
    for begin in range(0, len(chosen), rows):
        part = chosen[begin : begin + rows]
        out[begin : begin + rows] = _happening(
            draws.key[part], draws.width[part], thresholds.value[part], thresholds.sure[part], first, blocks
        )
    return out


def _happening(key: Words, width: Words, threshold: Words, sure: NDArray[np.bool_], first: int, blocks: int) -> Words:
    counter = np.arange(first, first + blocks, dtype=np.uint64) << np.uint64(6)
    shape = (len(key), blocks)
    steps = np.broadcast_to(width[:, np.newaxis], shape).ravel()
    state = (key[:, np.newaxis] + width[:, np.newaxis] * counter).ravel()
    rest = np.broadcast_to(threshold[:, np.newaxis], shape).ravel()
    happens = np.where(np.broadcast_to(sure[:, np.newaxis], shape).ravel(), _ALL, np.uint64(0))
    where = np.flatnonzero(rest)
    steps, state, rest = steps[where], state[where], rest[where]
    undecided = np.full(len(where), _ALL)
    found = np.zeros(len(where), dtype=np.uint64)
    plane = 0
    while len(where):
        state = state + steps
        word = mix(state)
        digit = (rest >> np.uint64(63)).astype(bool)
        found |= np.where(digit, undecided & ~word, np.uint64(0))
        undecided &= np.where(digit, word, ~word)
        rest = rest << _ONE
        plane += 1
        if plane >= _DENSE:
            going = (undecided != 0) & (rest != 0)
            if not going.all():
                done = ~going
                happens[where[done]] = found[done]
                where, steps, state, rest = where[going], steps[going], state[going], rest[going]
                undecided, found = undecided[going], found[going]
    return happens.reshape(shape)


def derived_seed(seed: int, name: str) -> int:
    """A seed of its own for a name, so that what is drawn for it is independent of the rest."""
    return int.from_bytes(hashlib.blake2b(f"{seed}\0{name}".encode(), digest_size=8).digest(), "big")
