"""Simulation of many worlds at once, where an exact answer is too large.

A chunk of worlds is one Python integer for each fact, a bit a world, so that AND and OR act on all
of them together. Random numbers are counter-based: the bit of event *e* in world *i* depends on the
seed, the name of *e* and *i* alone. The same seed gives the same worlds on any machine, in chunks
of any size, and two cases that differ in one chance differ in nothing else (common random
numbers), so that raising a chance never lowers a count.

Intervals: Clopper and Pearson (1934) for chances, which covers at least as often as stated, and the
empirical Bernstein bound of Maurer and Pontil (2009) for mean losses.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphmodel.events import Component, EventGraph, EventStep

_CHUNK = 1 << 14
_MASK = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Moments:
    """Sum and sum of squares of an amount over worlds, and the range that it must lie in."""

    total: float
    squares: float
    least: float
    most: float


@dataclass(frozen=True)
class Tally:
    """What was counted in one case: worlds in which each fact came true, and the losses of the worlds.

    ``saved`` is the loss of the first case less that of this one, world by world.
    """

    worlds: int
    hits: Mapping[str, int]
    loss: Moments
    saved: Moments


def simulate(
    graph: EventGraph,
    weights: NDArray[np.float64],
    losses: Sequence[Mapping[str, float]],
    seed: int,
    worlds: int,
) -> tuple[Tally, ...]:
    """Play ``worlds`` worlds in each case; ``weights`` is (events, cases), ``losses`` one map a case."""
    cases = weights.shape[1]
    hits: list[defaultdict[str, int]] = [defaultdict(int) for _ in range(cases)]
    sums = np.zeros((4, cases))
    keys = [_key(seed, event.name) for event in graph.events]
    for first in range(0, worlds, _CHUNK):
        count = min(_CHUNK, worlds - first)
        bits = _draw(keys, weights, first, count)
        full = (1 << count) - 1
        reference = np.zeros(count)
        for case in range(cases):
            held = _play(graph, [row[case] for row in bits], full)
            for fact, mask in held.items():
                hits[case][fact] += mask.bit_count()
            total = np.zeros(count)
            for fact, amount in losses[case].items():
                if held.get(fact):
                    total += amount * _unpack(held[fact], count)
            if case == 0:
                reference = total
            saved = reference - total
            sums[:, case] += [total.sum(), (total * total).sum(), saved.sum(), (saved * saved).sum()]
    most = [sum(one.values()) for one in losses]
    better = [_never_worse(graph, weights, losses, case) for case in range(cases)]
    return tuple(
        Tally(
            worlds,
            dict(hits[case]),
            Moments(float(sums[0, case]), float(sums[1, case]), 0.0, most[case]),
            Moments(float(sums[2, case]), float(sums[3, case]), 0.0 if better[case] else -most[case], most[0]),
        )
        for case in range(cases)
    )


def _never_worse(
    graph: EventGraph, weights: NDArray[np.float64], losses: Sequence[Mapping[str, float]], case: int
) -> bool:
    """Whether a case cannot cost more than the first in any world: steps no likelier, controls no weaker."""
    defends = np.array([not event.members for event in graph.events])
    change = np.where(defends, weights[:, 0] - weights[:, case], weights[:, case] - weights[:, 0])
    dearer = any(amount > losses[0].get(fact, 0.0) for fact, amount in losses[case].items())
    return bool((change <= 0).all()) and not dearer


def loss_through(
    graph: EventGraph,
    weights: NDArray[np.float64],
    losses: Mapping[str, float],
    groups: Sequence[Collection[int]],
    seed: int,
    worlds: int,
) -> list[tuple[float, float]]:
    """For each group of events the mean loss of the worlds in which one of them took effect, and of
    those among them in which nothing else gained the same fact.

    An event takes effect when a step of it fires. No more than the first could be saved, in the
    same worlds, if the events of the group were impossible; the second is a guess at what would be.
    """
    sums = np.zeros((len(groups), 2))
    keys = [_key(seed, event.name) for event in graph.events]
    steps = [step for component in graph.components for step in component.steps]
    for first in range(0, worlds, _CHUNK):
        count = min(_CHUNK, worlds - first)
        full = (1 << count) - 1
        bits = [row[0] for row in _draw(keys, weights, first, count)]
        held = _play(graph, bits, full)
        total = np.zeros(count)
        for fact, amount in sorted(losses.items()):
            if held.get(fact):
                total += amount * _unpack(held[fact], count)
        fired: defaultdict[str, dict[int | None, int]] = defaultdict(dict)
        gains: dict[int, list[str]] = defaultdict(list)
        for step in steps:
            mask = _possible(step, bits, full)
            for need in step.needs:
                mask &= held.get(need, 0)
            fired[step.gains][step.event] = fired[step.gains].get(step.event, 0) | mask
            if step.event is not None:
                gains[step.event].append(step.gains)
        for number, group in enumerate(groups):
            touched = alone = 0
            for fact in {fact for event in group for fact in gains[event]}:
                own = other = 0
                for event, mask in fired[fact].items():
                    if event in group:
                        own |= mask
                    else:
                        other |= mask
                touched |= own
                alone |= own & ~other
            for column, mask in enumerate((touched, alone)):
                if mask:
                    sums[number, column] += float(total @ _unpack(mask, count))
    return [(float(touched) / worlds, float(alone) / worlds) for touched, alone in sums]


def _possible(step: EventStep, bits: Sequence[int], full: int) -> int:
    """The worlds in which a step succeeds once its needs are held."""
    mask = full if step.event is None else bits[step.event]
    for control, coverage in step.covers:
        mask &= ~(bits[control] if coverage is None else bits[control] & bits[coverage])
    return mask


def _key(seed: int, name: str) -> tuple[np.uint64, np.uint64]:
    digest = hashlib.blake2b(f"{seed}\0{name}".encode(), digest_size=16).digest()
    return np.uint64(int.from_bytes(digest[:8], "big")), np.uint64(int.from_bytes(digest[8:], "big") | 1)


def _draw(
    keys: Sequence[tuple[np.uint64, np.uint64]], weights: NDArray[np.float64], first: int, count: int
) -> list[list[int]]:
    """For each event and case the worlds in which the event happens, as an integer of bits."""
    counter = np.arange(first + 1, first + count + 1, dtype=np.uint64)
    full = (1 << count) - 1
    drawn: list[list[int]] = []
    for (key, gamma), row in zip(keys, weights, strict=True):
        masks: dict[float, int] = {0.0: 0, 1.0: full}
        if any(chance not in masks for chance in row.tolist()):
            uniform = _mix(key + gamma * counter)
        for chance in row.tolist():
            if chance not in masks:
                threshold = np.uint64(min(_MASK, max(0, round(chance * 2.0**64))))
                masks[chance] = int.from_bytes(np.packbits(uniform < threshold, bitorder="little").tobytes(), "little")
        drawn.append([masks[chance] for chance in row.tolist()])
    return drawn


def _mix(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014)."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def _play(graph: EventGraph, bits: Sequence[int], full: int) -> dict[str, int]:
    held = dict.fromkeys(graph.certain, full)
    for component in graph.components:
        _play_component(component, bits, full, held)
    return held


def _play_component(component: Component, bits: Sequence[int], full: int, held: dict[str, int]) -> None:
    possible = [_possible(step, bits, full) for step in component.steps]
    if len(component.facts) == 1:
        for step, mask in zip(component.steps, possible, strict=True):
            for need in step.needs:
                mask &= held.get(need, 0)
            held[step.gains] = held.get(step.gains, 0) | mask
        return
    users: defaultdict[str, list[int]] = defaultdict(list)
    for number, step in enumerate(component.steps):
        for need in step.needs:
            if need in component.facts:
                users[need].append(number)
    agenda = dict.fromkeys(range(len(component.steps)))
    while agenda:
        number = next(iter(agenda))
        del agenda[number]
        step = component.steps[number]
        mask = possible[number]
        for need in step.needs:
            mask &= held.get(need, 0)
        before = held.get(step.gains, 0)
        if mask & ~before:
            held[step.gains] = before | mask
            agenda.update(dict.fromkeys(users[step.gains]))


def _unpack(mask: int, count: int) -> NDArray[np.uint8]:
    raw = np.frombuffer(mask.to_bytes((count + 7) // 8, "little"), dtype=np.uint8)
    return np.unpackbits(raw, count=count, bitorder="little")


def chance_interval(hits: int, worlds: int, confidence: float) -> tuple[float, float]:
    """The Clopper-Pearson interval of a chance."""
    from scipy.special import betaincinv  # noqa: PLC0415 - slow to import, and needed only where something is simulated

    tail = (1.0 - confidence) / 2
    low = float(betaincinv(hits, worlds - hits + 1, tail)) if hits else 0.0
    high = float(betaincinv(hits + 1, worlds - hits, 1.0 - tail)) if hits < worlds else 1.0
    return low, high


def mean_interval(moments: Moments, worlds: int, confidence: float) -> tuple[float, float, float]:
    """The mean over worlds with its empirical Bernstein interval, cut to the range that is possible."""
    mean = moments.total / worlds
    if worlds < 2:
        return mean, moments.least, moments.most
    variance = max(0.0, (moments.squares - worlds * mean * mean) / (worlds - 1))
    log = math.log(4.0 / (1.0 - confidence))
    margin = math.sqrt(2 * variance * log / worlds) + 7 * (moments.most - moments.least) * log / (3 * (worlds - 1))
    return mean, max(moments.least, mean - margin), min(moments.most, mean + margin)
