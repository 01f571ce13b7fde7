"""The cheapest measures that leave no path, against two other ways to them on the same graphs, and two solvers.

*Greedy* takes the measure that breaks most steps of the best remaining path per unit of cost, until no path is
left, then drops what is not needed. *Lazy hitting set* solves a small integer program over the paths found
so far, and adds the best path that its answer leaves, until there is none.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from benchmarks.families import defended, walled
from benchmarks.harness import Timing, child, repeat, seconds, two
from benchmarks.model import Point, Scale, Section, Table
from benchmarks.systems import ai_system
from graphmodel.assessment.assess import assess
from graphmodel.binding.compiled import compile_system
from graphmodel.engine.likelihood import Options
from graphmodel.engine.paths import best_paths
from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.settings import load_settings
from graphmodel.planning.breaking import asked
from graphmodel.planning.choices import Choices
from graphmodel.planning.options import Ask
from graphmodel.planning.programs import (
    Front,
    breakers,
    breaking_program,
    cheapest_break,
    droppable,
    still_reached,
    without_broken,
)
from graphmodel.planning.solvers import Program, by_cpsat, by_highs, whole_units

# What a prototype of the same program took on graphs of that size, with another build of the solver.
_PROTOTYPE = {(1_000, 50): 2.3, (10_000, 50): 11.1, (10_000, 200): 0.66}


def program(edges: int, controls: int) -> tuple[str, float, float, str]:
    """The integer program: seconds as text and number, cost, and whether it is proven."""
    front, choices = defended(edges, controls)
    timing, found = repeat(lambda: cheapest_break([front], choices), 3, 10.0)
    return str(timing), timing.median, found.cost, "optimal" if found.optimal else f"bound {found.bound:g}"


def both(kind: str, *size: int) -> tuple[int, int, Timing, Timing, float, float]:
    """CP-SAT and HiGHS in turn on one program: its measures and clauses, their processor times, what each proves."""
    given = _PROGRAMS[kind](*size)
    units = whole_units(given.costs)
    assert units is not None
    small = breaking_program(*_one(defended(1_000, 20)))  # loads both solvers
    by_cpsat(small, *(whole_units(small.costs) or ((), 1)))
    by_highs(small)
    times: tuple[list[Timing], list[Timing]] = [], []
    for _ in range(3):
        first, quick = repeat(lambda: by_cpsat(given, *units), 1)
        second, slow = repeat(lambda: by_highs(given), 1)
        times[0].append(first)
        times[1].append(second)
    cpsat, highs = (Timing.of(one) for one in times)
    return len(given.costs), len(given.clauses), cpsat, highs, quick.bound, slow.bound


def _system(assets: int) -> Program:
    """The program of the cheapest break of all losses of a generated AI system, for every actor."""
    catalogue, _ = load_catalogue()
    settings, _ = load_settings()
    system = ai_system(assets)
    assessment = assess(compile_system(system, catalogue, settings), Options(nodes=0, worlds=256))
    targets = sorted({str(loss.held) for loss in system.losses})
    choice, fronts, _ = asked(assessment, targets, Ask(), sorted(assessment.actor_by_id))
    return breaking_program(fronts, choice.choices, choice.standing)


def _one(front: tuple[Front, Choices]) -> tuple[list[Front], Choices]:
    return [front[0]], front[1]


_PROGRAMS: dict[str, Callable[..., Program]] = {
    "layers": lambda *size: breaking_program(*_one(defended(*size))),
    "walls": lambda *size: breaking_program(*_one(walled(*size))),
    "AI system": _system,
}
_ASKED: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("AI system of 25 assets, all losses", "AI system", (25,)),
    ("AI system of 60 assets, all losses", "AI system", (60,)),
    ("AI system of 100 assets, all losses", "AI system", (100,)),
    ("1,000 edges, 50 controls", "layers", (1_000, 50)),
    ("10,000 edges, 50 controls", "layers", (10_000, 50)),
    ("10,000 edges, 200 controls", "layers", (10_000, 200)),
    ("30,000 edges, 200 controls", "layers", (30_000, 200)),
    ("walls 10 wide and deep, 100 controls", "walls", (10, 10, 100)),
    ("walls 15 wide, 10 deep, 150 controls", "walls", (15, 10, 150)),
    ("walls 40 wide and deep, minimum cut", "walls", (40, 40)),
)


def _solvers(scale: Scale) -> Table:
    rows = []
    for name, kind, size in _ASKED[: 4 if scale.quick else None]:
        found = child(both, kind, *size, limit=4 * scale.limit)
        if found.value is None:
            rows.append((name, "–", "–", f"**fails**: {found.failure}", "–", "–", "–"))
            continue
        measures, clauses, cpsat, highs, first, second = found.value
        same = f"{first:g}" if abs(first - second) <= 1e-6 * max(1.0, first) else f"**{first:g} and {second:g}**"
        ratio = two(highs.cpu_median / cpsat.cpu_median)
        times = (seconds(cpsat.cpu_median), seconds(highs.cpu_median))
        rows.append((name, f"{measures:,}", f"{clauses:,}", *times, ratio, same))
    columns = ("program", "measures", "clauses", "CP-SAT", "HiGHS", "HiGHS / CP-SAT", "proven cost")
    about = (
        "Processor time of the two solvers on the same program, with the building of their own form of it, in turns in "
        "one process, medians of three. CP-SAT is asked where costs are whole in units of up to six decimals, HiGHS "
        "otherwise. *Walls* are layers with a control on every step: a minimum cut where no two steps share one."
    )
    return Table("Two solvers", about, columns, tuple(rows))


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
    return Section(
        "Plans", __doc__ or "", (Table("Plans", about, columns, tuple(rows)), _solvers(scale)), tuple(points)
    )
