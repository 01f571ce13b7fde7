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
    made, facts, last = list[Step](), list[str](), dict[str, str]()
    drawn, known = dict[tuple[str, str], str](), {*graph.facts, *graph.step_by_id}

    def new(said: str) -> str:
        while said in known:
            said += "'"
        known.add(said)
        facts.append(said)
        return said

    for step in steps:
        among = graph.trial_of.get(step.id, ())
        if not among:
            made.append(step)
            continue
        most, trial = graph.chance_of_trial(among), (step.gains, step.trial)
        if trial not in drawn:
            drawn[trial] = new(f"drawn: {step.gains} by {step.trial}")
            made.append(Step(drawn[trial], (), drawn[trial], most))
        opened = new(f"open: {step.id}")
        last[step.id] = f"tried {opened}"
        made.append(replace(step, gains=opened, chance=step.chance / most if most else 0.0, trial=""))
        made.append(Step(last[step.id], (opened, drawn[trial]), step.gains, 1.0))
    return WrittenOut(tuple(made), tuple(facts), last)
