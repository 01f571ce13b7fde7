"""Which exact method solves which facts of a graph: the first of several that is narrow enough for them.

A junction tree and a decision diagram are tried first, since they are soon made or soon found too wide, and the one
that is less to evaluate is taken. A tree of cuts comes where a loop has too many facts for a table and too many ways
for a diagram that is soon made. Where nothing holds all facts together, as many are told as several of them can.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from graphmodel.engine.events import EventGraph
from graphmodel.engine.exact.diagrams import Diagram, build_diagram
from graphmodel.engine.exact.junction import MOST_COST, STEPS, JunctionTree, junction_tree
from graphmodel.engine.exact.loops import Chances
from graphmodel.engine.exact.rules import Awaited, HopelessError, Rules, TooWideError, always
from graphmodel.engine.lazily import lazily
from graphmodel.engine.worlds.arrays import Arrays

if TYPE_CHECKING:
    from graphmodel.engine.exact.narrowing import Enclosure
    from graphmodel.engine.exact.treecuts import Cuts, TreeOfCuts

PAIRS = 10_000_000  # of operators that a tree of cuts joins; some 0.3 microseconds each, and 12 bytes
_CHEAP = 4_000  # entries of a junction tree beside which no diagram is looked for
_SMALL_STEPS = 500  # of a graph that is not large
TREES, _FEWER = 12, 2  # that are tried for all facts, and for parts of them
_PLAIN_STEPS = 100  # of a cone that is tried where nothing compiles the kernels, which are a hundred times slower then
_SHARE = 4  # of the pairs, for all facts of a graph and for parts of one that is too wide as a whole
_TRIES, _IN_VAIN = 4, 1  # parts of a graph from its start on, and single facts that are too wide
_GROWTH = 8  # times the pairs of a tree for losses that one for all facts of a large graph has at least
_NEARLY = 0.75  # of the steps of a cone that is hopeless for a tree of cuts: those of a part that is so too
_EFFORT = 4 * STEPS  # steps of all parts that are tried; seconds


def never() -> bool:
    """There is time for exact work."""
    return False


@dataclass(frozen=True)
class DiagramTier:
    """Facts by their numbers, of a decision diagram."""

    diagram: Diagram
    number: Mapping[str, int]

    @property
    def facts(self) -> frozenset[int]:
        return frozenset(self.number[fact] for fact in self.diagram.roots)

    @property
    def cost(self) -> int:
        return 2 * len(self.diagram.event)

    def evaluate(self, weights: Chances) -> dict[int, Chances]:
        """The chance of every fact, by number, in each case; ``weights`` is (events, cases)."""
        return {self.number[fact]: chances for fact, chances in self.diagram.evaluate(weights).items()}

    def slopes(self, weights: NDArray[np.float64], amounts: Mapping[int, float]) -> NDArray[np.float64]:
        """The derivatives of the sum of chances times amounts by the chance of each event."""
        roots = {fact: amounts[number] for fact, number in self.number.items() if number in amounts}
        return self.diagram.slopes(weights, roots)


Tier: TypeAlias = "JunctionTree | TreeOfCuts | DiagramTier"


class Tiers:
    """Makes tiers for facts of one graph.

    ``nodes``, ``width`` and ``pairs`` limit diagrams, junction trees and trees of cuts, 0 none of them. Without
    ``parts`` there is one tier for all facts that are asked for, or none. ``awaited`` is called between parts of the
    work, and may raise to end it; once ``hurried`` is true no more tiers are made.
    """

    def __init__(
        self,
        events: EventGraph,
        arrays: Arrays,
        nodes: int,
        width: int,
        pairs: int = PAIRS,
        parts: bool = True,
        awaited: Awaited = always,
        hurried: Callable[[], bool] = never,
    ) -> None:
        self.events, self.arrays, self.nodes, self.width = events, arrays, nodes, width
        self.pairs, self.parts, self.awaited, self.hurried = pairs, parts, awaited, hurried
        self.rules = Rules(arrays)
        self._hopeless = math.inf  # steps that were far too many for the last tree of cuts
        self.cuts: dict[frozenset[int], Cuts] = {}  # of facts for which a tree of cuts was made, or tried in vain

    def of(self, targets: Sequence[int], known: Callable[[], Sequence[Tier] | None] | None = None) -> tuple[Tier, ...]:
        """Tiers for as many of the targets as there can be, which stand in the order of their components.

        If none tells all of them, those that are ``known`` for some of them are taken, and others looked for beside;
        they are None where nothing is known of any.
        """
        wanted = [fact for fact in targets if fact >= len(self.arrays.certain)]
        if not self.nodes or not wanted or self.hurried():
            return ()
        if known is None or not (self.parts and self._large) or self._promising(known()):
            whole = self._whole(wanted, self.pairs if known is None else self.pairs // _SHARE)
            if whole is not None:
                return (whole,)
        if not self.parts or self.hurried():
            return ()
        told = self._told(wanted)
        tiers: list[Tier] = [told] if told.facts else []
        done = frozenset().union(*(tier.facts for tier in tiers))
        missing = [fact for fact in wanted if fact not in done]
        if not missing or not self.width:
            return tuple(tiers)
        # What a junction tree has no room for in a large graph is not worth many trees of cuts.
        pairs = self.pairs // _SHARE if known is None or not self._large else 0
        cover = _Cover(self.rules, self.width, pairs, self._going_on)
        if known is None:
            cover.one_by_one(missing, _NEARLY * self._hopeless)
        else:
            tiers += [tier for tier in known() or () if not tier.facts <= done]
            cover.from_the_start(missing)
        return (*tiers, *cover.tiers)

    @property
    def _large(self) -> bool:
        """Whether so many steps make it likely that what is wide for some facts is far too wide for all."""
        return len(self.arrays.gains) > _SMALL_STEPS

    def _promising(self, known: Sequence[Tier] | None) -> bool:
        """Whether a tier of all facts may be had, as far as those that are known for some of them tell."""
        if known is None:
            return True
        return len(known) == 1 and _GROWTH * int(getattr(known[0], "pairs", 0)) <= self.pairs // _SHARE

    def _whole(self, wanted: Sequence[int], pairs: int) -> Tier | None:
        self._hopeless = math.inf
        try:
            cone = self.rules.cone(wanted, STEPS)
        except TooWideError:
            return None
        tree: JunctionTree | None = None
        if self.width:
            with suppress(TooWideError):
                tree = junction_tree(self.rules, cone, self.width, MOST_COST, wanted)
        if tree is not None and (tree.cost <= _CHEAP or self._large):
            return tree
        if not self._large:
            told = self._told(wanted, quick=tree is None)
            if told.facts >= {*wanted} and (tree is None or told.cost < tree.cost):
                return told
        if tree is not None:
            return tree
        try:
            cuts = _cuts(self.rules, cone, wanted, pairs, TREES, self._going_on)
            self.cuts[frozenset(wanted)] = cuts
            return cuts.joined(pairs, self._going_on)
        except HopelessError:
            self._hopeless = _size(cone)
        except TooWideError:
            pass
        if not self._large:
            told = self._told(wanted)
            if told.facts >= {*wanted}:
                return told
        return None

    def enclosed(
        self, targets: Sequence[int], weights: Chances, pairs: int, goal: float, worth: float
    ) -> Enclosure | None:
        """Certain intervals for the targets that are no wider than what they are ``worth``, or None.

        They need be no narrower than ``goal``; so many ``pairs`` of operators are joined at most. Only where a tree of
        cuts was tried for these facts, which tells what it takes.
        """
        cuts = self.cuts.get(frozenset(fact for fact in targets if fact >= len(self.arrays.certain)))
        if cuts is None or self.hurried():
            return None
        from graphmodel.engine.exact.narrowing import narrowed  # noqa: PLC0415 - compiles its kernels

        return narrowed(cuts, weights, pairs, goal, worth, self._going_on)

    def _going_on(self) -> None:
        """Ends the work on a tree of cuts as if it were too wide where there is no more time for it."""
        self.awaited()
        if self.hurried():
            raise TooWideError

    def _told(self, wanted: Sequence[int], quick: bool = False) -> DiagramTier:
        """The diagram of those of the wanted facts that fit into so many nodes."""
        diagram = self._quick if quick else self._diagram
        return DiagramTier(diagram.restricted({self.arrays.facts[fact] for fact in wanted}), self.arrays.number)

    @lazily
    def _quick(self) -> Diagram:
        self.awaited()
        return build_diagram(self.events, self.nodes, quick=True)

    @lazily
    def _diagram(self) -> Diagram:
        if not self._large and len(self._quick.roots) == len(self.events.facts):
            return self._quick
        self.awaited()
        return build_diagram(self.events, self.nodes)


def _size(cone: Mapping[int, Collection[int]]) -> int:
    return sum(map(len, cone.values()))


def _cuts(
    rules: Rules,
    cone: Mapping[int, Collection[int]],
    wanted: Collection[int],
    pairs: int,
    tries: int,
    awaited: Awaited,
) -> Cuts:
    if not pairs or (find_spec("numba") is None and _size(cone) > _PLAIN_STEPS):
        raise TooWideError
    # What compiles its kernels is slow to import, and small graphs do without.
    from graphmodel.engine.exact import treecuts  # noqa: PLC0415

    return treecuts.cuts(rules, cone, wanted, pairs, tries, awaited)


class _Cover:
    """Tiers for parts of what is missing."""

    def __init__(self, rules: Rules, width: int, pairs: int, awaited: Awaited) -> None:
        self.rules, self.width, self.awaited = rules, width, awaited
        self.tiers: list[Tier] = []
        self.done: set[int] = set()
        self.effort, self.cost, self.pairs = _EFFORT, MOST_COST, pairs

    def one_by_one(self, missing: Sequence[int], hopeless: float) -> None:
        """Each of them, until several were too wide, as are those of so many steps for a tree of cuts."""
        vain = 0
        for target in missing:
            if target not in self.done and vain < _IN_VAIN:
                vain += not self.takes([target], hopeless)

    def from_the_start(self, missing: Sequence[int]) -> None:
        """As many of them as possible, from the first on."""
        low, high = 0, min(len(missing), STEPS)
        for _ in range(_TRIES):
            if high - low <= 1 or self.effort <= 0:
                return
            middle = (low + high) // 2
            if self.takes(missing[:middle]):
                low = middle
            else:
                high = middle

    def takes(self, targets: Sequence[int], hopeless: float = math.inf) -> bool:
        """Whether there is a tier of these facts, which is then kept in place of those that it holds; no tree of cuts
        is tried for so many steps as are ``hopeless``."""
        most = min(STEPS, self.effort)
        if most <= 0:
            return False
        try:
            cone = self.rules.cone(targets, most)
        except TooWideError:
            self.effort -= most
            return False
        self.effort -= 1 + _size(cone)
        try:
            tier: Tier = junction_tree(self.rules, cone, self.width, self.cost, targets)
            self.cost -= tier.cost
        except TooWideError:
            try:
                if _size(cone) >= hopeless:
                    raise HopelessError
                cuts = _cuts(self.rules, cone, targets, self.pairs, _FEWER, self.awaited)
                tree = cuts.joined(self.pairs, self.awaited)
            except TooWideError:
                return False
            tier, self.pairs = tree, self.pairs - tree.pairs
        self.tiers = [*(one for one in self.tiers if not one.facts <= tier.facts), tier]
        self.done |= tier.facts
        return True
