"""Trials that several steps share, written out as facts: for what must tell which way of a trial was taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from graphmodel.engine.graph import AttackGraph, Step


@dataclass(frozen=True)
class WrittenOut:
    """Steps of which none shares a trial, and the ``facts`` that they need besides.

    ``last`` has for each step of a trial the id of the one that now gains its fact, once the way is open and the trial
    has succeeded.
    """

    steps: tuple[Step, ...]
    facts: tuple[str, ...]
    last: dict[str, str]


def written_out(graph: AttackGraph, steps: Iterable[Step]) -> WrittenOut:
    """Some steps of a graph with a fact that each trial succeeds, which nothing is needed for, and one that each way to
    it is open; every fact keeps its chance."""
    made, drawn, opened, last = list[Step](), dict[str, Step](), list[str](), dict[str, str]()
    for step in steps:
        among = graph.trial_of.get(step.id, ())
        if not among:
            made.append(step)
            continue
        trial, most = f"drawn: {step.gains} by {step.trial}", graph.chance_of_trial(among)
        drawn[trial] = Step(trial, (), trial, most)
        opened.append(f"open: {step.id}")
        last[step.id] = f"tried: {step.id}"
        made.append(replace(step, gains=opened[-1], chance=step.chance / most if most else 0.0, trial=""))
        made.append(Step(last[step.id], (opened[-1], trial), step.gains, 1.0))
    return WrittenOut((*made, *drawn.values()), (*opened, *drawn), last)
