"""Worlds a second of our kernels and of searches that play one world at a time, over four decades."""

from __future__ import annotations

import importlib.util
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from benchmarks.families import FAMILIES, and_share, edges_of
from benchmarks.harness import Outcome, Timing, child, peak_memory, repeat, seconds, size, two
from benchmarks.model import Point, Scale, Section, Table
from benchmarks.single import ENGINES, Played, play
from graphmodel.engine.graph import AttackGraph
from graphmodel.engine.likelihood import Options, Solver
from graphmodel.engine.worlds.chunks import Game
from graphmodel.engine.worlds.simulation import Simulation

WORLDS = 10_000  # for a standard error of 0.005 at a chance of a half
MOST_MEMORY = 2_000_000_000
# Asked for on two processors: worlds a second compiled and on Python's integers, and seconds for WORLDS worlds.
TARGETS = {
    1_000: (1.3e6, 160e3, 0.010),
    10_000: (150e3, 14e3, 0.070),
    100_000: (9e3, 700.0, 1.1),
    1_000_000: (500.0, math.nan, 20.0),
}
_LARGE = 100_000
_FEW = 100  # worlds that say too little to be compared


@dataclass(frozen=True)
class Whole:
    """Seconds from an attack graph in memory to likelihoods, by part, and the peak memory then."""

    events: float
    arrays: float
    exact: float
    play: float
    peak: int

    @property
    def seconds(self) -> float:
        return self.events + self.arrays + self.exact + self.play


@dataclass(frozen=True)
class Ours:
    """What one child found out about us on one graph; ``rates`` are seconds for WORLDS worlds by kernel."""

    facts: int
    edges: int
    ands: float
    whole: Whole
    rates: dict[str, Timing]
    worlds: int
    hits: NDArray[np.int64]
    same: bool | None


def ours(family: str, scale: int, budget: float) -> Ours:
    """A whole solution as ``graphmodel solve`` computes it, then our kernels alone, and how often facts come true."""
    graph = FAMILIES[family](scale)
    solver, whole = _whole(graph)
    weights = solver.events.weights()[:, np.newaxis]
    names = [name for name in ("numba", "ints") if name == "ints" or importlib.util.find_spec("numba")]
    if scale > _LARGE:
        names = names[:1]  # the other takes minutes there, and nobody would choose it
    kernels = {name: _with_kernel(solver.simulation, name) for name in names}
    rates = {name: _rate(one, weights, budget) for name, one in kernels.items()}
    best = kernels[names[0]]
    worlds = max(1 << 10, min(1 << 17, int(4 * budget / rates[names[0]].median * WORLDS)))
    (tally,) = best.run(weights, [{}], worlds)
    few = [one.run(weights, [{}], 1 << 10)[0].hits for one in kernels.values()]
    return Ours(
        len(graph.facts),
        edges_of(graph),
        and_share(graph),
        whole,
        rates,
        tally.worlds,
        np.array([tally.hits.get(fact, 0) for fact in graph.facts], dtype=np.int64),
        all(one == few[0] for one in few) if len(few) > 1 else None,
    )


def _whole(graph: AttackGraph) -> tuple[Solver, Whole]:
    clock = [time.perf_counter()]
    solver = Solver(graph, Options(worlds=WORLDS))
    clock.append(time.perf_counter())
    _ = solver.simulation.arrays, solver.simulation.draws
    clock.append(time.perf_counter())
    _ = solver.tiers()
    clock.append(time.perf_counter())
    solver.solve()
    clock.append(time.perf_counter())
    return solver, Whole(*(after - before for before, after in pairwise(clock)), peak_memory())


def _with_kernel(simulation: Simulation, kernel: str) -> Simulation:
    """The same simulation on another kernel, with the arrays that it has."""
    found = Simulation(simulation.graph, simulation.seed, kernel)
    found.__dict__["game"] = Game(simulation.arrays, simulation.draws)  # where a cached property is kept
    return found


def _rate(simulation: Simulation, weights: NDArray[np.float64], budget: float) -> Timing:
    """Seconds for WORLDS worlds, from runs of about a budget of seconds each."""

    def run(worlds: int) -> None:
        simulation.game.forget()
        simulation.run(weights, [{}], worlds)

    run(64)  # compiles, or loads what was compiled
    worlds = 64 * simulation.game.blocks * 2  # a chunk for each of two threads
    timing, _ = repeat(lambda: run(worlds), 1)
    if timing.median < budget:
        worlds *= max(1, min(64, round(budget / timing.median)))
        timing, _ = repeat(lambda: run(worlds), 3, 4 * budget)
    return timing.times(WORLDS / worlds)


def theirs(engine: str, family: str, scale: int, budget: float) -> Played:
    """A peer that plays one world at a time."""
    return play(engine, FAMILIES[family](scale), budget)


