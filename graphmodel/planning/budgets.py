"""Branch and bound for the best set of measures for a budget, and the frontier of cost against loss.

How much a set of measures lowers expected loss is neither submodular (measures on one way repeat
each other) nor supermodular (of two parallel ways each alone saves nothing), so no greedy choice
comes with a guarantee. Every measure lowers the loss or leaves it, though, and that alone gives a
bound for branch and bound: a choice never does better than all measures that it may still contain.
Work is counted in sets of measures whose loss is worked out, so every machine gives the same answer.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from graphmodel.planning.choices import Choices

EXHAUSTIVE = 12  # open measures up to which every allowed set is worked out
_BATCH = 128
_NODES = 32  # of the search taken up at once, so that their sets are worked out together
_AHEAD = 48  # sets of nodes that are foreseen
_STEPS = 10  # budgets at which a frontier too large to work out is searched
_EQUAL = 1e-9  # losses closer than this share of the largest are the same

Losses = Callable[[Sequence[frozenset[str]]], Sequence[float]]
Progress = Callable[[int, int], bool]


@dataclass(frozen=True)
class Best:
    """The best set found for a budget. ``bound`` is proven: no allowed set within it has a lower loss."""

    chosen: frozenset[str]
    cost: float
    loss: float
    bound: float
    budget: float

    @property
    def gap(self) -> float:
        """How far the loss could at most be from the optimum; 0 means optimal."""
        return self.loss - self.bound

    @property
    def optimal(self) -> bool:
        """Whether it is proven that no allowed set within the budget has a lower loss."""
        return self.bound >= self.loss


@dataclass(frozen=True, slots=True)
class _Node:
    """The sets that contain ``inside`` and otherwise only measures of ``open``."""

    inside: frozenset[str]
    open: frozenset[str]

    @property
    def all(self) -> frozenset[str]:
        return self.inside | self.open


class Search:
    """Searches the sets of measures that are allowed; what was worked out serves every later question.

    ``losses`` gives the loss of each set in a list; adding a measure must never raise it. ``work``
    limits how many sets are worked out; ``progress`` is told how many are, and the limit, and ends the search
    with what is there when it returns False. ``foresee`` is told of sets that are likely to be asked for soon,
    and changes no answer.
    """

    def __init__(
        self,
        choices: Choices,
        losses: Losses,
        work: int,
        progress: Progress | None = None,
        foresee: Callable[[Sequence[frozenset[str]]], None] | None = None,
    ) -> None:
        self.choices = choices
        self.work = work
        self.ended = False  # before the work was done, by whom it told of its progress
        self._losses = losses
        self._progress = progress
        self._foresee = foresee or (lambda sets: None)
        self._known: dict[frozenset[str], float] = {}
        self._weight: dict[str, float] = {}
        self._bounds: list[tuple[float, float]] = []
        self._exhausted = False

    @property
    def done(self) -> int:
        """How many sets have been worked out."""
        return len(self._known)

    @property
    def complete(self) -> bool:
        """Whether every allowed set has been worked out."""
        return self._exhausted

    def loss(self, chosen: frozenset[str]) -> float:
        """The loss with these measures, allowed together or not."""
        self._learn([chosen])
        return self._known[chosen]

    def best(self, budget: float, work: int | None = None) -> Best | None:
        """The best allowed set of at most this cost; None where what is decided costs more or excludes itself.

        ``work`` is how many more sets may be worked out for this question.
        """
        root = self._node(self.choices.decided, frozenset(), budget)
        if root is None:
            return None
        if self._exhaust():
            return self._of(min(self._within(budget), key=self._rank), budget)
        limit = min(self.work, self.done + (self.work if work is None else work))
        return self._branch(root, budget, limit)

    def frontier(self) -> tuple[Best, ...]:
        """The sets that no other found one beats in cost and loss, the cheapest first.

        Complete where there are at most ``EXHAUSTIVE`` open measures. Otherwise ten budgets are
        searched, then the cost of each set found, and each set carries the best bound proven for its
        cost or more; sets that were never seen may be missing between them.
        """
        if self._node(self.choices.decided, frozenset(), float("inf")) is None:
            return ()
        if not self._exhaust():
            least, most = self.choices.total(self.choices.decided), self.choices.total(self.choices.possible)
            budgets = [least + (most - least) * step / _STEPS for step in range(_STEPS + 1)]
            self._foresee(self._tops(budgets))
            for step, budget in enumerate(budgets):
                self.best(budget, max(0, self.work - self.done) // (2 * (_STEPS + 1 - step)))
            costs = [self.choices.total(one) for one in self._unbeaten()]
            self._foresee(self._tops(costs))
            for number, cost in enumerate(costs):
                self.best(cost, max(0, self.work - self.done) // (len(costs) - number))
            self._learn(self._tidied(one) for one in self._unbeaten())
        return tuple(self._of(one, self.choices.total(one)) for one in self._unbeaten())

    def order(self, chosen: frozenset[str]) -> tuple[tuple[frozenset[str], float], ...]:
        """Bundles of a choice in the order in which to take them, each with the loss once it is there.

        By the saving per cost of what can come next with all that it requires; where nothing saves
        by itself, a pair is taken. A rule, not an optimum.
        """
        taken = frozenset[str]()
        found = []
        while taken != chosen:
            left = sorted(chosen - taken)
            bundles = {self.choices.bundle[one] - taken for one in left}
            before = self.loss(taken)
            best = self._steepest(taken, bundles)
            if self.loss(taken | best) >= before - self._slack and len(left) > 1:
                pairs = {first | second for first, second in itertools.combinations(sorted(bundles, key=sorted), 2)}
                pair = self._steepest(taken, pairs) if pairs else best
                best = pair if self.loss(taken | pair) < before - self._slack else best
            taken |= best
            found.append((best, self.loss(taken)))
        return tuple(found)

    # ------------------------------------------------------------ inside
    @property
    def _slack(self) -> float:
        return _EQUAL * max(self.loss(frozenset()), 1e-12)

    def _learn(self, sets: Iterable[frozenset[str]]) -> None:
        new = [one for one in dict.fromkeys(sets) if one not in self._known]
        for first in range(0, len(new), _BATCH):
            batch = new[first : first + _BATCH]
            self._known.update(zip(batch, map(float, self._losses(batch)), strict=True))
            if self._progress is not None and not self.ended and not self._progress(self.done, self.work):
                self.work, self.ended = self.done, True

    def _of(self, chosen: frozenset[str], budget: float) -> Best:
        """A set with what is proven: every bound of a budget as large holds for this one too."""
        loss = self._known[chosen]
        bound = loss
        if not self._exhausted:
            bound = self.loss(self.choices.possible)
            bound = max([bound, *(least for most, least in self._bounds if most >= budget)])
            bound = loss if bound >= loss - 2 * self._slack else bound
        return Best(chosen, self.choices.total(chosen), loss, bound, budget)

    def _unbeaten(self) -> list[frozenset[str]]:
        """The allowed sets known so far that no other known one beats in cost and loss, the cheapest first."""
        kept: list[frozenset[str]] = []
        costs = {one: self.choices.total(one) for one in self._within(float("inf"))}
        for chosen in sorted(costs, key=lambda one: (costs[one], self._known[one], sorted(one))):
            if not kept or self._known[chosen] < self._known[kept[-1]] - self._slack:
                kept.append(chosen)
        return kept

    def _rank(self, chosen: frozenset[str]) -> tuple[float, float, list[str]]:
        loss = self._known[chosen]
        return (round(loss / self._slack), self.choices.total(chosen), sorted(chosen))

    def _within(self, budget: float) -> list[frozenset[str]]:
        return [one for one in self._known if self.choices.total(one) <= budget and self.choices.allows(one)]

    def _exhaust(self) -> bool:
        """Work out every allowed set where there are few enough; whether that is done."""
        free = sorted(self.choices.possible - self.choices.decided)
        if len(free) > EXHAUSTIVE or (not self._exhausted and 2 ** len(free) > self.work):
            return False
        if not self._exhausted:
            every = [
                self.choices.decided.union(some)
                for size in range(len(free) + 1)
                for some in itertools.combinations(free, size)
            ]
            allowed = [one for one in every if self.choices.allows(one)]
            for first in range(0, len(allowed), _BATCH):
                if self.ended:
                    return False
                self._learn(allowed[first : first + _BATCH])
            self._exhausted = True
        return True

    def _tops(self, budgets: Iterable[float]) -> list[frozenset[str]]:
        """What could be taken within each budget, with which the search for it begins."""
        nodes = (self._node(self.choices.decided, frozenset(), one) for one in budgets)
        return [node.all for node in nodes if node is not None]

    def _node(self, inside: Collection[str], outside: frozenset[str], budget: float) -> _Node | None:
        """The sets with ``inside`` and without ``outside``, narrowed to what can still be; None if that is nothing."""
        taken = frozenset(inside)
        if taken & outside or not self.choices.allows(taken):
            return None
        rest = budget - self.choices.total(taken)
        if rest < 0:
            return None
        barred = outside.union(*(self.choices.rivals[one] for one in taken))
        able = set()
        for one in self.choices.possible - taken - barred:
            bundle = self.choices.bundle[one]
            if not bundle & barred and self.choices.total(bundle - taken) <= rest:
                able.add(one)
        return _Node(taken, frozenset(able))

    def _branch(self, root: _Node, budget: float, limit: int) -> Best:
        self._learn([frozenset(), root.inside, root.all])
        best = min((self._climb(root, budget, limit), *self._within(budget)), key=self._rank)
        if self.done < min(limit, self.work):
            self._weigh(root)
        queue: list[tuple[float, int, _Node]] = [(self._known[root.all], 0, root)]
        made = 0
        while queue and queue[0][0] < self._known[best] - self._slack and self.done < min(limit, self.work):
            taken: list[_Node] = []
            while queue and len(taken) < _NODES and queue[0][0] < self._known[best] - self._slack:
                taken.append(heapq.heappop(queue)[2])
            children = [child for node in taken for child in self._children(node, budget)]
            self._foresee(self._below(children, budget))
            self._learn(one for child in children for one in (child.inside, child.all))
            for child in children:
                for chosen in (child.inside, child.all):
                    if self._fits(chosen, budget) and self._rank(chosen) < self._rank(best):
                        best = chosen
                if child.open and not self._fits(child.all, budget):
                    made += 1
                    heapq.heappush(queue, (self._known[child.all], made, child))
        self._bounds.append((budget, min(queue[0][0] if queue else self._known[best], self._known[best])))
        return self._of(self._tidied(best), budget)

    def _children(self, node: _Node, budget: float) -> list[_Node]:
        if not node.open or self._fits(node.all, budget):
            return []
        one = max(sorted(node.open), key=lambda name: self._weight.get(name, 0.0))
        outside = self.choices.possible - node.all
        found = (
            self._node(node.inside | self.choices.bundle[one], outside, budget),
            self._node(node.inside, outside | {one}, budget),
        )
        return [child for child in found if child is not None]

    def _below(self, nodes: Sequence[_Node], budget: float) -> list[frozenset[str]]:
        """The sets of the nodes that come of these unless they are cut off, the next first."""
        found: list[frozenset[str]] = []
        while nodes and len(found) < _AHEAD:
            nodes = [child for node in nodes for child in self._children(node, budget)]
            found += [one for node in nodes for one in (node.inside, node.all)]
        return found

    def _fits(self, chosen: frozenset[str], budget: float) -> bool:
        return self.choices.total(chosen) <= budget and self.choices.allows(chosen)

    def _weigh(self, root: _Node) -> None:
        """What to branch on first: measures that are missed most, or save most alone."""
        alone = {one: root.inside | self.choices.bundle[one] for one in root.open}
        least = {one: root.all - {one} for one in root.open}
        self._learn((*alone.values(), *least.values()))
        start, end = self._known[root.inside], self._known[root.all]
        for one in root.open:
            self._weight[one] = start - self._known[alone[one]] + self._known[least[one]] - end

    def _climb(self, root: _Node, budget: float, limit: int) -> frozenset[str]:
        """A good set to start from: greedy by saving per cost, then swaps of one for another while they help."""
        best, slopes = root.inside, dict[frozenset[str], tuple[float, float]]()
        while self.done < min(limit, self.work):
            bundles = self._bundles(best, budget)
            if not bundles:
                break
            self._foresee(self._ahead(best, budget, slopes))
            slopes = self._slopes(best, bundles)
            steepest: frozenset[str] = max(slopes, key=slopes.__getitem__)
            best |= steepest
        while self.done < min(limit, self.work):
            swaps = self._swaps(best, budget)
            self._learn(sorted(swaps, key=sorted))
            top = min(swaps, key=self._rank, default=best)
            if self._known[top] >= self._known[best] - self._slack:
                break
            best = top
        return best

    def _bundles(self, taken: frozenset[str], budget: float) -> set[frozenset[str]]:
        """What may be taken next within a budget, each with all that it requires."""
        node = self._node(taken, frozenset(), budget)
        return {self.choices.bundle[one] - taken for one in node.open} if node else set()

    def _ahead(
        self, taken: frozenset[str], budget: float, slopes: Mapping[frozenset[str], tuple[float, float]]
    ) -> list[frozenset[str]]:
        """The sets that a climb asks for next where each bundle goes on saving as much per cost as it did last."""
        found: list[frozenset[str]] = []
        while known := [one for one in sorted(self._bundles(taken, budget), key=sorted) if one in slopes]:
            steepest: frozenset[str] = max(known, key=slopes.__getitem__)
            taken |= steepest
            found += [taken | one for one in sorted(self._bundles(taken, budget), key=sorted)]
        return [*found, *sorted(self._swaps(taken, budget), key=sorted)]

    def _swaps(self, taken: frozenset[str], budget: float) -> set[frozenset[str]]:
        """What comes of taking one measure for another, within a budget."""
        root = self._node(self.choices.decided, frozenset(), budget)
        if root is None:
            return set()
        return {
            swapped
            for out in sorted(taken - root.inside)
            for put in sorted(root.open - taken)
            if self._fits(swapped := (taken - {out}) | self.choices.bundle[put], budget)
        }

    def _steepest(self, taken: frozenset[str], bundles: Collection[frozenset[str]]) -> frozenset[str]:
        slopes = self._slopes(taken, bundles)
        return max(slopes, key=slopes.__getitem__)

    def _slopes(
        self, taken: frozenset[str], bundles: Collection[frozenset[str]]
    ) -> dict[frozenset[str], tuple[float, float]]:
        """What each bundle saves per cost beside what is taken, and then how little it costs."""
        ordered = sorted(bundles, key=sorted)
        self._learn((taken, *(taken | one for one in ordered)))
        found = {}
        for bundle in ordered:
            cost = self.choices.total(bundle)
            saved = self._known[taken] - self._known[taken | bundle]
            found[bundle] = (saved / cost if cost else saved * 1e18, -cost)
        return found

    def _tidied(self, chosen: frozenset[str]) -> frozenset[str]:
        """Without measures whose absence costs nothing."""
        removable = sorted(chosen - self.choices.decided, key=lambda one: (-self.choices.cost[one], one))
        self._foresee([chosen - {one} for one in removable])
        for one in removable:
            less = chosen - {one}
            if self.choices.allows(less) and self.loss(less) <= self.loss(chosen) + self._slack:
                chosen = less
        return chosen
