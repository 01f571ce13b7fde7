"""Minimum-cost choices under clauses, solved to proven optimality: by CP-SAT where costs are whole, else by HiGHS.

CP-SAT counts in whole numbers, so it is asked where a unit measures every cost without a remainder: cents do
for amounts of money. Nothing is rounded: costs in which no such unit is found go to HiGHS, a solver of
mixed-integer programs in floating point. Both take the same programs and prove what they answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from graphmodel.engine.exact.rules import Awaited, always

WORK = 100.0  # of CP-SAT in its own deterministic time, somewhat like seconds
_FIRST = 2e-5  # of it for each variable and clause, without a linear relaxation
NODES = 100_000  # of the branching of HiGHS; both are counted so that every machine stops at the same place
_LOOK = 0.1  # seconds between two looks whether the answer is still awaited
_DECIMALS = 6
_MOST = 2**50  # the sum of all costs in units: far from the end of whole numbers in floating point
_HALF = 0.5


@dataclass(frozen=True)
class Program:
    """Choose among the first variables, one for each of ``costs``, so that every clause holds, at the least cost.

    A clause holds when one of its first variables is chosen or one of its second ones is not. All variables
    but the first ``len(costs)`` of the ``size`` there are cost nothing; those in ``fixed`` are chosen.
    """

    costs: tuple[float, ...]
    size: int
    clauses: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]
    fixed: tuple[int, ...] = ()


@dataclass(frozen=True)
class Found:
    """The variables with a cost that were chosen, None where no choice satisfies the program; no choice is cheaper
    than ``bound``."""

    chosen: frozenset[int] | None
    bound: float


def solved(program: Program, awaited: Awaited = always) -> Found:
    """The cheapest choice, by the solver that its costs allow.

    ``awaited`` is called while CP-SAT works, in the thread of the caller, and may raise to end it. Raises
    ``ArithmeticError`` where the work that is allowed came to no choice at all.
    """
    if not program.size:
        return Found(frozenset(), 0.0)
    units = whole_units(program.costs)
    return by_highs(program) if units is None else by_cpsat(program, *units, awaited=awaited)


def whole_units(costs: Iterable[float]) -> tuple[tuple[int, ...], int] | None:
    """The costs as whole numbers and how many of these make 1; None where six decimals do not say them all exactly."""
    exact = [Decimal(repr(float(one))) for one in costs]
    decimals = max((-int(one.normalize().as_tuple().exponent) for one in exact), default=0)
    if decimals > _DECIMALS:
        return None
    scale = 10 ** max(decimals, 0)
    whole = tuple(int(one * scale) for one in exact)
    return (whole, scale) if sum(whole) <= _MOST else None


def by_cpsat(
    program: Program, whole: Sequence[int], scale: int, work: float = WORK, awaited: Awaited = always
) -> Found:
    """By CP-SAT, one worker and one seed, so that the same program has the same answer every time.

    Learning from clauses alone is fastest where few measures suffice, and hopeless for minimum cuts of many, which
    a linear relaxation sees at once. So the first gets a short time, and the second starts from what it found.
    """
    from ortools.sat.python import cp_model  # noqa: PLC0415 - slow to import, and for plans only

    model = cp_model.CpModel()
    variables = [model.new_bool_var("") for _ in range(program.size)]
    for either, unless in program.clauses:
        model.add_bool_or([*(variables[one] for one in either), *(~variables[one] for one in unless)])
    for one in program.fixed:
        model.add(variables[one] == 1)
    priced = variables[: len(whole)]
    model.minimize(cp_model.LinearExpr.weighted_sum(priced, list(whole)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.catch_sigint_signal = False
    best, bound = None, 0
    for relaxed, most in ((0, min(work, _FIRST * (program.size + len(program.clauses)))), (2, work)):
        solver.parameters.linearization_level = relaxed
        solver.parameters.max_deterministic_time = most
        status = _while_awaited(solver, model, awaited)
        if status == cp_model.INFEASIBLE:
            return Found(None, 0.0)
        bound = max(bound, round(solver.best_objective_bound))
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            continue
        values = [solver.boolean_value(one) for one in variables]
        best = frozenset(place for place, taken in enumerate(values[: len(whole)]) if taken)
        if status == cp_model.OPTIMAL:
            break
        model.clear_hints()  # type: ignore[no-untyped-call]
        for variable, value in zip(variables, values, strict=True):
            model.add_hint(variable, value)
    if best is None:
        raise ArithmeticError("the integer program was not solved within the work that is allowed")
    return Found(best, bound / scale)


def _while_awaited(solver: Any, model: Any, awaited: Awaited) -> Any:
    """The status of a search in a thread of its own, which ends when ``awaited`` or an interrupt raises here."""
    with ThreadPoolExecutor(1) as pool:
        search = pool.submit(solver.solve, model)
        try:
            while not wait([search], _LOOK).done:
                awaited()
            return search.result()
        finally:
            while not search.done():
                solver.stop_search()
                wait([search], _LOOK)


def by_highs(program: Program, nodes: int = NODES) -> Found:
    """By HiGHS; what costs nothing need not be whole there, and is so in some solution of the same cost."""
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 - slow to import, and for plans only
    from scipy.sparse import coo_array  # noqa: PLC0415

    count = len(program.costs)
    entries = [(row, one, 1.0) for row, (either, _) in enumerate(program.clauses) for one in either]
    entries += [(row, one, -1.0) for row, (_, unless) in enumerate(program.clauses) for one in unless]
    least = np.array([1.0 - len(unless) for _, unless in program.clauses])
    dearest = max(program.costs, default=0.0) or 1.0
    objective = np.zeros(program.size)
    objective[:count] = [cost / dearest for cost in program.costs]
    low = np.zeros(program.size)
    low[list(program.fixed)] = 1.0
    row, place, value = (np.array(part) for part in zip(*entries, strict=True)) if entries else ([], [], [])
    matrix = coo_array((value, (row, place)), shape=(len(least), program.size)).tocsr()
    result = milp(
        objective,
        integrality=np.concatenate([np.ones(count), np.zeros(program.size - count)]),
        bounds=Bounds(low, np.ones(program.size)),
        constraints=LinearConstraint(matrix, least, np.inf) if len(least) else (),
        options={"mip_rel_gap": 0.0, "node_limit": nodes},
    )
    bound = 0.0 if result.mip_dual_bound is None else max(0.0, float(result.mip_dual_bound)) * dearest
    if result.x is None:
        if result.status == 2:
            return Found(None, 0.0)
        raise ArithmeticError(f"the integer program was not solved: {result.message}")
    return Found(frozenset(place for place in range(count) if result.x[place] > _HALF), bound)
