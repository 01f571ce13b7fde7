"""Likelihoods as weighted model counts: attack graphs as clauses for ganak and d4, and as a decision diagram of PySDD.

A formula has no least model: a loop of facts that bring each other about would be true by itself. So each
component is *unrolled*. A *feedback vertex set* holds a fact of every loop; with the values of its k facts given, the
rest follows in an order. Start with all k false, work out the component, take the k values found, and work it
out again: values only grow, so after k rounds they stand, and one round more has all facts. Every value is a
variable defined by the events (AND and OR in both directions), so models are worlds, and the weight of those with
the target is its likelihood. Controls are said whole: a step is covered by a conjunction of two events.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from graphmodel.engine.derivations import relevant_steps
from graphmodel.engine.events import Component, EventGraph, EventStep, event_graph
from graphmodel.engine.graph import AttackGraph

TRUE, FALSE = 0, None  # what is known already; all else is a literal, negative where negated
Literal = int | None


@dataclass
class Formula:
    """Clauses over the events, which are the first variables, and over gates that they define."""

    weights: Sequence[float]
    clauses: list[tuple[int, ...]] = field(default_factory=list)
    _gates: dict[tuple[int, ...], int] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many variables there are."""
        return len(self.weights) + len(self._gates)

    def both(self, literals: Iterable[Literal]) -> Literal:
        """The conjunction of some values."""
        wanted = set(literals)
        if FALSE in wanted:
            return FALSE
        known = tuple(sorted(one for one in wanted if one))
        if len(known) < 2:
            return known[0] if known else TRUE
        if known not in self._gates:
            self._gates[known] = gate = self.size + 1
            self.clauses += [(-gate, one) for one in known if one is not None]
            self.clauses.append((gate, *(-one for one in known if one is not None)))
        return self._gates[known]

    def either(self, literals: Iterable[Literal]) -> Literal:
        """The disjunction of some values."""
        return opposite(self.both(opposite(one) for one in literals))


def opposite(one: Literal) -> Literal:
    """The negation of a value."""
    return TRUE if one is FALSE else FALSE if one == TRUE else -one


def encoded(graph: AttackGraph, fact: str) -> tuple[Formula, Literal]:
    """The formula of a graph, and the value of one fact in it."""
    steps = relevant_steps(graph, [fact])
    events = event_graph(AttackGraph(graph.facts, graph.start, tuple(steps), graph.controls, {}))
    formula = Formula([float(one) for one in events.weights()])
    value: dict[str, Literal] = dict.fromkeys(events.certain, TRUE)
    for component in events.components:
        value.update(_component(formula, component, value))
    return formula, value.get(fact, FALSE)


def _component(formula: Formula, component: Component, before: Mapping[str, Literal]) -> Mapping[str, Literal]:
    inside = set(component.facts)
    steps: defaultdict[str, list[EventStep]] = defaultdict(list)
    for step in component.steps:
        steps[step.gains].append(step)
    needed = {fact: {need for step in steps[fact] for need in step.needs if need in inside} for fact in inside}
    fed = feedback(needed)
    order = _order({fact: needs - fed for fact, needs in needed.items()})
    held: dict[str, Literal] = dict.fromkeys(fed, FALSE)
    found: dict[str, Literal] = {}
    for _ in range(len(fed) + 1):
        found = {}
        for fact in order:
            known = {**before, **found, **held}
            found[fact] = formula.either(_fires(formula, step, known) for step in steps[fact])
        if all(found[fact] == held[fact] for fact in fed):
            break
        held = {fact: found[fact] for fact in fed}
    return found


def _fires(formula: Formula, step: EventStep, known: Mapping[str, Literal]) -> Literal:
    covers = (
        formula.both((control + 1, TRUE if coverage is None else coverage + 1)) for control, coverage in step.covers
    )
    happens = TRUE if step.event is None else step.event + 1
    needs = (known.get(need, FALSE) for need in step.needs)
    return formula.both((happens, *needs, *(opposite(one) for one in covers)))


