"""Conditional answers: given that a fact came true, which steps were taken, and which controls had failed.

A step is *taken* in a world where its needs are held and it succeeds past its controls. That, and that the fact
comes true, are made facts of the graph, so that whatever solves graphs answers; where it can only be simulated, the
worlds in which the fact comes true are counted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from graphmodel.engine.derivations import relevant_steps
from graphmodel.engine.estimates import SIMULATED, Estimate
from graphmodel.engine.graph import AttackGraph, Step
from graphmodel.engine.intervals import chance_interval
from graphmodel.engine.likelihood import Options, Solver
from graphmodel.engine.trials import written_out


@dataclass(frozen=True)
class Given:
    """``likelihood`` of a fact; and given that it came true, the chances that each step was taken (``steps``) and that
    each control had failed (``failed``); ``anyway`` and ``fails`` are what these are without that knowledge."""

    likelihood: Estimate
    steps: Mapping[str, Estimate]
    anyway: Mapping[str, Estimate]
    failed: Mapping[str, Estimate]
    fails: Mapping[str, float]


def given(
    graph: AttackGraph,
    fact: str,
    holds: Mapping[str, float] | None = None,
    asked: Collection[str] | None = None,
    options: Options | None = None,
) -> Given | None:
    """What is to be known of the worlds in which a fact comes true; None where it cannot.

    ``holds`` gives controls another chance to hold than the graph's; ``asked`` names the steps that are asked about,
    all unless given. Steps that lead nowhere near the fact are left out, and controls that each step draws anew.
    """
    chosen, held = options or Options(), {one.id: one.holds for one in graph.controls} | dict(holds or {})
    steps = relevant_steps(graph, [fact])
    wanted = [step for step in steps if asked is None or step.id in asked]
    extended, both = _with_taken(graph, fact, steps, wanted)
    solver = Solver(extended, chosen)
    if fact not in solver.possible:
        return None
    met = {cover.control for step in steps for cover in step.controls if cover.coverage > 0}
    controls = [one.id for one in graph.controls if one.id in met and not one.independent and 0 < held[one.id] < 1]
    cases = [held, *(held | {control: 0.0} for control in controls)]
    weights = np.stack([solver.events.weights(one) for one in cases], axis=1)
    exact = solver.exact(weights, easily=False)
    mine, hits, worlds = [], dict[str, int](), 0
    if fact in exact:
        mine = [Estimate.exactly(min(1.0, float(one))) for one in exact[fact]]
    if fact not in exact or not {*both.values(), *map(_own, both)}.intersection(solver.possible) <= exact.keys():
        tallies = solver.simulation.run(weights, [{}] * len(cases), chosen.worlds, progress=chosen.progress)
        hits, worlds = dict(tallies[0].hits), tallies[0].worlds
        mine = mine or [_share(one.hits.get(fact, 0), one.worlds, chosen.confidence) for one in tallies]
    if not mine[0].value:
        return None if mine[0].is_exact else Given(mine[0], {}, {}, {}, {})
    found, anyway = {}, {}
    for step, name in both.items():
        if (own := _own(step)) in exact:
            anyway[step] = Estimate.exactly(min(1.0, float(exact[own][0])))
        elif worlds:
            anyway[step] = _share(hits.get(own, 0), worlds, chosen.confidence)
        if name in exact and fact in exact:
            found[step] = Estimate.exactly(min(1.0, float(exact[name][0]) / mine[0].value))
        elif name in solver.possible and worlds:
            found[step] = _share(hits.get(name, 0), hits.get(fact, 0), chosen.confidence)
    failed = {
        control: then.scaled(1.0 - held[control]).share_of(mine[0])
        for control, then in zip(controls, mine[1:], strict=True)
    }
    return Given(mine[0], found, anyway, failed, {control: 1.0 - held[control] for control in controls})


def _own(step: str) -> str:
    """The fact that a step was taken."""
    return f"taken {step}"


def _share(part: int, whole: int, confidence: float) -> Estimate:
    if not whole:
        return Estimate(0.0, 0.0, 1.0, SIMULATED)
    return Estimate(part / whole, *chance_interval(part, whole, confidence), SIMULATED)


def _with_taken(
    graph: AttackGraph, fact: str, steps: Collection[Step], wanted: Collection[Step]
) -> tuple[AttackGraph, dict[str, str]]:
    """The graph of these steps, with a fact for each one wanted that it was taken and that the other fact is true."""
    told = written_out(graph, steps)
    asked = {told.last.get(one.id, one.id): one.id for one in wanted}
    made, taken, both = list[Step](), list[str](), dict[str, str]()
    for step in told.steps:
        if step.id not in asked:
            made.append(step)
            continue
        one = asked[step.id]
        own, together = _own(one), f"both {one}"
        taken.append(own)
        both[one] = together
        made += [
            replace(step, gains=own),
            Step(f"on {one}", (own,), step.gains, 1.0),
            Step(f"with {one}", (own, fact), together, 1.0),
        ]
    facts = (*graph.facts, *told.facts, *taken, *both.values())
    return AttackGraph(facts, graph.start, tuple(made), graph.controls, {}), both
