"""How far each tool gets as graphs grow longer and wider, with cycles and without."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.exact_peers import CONTROLS, CYCLIC, PEERS
from benchmarks.families import edges_of, lattice, narrow
from benchmarks.harness import child, repeat, seconds
from benchmarks.model import Point, Scale, Section, Table
from benchmarks.systems import ai_system
from graphmodel.binding.attackgraph import attack_graph
from graphmodel.binding.compiled import Compiled, compile_system, holds_of
from graphmodel.engine.estimates import Estimate
from graphmodel.engine.graph import AttackGraph
from graphmodel.engine.likelihood import Solver
from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.settings import load_settings
from graphmodel.knowledge.vocabulary import View
from graphmodel.workspace import examples_directory, open_model
from tests.oracles import random_graph

ACYCLIC, CYCLES, LOOP = "acyclic", "cyclic", "loop"
_WINDOWS = {ACYCLIC: (4, 8, 0), CYCLES: (4, 8, 0), LOOP: (2, 3)}  # 0 is the square root of the number of facts
_EXAMPLE_LIMIT = 20.0
_CLOSE = 1e-6


@dataclass(frozen=True)
class Solved:
    """Our answer: seconds for all facts, how many of them are exact, and the estimate of the fact that is asked for."""

    seconds: float
    exact: int
    facts: int
    answer: Estimate


def series(facts: int, window: int, family: str) -> AttackGraph:
    """A graph of a narrow family."""
    if family == LOOP:
        return lattice(facts, window)
    return narrow(facts, window or round(facts**0.5), family == CYCLES)


def ours(facts: int, window: int, family: str) -> Solved:
    """All facts of a graph of a narrow family, by our exact tiers and simulation for what is left."""
    return _solved(series(facts, window, family), f"f{facts - 1}")


def theirs(peer: str, facts: int, window: int, family: str) -> tuple[float, float]:
    """The last fact of the same graph by a peer: seconds, and its likelihood."""
    graph = series(facts, window, family)
    return _timed(peer, graph, f"f{facts - 1}")


def small(seed: int, draws: int, facts: int, peer: str = "") -> Solved | tuple[float, float]:
    """A random graph with shared controls and cycles, by us or by a peer."""
    graph = random_graph(seed, draws, facts)
    fact = next(iter(graph.losses))
    return _timed(peer, graph, fact) if peer else _solved(graph, fact)


def example(name: str, actor: str, peer: str = "") -> Solved | tuple[float, float]:
    """The dearest fact of a shipped example for an actor, by us or by a peer."""
    graph = _residual(open_model(examples_directory() / name).assess().compiled, actor)
    fact = max(sorted(graph.losses), key=lambda one: graph.losses[one])
    return _timed(peer, graph, fact) if peer else _solved(graph, fact)


def generated(assets: int, peer: str = "") -> Solved | tuple[float, float]:
    """The dearest fact of a generated AI system for its visitor, by us or by a peer."""
    catalogue, _ = load_catalogue()
    settings, _ = load_settings()
    graph = _residual(compile_system(ai_system(assets), catalogue, settings), "visitor")
    fact = max(sorted(graph.losses), key=lambda one: graph.losses[one])
    return _timed(peer, graph, fact) if peer else _solved(graph, fact)


def _residual(compiled: Compiled, actor: str) -> AttackGraph:
    """The attack graph of an actor with the controls that are implemented."""
    who, active = compiled.system.actor_by_id[actor], compiled.in_force(View.RESIDUAL)
    return attack_graph(compiled, who).with_holds(holds_of(compiled, active, who.skill))


def _solved(graph: AttackGraph, fact: str) -> Solved:
    timing, (solution,) = repeat(lambda: Solver(graph).solve(), 3, 5.0)
    exact = sum(one.is_exact for one in solution.likelihood.values())
    return Solved(timing.median, exact, len(solution.likelihood), solution.of(fact))


def _timed(peer: str, graph: AttackGraph, fact: str) -> tuple[float, float]:
    PEERS[peer](narrow(3, 2), "f2")  # imports what it needs
    start = time.perf_counter()
    value = PEERS[peer](graph, fact)
    return time.perf_counter() - start, value


def section(scale: Scale) -> Section:
    """The tables and the curve of exact likelihoods."""
    points: list[Point] = []
    tables = [_narrow_table(scale, family, points) for family in _WINDOWS]
    tables.append(_whole_graphs(scale))
    return Section("Exact likelihoods", __doc__ or "", tuple(tables), tuple(points))


def _narrow_table(scale: Scale, family: str, points: list[Point]) -> Table:
    peers = tuple(PEERS) if family == ACYCLIC else CYCLIC
    stopped: dict[str, int] = {}
    sizes = (20, 50, 100, 200, 500, 1_000) if family == LOOP else (20, 50, 100, 200, 500)
    rows = []
    for window in _WINDOWS[family]:
        for facts in sizes[: 2 if scale.quick else None]:
            rows.append(tuple(_row(scale, facts, window, family, peers, stopped, points)))
    columns = ("facts (edges)", "rows" if family == LOOP else "window", "ours: all facts", "exact", "last fact", *peers)
    about = (
        "Each fact comes from two of the *window* facts before it, 15 % from a third from anywhere before; one in five "
        f"needs all of them{', and a tenth as many steps lead back' if family == CYCLES else ''}. "
    )
    if family == LOOP:
        about = "Facts in a grid of so many rows, each brought about by its neighbours: all are on one loop. "
    about += (
        "Ours answers for all facts, exactly or else simulated; peers for the last one only. A peer has "
        f"{scale.limit:g} s and 4 GB, once: it is not asked for longer graphs after that, nor for graphs as long that "
        "are wider."
    )
    return Table(_TITLES[family], about, columns, tuple(rows), (_NOTE,))


_TITLES = {
    ACYCLIC: "Narrow graphs",
    CYCLES: "Narrow graphs, with cycles",
    LOOP: "Narrow graphs, one large loop",
}

_NOTE = (
    "In brackets behind a peer's time: the difference from our exact likelihood of the same fact, or where ours is "
    "simulated whether the peer's lies in our 99 % interval. ganak and d4 count the models of clauses, with each loop "
    "unrolled once for every fact of a feedback set of it (`benchmarks/counters.py`); d4 gives six digits."
)


def _row(
    scale: Scale,
    facts: int,
    window: int,
    family: str,
    peers: tuple[str, ...],
    stopped: dict[str, int],
    points: list[Point],
) -> Iterator[str]:
    graph = series(facts, window, family)
    yield f"{facts} ({edges_of(graph)})"
    yield str(window) if window else f"√n = {round(facts**0.5)}"
    found = child(ours, facts, window, family, limit=scale.limit)
    if found.value is None:
        yield from ("failed: " + found.failure, "–", "–")
    else:
        mine: Solved = found.value
        points.append(Point(f"exact-{family}-{window}", "ours", facts, mine.seconds))
        yield from (seconds(mine.seconds), f"{mine.exact} of {mine.facts}", _said(mine.answer))
    for peer in peers:
        if facts >= stopped.get(peer, facts + 1):
            yield "not asked"
            continue
        outcome = child(theirs, peer, facts, window, family, limit=scale.limit)
        if outcome.value is None:
            stopped[peer] = facts
            yield f"**fails**: {outcome.failure}"
        else:
            points.append(Point(f"exact-{family}-{window}", peer, facts, outcome.value[0]))
            yield f"{seconds(outcome.value[0])} ({_difference(found.value, outcome.value[1])})"


def _said(one: Estimate) -> str:
    return f"{one.value:.6g}" if one.is_exact else f"{one.low:.4g} to {one.high:.4g}"


def _difference(mine: Solved | None, other: float) -> str:
    if mine is None:
        return f"{other:.6f}"
    if mine.answer.is_exact:
        apart = abs(mine.answer.value - other)
        return f"{apart:.0e}" if apart <= _CLOSE else f"**DIFFERS by {apart:.2g}**"
    return "inside" if mine.answer.low <= other <= mine.answer.high else f"**OUTSIDE: {other:.6f}**"


def _whole_graphs(scale: Scale) -> Table:
    """Graphs with shared controls, partial coverage and cycles, which not every peer can say as they are."""
    wanted = [(f"random, {facts} facts", small, (1, draws, facts)) for facts, draws in ((9, 24), (15, 40), (25, 60))]
    for path in sorted(examples_directory().glob("*.yaml"))[: 1 if scale.quick else None]:
        worst = open_model(path).assess().worst_actor
        if worst is not None:
            wanted.append((f"{path.stem}, {worst.actor.id}", example, (path.name, worst.actor.id)))
    wanted += [
        (f"AI system of {assets} assets", generated, (assets,))
        for assets in (20, 40, 60, 100)[: 1 if scale.quick else None]
    ]
    limit = min(scale.limit, _EXAMPLE_LIMIT)
    rows = []
    for name, function, arguments in wanted:
        found = child(function, *arguments, limit=scale.limit)
        mine: Solved | None = found.value
        if mine is None:
            cells = [f"failed: {found.failure}", "–", "–"]
        else:
            cells = [seconds(mine.seconds), f"{mine.exact} of {mine.facts}", _said(mine.answer)]
        for peer in CONTROLS:
            other = child(function, *arguments, peer, limit=limit)
            if other.value is None:
                cells.append(f"**fails**: {other.failure}")
            else:
                cells.append(f"{seconds(other.value[0])} ({_difference(mine, other.value[1])})")
        rows.append((name, *cells))
    about = (
        "Random graphs, the shipped examples for their worst actor, and generated AI systems in the residual view for "
        f"the visitor. Ours is all facts, a peer's the dearest one; it has {limit:g} s."
    )
    columns = ("graph", "ours: all facts", "exact", "dearest fact", *CONTROLS)
    return Table("Graphs with controls", about, columns, tuple(rows), (_NOTE,))
