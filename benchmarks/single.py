"""Peers that play one world at a time: plain Python with AND, and graph libraries, whose searches know OR only.

Each draws all it needs with its own random numbers, and counts how often each fact comes true.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from graphmodel.engine.graph import AttackGraph

_WARM = 2  # worlds that are played before the clock starts


@dataclass(frozen=True)
class Played:
    """Worlds that were played, the seconds, how often each fact came true, and the facts held in each world."""

    worlds: int
    seconds: float
    hits: list[int]
    held: list[int]


def play(engine: str, graph: AttackGraph, budget: float, most: int = 20_000) -> Played:
    """Play worlds for about so many seconds; facts are numbered as in the graph."""
    worlds = ENGINES[engine](graph)
    hits = np.zeros(len(graph.facts), dtype=np.int64)
    for _ in range(_WARM):
        next(worlds)
    held: list[int] = []
    start = time.perf_counter()
    while len(held) < 2 or (time.perf_counter() - start < budget and len(held) < most):
        found = next(worlds)
        held.append(len(found))
        hits[found] += 1
    return Played(len(held), time.perf_counter() - start, hits.tolist(), held)


def plain(graph: AttackGraph) -> Iterator[list[int]]:
    """A search that counts the needs of each step down; a step is drawn when it comes to be possible."""
    rng = random.Random(7)
    number = {fact: n for n, fact in enumerate(graph.facts)}
    users: list[list[int]] = [[] for _ in graph.facts]
    for n, step in enumerate(graph.steps):
        for need in step.needs:
            users[number[need]].append(n)
    gains, chances = [number[one.gains] for one in graph.steps], [one.chance for one in graph.steps]
    counts, start = [len(one.needs) for one in graph.steps], [number[fact] for fact in graph.start]
    while True:
        left, held, found = counts.copy(), bytearray(len(users)), list(start)
        for fact in start:
            held[fact] = 1
        for fact in found:
            for step in users[fact]:
                left[step] -= 1
                if not left[step] and not held[gains[step]] and rng.random() < chances[step]:
                    held[gains[step]] = 1
                    found.append(gains[step])
        yield found


def _edges(graph: AttackGraph) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    if any(len(step.needs) != 1 for step in graph.steps):
        raise ValueError("AND steps: a search of a library knows OR only")
    number = {fact: n for n, fact in enumerate(graph.facts)}
    origins = np.array([number[step.needs[0]] for step in graph.steps])
    targets = np.array([number[step.gains] for step in graph.steps])
    return origins, targets, np.array([step.chance for step in graph.steps]), number[graph.start[0]]


def with_networkx(graph: AttackGraph) -> Iterator[list[int]]:
    import networkx as nx

    origins, targets, chances, start = _edges(graph)
    rng = np.random.default_rng(7)
    while True:
        kept = rng.random(len(chances)) < chances
        world: nx.DiGraph[int] = nx.DiGraph(zip(origins[kept].tolist(), targets[kept].tolist(), strict=True))
        world.add_node(start)
        yield [start, *nx.descendants(world, start)]


def with_rustworkx(graph: AttackGraph) -> Iterator[list[int]]:
    import rustworkx as rx

    origins, targets, chances, start = _edges(graph)
    rng, nodes = np.random.default_rng(7), list(range(len(graph.facts)))
    while True:
        kept = rng.random(len(chances)) < chances
        world = rx.PyDiGraph()
        world.add_nodes_from(nodes)
        world.add_edges_from_no_data(list(zip(origins[kept].tolist(), targets[kept].tolist(), strict=True)))
        yield [start, *rx.descendants(world, start)]


def with_scipy(graph: AttackGraph) -> Iterator[list[int]]:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import breadth_first_order

    origins, targets, chances, start = _edges(graph)
    order = np.argsort(origins, kind="stable")
    targets, chances = targets[order].astype(np.int32), chances[order]
    starts = np.searchsorted(origins[order], np.arange(len(graph.facts) + 1))
    rng, ones = np.random.default_rng(7), np.ones(len(chances))
    while True:
        kept = rng.random(len(chances)) < chances
        before = np.concatenate(([0], np.cumsum(kept)))
        pointers = before[starts].astype(np.int32)
        shape = (len(graph.facts), len(graph.facts))
        world = csr_array((ones[: pointers[-1]], targets[kept], pointers), shape=shape)
        yield breadth_first_order(world, start, return_predecessors=False).tolist()


ENGINES: dict[str, Callable[[AttackGraph], Iterator[list[int]]]] = {
    "plain Python": plain,
    "scipy": with_scipy,
    "rustworkx": with_rustworkx,
    "networkx": with_networkx,
}
