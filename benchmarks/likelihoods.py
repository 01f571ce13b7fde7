"""Exact likelihoods of one attack graph, against ProbLog on the same graph in the same run.

    python benchmarks/likelihoods.py

Prints seconds and ratios. ProbLog answers the same questions by the same semantics; where it does
not come back within the time limit the ratio is a lower bound.
"""

from __future__ import annotations

import multiprocessing
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from graphmodel.attackgraph import AttackGraph  # noqa: E402
from graphmodel.likelihood import Options, Solver  # noqa: E402
from graphmodel.ontology import load_catalogue, ontology_directory, read_records  # noqa: E402
from graphmodel.workspace import open_model  # noqa: E402
from tests.oracles import problog_likelihoods, random_graph  # noqa: E402

LIMIT = 20.0


def timed(function, *arguments):  # type: ignore[no-untyped-def]
    start = time.perf_counter()
    result = function(*arguments)
    return result, time.perf_counter() - start


def problog_time(graph: AttackGraph) -> float | None:
    worker = multiprocessing.Process(target=problog_likelihoods, args=(graph,))
    start = time.perf_counter()
    worker.start()
    worker.join(LIMIT)
    if worker.is_alive():
        worker.kill()
        return None
    return time.perf_counter() - start if worker.exitcode == 0 else None


def row(name: str, graph: AttackGraph) -> None:
    solver = Solver(graph)
    (solution,), seconds = timed(solver.solve)
    exact = sum(one.is_exact for one in solution.likelihood.values())
    _, simulated = timed(Solver(graph, Options(nodes=0)).solve)
    other = problog_time(graph)
    ratio = f"{other / seconds:8.1f}x" if other else f">{LIMIT / seconds:7.1f}x (ProbLog stopped at {LIMIT:.0f} s)"
    sizes = f"{len(graph.facts):5} facts {len(graph.steps):5} steps {exact:5} exact"
    print(f"{name:34} {sizes} {seconds:7.3f} s  {simulated:7.3f} s  {ratio}", flush=True)


def main() -> None:
    print("graph; facts; steps; exact facts; exact seconds; simulation of 100,000 worlds; ProbLog / exact")
    for facts, draws in ((9, 24), (15, 40), (25, 60)):
        row(f"random, {facts} facts", random_graph(1, draws, facts))
    for path in sorted((ROOT / "examples").glob("*.yaml")):
        assessment = open_model(path).assess()
        for actor in assessment.actors:
            row(f"{path.stem}, {actor.actor.id}", assessment.graph(actor.actor.id))
    _, cached = timed(load_catalogue)
    files = sorted(ontology_directory().rglob("*.ttl"))
    _, parsed = timed(lambda: [read_records(one.name, one.read_bytes()) for one in files])
    print(f"catalogue: parsed by rdflib {parsed:.3f} s, from the cache {cached:.3f} s, {parsed / cached:.1f}x")


if __name__ == "__main__":
    main()
