"""Peers that compute likelihoods exactly: each takes an attack graph and answers for one fact.

The narrow graphs have no controls, so that every peer can say them; what some do with controls is asked of those only.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from itertools import product

from benchmarks.counters import d4, ganak, sdd
from graphmodel.engine.events import event_graph
from graphmodel.engine.graph import AttackGraph, Step
from tests.oracles import problog_likelihoods


def problog(graph: AttackGraph, fact: str) -> float:
    """ProbLog 2: compiled to SDD or d-DNNF, as it chooses itself; cycles by the same least model."""
    return problog_likelihoods(graph, [fact])[fact]


def pgmpy(graph: AttackGraph, fact: str) -> float:
    """A Bayesian network, a table for each fact over the facts that it may come from; variable elimination.

    Raises ValueError for a graph with a cycle, which a Bayesian network cannot have.
    """
    from pgmpy.factors.discrete import TabularCPD
    from pgmpy.inference import VariableElimination
    from pgmpy.models import DiscreteBayesianNetwork

    ways = _producers(graph)
    network, tables = DiscreteBayesianNetwork(), []
    for name, steps in ways.items():
        parents = sorted({need for step in steps for need in step.needs if need not in graph.start})
        network.add_node(name)
        network.add_edges_from((parent, name) for parent in parents)
        fails = []
        for states in product((0, 1), repeat=len(parents)):
            held = {parent for parent, state in zip(parents, states, strict=True) if state}.union(graph.start)
            fails.append(math.prod(1.0 - step.chance for step in steps if held.issuperset(step.needs)))
        rows = [fails, [1.0 - one for one in fails]]
        tables.append(TabularCPD(name, 2, rows, evidence=parents or None, evidence_card=[2] * len(parents) or None))
    network.add_cpds(*tables)
    answer = VariableElimination(network).query([fact], show_progress=False)
    return float(answer.values[1])


def cudd(graph: AttackGraph, fact: str) -> float:
    """A binary decision diagram of the package dd on CUDD, in C; variables in the order of the graph."""
    from dd.cudd import BDD

    return _diagram(BDD(), graph, fact)


def autoref(graph: AttackGraph, fact: str) -> float:
    """The same in the pure Python of dd."""
    from dd.autoref import BDD

    return _diagram(BDD(), graph, fact)


def _diagram(manager, graph: AttackGraph, fact: str) -> float:  # type: ignore[no-untyped-def]
    ways = _producers(graph)
    chance = {f"x{number}": step.chance for number, step in enumerate(graph.steps)}
    variable = {step.id: f"x{number}" for number, step in enumerate(graph.steps)}
    order = [component.facts for component in event_graph(graph).components]
    manager.declare(
        *(variable[step.id] for facts in order for name in sorted(facts) for step in ways[name]),
    )
    function = {name: manager.true if name in graph.start else manager.false for name in graph.facts}
    for facts in order:
        grown = True
        while grown:  # the least fixpoint of a component; without a cycle the second round changes nothing
            grown = False
            for name in sorted(facts):
                found = function[name]
                for step in ways[name]:
                    term = manager.var(variable[step.id])
                    for need in step.needs:
                        term &= function[need]
                    found |= term
                if found != function[name]:
                    function[name], grown = found, len(facts) > 1
    return _weigh(manager, function[fact], chance)


def _weigh(manager, root, chance: Mapping[str, float]) -> float:  # type: ignore[no-untyped-def]
    """The chance of a function, each node of its diagram once; edges may be complemented."""
    known: dict[int, float] = {}

    def of(node) -> float:  # type: ignore[no-untyped-def]
        if node == manager.true:
            return 1.0
        if node == manager.false:
            return 0.0
        plain = ~node if node.negated else node
        key = int(plain)
        if key not in known:
            weight = chance[plain.var]
            known[key] = weight * of(plain.high) + (1.0 - weight) * of(plain.low)
        return 1.0 - known[key] if node.negated else known[key]

    return of(root)


def _producers(graph: AttackGraph) -> Mapping[str, list[Step]]:
    found: defaultdict[str, list[Step]] = defaultdict(list)
    for step in graph.steps:
        found[step.gains].append(step)
    return found


PEERS = {
    "ProbLog": problog,
    "pgmpy": pgmpy,
    "dd (CUDD)": cudd,
    "dd (Python)": autoref,
    "PySDD": sdd,
    "ganak": ganak,
    "d4": d4,
}
CYCLIC = tuple(one for one in PEERS if one != "pgmpy")
CONTROLS = ("ProbLog", "PySDD", "ganak", "d4")  # these can say shared controls
