"""Exact likelihoods by binary decision diagrams, compiled once and evaluated for every case.

Whether a fact comes true is a Boolean function of independent events: steps that succeed, controls
that hold, coverages that apply. The functions are built in the order of the strongly connected
components of the graph, inside a component by iteration to the least fixpoint, and share one
diagram (Bryant 1986). A fact on which alone a part of the graph hangs is a variable of its own there,
see ``modules``. Evaluating the diagram for other chances costs little, so it is built once and serves
every view and every what-if.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from oxidd.bdd import BDDFunction, BDDManager

from graphmodel.engine.events import Component, EventGraph, EventStep
from graphmodel.engine.exact.modules import apart

DEFAULT_NODES = 20_000
# Work is counted in diagram nodes touched, not in seconds, so that every machine stops at the same place.
_WORK_PER_NODE, _QUICK = 40, 15
_WORK_PER_STEP = 8  # small functions are always affordable, however many there are
_TRIED_TWICE = 2_000  # events
_FALSE, _TRUE = 0, 1

Order = Callable[[EventGraph, Mapping[EventStep, Mapping[str, int]]], list[int]]


@dataclass(frozen=True)
class Diagram:
    """The shared diagram of all facts that could be built within the limit, as arrays.

    Nodes 0 and 1 are the constants; ``levels`` lists the others in an order in which they can be
    evaluated, as arrays of node numbers that do not depend on each other and ask for one event.
    ``roots`` maps facts to nodes. From the number ``events`` on an event is that the fact of a module
    is true, whose nodes ``modules`` lists.
    """

    event: NDArray[np.int64]
    high: NDArray[np.int64]
    low: NDArray[np.int64]
    levels: tuple[NDArray[np.int64], ...]
    roots: Mapping[str, int]
    events: int
    modules: tuple[int, ...]

    def evaluate(self, weights: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """The chance of every fact in each case; ``weights`` is (events, cases)."""
        value = self._values(weights)
        return {fact: value[root] for fact, root in self.roots.items()}

    def _values(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        value = np.zeros((len(self.event), weights.shape[1]))
        value[_TRUE] = 1.0
        for level in self.levels:
            event = self.event[level[0]]
            weight = weights[event] if event < self.events else value[self.modules[event - self.events]]
            value[level] = weight * value[self.high[level]] + (1.0 - weight) * value[self.low[level]]
        return value

    def slopes(self, weights: NDArray[np.float64], amounts: Mapping[str, float]) -> NDArray[np.float64]:
        """The derivatives of the sum of the facts' chances times their ``amounts`` by the chance of each event, in one
        case; ``weights`` is (events,)."""
        value = self._values(weights[:, np.newaxis])[:, 0]
        slope, found = np.zeros_like(value), np.zeros_like(weights)
        for fact, amount in amounts.items():
            slope[self.roots[fact]] += amount
        for level in reversed(self.levels):
            event = self.event[level[0]]
            module = event - self.events
            own, high, low = slope[level], self.high[level], self.low[level]
            weight = weights[event] if module < 0 else value[self.modules[module]]
            np.add.at(slope, high, weight * own)
            np.add.at(slope, low, (1.0 - weight) * own)
            change = float((own * (value[high] - value[low])).sum())
            if module < 0:
                found[event] += change
            else:
                slope[self.modules[module]] += change
        return found

    def restricted(self, facts: Collection[str]) -> Diagram:
        """The part that decides these facts, of those that it has."""
        roots = {fact: root for fact, root in self.roots.items() if fact in facts}
        used = np.zeros(len(self.event), dtype=np.bool_)
        used[[0, 1, *roots.values()]] = True
        for level in reversed(self.levels):
            nodes = level[used[level]]
            module = self.event[level[0]] - self.events
            if len(nodes) and module >= 0:
                used[self.modules[module]] = True
            used[self.high[nodes]] = True
            used[self.low[nodes]] = True
        number = np.cumsum(used) - 1
        levels = tuple(number[level[used[level]]] for level in self.levels)
        return Diagram(
            self.event[used],
            number[self.high[used]],
            number[self.low[used]],
            tuple(level for level in levels if len(level)),
            {fact: int(number[root]) for fact, root in roots.items()},
            self.events,
            tuple(int(number[root]) if used[root] else 0 for root in self.modules),
        )


def build_diagram(graph: EventGraph, limit: int = DEFAULT_NODES, quick: bool = False) -> Diagram:
    """The diagram of the facts whose functions fit into ``limit`` nodes each, in bounded work.

    A fact that does not fit is left out, with every fact that follows from it. Of two orders of the
    events the one is kept in which more facts fit; ``quick`` tries the first alone, with less work.
    """
    cut = apart(graph)
    best = _Builder(graph, cut, limit, walk_order, _QUICK if quick else _WORK_PER_NODE)
    best.build()
    if not quick and len(best.functions) < len(graph.facts) and len(graph.events) <= _TRIED_TWICE:
        other = _Builder(graph, cut, limit, layer_order, _WORK_PER_NODE)
        other.build()
        best = max(best, other, key=lambda one: len(one.functions))
    return best.export()


def layer_order(graph: EventGraph, inputs: Mapping[EventStep, Mapping[str, int]]) -> list[int]:
    """The events in the order of components, and in these by how far from the start they are.

    Good where a graph is narrow across, such as a loop with many ways back.
    """
    steps = _steps(graph)
    return list(dict.fromkeys(event for one in steps for event in (*inputs.get(one, {}).values(), *_events(one))))


def walk_order(graph: EventGraph, inputs: Mapping[EventStep, Mapping[str, int]]) -> list[int]:
    """The events in the order in which a walk from each fact back to the start leaves them.

    Events that decide together lie together, so that parallel ways through a graph stay small
    (the fan-in order of Malik et al. 1988). ``inputs`` gives the needs of steps that stand for themselves.
    """
    producers: defaultdict[str, list[EventStep]] = defaultdict(list)
    for component in graph.components:
        for step in component.steps:
            producers[step.gains].append(step)
    order: dict[int, None] = {}
    visited: set[str] = set()
    for component in reversed(graph.components):
        for root in component.facts:
            stack: list[tuple[str, EventStep | None]] = [(root, None)]
            while stack:
                fact, done = stack.pop()
                if done is not None:
                    for event in (*inputs.get(done, {}).values(), *_events(done)):
                        order.setdefault(event)
                elif fact not in visited:
                    visited.add(fact)
                    for step in reversed(producers[fact]):
                        stack.append((fact, step))
                        stack.extend((need, None) for need in reversed(step.needs) if need not in inputs.get(step, ()))
    return list(order)


def _events(step: EventStep) -> list[int]:
    events = [] if step.event is None else [step.event]
    for control, coverage in step.covers:
        events += [control] if coverage is None else [coverage, control]
    return events


def _steps(graph: EventGraph) -> list[EventStep]:
    return [step for component in graph.components for step in component.steps]


class _TooLargeError(Exception):
    pass


class _Builder:
    def __init__(
        self, graph: EventGraph, cut: Mapping[EventStep, frozenset[str]], limit: int, order: Order, work: int
    ) -> None:
        self.graph = graph
        self.limit = limit
        self.work = limit * work + _WORK_PER_STEP * len(_steps(graph))
        self.manager = BDDManager(max(1 << 16, limit * 32), 1 << 18, 1)
        self.functions: dict[str, BDDFunction] = {}
        modules = dict.fromkeys(fact for step in _steps(graph) for fact in sorted(cut.get(step, ())))
        self.module_of = {fact: len(graph.events) + number for number, fact in enumerate(modules)}
        self.inputs = {step: {need: self.module_of[need] for need in sorted(needs)} for step, needs in cut.items()}
        self.order = order(graph, self.inputs)
        if self.order:
            self.manager.add_vars(len(self.order))
        self.variable_of = {event: number for number, event in enumerate(self.order)}

    def variable(self, event: int) -> BDDFunction:
        return self.manager.var(self.variable_of[event])

    def build(self) -> None:
        """The functions of as many facts as fit."""
        for fact in self.graph.certain:
            self.functions[fact] = self.manager.true()
        for component in self.graph.components:
            needs = {need for step in component.steps for need in step.needs}.difference(component.facts)
            if all(need in self.functions for need in needs):
                try:
                    self.functions.update(self.component(component))
                except (_TooLargeError, MemoryError):
                    continue

    def fires(self, step: EventStep) -> BDDFunction:
        function = self.manager.true() if step.event is None else self.variable(step.event)
        for control, coverage in step.covers:
            stopped = self.variable(control)
            if coverage is not None:
                stopped = stopped & self.variable(coverage)
            function = function & ~stopped
        return function

    def component(self, component: Component) -> dict[str, BDDFunction]:
        inside = {fact: self.manager.false() for fact in component.facts}
        outer: list[BDDFunction] = []
        users: defaultdict[str, list[int]] = defaultdict(list)
        for number, step in enumerate(component.steps):
            condition = self.fires(step)
            modules = self.inputs.get(step, {})
            for need in step.needs:
                if need in modules:
                    condition = condition & self.variable(modules[need])
                elif need in inside:
                    users[need].append(number)
                else:
                    condition = condition & self.functions[need]
            outer.append(condition)
        agenda = OrderedDict.fromkeys(range(len(component.steps)))
        while agenda:
            number, _ = agenda.popitem(last=False)
            step = component.steps[number]
            condition = outer[number]
            for need in step.needs:
                if need in inside:
                    condition = condition & inside[need]
            before = inside[step.gains]
            grown = before | condition
            if grown != before:
                inside[step.gains] = grown
                size = grown.node_count()
                self.work -= size
                if size > self.limit or self.work < 0:
                    raise _TooLargeError
                agenda.update(dict.fromkeys(users[step.gains]))
        return inside

    def export(self) -> Diagram:
        number: dict[BDDFunction, int] = {self.manager.false(): _FALSE, self.manager.true(): _TRUE}
        rows: list[tuple[int, int, int]] = [(0, 0, 0), (0, 0, 0)]
        by_place: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        stage = 0
        for fact, function in self.functions.items():
            stack = [function]
            while stack:
                node = stack[-1]
                if node in number:
                    stack.pop()
                    continue
                high, low = node.cofactors()  # type: ignore[misc]
                missing = [one for one in (high, low) if one not in number]
                if missing:
                    stack.extend(missing)
                    continue
                variable = int(node.node_var() or 0)
                number[node] = len(rows)
                by_place[stage, -variable].append(len(rows))
                rows.append((self.order[variable], number[high], number[low]))
                stack.pop()
            # What asks for a module is evaluated after the module.
            stage += fact in self.module_of
        table = np.array(rows, dtype=np.int64)
        return Diagram(
            event=table[:, 0],
            high=table[:, 1],
            low=table[:, 2],
            levels=tuple(np.array(by_place[one], dtype=np.int64) for one in sorted(by_place)),
            roots={fact: number[function] for fact, function in self.functions.items()},
            events=len(self.graph.events),
            modules=tuple(
                number[self.functions[fact]] if fact in self.functions else _FALSE for fact in self.module_of
            ),
        )