def feedback(needed: Mapping[str, set[str]]) -> set[str]:
    """Facts without which there is no loop, few of them: that with most ways through it, again and again."""
    left = {fact: set(needs) for fact, needs in needed.items()}
    chosen: set[str] = set()
    while True:
        gains: defaultdict[str, set[str]] = defaultdict(set)
        for fact, needs in left.items():
            for need in needs:
                gains[need].add(fact)
        ends = [fact for fact, needs in left.items() if not needs or not gains[fact]]
        if not ends and not left:
            return chosen
        if not ends:
            ends = [max(sorted(left), key=lambda one: (one in left[one], len(left[one]) * len(gains[one])))]
            chosen.update(ends)
        left = {fact: needs.difference(ends) for fact, needs in left.items() if fact not in ends}


def _order(needed: Mapping[str, set[str]]) -> list[str]:
    found: list[str] = []
    left = {fact: set(needs) for fact, needs in needed.items()}
    while left:
        ready = sorted(fact for fact, needs in left.items() if not needs)
        found += ready
        left = {fact: needs.difference(ready) for fact, needs in left.items() if needs}
    return found


def ganak(graph: AttackGraph, fact: str) -> float:
    """The weighted count by ganak, with the preprocessing that it does by itself."""
    from pyganak import WeightedCounter

    formula, target = encoded(graph, fact)
    if not target:
        return 0.0 if target is FALSE else 1.0
    counter = WeightedCounter()
    counter.new_vars(formula.size)
    counter.add_clauses([list(one) for one in (*formula.clauses, (target,))])
    for number in range(1, formula.size + 1):
        chance = formula.weights[number - 1] if number <= len(formula.weights) else None
        counter.set_lit_weight(number, 1.0 if chance is None else chance)
        counter.set_lit_weight(-number, 1.0 if chance is None else 1.0 - chance)
    return float(counter.count())


def d4(graph: AttackGraph, fact: str) -> float:
    """The weighted count by d4, whose Python interface gives six digits of it."""
    import py_d4

    formula, target = encoded(graph, fact)
    if not target:
        return 0.0 if target is FALSE else 1.0
    solver = py_d4.Solver([list(one) for one in (*formula.clauses, (target,))], formula.size)
    weights = {number: "1" for one in range(1, formula.size + 1) for number in (one, -one)}
    for number, chance in enumerate(formula.weights, start=1):
        weights |= {number: repr(chance), -number: repr(1.0 - chance)}
    solver.setWeights(weights, py_d4.WeightType.FLOAT)
    return float(solver.count().getResult())


def sdd(graph: AttackGraph, fact: str) -> float:
    """A sentential decision diagram of PySDD, by the least fixpoint itself: no formula and nothing unrolled."""
    from pysdd.sdd import SddManager, Vtree

    events = event_graph(
        AttackGraph(graph.facts, graph.start, tuple(relevant_steps(graph, [fact])), graph.controls, {})
    )
    weights = [float(one) for one in events.weights()]
    if not weights:
        return float(fact in events.facts)
    order = [one + 1 for one in _met(events)]
    manager = SddManager.from_vtree(Vtree(var_count=len(weights), var_order=order, vtree_type="balanced"))
    manager.auto_gc_and_minimize_on()
    root = _function(manager, events, fact)
    counter = root.wmc(log_mode=False)
    for number, chance in enumerate(weights, start=1):
        counter.set_literal_weight(manager.literal(number), chance)
        counter.set_literal_weight(manager.literal(-number), 1.0 - chance)
    return float(counter.propagate())


def _met(events: EventGraph) -> list[int]:
    """The events in the order in which the components meet them."""
    met: dict[int, None] = {}
    for component in events.components:
        for step in component.steps:
            named = [step.event, *(one for pair in step.covers for one in pair)]
            met.update(dict.fromkeys(one for one in named if one is not None))
    met.update(dict.fromkeys(range(len(events.events))))
    return list(met)


def _function(manager, events: EventGraph, fact: str):  # type: ignore[no-untyped-def]
    function = {name: manager.true() if name in events.certain else manager.false() for name in events.facts}
    for component in events.components:
        grown = True
        while grown:
            grown = False
            for step in component.steps:
                term = manager.true() if step.event is None else manager.literal(step.event + 1)
                for need in step.needs:
                    term &= function[need]
                for control, coverage in step.covers:
                    cover = manager.literal(control + 1)
                    term &= ~(cover if coverage is None else cover & manager.literal(coverage + 1))
                found = function[step.gains] | term
                if found != function[step.gains]:
                    function[step.gains], grown = found, len(component.facts) > 1
    return function.get(fact, manager.false())
