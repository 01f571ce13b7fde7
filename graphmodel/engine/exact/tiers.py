"""Which part of a graph is solved by a junction tree and which by the frontier method.

A tree is tried first: it is faster, and wider graphs have one. Only where a loop has too many facts
for it are the cuts of a line tried, for which the length of a loop is nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from graphmodel.engine.exact.frontier import Frontier
from graphmodel.engine.exact.junction import MOST_COST, STEPS, WIDTH, JunctionTree, junction_tree
from graphmodel.engine.exact.line import line_of
from graphmodel.engine.exact.rules import LargeLoopError, Rules, TooWideError
from graphmodel.engine.exact.sweep import sweep

Tier = JunctionTree | Frontier
_NARROW, _EASY = 32, 2_000  # crossings of a cut on average, and operators of one side of it
_MOVES = 400_000  # of all lines of a graph that has no easy one
_EFFORT = 4 * STEPS  # steps of all graphs that are tried; seconds


def whole(rules: Rules, targets: Collection[int], width: int = WIDTH) -> Tier:
    """One tier for all of these facts, if that is found soon.

    Raises ``TooWideError`` where there is none, and ``LargeLoopError`` where a longer search may find one.
    """
    cone = rules.cone(targets, STEPS)
    try:
        return junction_tree(rules, cone, width, MOST_COST)
    except LargeLoopError:
        steps = sum(len(own) for own in cone.values())
        try:
            return sweep(line_of(rules, cone, _NARROW * steps), states=_EASY)
        except TooWideError as error:
            raise LargeLoopError from error


def cover(
    rules: Rules, missing: Sequence[int], first: Collection[int], width: int = WIDTH, everything: bool = True
) -> tuple[Tier, ...]:
    """Tiers for as many of the missing facts as there can be, which stand in the order of their components.

    All are tried together, if ``everything``, then those that are wanted ``first`` one by one, then as many as
    possible from the start of the graph on.
    """
    search = _Cover(rules, width)
    if everything and search.takes(missing):
        return tuple(search.tiers)
    for target in first:
        if target not in search.done:
            search.takes([target])
    low, high = 0, min(len(missing), STEPS)
    while high - low > 1 and search.effort > 0:
        middle = (low + high) // 2
        if search.takes(missing[:middle]):
            low = middle
        else:
            high = middle
    return tuple(search.tiers)


class _Cover:
    def __init__(self, rules: Rules, width: int) -> None:
        self.rules, self.width = rules, width
        self.tiers: list[Tier] = []
        self.done: set[int] = set()
        self.effort, self.cost, self.moves = _EFFORT, MOST_COST, _MOVES

    def takes(self, targets: Sequence[int]) -> bool:
        """Whether there is a tier of these facts, which is then kept in place of those that it holds."""
        most = min(STEPS, self.effort)
        if most <= 0:
            return False
        try:
            cone = self.rules.cone(targets, most)
        except TooWideError:
            self.effort -= most
            return False
        self.effort -= 1 + sum(len(steps) for steps in cone.values())
        try:
            tier = junction_tree(self.rules, cone, self.width, self.cost)
        except LargeLoopError:
            return self.narrow(cone)
        except TooWideError:
            return False
        self.keep(tier)
        return True

    def narrow(self, cone: Mapping[int, Sequence[int]]) -> bool:
        """Whether there are cuts of these steps; half of the moves that are left may be spent on them."""
        try:
            line = line_of(self.rules, cone)
        except TooWideError:
            return False
        moves = self.moves // 2
        self.moves -= moves
        try:
            self.keep(sweep(line, moves))
        except TooWideError:
            return False
        return True

    def keep(self, tier: Tier) -> None:
        self.tiers = [*(one for one in self.tiers if not one.facts <= tier.facts), tier]
        self.done |= tier.facts
        self.cost = MOST_COST - sum(one.cost for one in self.tiers)
