"""Questions to one graph beyond its likelihoods, each beside the peers that answer the same one.

To add a row, write a function that takes a number of edges and returns an ``Answer``, and list it in
``QUESTIONS``. What it and its peers return as ``values`` is compared.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

import numpy as np

from benchmarks.families import defended, layered
from benchmarks.harness import Timing, child, repeat, seconds, size
from benchmarks.model import Point, Scale, Section, Table
from graphmodel.engine.graph import AttackGraph, Cover, GraphControl, Step
from graphmodel.engine.likelihood import WHAT_IF_WORLDS, Case, Options, Solver
from graphmodel.engine.paths import best_paths

K = 100


@dataclass(frozen=True)
class Answer:
    """How long it took, and the numbers that peers are compared by."""

    timing: Timing
    values: tuple[float, ...]


@dataclass(frozen=True)
class Question:
    """A question, our answer to it and those of peers; ``asked`` is a time to stay below, by edges."""

    name: str
    ours: Callable[[int], Answer]
    sizes: tuple[int, ...]
    peers: Mapping[str, Callable[[int], Answer]] = field(default_factory=dict)
    asked: Mapping[int, float] = field(default_factory=dict)
    note: str = ""


def _simple(edges: int) -> AttackGraph:
    """A layered graph without parallel steps, which are one edge to graph libraries."""
    graph = layered(edges)
    return replace(graph, steps=tuple({(step.needs, step.gains): step for step in graph.steps}.values()))


def _target(graph: AttackGraph) -> str:
    return next(iter(graph.losses))


def paths_or(edges: int) -> Answer:
    """The hundred best derivations in a graph without AND."""
    return _paths(_simple(edges))


def paths_and(edges: int) -> Answer:
    """The hundred best derivations where 15 % of the steps are AND."""
    return _paths(layered(edges, 0.15))


def _paths(graph: AttackGraph) -> Answer:
    timing, found = repeat(lambda: best_paths(graph, _target(graph), K))
    return Answer(timing, tuple(one.chance for one in found))


def yen(edges: int) -> Answer:
    """The hundred shortest simple paths by SciPy."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import yen as shortest

    graph = _simple(edges)
    number = {fact: n for n, fact in enumerate(graph.facts)}
    cost = np.array([-math.log(step.chance) for step in graph.steps])
    ends = [[number[step.needs[0]] for step in graph.steps], [number[step.gains] for step in graph.steps]]
    matrix = csr_array((cost, np.array(ends, dtype=np.int32)), shape=(len(number), len(number)))
    matrix.indices, matrix.indptr = matrix.indices.astype(np.int32), matrix.indptr.astype(np.int32)
    timing, found = repeat(lambda: shortest(matrix, number["start"], number[_target(graph)], K))
    return Answer(timing, tuple(np.exp(-found).tolist()))


def networkx_paths(edges: int) -> Answer:
    """The hundred shortest simple paths by NetworkX."""
    import networkx as nx

    graph = _simple(edges)
    links: nx.DiGraph[str] = nx.DiGraph()
    links.add_weighted_edges_from((step.needs[0], step.gains, -math.log(step.chance)) for step in graph.steps)
    target = _target(graph)
    timing, found = repeat(lambda: list(islice(nx.shortest_simple_paths(links, "start", target, "weight"), K)))
    return Answer(timing, tuple(math.exp(-nx.path_weight(links, one, "weight")) for one in found))


def what_if(edges: int) -> Answer:
    """The likelihood of the target with and without one control, once the graph has been solved."""
    graph = defended(edges, 50)[0].graph
    solver = Solver(graph, Options(worlds=WHAT_IF_WORLDS))
    solver.solve()
    cases = [Case(), Case(holds={"c25": 0.0})]
    solver.solve(*cases, worlds=WHAT_IF_WORLDS, facts=["target"])
    timing, solutions = repeat(lambda: solver.solve(*cases, worlds=WHAT_IF_WORLDS, facts=["target"]), 5)
    return Answer(timing, tuple(one.of("target").value for one in solutions))


def anew(edges: int) -> Answer:
    """The same by solving the two graphs from the beginning."""
    graph = defended(edges, 50)[0].graph
    without = graph.with_holds({one.id: one.holds for one in graph.controls if one.id != "c25"})

    def both() -> list[float]:
        options = Options(worlds=WHAT_IF_WORLDS)
        return [Solver(one, options).solve(worlds=WHAT_IF_WORLDS)[0].of("target").value for one in (graph, without)]

    timing, values = repeat(both, 3, 5.0)
    return Answer(timing, tuple(values))


IMPORTANCE_WORLDS = 1_024


def importance(edges: int) -> Answer:
    """What each step would save if it were impossible, all in one pass."""
    solver, steps = _for_importance(edges)
    changes = [solver.events.change({}, {}, {step}) for step in steps]
    solver.compare(Case(), changes[:1])
    timing, found = repeat(lambda: solver.compare(Case(), changes))
    return Answer(timing, tuple(one.value for one in found))


def each_step(edges: int) -> Answer:
    """The same by a what-if for each step, on the same worlds."""
    solver, steps = _for_importance(edges)
    return _one_by_one(solver, [Case(blocked={step}) for step in steps], 1.0)


