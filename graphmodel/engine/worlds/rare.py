"""Rare-event simulation by conditioning on cuts: worlds in which a fact cannot come true are left out.

A *cut* is a set of steps of which at least one must happen before a target can come true. Cuts that
share no step are independent; so with H, that each of several such cuts has a step that happens,

    P(target) = P(H) x P(target | H),    P(H) = product over cuts of 1 - product of (1 - chance).

P(H) is exact. Worlds given H are drawn by choosing, for each cut, the first of its steps that
happens; the steps after it, and all other draws, are as ever (conditioning on a cut; compare
Laumanns and Zenklusen 2011, who do it one cut at a time). The interval is that of Clopper and
Pearson for P(target | H), multiplied by P(H).

Cuts are found in layers: for any set of facts that holds the target and nothing of the start, the
steps that lead into it from wholly outside are a cut, since the first of its facts that comes true
is gained by one of them. The sets here are those within some number of steps of the target, and
those that lie some number of steps or more from the start.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from graphmodel.engine.worlds.arrays import Arrays
from graphmodel.engine.worlds.chunks import worlds_of
from graphmodel.engine.worlds.draws import Draws, Thresholds
from graphmodel.engine.worlds.kernel_ints import IntKernel
from graphmodel.engine.worlds.simulation import Progress

_BLOCKS = 64
_LAYERS = 60


@dataclass(frozen=True)
class RareCount:
    """``hits`` of ``worlds`` that were drawn given an event of chance ``factor``, without which no hit can be."""

    hits: int
    worlds: int
    factor: float


def count_rare(
    arrays: Arrays,
    draws: Draws,
    weights: NDArray[np.float64],
    fact: str,
    worlds: int,
    progress: Progress | None = None,
) -> RareCount:
    """Count a fact in worlds given its cuts; ``weights`` is (events,). Raises ``KeyError`` for an unknown fact."""
    cuts = disjoint_cuts(arrays, weights, arrays.number[fact])
    target = arrays.number[fact]
    factor = math.prod(_some(weights[list(cut)]) for cut in cuts)
    if factor == 0.0:
        return RareCount(0, worlds, 0.0)
    kernel = IntKernel(arrays, draws)
    thresholds = Thresholds.of(weights)
    hits = done = 0
    for first in range(0, -(-worlds // 64), _BLOCKS):
        count = min(64 * _BLOCKS, worlds - 64 * first)
        blocks = -(-count // 64)
        forced = {}
        for number, cut in enumerate(cuts):
            # The choice of the first step of a cut takes a draw of its own, which no kernel uses.
            uniform = np.random.Generator(np.random.Philox(key=[int(draws.key[cut[0]]), first], counter=number))
            forced.update(_given(kernel.bits(thresholds, first, blocks), weights, cut, uniform.random(64 * blocks)))
        held = kernel.play(thresholds, first, blocks, forced=forced)
        hits += int(worlds_of(held[target], count).sum())
        done += count
        if progress is not None and not progress(done, worlds):
            break
    return RareCount(hits, done, factor)


def disjoint_cuts(arrays: Arrays, weights: NDArray[np.float64], target: int) -> list[tuple[int, ...]]:
    """Cuts of a target that share no event, as events; the least likely first, none that is certain."""
    chances = [*weights.tolist(), 1.0]
    own = arrays.event.tolist()
    needs = [arrays.needs[a:b].tolist() for a, b in pairwise(arrays.need_at.tolist())]
    gains = arrays.gains.tolist()
    certain = frozenset(arrays.certain.tolist())
    candidates: dict[tuple[int, ...], float] = {}
    for inside in _layers(gains, needs, certain, target):
        cut = [
            step
            for step, fact in enumerate(gains)
            if fact in inside and not any(need in inside for need in needs[step])
        ]
        if all(own[step] >= 0 for step in cut):
            events = tuple(sorted({own[step] for step in cut}))
            some = _some(np.array([chances[event] for event in events]))
            if some < 1.0:
                candidates[events] = some
    chosen: list[tuple[int, ...]] = []
    used: set[int] = set()
    for events, _ in sorted(candidates.items(), key=lambda one: (one[1], one[0])):
        if used.isdisjoint(events):
            chosen.append(events)
            used.update(events)
    return chosen


def _layers(gains: list[int], needs: list[list[int]], certain: frozenset[int], target: int) -> Iterator[frozenset[int]]:
    """Sets of facts with the target and without the start, by distance to the one and from the other."""
    producers: defaultdict[int, list[int]] = defaultdict(list)
    for step, fact in enumerate(gains):
        producers[fact].append(step)
    near, edge = {target}, [target]
    for _ in range(_LAYERS):
        yield frozenset(near)
        edge = sorted({need for fact in edge for step in producers[fact] for need in needs[step]} - near - certain)
        if not edge:
            break
        near.update(edge)
    whole, rest = frozenset(near), set(near)
    rank = dict.fromkeys(certain, 0)
    for depth in range(1, _LAYERS):
        news = {fact for fact in rest for step in producers[fact] if all(need in rank for need in needs[step])}
        if target in news or not news:
            break
        rank.update(dict.fromkeys(news, depth))
        rest -= news
        yield frozenset(whole - rank.keys())


def _some(chances: NDArray[np.float64]) -> float:
    """The chance that one or more of independent events happen, without loss of digits where they are rare."""
    if (chances >= 1.0).any():
        return 1.0
    return float(-np.expm1(np.log1p(-chances).sum()))


def _given(
    bits: list[int], weights: NDArray[np.float64], cut: tuple[int, ...], uniform: NDArray[np.float64]
) -> dict[int, int]:
    """The draws of the events of a cut, given that one or more of them happen."""
    chances = weights[list(cut)]
    none_before = np.concatenate(([1.0], np.cumprod(1.0 - chances)[:-1]))
    upto = np.cumsum(none_before * chances)
    first = np.minimum(np.searchsorted(upto, uniform * upto[-1], side="right"), len(cut) - 1)
    forced = {}
    for place, event in enumerate(cut):
        chosen, after = first == place, first < place
        masks = [int.from_bytes(np.packbits(one, bitorder="little").tobytes(), "little") for one in (chosen, after)]
        forced[event] = masks[0] | (bits[event] & masks[1])
    return forced
