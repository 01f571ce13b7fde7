"""Minimal derivations of a fact (Knuth 1977) in order of summed -log chance: lazy k-best search.

A derivation is a set of steps in which every needed fact is gained once, up to the target; its cost
is the sum over steps of -log chance, where a fact that is needed twice counts twice. The cheapest
comes from Knuth's generalisation of Dijkstra's algorithm (1977), the next ones from the partition of
Nielsen, Andersen and Pretolani (2005).

A walk inwards gives the least cost of every fact, a walk outwards from the target the least cost of
what else is needed, so their sum bounds from below every derivation through a step. The search runs
among the steps of least bound only; as long as it finds derivations cheaper than the bound of the
next step outside, none is missed, and when it does not, more steps are let in.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice

from graphmodel.engine.graph import AttackGraph, Step
from graphmodel.reading.lasting import many_lasting_objects

_FIRST = 200  # steps that the search begins with
_HAIR = 1e-9  # added for each step, so that of two equal ways the shorter is found first


def relevant_steps(graph: AttackGraph, targets: Collection[str]) -> tuple[Step, ...]:
    """The steps that can fire and that some derivation of a target may use, by id."""
    _, fired = graph.derivable()
    start = frozenset(graph.start)
    producers: defaultdict[str, list[Step]] = defaultdict(list)
    for step in fired:
        if step.gains not in start and step.gains not in step.needs:
            producers[step.gains].append(step)
    wanted, agenda = set(targets), list(targets)
    kept: dict[str, Step] = {}
    while agenda:
        for step in producers[agenda.pop()]:
            kept[step.id] = step
            for need in step.needs:
                if need not in wanted:
                    wanted.add(need)
                    agenda.append(need)
    return tuple(sorted(kept.values(), key=lambda step: step.id))


def best_chances(steps: Iterable[tuple[Collection[str], str, float]]) -> dict[str, float]:
    """For each fact that can be gained the product of the chances along its cheapest derivation, 0 to 1.

    A step is what it needs, what it gains, and its chance; what two needs have in common counts twice.
    """
    number: dict[str, int] = {}
    needs, gains, costs = [], [], []
    for needed, gained, chance in steps:
        if chance > 0:
            needs.append([number.setdefault(need, len(number)) for need in dict.fromkeys(needed)])
            gains.append(number.setdefault(gained, len(number)))
            costs.append(-math.log(chance))
    prices, _ = _Search(needs, gains, costs).prices()
    return {fact: math.exp(-prices[place]) for fact, place in number.items() if prices[place] < math.inf}


class Derivations:
    """The derivations of any fact of one graph; what does not hang on the fact is worked out once, here."""

    def __init__(self, graph: AttackGraph) -> None:
        with many_lasting_objects(len(graph.steps)):
            _, fired = graph.derivable()
            controls, start = graph.control_by_id, frozenset(graph.start)
            able = (one for one in fired if one.gains not in start and one.gains not in one.needs)
            self._steps = sorted(able, key=lambda step: step.id)
            self._number: dict[str, int] = {}
            number = self._number
            needs = [
                [number.setdefault(need, len(number)) for need in dict.fromkeys(step.needs) if need not in start]
                for step in self._steps
            ]
            gains = [number.setdefault(step.gains, len(number)) for step in self._steps]
            costs = []
            for step in self._steps:
                passes = step.chance
                for cover in step.controls:
                    passes *= 1.0 - controls[cover.control].holds * cover.coverage
                costs.append((-math.log(passes) if passes > 0 else math.inf) + _HAIR)
            self._all = _Search(needs, gains, costs)
            self._price, _ = self._all.prices()

    def of(self, target: str, effort: int) -> Iterator[tuple[Step, ...]]:
        """Derivations of a fact, the cheapest first, at most ``effort`` of them; the steps of each in order."""
        if target not in self._number:
            return
        goal, all_steps = self._number[target], self._all
        nearest = all_steps.nearest(goal, self._price)
        order: list[tuple[float, int]] = []
        seen: set[frozenset[int]] = set()
        size = _FIRST
        while len(seen) < effort:
            order.extend(islice(nearest, size + 1 - len(order)))
            chosen = sorted(step for _, step in order[:size])
            radius = order[size][0] if size < len(order) else math.inf
            met = {all_steps.gains[n] for n in chosen}.union(*(all_steps.needs[n] for n in chosen))
            facts = {fact: number for number, fact in enumerate((goal, *sorted(met - {goal})))}
            search = _Search(
                [[facts[need] for need in all_steps.needs[n]] for n in chosen],
                [facts[all_steps.gains[n]] for n in chosen],
                [all_steps.costs[n] for n in chosen],
            )
            for cost, found in search.derivations():
                if cost > radius or len(seen) >= effort:
                    break
                key = frozenset(chosen[one] for one in found)
                if key not in seen:
                    seen.add(key)
                    yield tuple(self._steps[chosen[one]] for one in found)
            if radius == math.inf:
                return
            size *= 4


class _Search:
    """The hypergraph in numbers: ``needs`` and ``gains`` of each step, and its cost."""

    def __init__(self, needs: Sequence[list[int]], gains: Sequence[int], costs: Sequence[float]) -> None:
        self.needs, self.gains, self.costs = needs, gains, costs
        self.facts = 1 + max((*gains, *(need for own in needs for need in own)), default=0)
        self.users: list[list[int]] = [[] for _ in range(self.facts)]
        self.producers: list[list[int]] = [[] for _ in range(self.facts)]
        for step, own in enumerate(self.needs):
            self.producers[self.gains[step]].append(step)
            for need in own:
                self.users[need].append(step)
        self.counts = [len(own) for own in self.needs]
        self.entries = [step for step, count in enumerate(self.counts) if count == 0]

    def prices(self, allowed: bytearray | None = None, upto: int | None = None) -> tuple[list[float], list[int]]:
        """The least cost of each fact, and the step by which it comes about; ends when ``upto`` is priced."""
        missing, price, by = self.counts[:], [math.inf] * self.facts, [-1] * self.facts
        queue = [
            (self.costs[step], step)
            for step in self.entries
            if (allowed is None or allowed[step]) and self.costs[step] < math.inf
        ]
        heapq.heapify(queue)
        while queue:
            cost, step = heapq.heappop(queue)
            fact = self.gains[step]
            if by[fact] >= 0:
                continue
            price[fact], by[fact] = cost, step
            if fact == upto:
                break
            for user in self.users[fact]:
                missing[user] -= 1
                if missing[user] == 0 and by[self.gains[user]] < 0 and (allowed is None or allowed[user]):
                    total = self.costs[user] + sum([price[need] for need in self.needs[user]])
                    if total < math.inf:
                        heapq.heappush(queue, (total, user))
        return price, by

    def through(self, step: int, price: Sequence[float]) -> float:
        """What the gain of a step costs by that step."""
        return self.costs[step] + sum([price[need] for need in self.needs[step]])

    def nearest(self, target: int, price: Sequence[float]) -> Iterator[tuple[float, int]]:
        """Steps that derivations of a fact may use, with a lower bound on the cost of those that do; the least first.

        ``price`` is the least cost of every fact. No more of the graph is visited than is asked for.
        """
        outside = {target: 0.0}
        queue: list[tuple[float, bool, int]] = [(price[target], False, target)]
        while queue and queue[0][0] < math.inf:
            bound, is_step, one = heapq.heappop(queue)
            if is_step:
                yield bound, one
                for need in self.needs[one]:
                    if need not in outside:  # the first that needs it is the one that leaves most of the bound
                        outside[need] = bound - price[need]
                        heapq.heappush(queue, (bound, False, need))
            else:
                for step in self.producers[one]:
                    heapq.heappush(queue, (outside[one] + self.through(step, price), True, step))

    def derivations(self) -> Iterator[tuple[float, tuple[int, ...]]]:
        """All derivations of fact 0 in order of cost, by best derivations in subproblems: some steps forbidden,
        some facts bound to one producer.

        Beside a derivation there is a subproblem for each of its steps, which forbids the step and binds the facts of
        all later ones. Its best derivation is looked for when its turn comes by what it costs at least:
        the later steps as they are, and the least prices of what they need.
        """
        made = 0
        least, _ = self.prices()
        queue: list[tuple[float, int, tuple[int, ...], bytearray, frozenset[int]]] = [
            (0.0, made, (), bytearray(b"\1") * len(self.gains), frozenset())
        ]
        while queue:
            cost, _, steps, allowed, bound = heapq.heappop(queue)
            if not steps:
                price, by = self.prices(allowed, 0)
                if by[0] >= 0:
                    made += 1
                    heapq.heappush(queue, (price[0], made, self.collect(by), allowed, bound))
                continue
            yield cost, steps
            kept, fixed = bytearray(allowed), set(bound)
            total, times = least[0], {0: 1}
            for step in reversed(steps):
                fact = self.gains[step]
                count = times[fact]
                others = [other for other in self.producers[fact] if other != step and kept[other]]
                if fact not in bound and others:
                    without = bytearray(kept)
                    without[step] = 0
                    made += 1
                    otherwise = min([self.through(one, least) for one in others])
                    at_least = max(cost, total + count * (otherwise - least[fact]))
                    heapq.heappush(queue, (at_least, made, (), without, frozenset(fixed)))
                for other in others:
                    kept[other] = 0
                fixed.add(fact)
                total += count * (self.through(step, least) - least[fact])
                for need in self.needs[step]:
                    times[need] = times.get(need, 0) + count

    def collect(self, by: Sequence[int]) -> tuple[int, ...]:
        """The steps of the derivation of fact 0, each after those that it needs."""
        order: dict[int, None] = {}
        stack = [(0, False)]
        while stack:
            fact, ready = stack.pop()
            step = by[fact]
            if step in order:
                continue
            if ready:
                order[step] = None
            else:
                stack.append((fact, True))
                stack.extend((need, False) for need in reversed(self.needs[step]))
        return tuple(order)
