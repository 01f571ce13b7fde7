"""Compiles every kernel ahead of time, on a graph of a few steps, so that the first question need not wait for it.

A kernel is compiled for the types of what it is called with, and these are the same for every graph.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from graphmodel.engine.events import event_graph
from graphmodel.engine.graph import AttackGraph, Cover, GraphControl, Step

_WORLDS = 128


def _graph() -> AttackGraph:
    """A loop, a step with two needs, a control that two steps meet, and a coverage."""
    steps = (
        Step("enter", ("start",), "a", 0.5, (Cover("guard", 0.8),)),
        Step("move", ("a",), "b", 0.5, (Cover("guard", 1.0),)),
        Step("return", ("b",), "a", 0.5),
        Step("besides", ("start",), "b", 0.25),
        Step("both", ("a", "b"), "c", 0.5),
        Step("other", ("b",), "c", 0.25),
    )
    controls = (GraphControl("guard", 0.5),)
    return AttackGraph(("start", "a", "b", "c"), ("start",), steps, controls, {"b": 1.0, "c": 2.0})


def _compiled() -> int:
    """How many kernels were compiled in this process, rather than loaded."""
    from graphmodel.engine.worlds import compiler  # noqa: PLC0415 - slow to import

    return sum(sum(one.stats.cache_misses.values()) for one in compiler.kernels)


def _exact() -> None:
    from graphmodel.engine.exact.narrowing import narrowed  # noqa: PLC0415 - the same
    from graphmodel.engine.exact.rules import Rules  # noqa: PLC0415 - the same
    from graphmodel.engine.exact.treecuts import cuts  # noqa: PLC0415 - the same
    from graphmodel.engine.worlds.arrays import arrays_of  # noqa: PLC0415 - the same

    events = event_graph(_graph())
    arrays, weights = arrays_of(events), events.weights()
    rules, wanted = Rules(arrays), [arrays.number["b"], arrays.number["c"]]
    found = cuts(rules, rules.cone(wanted, len(arrays.gains)), wanted, pairs=10_000, tries=1)
    tree = found.joined(10_000)
    tree.evaluate(weights[:, np.newaxis])
    tree.slopes(weights, dict.fromkeys(wanted, 1.0))
    narrowed(found, weights[:, np.newaxis], pairs=10_000, goal=1.0, worth=1.0)


def _cases() -> None:
    from graphmodel.engine.worlds.simulation import Simulation  # noqa: PLC0415 - the same

    events = event_graph(_graph())
    weights = np.stack([events.weights({"guard": chance}) for chance in (0.0, 0.25, 0.5, 0.75, 1.0)], axis=1)
    simulation = Simulation(events, 1, "numba")
    for counted in (True, False):
        simulation.run(weights, [{"c": 1.0}] * weights.shape[1], _WORLDS, counted=counted)


def _changes() -> None:
    from graphmodel.engine.worlds.changes import differences  # noqa: PLC0415 - the same
    from graphmodel.engine.worlds.simulation import Simulation  # noqa: PLC0415 - the same

    events = event_graph(_graph())
    both_ways = [events.change({}, {"guard": end}, frozenset()) for end in (0.0, 1.0)]
    differences(Simulation(events, 1, "ints"), events.weights(), both_ways, {"b": 1.0, "c": 2.0}, _WORLDS)


def _cores() -> None:
    from graphmodel.engine.exact.cores import core_of  # noqa: PLC0415 - the same
    from graphmodel.engine.exact.rules import Rules  # noqa: PLC0415 - the same
    from graphmodel.engine.worlds.simulation import Simulation  # noqa: PLC0415 - the same

    events = event_graph(_graph())
    simulation, weights = Simulation(events, 1, "numba"), events.weights()[:, np.newaxis]
    arrays = simulation.arrays
    found = core_of(
        simulation, Rules(arrays), weights, [arrays.number["c"]], 10_000, awaited=lambda: None, hurried=lambda: False
    )
    if found is None:
        raise RuntimeError("a graph of a few steps has a core")
    simulation.run(weights, [{"c": 1.0}], _WORLDS, core=found.core)


PARTS: Mapping[str, Callable[[], None]] = {"exact": _exact, "cases": _cases, "changes": _changes, "cores": _cores}
"""What may be compiled side by side, in processes of their own."""


def precompile(part: str) -> int:
    """Compile the kernels of one of the ``PARTS`` for all runs to come; returns how many were not compiled before."""
    PARTS[part]()
    return _compiled()