def _for_importance(edges: int) -> tuple[Solver, list[str]]:
    solver = Solver(layered(edges, 0.15), Options(worlds=IMPORTANCE_WORLDS, nodes=0))
    return solver, [event.members[0].step for event in solver.events.events]


def blast(edges: int) -> Answer:
    """How much more is lost with each of some facts held from the start, all in one pass; a fact for 50 edges."""
    solver, names = _for_blast(edges)
    changes = [solver.events.change({}, {name: 0.0}, ()) for name in names]
    solver.compare(Case(), changes[:1])
    timing, found = repeat(lambda: solver.compare(Case(), changes))
    return Answer(timing, tuple(-one.value for one in found))


def each_fact(edges: int) -> Answer:
    """The same by a what-if for each fact, on the same worlds."""
    solver, names = _for_blast(edges)
    return _one_by_one(solver, [Case(holds={name: 0.0}) for name in names], -1.0)


def _for_blast(edges: int) -> tuple[Solver, list[str]]:
    graph = layered(edges, 0.15)
    granted = graph.facts[1 :: max(1, 50 * len(graph.facts) // edges)]
    controls = tuple(GraphControl(f"granted:{fact}", 1.0) for fact in granted)
    steps = tuple(Step(f"hold:{fact}", ("start",), fact, 1.0, (Cover(f"granted:{fact}"),)) for fact in granted)
    whole = replace(graph, steps=(*graph.steps, *steps), controls=controls)
    solver = Solver(whole, Options(worlds=IMPORTANCE_WORLDS, nodes=0), changeable=[one.id for one in steps])
    return solver, [one.id for one in controls]


def _one_by_one(solver: Solver, cases: list[Case], sign: float) -> Answer:
    def run() -> list[float]:
        found: list[float] = []
        for first in range(0, len(cases), 24):
            batch = cases[first : first + 24]
            solved = solver.solve(Case(), *batch, worlds=IMPORTANCE_WORLDS, facts=())
            found += [sign * one.saved.value for one in solved[1:]]
        return found

    timing, values = repeat(run, 3, 10.0)
    return Answer(timing, tuple(values))


QUESTIONS = (
    Question(
        f"{K} best paths, OR only",
        paths_or,
        (1_000, 10_000, 100_000),
        {"scipy (Yen)": yen, "networkx": networkx_paths},
        note="A path here is a derivation; without AND that is a simple path, which the two libraries rank as well.",
    ),
    Question(f"{K} best derivations, 15 % AND", paths_and, (1_000, 10_000, 100_000)),
    Question(
        "what-if of one of 50 controls",
        what_if,
        (1_000, 10_000, 100_000),
        {"ours, from the beginning": anew},
        {10_000: 0.1},
        f"Two cases on the same {WHAT_IF_WORLDS:,} worlds, after a first solution.",
    ),
    Question(
        "importance of every step",
        importance,
        (1_000, 10_000, 100_000),
        {"ours, a what-if for each": each_step},
        note=f"Importance and blast radii are differences on {IMPORTANCE_WORLDS:,} worlds; both ways count the same.",
    ),
    Question(
        "blast radius of a fact for every 50 edges",
        blast,
        (1_000, 10_000, 100_000),
        {"ours, a what-if for each": each_fact},
    ),
)


def section(scale: Scale) -> Section:
    """The table of questions."""
    rows: list[tuple[str, ...]] = []
    points: list[Point] = []
    for question in QUESTIONS:
        for edges in question.sizes[: 1 if scale.quick else None]:
            rows += _rows(scale, question, edges, points)
    notes = tuple(one.note for one in QUESTIONS if one.note)
    columns = ("question", "edges", "engine", "takes", "ours = 1", "largest difference", "peak memory", "asked for")
    table = Table("Questions to one graph", "Each in a process of its own.", columns, tuple(rows), notes)
    return Section("Questions", __doc__ or "", (table,), tuple(points))


def _rows(scale: Scale, question: Question, edges: int, points: list[Point]) -> list[tuple[str, ...]]:
    found = child(question.ours, edges, limit=scale.long)
    name, label = question.name, f"{edges:,}"
    if found.value is None:
        return [(name, label, "**ours**", f"**fails**: {found.failure}", "–", "–", size(found.peak), "–")]
    mine: Answer = found.value
    limit = question.asked.get(edges)
    met = "–" if limit is None else f"{seconds(limit)}: {'met' if mine.timing.median <= limit else '**missed**'}"
    points.append(Point(question.name, "ours", edges, mine.timing.median))
    rows = [(name, label, "**ours**", str(mine.timing), "1", "reference", size(found.peak), met)]
    for peer, function in question.peers.items():
        outcome = child(function, edges, limit=scale.limit)
        if outcome.value is None:
            rows.append(("", "", peer, f"fails: {outcome.failure}", "–", "–", size(outcome.peak), "–"))
            continue
        other: Answer = outcome.value
        points.append(Point(question.name, peer, edges, other.timing.median))
        ratio = f"{other.timing.median / mine.timing.median:.2g}"
        rows.append(("", "", peer, str(other.timing), ratio, _apart(mine, other), size(outcome.peak), "–"))
    return rows


def _apart(mine: Answer, other: Answer) -> str:
    if len(mine.values) != len(other.values):
        return f"**{len(other.values)} numbers, ours {len(mine.values)}**"
    return f"{max(abs(a - b) for a, b in zip(mine.values, other.values, strict=True)):.0e}"
