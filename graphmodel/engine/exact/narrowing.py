"""How far certain intervals are narrowed: thresholds fall until they are narrow, or no more pairs are to be had.

What one more threshold takes and gives is told by those before it, so that nothing long is tried in vain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log

import numpy as np

from graphmodel.engine.exact.enclosures import EnclosedPart
from graphmodel.engine.exact.loops import Chances
from graphmodel.engine.exact.reductions import START
from graphmodel.engine.exact.rules import Awaited, TooWideError, always
from graphmodel.engine.exact.treecuts import Cuts, followed

_FIRST, _FALL = 1e-4, 10.0  # threshold, and by how much it falls
_FALLS = 3  # at once
_SURE = 0.8  # of the pairs that are left are meant to be taken, since how many they will be is a guess
_DEAR = 40  # times the pairs that may be had: so dear a tree is not begun with
_ROUNDING = 1e-13  # of sums of all that there is


@dataclass(frozen=True)
class Enclosure:
    """Certain intervals for the chances of facts, by their numbers; see ``enclosures``."""

    parts: tuple[EnclosedPart, ...]
    same: Mapping[int, int]
    after: Mapping[int, tuple[int, int]]

    @property
    def facts(self) -> frozenset[int]:
        return frozenset(self.same)

    def evaluate(self, weights: Chances) -> dict[int, Chances]:
        """The least and the most that the chance of each fact can be, (2, cases); ``weights`` is (events, cases)."""
        known: dict[int, Chances] = {START: np.ones((2, weights.shape[1]))}
        for part in self.parts:
            known.update(part.evaluate(weights))
        return {
            fact: np.clip(np.stack([ends[0] - _ROUNDING, ends[1] + _ROUNDING]), 0.0, 1.0)
            for fact, ends in followed(known, self.same, self.after, weights).items()
        }

    @property
    def width(self) -> float:
        """The widest interval of a fact that others follow from, in the cases that it was made for."""
        ends = [one for part in self.parts for one in part.found.values()]
        return max((float((one[1] - one[0]).max()) for one in ends), default=0.0)


def narrowed(
    cuts: Cuts, weights: Chances, pairs: int, goal: float, worth: float, awaited: Awaited = always
) -> Enclosure | None:
    """Intervals that are at most ``goal`` wide, or the narrowest that so many ``pairs`` of operators give.

    The pairs are chosen for the cases in ``weights`` (events, cases). None where the intervals will stay wider than
    what they would be ``worth``. ``awaited`` raises ``TooWideError`` where there is no more time.
    """
    if cuts.price > _DEAR * pairs:
        return None
    best: Enclosure | None = None
    threshold, taken, width, last = _FIRST, 0, 1.0, 1.0
    while True:
        try:
            found = _enclosed(cuts, weights, pairs, threshold, awaited)
        except TooWideError:
            break
        before, wider, best = taken, width, found
        taken, width = sum(part.pairs for part in found.parts), found.width
        pairs -= taken
        if width <= goal or taken >= pairs:
            break
        falls = 1.0
        if before:
            # By each fall of the threshold there come more pairs, and the interval narrows.
            more, narrower = log(max(taken / before, 1.1)) / last, log(max(wider / width, 1.1)) / last
            falls = min(log(_SURE * pairs / taken) / more, log(width / goal) / narrower, _FALLS)
            if falls <= 0 or width * exp(-narrower * falls) > worth:
                break
        last = falls
        threshold /= _FALL**falls
    return best if best is not None and best.width <= worth else None


def _enclosed(cuts: Cuts, weights: Chances, pairs: int, threshold: float, awaited: Awaited) -> Enclosure:
    parts = []
    for tree in cuts.trees:
        parts.append(EnclosedPart(tree, cuts.controls, pairs, weights, threshold, awaited))
        pairs -= parts[-1].pairs
    return Enclosure(tuple(parts), cuts.same, cuts.after)