def section(scale: Scale) -> Section:
    """The tables and curves of simulation."""
    tables: list[Table] = []
    points: list[Point] = []
    wholes: list[tuple[str, ...]] = []
    for family in FAMILIES:
        rows: list[tuple[str, ...]] = []
        for edges in scale.sizes(start=10_000, end=100_000) if family == "enterprise" else scale.sizes():
            # More than may be used, so that the peak is measured and not only exceeded.
            found = child(ours, family, edges, 0.2 if scale.quick else 1.5, limit=scale.long, megabytes=8_000)
            rows += list(_rows(scale, family, edges, found, points))
            wholes.append(_whole_row(family, edges, found, points))
        unit = "facts" if family == "enterprise" else "edges"
        taking = f"{WORLDS:,} worlds take"
        columns = (unit, "engine", taking, "worlds/s", "plain Python = 1", "agreement", "asked for")
        about = (
            f"Seconds on the clock for {WORLDS:,} worlds (median, least..most of three runs) on a graph that is built, "
            "and how often its facts came true against our compiled kernel. numba plays on all processors, "
            "the others on one."
        )
        tables.append(Table(f"Worlds a second: {family}", about, columns, tuple(rows)))
    tables[-1] = replace(tables[-1], notes=_NOTES)
    columns = ("family", "edges", "whole", "events", "arrays", "exact tiers", "worlds and bounds", "peak memory")
    about = (
        f"From an attack graph in memory to the likelihood of every fact, {WORLDS:,} worlds, once in a new process; "
        "loading the compiled kernel counts. Memory is the peak of that process, with the graph. The limit is 2 GB."
    )
    tables.append(Table("A whole solution", about, columns, tuple(wholes)))
    return Section("Simulation", __doc__ or "", tuple(tables), tuple(points))


def _whole_row(family: str, edges: int, found: Outcome, points: list[Point]) -> tuple[str, ...]:
    if found.value is None:
        return (family, f"{edges:,}", f"**fails**: {found.failure}", "–", "–", "–", "–", size(found.peak))
    mine: Ours = found.value
    one = mine.whole
    points.append(Point("whole", f"ours, {family}", mine.edges, one.seconds))
    memory = size(one.peak) + (" (**more than 2 GB**)" if one.peak > MOST_MEMORY else "")
    parts = (seconds(part) for part in (one.events, one.arrays, one.exact, one.play))
    return (family, f"{mine.edges:,}", seconds(one.seconds), *parts, memory)


_NOTES = (
    "The two kernels are compared by their counts in the same 1,024 worlds.",
    (
        "A peer is compared by the standard score z of the mean number of facts held, and by the largest score of any "
        "fact that was seen, and not seen, ten times: up to about 4.5 is chance among 100,000 facts."
    ),
    (
        "What a graph library searches is reachability, so it has no rows where there are AND steps. scipy, rustworkx "
        "and networkx draw with numpy; plain Python draws only the steps that come to be possible."
    ),
)


def _rows(scale: Scale, family: str, edges: int, found: Outcome, points: list[Point]) -> Iterator[tuple[str, ...]]:
    label = f"{edges:,}"
    if found.value is None:
        yield (label, "ours", "failed", "–", "–", found.failure, "–")
        return
    mine: Ours = found.value
    share = mine.hits.sum() / mine.worlds / mine.facts
    label += f" ({mine.facts:,} facts, {mine.edges:,} edges, {share:.1%} come true)"
    others = {}
    for engine in ENGINES:
        if engine == "plain Python" or family == "layered":
            others[engine] = child(theirs, engine, family, edges, 0.3 if scale.quick else 3.0, limit=2 * scale.limit)
    plain = others["plain Python"].value
    base = plain.worlds / plain.seconds if plain else math.nan
    asked = TARGETS.get(edges, (math.nan,) * 3) if family.startswith("layered") else (math.nan,) * 3
    for name, timing in mine.rates.items():
        rate = WORLDS / timing.median
        points.append(Point(f"worlds-{family}", f"ours ({name})", edges, timing.median))
        same = "reference" if name == "numba" or mine.same is None else "same bits" if mine.same else "DIFFERENT"
        yield (label, f"**ours ({name})**", str(timing), two(rate), two(rate / base), same, _asked(name, timing, asked))
        label = ""
    for engine, outcome in others.items():
        if outcome.value is None:
            yield ("", engine, "failed", "–", "–", outcome.failure, "–")
            continue
        played: Played = outcome.value
        rate = played.worlds / played.seconds
        points.append(Point(f"worlds-{family}", engine, edges, WORLDS / rate))
        yield ("", engine, seconds(WORLDS / rate), two(rate), two(rate / base), agreement(mine, played), "–")


def _asked(name: str, timing: Timing, asked: tuple[float, float, float]) -> str:
    rate = asked[0 if name == "numba" else 1]
    if math.isnan(rate):
        return "–"
    said = [(f"{rate:,.0f}/s", WORLDS / timing.median >= rate)]
    if name == "numba":
        said.append((seconds(asked[2]), timing.median <= asked[2]))
    return ", ".join(f"{text}: {'met' if met else '**missed**'}" for text, met in said)


def agreement(mine: Ours, other: Played) -> str:
    """How far the counts of a peer are from ours, in standard errors."""
    if other.worlds < _FEW:
        return f"{np.mean(other.held) / mine.facts:.1%} of the facts in {other.worlds} worlds"
    held, ours_, theirs_ = np.array(other.held), mine.hits.sum() / mine.worlds, np.mean(other.held)
    error = math.sqrt(float(held.var(ddof=1)) * (1 / other.worlds + 1 / mine.worlds))
    score = (theirs_ - ours_) / error if error else 0.0
    hits = np.array(other.hits)
    pooled = (hits + mine.hits) / (other.worlds + mine.worlds)
    seen = (np.minimum(pooled, 1 - pooled) * other.worlds >= 10) & (np.minimum(pooled, 1 - pooled) * mine.worlds >= 10)
    if not seen.any():
        return f"z = {score:+.1f}"
    spread = np.sqrt(pooled * (1 - pooled) * (1 / other.worlds + 1 / mine.worlds))[seen]
    most = np.abs((hits / other.worlds - mine.hits / mine.worlds)[seen] / spread).max()
    return f"z = {score:+.1f}, largest {most:.1f}"
