"""What probably happened: given that a fact came true, which threats were carried out and which controls had failed."""

from __future__ import annotations

from dataclasses import dataclass

from graphmodel.assessment.cases import graph_in
from graphmodel.assessment.paths import find_targets
from graphmodel.assessment.results import Assessment
from graphmodel.engine.estimates import Estimate
from graphmodel.engine.given import given


@dataclass(frozen=True)
class TakenStep:
    """A step of a threat: what it gains, the chance that it was taken, and that it is in any campaign (``before``)."""

    step: str
    name: str
    gains: str
    chance: Estimate
    before: Estimate


@dataclass(frozen=True)
class FailedControl:
    """A control implementation: the chance that it had failed, and what that is where nothing is known (``before``)."""

    id: str
    chance: Estimate
    before: float


@dataclass(frozen=True)
class Diagnosis:
    """What is to be thought of campaigns of an actor in which a fact came true, the likeliest first."""

    fact: str
    actor: str
    likelihood: Estimate
    steps: tuple[TakenStep, ...]
    controls: tuple[FailedControl, ...]


def diagnose(assessment: Assessment, selector: str) -> tuple[Diagnosis, ...]:
    """For each fact that is meant, and its worst actor as things stand.

    Raises ``KeyError`` with a message where ``find_targets`` does.
    """
    found = []
    for fact in find_targets(assessment, selector):
        worst, likelihood = assessment.worst(fact)
        if worst is None or not likelihood.value:
            continue
        graph, bindings = graph_in(assessment, worst.actor.id), assessment.compiled.binding_by_id
        threats = [one.id for one in graph.steps if one.id in bindings and not bindings[one.id].pattern.propagation]
        known = given(graph, fact, asked=threats, options=assessment.options)
        if known is None:
            continue
        steps = [
            TakenStep(step, bindings[step].pattern.name, graph.step_by_id[step].gains, chance, known.anyway[step])
            for step, chance in known.steps.items()
        ]
        controls = [FailedControl(one, chance, known.fails[one]) for one, chance in known.failed.items()]
        found.append(
            Diagnosis(
                fact,
                worst.actor.id,
                likelihood,
                tuple(sorted(steps, key=lambda one: (-one.chance.rank, one.step))),
                tuple(sorted(controls, key=lambda one: (-one.chance.rank, one.id))),
            )
        )
    return tuple(found)
