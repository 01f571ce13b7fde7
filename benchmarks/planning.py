"""The cheapest measures that leave no path, against two other ways to them on the same graphs, checks and solver.

*Greedy* takes the measure that breaks most steps of the best remaining path per unit of cost, until no path is
left, then drops what is not needed. *Lazy hitting set* solves a small integer program over the paths found
so far, and adds the best path that its answer leaves, until there is none.
"""

from __future__ import annotations

import time

import numpy as np

from benchmarks.families import defended
from benchmarks.harness import child, repeat, seconds
from benchmarks.model import Point, Scale, Section, Table
from graphmodel.engine.paths import best_paths
from graphmodel.planning.choices import Choices
from graphmodel.planning.programs import Front, breakers, cheapest_break, droppable, still_reached, without_broken

# What a prototype of the same program took on graphs of that size, with another build of the solver.
_PROTOTYPE = {(1_000, 50): 2.3, (10_000, 50): 11.1, (10_000, 200): 0.66}


def program(edges: int, controls: int) -> tuple[str, float, float, str]:
    """The integer program: seconds as text and number, cost, and whether it is proven."""
    front, choices = defended(edges, controls)
    timing, found = repeat(lambda: cheapest_break([front], choices), 3, 10.0)
    return str(timing), timing.median, found.cost, "optimal" if found.optimal else f"bound {found.bound:g}"


def greedy(edges: int, controls: int) -> tuple[float, float]:
    """Seconds and cost."""
    front, choices = defended(edges, controls)
    start = time.perf_counter()
    chosen = _greedy(front, choices)
    return time.perf_counter() - start, choices.total(chosen)


def _greedy(front: Front, choices: Choices) -> frozenset[str]:
    by, chosen = breakers(front.graph), frozenset[str]()
    while still_reached([front], chosen):
        (path,) = best_paths(without_broken(front.graph, chosen), "target", 1)
        count: dict[str, int] = {}
        for step in path.steps:
            for one in by[step.id]:
                count[one] = count.get(one, 0) + 1
        chosen |= {max(sorted(count), key=lambda one: count[one] / choices.cost[one])}
    while spare := droppable([front], choices, (), chosen):
        chosen -= {spare[0]}
    return chosen


def hitting_set(edges: int, controls: int) -> tuple[float, float, int]:
    """Seconds, cost, and the number of paths that were added."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    front, choices = defended(edges, controls)
    start = time.perf_counter()
    by, names = breakers(front.graph), sorted(choices.cost)
    rows: list[list[float]] = []
    chosen = frozenset[str]()
    while still_reached([front], chosen):
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
    return time.perf_counter() - start, choices.total(chosen), len(rows)


def section(scale: Scale) -> Section:
    """The table of plans."""
    rows, points = [], []
    for edges, controls in ((1_000, 20), (1_000, 50), (10_000, 50), (10_000, 200))[: 1 if scale.quick else None]:
        found = child(program, edges, controls, limit=2 * scale.limit)
        quick = child(greedy, edges, controls, limit=scale.limit)
        lazy = child(hitting_set, edges, controls, limit=scale.limit)
        cells = [f"{edges:,}, {controls} controls"]
        if found.value is None:
            cells += [f"**fails**: {found.failure}", "–", "–"]
        else:
            said, taken, cost, proven = found.value
            cells += [said, f"{cost:g}", proven]
            points.append(Point(f"plan, {controls} controls", "ours", edges, taken))
        for outcome in (quick, lazy):
            cells += [seconds(outcome.value[0]), f"{outcome.value[1]:g}"] if outcome.value else [outcome.failure, "–"]
        asked = _PROTOTYPE.get((edges, controls))
        met = found.value is not None and asked is not None and found.value[1] <= asked
        cells.append("–" if asked is None else f"{seconds(asked)}: {'met' if met else '**missed**'}")
        rows.append(tuple(cells))
    columns = ("edges", "our program", "cost", "proof", "greedy", "cost", "lazy hitting set", "cost", "prototype")
    about = "Measures cost 5 to 40; the least cost is best. Greedy proves nothing; the hitting set ends proven."
    return Section("Plans", __doc__ or "", (Table("Plans", about, columns, tuple(rows)),), tuple(points))
