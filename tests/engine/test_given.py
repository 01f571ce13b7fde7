"""What is known given that a fact came true, against all worlds."""

import numpy as np
import pytest

from graphmodel.engine.given import given
from graphmodel.engine.graph import AttackGraph
from graphmodel.engine.likelihood import Options
from tests.oracles import all_worlds, draws, random_graph


def _taken_and_failed(graph: AttackGraph, fact: str) -> tuple[dict[str, float], dict[str, float]]:
    """By enumeration: each step taken, and each control failed, among the worlds in which the fact comes true."""
    worlds = all_worlds(graph)
    true = worlds.held[fact]
    whole = worlds.chance[true].sum()
    taken = {}
    for step in graph.steps:
        fired = np.logical_and.reduce([worlds.possible[step.id], *(worlds.held[need] for need in step.needs)])
        taken[step.id] = float(worlds.chance[fired & true].sum() / whole)
    failed, bit, number = {}, 0, np.arange(len(worlds.chance))
    for name, likely in draws(graph):
        if 0 < likely < 1:
            if name[0] == "holds" and len(name) == 2:
                failed[name[1]] = float(worlds.chance[true & ~(number >> bit & 1).astype(bool)].sum() / whole)
            bit += 1
    return taken, failed


def test_steps_and_controls_agree_with_all_worlds() -> None:
    steps = controls = 0
    for seed in range(60):
        graph = random_graph(seed)
        fact = graph.facts[-1]
        found = given(graph, fact)
        if found is None or fact in graph.start:
            continue
        taken, failed = _taken_and_failed(graph, fact)
        assert found.likelihood.is_exact
        for step, one in found.steps.items():
            assert one.value == pytest.approx(taken[step], abs=1e-10), (seed, step)
            assert found.anyway[step].value >= one.value * found.likelihood.value - 1e-12
        for control, one in found.failed.items():
            assert one.value == pytest.approx(failed[control], abs=1e-10), (seed, control)
            assert one.value >= found.fails[control] - 1e-12  # a loss speaks against controls
        steps, controls = steps + len(found.steps), controls + len(found.failed)
    assert steps > 60 and controls > 5


def test_where_it_is_simulated_the_truth_is_in_the_interval() -> None:
    checked = 0
    for seed in range(20):
        graph = random_graph(seed)
        exact = given(graph, graph.facts[-1])
        found = given(graph, graph.facts[-1], options=Options(nodes=0, worlds=2_000, confidence=0.9999))
        if exact is None or found is None:
            continue
        for step, one in found.steps.items():
            assert one.low - 1e-12 <= exact.steps[step].value <= one.high + 1e-12
            checked += not one.is_exact
        for control, one in found.failed.items():
            assert one.low - 1e-12 <= exact.failed[control].value <= one.high + 1e-12
    assert checked > 10
