"""The random worlds: their specification, the kernels that play them, and when a simulation ends."""

import hashlib
import importlib.util
import math
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from graphmodel.engine.events import event_graph
from graphmodel.engine.graph import AttackGraph, Step
from graphmodel.engine.intervals import chance_interval
from graphmodel.engine.likelihood import Case, Options, Solver
from graphmodel.engine.worlds.arrays import Played
from graphmodel.engine.worlds.chunks import Kernel, worlds_of
from graphmodel.engine.worlds.draws import Draws, Thresholds, happening
from graphmodel.engine.worlds.kernel_ints import IntKernel
from graphmodel.engine.worlds.simulation import Simulation
from tests.oracles import random_graph

SEED = 11
needs_numba = pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="numba is not installed")


def by_the_specification(seed: int, name: str, chance: float, world: int) -> bool:
    """One draw, by the text of ``graphmodel.engine.worlds.draws`` and nothing else."""
    whole = 1 << 64
    digest = hashlib.blake2b(f"{seed}\0{name}".encode(), digest_size=16).digest()
    key, width = int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:], "big") | 1
    uniform = 0
    for plane in range(64):
        value = (key + width * (64 * (world // 64) + plane + 1)) % whole
        value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) % whole
        value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) % whole
        value ^= value >> 31
        uniform = uniform * 2 + (value >> (world % 64)) % 2
    return uniform < round(chance * whole)


CHANCES = np.array([0.0, 1e-30, 1e-4, 0.1, 0.25, 1 / 3, 0.5, 0.75, 0.9, 1 - 2**-53, 1.0])


def drawn(chances: np.ndarray, first: int, blocks: int, seed: int = SEED) -> np.ndarray:
    draws = Draws.of(seed, [f"event {number}" for number in range(len(chances))])
    return happening(draws, Thresholds.of(chances), np.arange(len(chances)), first, blocks)


def test_draws_follow_the_specification() -> None:
    words = drawn(CHANCES, 5, 3)
    for number, chance in enumerate(CHANCES.tolist()):
        expected = [by_the_specification(SEED, f"event {number}", chance, 320 + world) for world in range(192)]
        assert worlds_of(words[number], 192).astype(bool).tolist() == expected, chance


def test_draws_do_not_depend_on_chunks() -> None:
    assert (drawn(CHANCES, 0, 40)[:, 7:30] == drawn(CHANCES, 7, 23)).all()


def test_a_higher_chance_never_makes_an_event_fail() -> None:
    rng = np.random.default_rng(3)
    low, high = np.sort(rng.random((2, 300)), axis=0)
    assert not (drawn(low, 0, 20) & ~drawn(high, 0, 20)).any()


def test_draws_are_as_frequent_as_they_should_be_and_do_not_hang_together() -> None:
    """Pooled z-tests: with 5 standard deviations on 600 + 599 + 599 counts a false alarm has chance 0.001."""
    rng = np.random.default_rng(4)
    chances, worlds = rng.uniform(0.02, 0.98, 600), 64 * 2_000
    words = drawn(chances, 0, 2_000)

    def z(counts: np.ndarray, expected: np.ndarray) -> np.ndarray:
        return (counts - worlds * expected) / np.sqrt(worlds * expected * (1 - expected))

    assert np.abs(z(np.bitwise_count(words).sum(axis=1), chances)).max() < 5
    together = np.bitwise_count(words[:-1] & words[1:]).sum(axis=1)
    assert np.abs(z(together, chances[:-1] * chances[1:])).max() < 5
    following = np.bitwise_count(words[:-1, :-1] & words[:-1, 1:]).sum(axis=1) * (2_000 / 1_999)
    assert np.abs(z(following, chances[:-1] ** 2)).max() < 5


def kernel_of(simulation: Simulation, name: str) -> Kernel:
    if name == "ints":
        return IntKernel(simulation.arrays, simulation.draws)
    from graphmodel.engine.worlds.kernel_numba import NumbaKernel

    return NumbaKernel(simulation.arrays, simulation.draws)


@needs_numba
def test_kernels_play_the_same_worlds() -> None:
    from graphmodel.engine.worlds.kernel_numba import NumbaKernel

    loops = covers = 0
    for seed in range(120):
        simulation = Simulation(event_graph(random_graph(seed, most_draws=80, facts=12)), seed)
        arrays, thresholds = simulation.arrays, Thresholds.of(simulation.graph.weights())
        loops += bool(arrays.loop.any())
        covers += len(arrays.control) > 0 and bool((arrays.coverage >= 0).any())
        compiled = NumbaKernel(arrays, simulation.draws).play(thresholds, 2, 37)
        assert (IntKernel(arrays, simulation.draws).play(thresholds, 2, 37) == compiled).all(), seed
    assert loops > 25
    assert covers > 25


@needs_numba
def test_compiled_draws_of_many_words_and_of_few_follow_the_specification() -> None:
    from graphmodel.engine.worlds.kernel_numba import NumbaKernel

    # The second step of each pair is tried in few words of a group, those where the first one succeeds.
    seldom = 0.004
    chances = [1e-30, 1 / 3, 0.75, 1 - 2**-53]
    steps = [Step(f"a{n}", ("start",), f"x{n}", seldom) for n in range(len(chances))]
    steps += [Step(f"b{n}", (f"x{n}",), f"y{n}", chance) for n, chance in enumerate(chances)]
    steps += [Step(f"c{n}", ("start",), f"z{n}", chance) for n, chance in enumerate(chances)]
    facts = ("start", *(f"{kind}{n}" for kind in "xyz" for n in range(len(chances))))
    simulation = Simulation(event_graph(AttackGraph(facts, ("start",), tuple(steps), (), {})), SEED)
    arrays, number = simulation.arrays, simulation.arrays.number
    held = NumbaKernel(arrays, simulation.draws).play(Thresholds.of(simulation.graph.weights()), 3, 17)
    worlds = range(3 * 64, 20 * 64)
    for n, chance in enumerate(chances):
        first = [by_the_specification(SEED, f"step:a{n}", seldom, one) for one in worlds]
        second = [by_the_specification(SEED, f"step:b{n}", chance, one) for one in worlds]
        third = [by_the_specification(SEED, f"step:c{n}", chance, one) for one in worlds]
        assert worlds_of(held[number[f"x{n}"]], len(worlds)).astype(bool).tolist() == first
        assert worlds_of(held[number[f"y{n}"]], len(worlds)).astype(bool).tolist() == [
            one and other for one, other in zip(first, second, strict=True)
        ]
        assert worlds_of(held[number[f"z{n}"]], len(worlds)).astype(bool).tolist() == third


@needs_numba
def test_news_go_against_the_order_of_the_facts_of_a_loop() -> None:
    from graphmodel.engine.worlds.kernel_numba import NumbaKernel

    # A ladder of two rows that is climbed on one side and come down on the other, with seldom ways across.
    rng, size, steps = np.random.default_rng(4), 60, [Step("in", ("start",), "a0", 0.9)]
    for n in range(size):
        for here, there in ((f"a{n}", f"a{n + 1}"), (f"b{n + 1}", f"b{n}")):
            steps += [Step(f"{here}>{there}", (here,), there, 0.97), Step(f"{there}>{here}", (there,), here, 0.3)]
        steps += [Step(f"over{n}", (f"a{n}",), f"b{n}", float(rng.uniform(0.0, 0.05)))]
    steps += [Step("top", (f"a{size}",), f"b{size}", 1.0), Step("both", ("b0", f"a{size}"), "end", 0.8)]
    facts = ("start", "end", *(f"{row}{n}" for row in "ab" for n in range(size + 1)))
    simulation = Simulation(event_graph(AttackGraph(facts, ("start",), tuple(steps), (), {})), SEED)
    arrays, thresholds = simulation.arrays, Thresholds.of(simulation.graph.weights())
    compiled = NumbaKernel(arrays, simulation.draws).play(thresholds, 0, 20)
    assert (IntKernel(arrays, simulation.draws).play(thresholds, 0, 20) == compiled).all()
    assert 0.05 < np.bitwise_count(compiled[arrays.number["end"]]).sum() / (20 * 64) < 0.5


@needs_numba
def test_threads_and_kernels_count_the_same() -> None:
    graph = event_graph(random_graph(8, most_draws=60, facts=20))
    weights = np.stack([graph.weights(), graph.weights() * 0.7], axis=1)
    losses = [{graph.facts[-1]: 3.0, graph.facts[-2]: 0.1}] * 2
    first, second = (Simulation(graph, 5, kernel).run(weights, losses, 70_001) for kernel in ("ints", "numba"))
    assert first == second


def test_a_kernel_that_is_asked_again_plays_other_chances() -> None:
    graph = event_graph(random_graph(3, most_draws=50, facts=16))
    simulation = Simulation(graph, 1)
    now, other = Thresholds.of(graph.weights()), Thresholds.of(graph.weights() * 0.5)
    kept, fresh = (IntKernel(simulation.arrays, simulation.draws) for _ in range(2))
    kept.play(now, 0, 4)
    assert (kept.play(other, 0, 4) == fresh.play(other, 0, 4)).all()
    assert (kept.play(now, 0, 4) == IntKernel(simulation.arrays, simulation.draws).play(now, 0, 4)).all()
    assert (kept.play(other, 4, 4) == fresh.play(other, 4, 4)).all()


@pytest.mark.parametrize("kernel", ["ints", pytest.param("numba", marks=needs_numba)])
def test_what_is_played_near_other_worlds_is_what_is_played_whole(kernel: str) -> None:
    """A change of any event, alone or with others, touches exactly what a whole play says."""
    untouched = loops = 0
    for seed in range(60):
        simulation = Simulation(event_graph(random_graph(seed, most_draws=80, facts=12)), seed)
        one, weights = kernel_of(simulation, kernel), simulation.graph.weights()
        loops += bool(simulation.arrays.loop.any())
        base = Played(Thresholds.of(weights), one.play(Thresholds.of(weights), 3, 21))
        for event in range(len(weights)):
            for chance in (0.0, 0.5, 1.0):
                changed = weights.copy()
                changed[event] = chance
                if event % 3 == 0:
                    changed[event // 2] = 0.25
                thresholds = Thresholds.of(changed)
                near = one.play(thresholds, 3, 21, base)
                assert (near == one.play(thresholds, 3, 21)).all(), (seed, event, chance)
                untouched += int((near == base.held).all(axis=1).sum())
    assert untouched > 5_000
    assert loops > 10


def test_a_base_is_played_once_and_its_chances_are_watched() -> None:
    graph = event_graph(random_graph(8, most_draws=60, facts=20))
    weights, losses = graph.weights(), [{graph.facts[-1]: 3.0}] * 2
    kept = Simulation(graph, 5, "ints")
    for base in (weights, weights * 0.8, weights):
        cases = np.stack([base, base * 0.5], axis=1)
        assert kept.run(cases, losses, 40_000) == Simulation(graph, 5, "ints").run(cases, losses, 40_000)
    assert kept.run(weights[:, np.newaxis], losses[:1], 9_000) == Simulation(graph, 5, "ints").run(
        weights[:, np.newaxis], losses[:1], 9_000
    )


def test_what_if_is_monotone_world_by_world() -> None:
    for seed in range(30):
        graph = event_graph(random_graph(seed, most_draws=50, facts=16))
        simulation = Simulation(graph, seed)
        weights = graph.weights()
        for number, event in enumerate(graph.events):
            if event.members:
                weaker = weights.copy()
                weaker[number] *= 0.4
                kernel = IntKernel(simulation.arrays, simulation.draws)
                more, less = (kernel.play(Thresholds.of(one), 0, 8) for one in (weights, weaker))
                assert not (less & ~more).any()
                break


# ---------------------------------------------------------------- when a simulation ends
COIN = AttackGraph(("a", "b"), ("a",), (Step("s", ("a",), "b", 0.5), Step("t", ("a",), "b", 0.1)), losses={"b": 1.0})


def test_a_precision_is_reached_with_no_more_worlds_than_needed() -> None:
    options = Options(nodes=0, worlds=1_000_000)
    worlds = []
    for precision in (0.02, 0.005):
        (solution,) = Solver(COIN, replace(options, precision=precision)).solve()
        estimate = solution.of("b")
        assert estimate.high - estimate.value <= precision
        assert estimate.value - estimate.low <= precision
        assert estimate.low <= 0.55 <= estimate.high
        worlds.append(solution.worlds)
    assert worlds[0] < worlds[1] < 1_000_000


def test_intervals_of_a_simulation_that_looks_often_keep_their_confidence() -> None:
    """400 seeds at 90 %: more than 65 misses have chance 0.00002 where the confidence holds."""
    missed = 0
    for seed in range(400):
        options = Options(nodes=0, worlds=200_000, precision=0.02, confidence=0.9, seed=seed)
        estimate = Solver(COIN, options).solve()[0].of("b")
        missed += not estimate.low <= 0.55 <= estimate.high
    assert missed <= 65


def test_every_look_takes_its_share_of_the_risk() -> None:
    solver = Solver(COIN, Options(nodes=0, worlds=200_000, precision=0.02, confidence=0.9))
    (solution,) = solver.solve()
    looks = len(solver.simulation.looks(200_000))
    assert looks > 2
    hits = round(solution.of("b").value * solution.worlds)
    interval = chance_interval(hits, solution.worlds, 1 - 0.1 / looks)
    assert (solution.of("b").low, solution.of("b").high) == pytest.approx(interval, rel=1e-12)


def test_a_limit_on_worlds_holds_where_the_precision_is_not_reached() -> None:
    (solution,) = Solver(COIN, Options(nodes=0, worlds=30_000, precision=0.0001)).solve()
    assert solution.worlds == 30_000
    assert solution.of("b").high - solution.of("b").value > 0.0001


def test_a_simulation_can_be_stopped_and_keeps_an_honest_interval() -> None:
    heard: list[tuple[int, int]] = []

    def stop(done: int, worlds: int) -> bool:
        heard.append((done, worlds))
        return len(heard) < 3

    (solution,) = Solver(COIN, Options(nodes=0, worlds=1_000_000, progress=stop)).solve()
    assert len(heard) == 3
    assert solution.worlds == heard[-1][0] < 1_000_000
    estimate = solution.of("b")
    width = 2.576 * math.sqrt(0.25 / solution.worlds)
    assert estimate.low <= 0.55 <= estimate.high
    assert width * 0.9 < estimate.high - estimate.value < width * 1.2


def test_savings_come_from_the_same_worlds() -> None:
    graph = random_graph(21, most_draws=50, facts=16)
    blocked = graph.steps[0].id
    solver = Solver(graph, Options(nodes=0, worlds=64_000), changeable=[blocked])
    first, second = solver.solve(Case(), Case(blocked=(blocked,)))
    assert second.saved.value == pytest.approx(first.loss.value - second.loss.value)
    assert second.saved.low >= 0


def test_what_costs_more_than_the_first_case_saves_less_than_nothing() -> None:
    solver = Solver(COIN, Options(nodes=0, worlds=64_000), changeable=["s"])
    _, worse = solver.solve(Case(blocked=("s",)), Case())
    assert worse.saved.low <= 0.1 - 0.55 <= worse.saved.high < 0


@needs_numba
def test_compiled_code_is_not_looked_for_where_a_file_here_says(tmp_path: Path) -> None:
    """numba would load it, and run it, from the directory that a file in the current one names."""
    (tmp_path / ".numba_config.yaml").write_text(f"cache_dir: {tmp_path / 'code'}\n")
    look = "import graphmodel.engine.worlds.compiler as one; print([one.numba.config.CACHE_DIR])"
    variables = {one: value for one, value in os.environ.items() if not one.startswith("NUMBA_")}
    variables["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    ended = subprocess.run(
        [sys.executable, "-c", look], cwd=tmp_path, env=variables, capture_output=True, text=True, check=True
    )
    assert ended.stdout.strip() == "['']"
