"""The cheapest set of measures that breaks every path, against two other ways to it in the same run.

    python benchmarks/planner.py

*Greedy* takes the measure that breaks most steps of the best remaining path per unit of cost, until
no path is left, then drops what is not needed. *Lazy hitting set* solves a small integer program
over the paths found so far, and adds the best path that its answer leaves, until there is none. Both
use the same graphs, checks and integer solver. Prints seconds and costs.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from graphmodel.attackgraph import AttackGraph, Cover, GraphControl, Step  # noqa: E402
from graphmodel.choices import Choices  # noqa: E402
from graphmodel.paths import best_paths  # noqa: E402
from graphmodel.programs import Front, breakers, cheapest_break, droppable, still_reached, without_broken  # noqa: E402

LIMIT = 90.0


def layered(edges: int, controls: int, seed: int, ands: float = 0.2) -> tuple[Front, Choices]:
    """Layers of forty facts; each step from the layer before, some back, some needing two facts, most covered."""
    rng = random.Random(seed)
    width = 40
    layers = max(3, edges // (width * 2))
    names = [[f"f{layer}.{n}" for n in range(width)] for layer in range(layers)]
    steps = [Step(f"e{n}", ("start",), fact, 0.9) for n, fact in enumerate(names[0])]
    ids = [f"c{n}" for n in range(controls)]
    while len(steps) < edges - width:
        layer = rng.randrange(1, layers)
        below = names[layer - 1]
        if rng.random() < 0.05:
            needs, gains = (rng.choice(names[layer]),), rng.choice(below)
        else:
            count = 2 if rng.random() < ands else 1
            needs, gains = tuple(rng.sample(below, count)), rng.choice(names[layer])
        # A control defends a stretch of the layers, as a product or a zone does.
        near = [ids[(layer * controls // layers + shift) % controls] for shift in (0, 1, 2)]
        covers = tuple(Cover(one) for one in sorted(set(rng.sample(near, rng.choice([1, 1, 2])))))
        steps.append(Step(f"s{len(steps)}", needs, gains, 0.8, covers if rng.random() < 0.97 else ()))
    steps += [Step(f"t{n}", (fact,), "target", 0.9) for n, fact in enumerate(names[-1])]
    facts = ("start", *(fact for layer in names for fact in layer), "target")
    graph = AttackGraph(facts, ("start",), tuple(steps), tuple(GraphControl(one, 0.5) for one in ids))
    return Front(graph, ("target",)), Choices({one: float(rng.randint(5, 40)) for one in ids})


def greedy(front: Front, choices: Choices) -> tuple[frozenset[str], int]:
    by, chosen, rounds = breakers(front.graph), frozenset[str](), 0
    while still_reached([front], chosen):
        (path,) = best_paths(without_broken(front.graph, chosen), "target", 1)
        count: dict[str, int] = {}
        for step in path.steps:
            for one in by[step.id]:
                count[one] = count.get(one, 0) + 1
        chosen |= {max(sorted(count), key=lambda one: count[one] / choices.cost[one])}
        rounds += 1
    while spare := droppable([front], choices, (), chosen):
        chosen -= {spare[0]}
    return chosen, rounds


def hitting_set(front: Front, choices: Choices) -> tuple[frozenset[str] | None, int]:
    by, names = breakers(front.graph), sorted(choices.cost)
    rows: list[list[float]] = []
    chosen, start = frozenset[str](), time.perf_counter()
    while still_reached([front], chosen):
        if time.perf_counter() - start > LIMIT:
            return None, len(rows)
        (path,) = best_paths(without_broken(front.graph, chosen), "target", 1, effort=1)
        able = frozenset().union(*(by[step.id] for step in path.steps))
        rows.append([float(name in able) for name in names])
        result = milp(
            np.array([choices.cost[name] for name in names]),
            integrality=np.ones(len(names)),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(np.array(rows), 1, np.inf),
            options={"mip_rel_gap": 0.0},
        )
        chosen = frozenset(name for name, value in zip(names, result.x, strict=True) if value > 0.5)
    return chosen, len(rows)


def main() -> None:
    print("edges, controls: seconds and cost of the program | greedy | lazy hitting set (paths added)")
    for edges, controls in ((1_000, 20), (1_000, 50), (10_000, 50), (10_000, 200)):
        front, choices = layered(edges, controls, seed=1)
        start = time.perf_counter()
        found = cheapest_break([front], choices)
        ours = time.perf_counter() - start
        start = time.perf_counter()
        quick, _ = greedy(front, choices)
        fast = time.perf_counter() - start
        start = time.perf_counter()
        hit, rounds = hitting_set(front, choices)
        lazy = time.perf_counter() - start
        other = f"{lazy:7.2f} s {choices.total(hit):5g}" if hit is not None else f">{LIMIT:6.0f} s     -"
        proven = "optimal" if found.optimal else f"bound {found.bound:g}"
        print(
            f"{len(front.graph.steps):6} {controls:4}: {ours:7.2f} s {found.cost:5g} {proven} | "
            f"{fast:7.2f} s {choices.total(quick):5g} | {other} ({rounds})",
            flush=True,
        )


if __name__ == "__main__":
    main()
