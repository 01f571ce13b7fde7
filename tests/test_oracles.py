"""The oracles agree with each other: worlds played all at once are those that are played one at a time."""

from __future__ import annotations

import math

import pytest

from tests.oracles import all_worlds, enumerate_worlds, least_set, random_graph, uncertain


def test_worlds_played_at_once_are_those_played_one_by_one() -> None:
    shared = 0
    for seed in range(40):
        graph = random_graph(seed, most_draws=9)
        worlds = all_worlds(graph)
        assert len(worlds.chance) == 2 ** uncertain(graph)
        assert math.fsum(worlds.chance) == pytest.approx(1, abs=1e-12)
        for column in range(len(worlds.chance)):
            possible = {step for step, row in worlds.possible.items() if row[column]}
            held = {fact for fact, row in worlds.held.items() if row[column]}
            assert held == least_set(graph, possible), (seed, column)
        for step in graph.steps:
            # Shared with other steps or not, the controls of one step are drawn apart from each other.
            passes = step.chance * math.prod(
                1 - graph.control_by_id[one.control].holds * one.coverage for one in step.controls
            )
            assert worlds.chance[worlds.possible[step.id]].sum() == pytest.approx(passes, abs=1e-12)
        met = [cover.control for step in graph.steps for cover in step.controls]
        shared += any(met.count(one.id) > 1 and not one.independent for one in graph.controls)
    assert shared > 8


def test_the_expected_loss_is_that_of_the_likelihoods() -> None:
    for seed in range(20):
        graph = random_graph(seed)
        likelihood, loss = enumerate_worlds(graph)
        assert loss == pytest.approx(math.fsum(amount * likelihood[fact] for fact, amount in graph.losses.items()))
