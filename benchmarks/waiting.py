"""What a person waits for: whole commands on AI systems, and every fact of such systems by a tree of cuts.

Machines differ by three and more, so a command stands also as a multiple of a plain Python loop of ten million rounds
that ran just before it. The graphs of the second table are those of the visitor
from the internet in the residual view.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.harness import child, seconds, size
from benchmarks.model import Point, Scale, Section, Table
from benchmarks.systems import ai_system
from graphmodel.binding.attackgraph import attack_graph
from graphmodel.binding.compiled import compile_system, holds_of
from graphmodel.engine.estimates import ENCLOSED, EXACT
from graphmodel.engine.graph import AttackGraph
from graphmodel.engine.likelihood import Options, Solver
from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.settings import load_settings
from graphmodel.knowledge.vocabulary import View
from graphmodel.model.writing import write_document

CALLS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("check", "assess", "paths", "gaps", "importance", "plan", "loss"), ()),
    "explain": ("llm",),
    "query": ("MATCH (a:Asset) RETURN count(a)",),
}
SIZES = 25, 60, 100, 500, 1_000, 2_000
ALLOWED, LARGE = 10, (500, 2_000, 10_000)  # seconds for the answer about systems of so many assets
_PATIENCE = 120.0  # seconds after which a command is ended, and not asked about larger systems
_ROUNDS = 10_000_000
_PAIRS = 50_000_000  # of operators: what a machine does in a quarter of a minute
_WORLDS = 100_000


def loop() -> float:
    """Seconds of a plain loop."""
    start = time.perf_counter()
    total = 0
    for one in range(_ROUNDS):
        total += one & 3
    return time.perf_counter() - start


def command(*call: str) -> float:
    """Seconds of one command from its start to its end, in a process of its own; raises where it fails."""
    start = time.perf_counter()
    anew = {**os.environ, "GRAPHMODEL_CACHE": "off"}
    subprocess.run([sys.executable, "-m", "graphmodel", *call], check=True, capture_output=True, env=anew)
    return time.perf_counter() - start


@dataclass(frozen=True)
class Cuts:
    """All facts or only the losses of a system by a tree of cuts, and the same by simulation.

    Where not all of the ``facts`` are ``exact`` there are no ``slopes``; ``certain`` is then the width of the widest
    certain interval of a loss, in seconds of a whole answer ``case``, and None where the simulated one is kept.
    """

    facts: int
    exact: int
    pairs: int
    made: float
    case: float
    slopes: float | None
    certain: float | None
    played: float
    width: float  # of the widest interval of the simulation


def graph_of(assets: int) -> AttackGraph:
    """The attack graph of the visitor, with the controls that are in force."""
    compiled = compile_system(ai_system(assets), load_catalogue()[0], load_settings()[0])
    visitor = compiled.system.actor_by_id["visitor"]
    active = holds_of(compiled, compiled.in_force(View.RESIDUAL), visitor.skill)
    return attack_graph(compiled, visitor).with_holds(active)


def cuts(assets: int, losses_only: bool) -> Cuts:
    """Measured once the kernels are compiled."""
    from graphmodel.engine.exact.treecuts import TreeOfCuts

    small = Solver(graph_of(25))
    small.solve(facts=small.graph.losses)
    small.slopes(small.events.weights(), small.graph.losses)
    graph = graph_of(assets)
    needed = sorted(graph.losses) if losses_only else None
    solver = Solver(graph, Options(pairs=_PAIRS, worlds=_WORLDS))
    made, tiers = _timed(lambda: solver.tiers(needed))
    wanted = solver.possible if needed is None else solver.possible.intersection(needed)
    exact = wanted & solver.exact_facts(needed)
    played, (solution,) = _timed(lambda: Solver(graph, Options(nodes=0, worlds=_WORLDS)).solve())
    width = max(solution.of(fact).width for fact in wanted)
    pairs = sum(one.pairs for one in tiers if isinstance(one, TreeOfCuts))
    if exact < wanted:
        case, (answer,) = _timed(lambda: solver.solve(facts=needed))
        own = [answer.of(fact) for fact in graph.losses]
        certain = max(one.width for one in own) if all(one.method in {EXACT, ENCLOSED} for one in own) else None
        return Cuts(len(wanted), len(exact), pairs, made, case, None, certain, played, width)
    weights = solver.events.weights()
    solver.exact(weights[:, None], needed=needed, easily=False)
    case, _ = _timed(lambda: solver.exact(weights[:, None], needed=needed, easily=False))
    solver.tiers(())
    slopes, _ = _timed(lambda: solver.slopes(weights, graph.losses))
    return Cuts(len(wanted), len(exact), pairs, made, case, slopes, 0.0, played, width)


def _timed(function: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    found = function()
    return time.perf_counter() - start, found


def asked(quick: bool) -> Iterator[tuple[int, str, int | None]]:
    """What is measured: systems of so many assets, the command, and the seconds that it is allowed, if any."""
    for assets in SIZES[:1] if quick else SIZES:
        yield from ((assets, name, None) for name in CALLS)
    for assets in () if quick else LARGE:
        yield from ((assets, name, ALLOWED) for name in CALLS if name != "check")


def commands(scale: Scale) -> tuple[Table, tuple[Point, ...]]:
    """Every command on systems of several sizes, once compiled code is there."""
    rows, points, failed = [], [], set()
    command("precompile")
    with tempfile.TemporaryDirectory() as folder:
        for assets, name, allowed in asked(scale.quick):
            path = Path(folder, f"{assets}.yaml")
            if not path.exists():
                path.write_text(write_document(ai_system(assets)))
            own = f"{assets:,}", name if allowed is None else f"{name} --time {allowed}"
            if own[1] in failed:
                rows.append((*own, "not asked", "–"))
                continue
            unit = loop()
            limits = () if allowed is None else ("--time", str(allowed))
            found = child(command, name, str(path), *CALLS[name], *limits, limit=_PATIENCE, megabytes=8_000)
            if found.value is None:
                failed.add(own[1])
                rows.append((*own, f"**fails**: {found.failure}", "–"))
                continue
            rows.append((*own, seconds(found.value), f"{found.value / unit:.1f}"))
            points.append(Point("waiting", own[1], assets, found.value))
    about = (
        "From the start of the program to its end, with nothing kept from before. With `--time` the answer has so long "
        "from when the model is read; what is loaded and read before, and put together after, comes on top."
    )
    return Table("Commands", about, ("assets", "command", "time", "loops"), tuple(rows)), tuple(points)


def section(scale: Scale) -> Section:
    """Commands on systems of up to 10,000 assets, and trees of cuts of up to 200."""
    whole, points = commands(scale)
    rows = []
    for assets in (40,) if scale.quick else (40, 60, 105, 200):
        for losses_only in (True, False):
            asked = "losses" if losses_only else "all facts"
            found = child(cuts, assets, losses_only, limit=scale.long, megabytes=8_000)
            if found.value is None:
                rows.append(
                    (f"{assets:,}", asked, f"**fails**: {found.failure}", *("–" for _ in range(9)), size(found.peak))
                )
                continue
            one: Cuts = found.value
            times = (seconds(one.made), seconds(one.case), "–" if one.slopes is None else seconds(one.slopes))
            counts = (f"{one.facts:,}", f"{one.exact:,}", f"{one.pairs:,}")
            certain = "exact" if one.certain == 0.0 else "–" if one.certain is None else f"{one.certain:.2g}"
            rows.append(
                (
                    f"{assets:,}",
                    asked,
                    *counts,
                    *times,
                    certain,
                    seconds(one.played),
                    f"{one.width:.2g}",
                    size(found.peak),
                )
            )
    trees = Table(
        "Trees of cuts",
        f"*tree* is the search for it with all joins, made once, within {_PAIRS:,} pairs of operators; *case* what the "
        f"answer for other chances takes, and *slopes* the derivatives of the expected loss by all chances. Where not "
        f"all facts are exact, *case* is a whole answer, and *certain* the width of the widest certain interval of a "
        f"loss. The peer is our own simulation of {_WORLDS:,} worlds of all facts, whose widest 99 % interval stands "
        f"behind it.",
        (
            "assets", "asked", "facts", "exact", "pairs", "tree", "case", "slopes", "certain", "simulated", "interval",
            "peak memory",
        ),
        tuple(rows),
    )  # fmt: skip
    return Section("What a person waits for", __doc__ or "", (whole, trees), points)
