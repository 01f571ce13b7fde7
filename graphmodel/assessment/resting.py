"""Which losses of a system rest on given threats or controls, and which move when the catalogue says something else."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from graphmodel.assessment.cases import graph_in
from graphmodel.assessment.results import Assessment
from graphmodel.engine.derivations import relevant_steps
from graphmodel.engine.estimates import Estimate
from graphmodel.knowledge.vocabulary import View


@dataclass(frozen=True)
class Moved:
    """A loss whose likelihood, as things stand, is another with another catalogue."""

    fact: str
    was: Estimate
    now: Estimate


def moved_risks(before: Assessment, after: Assessment) -> tuple[Moved, ...]:
    """The losses of one system that two catalogues rate differently, in the order of the risks before.

    Simulated likelihoods differ where their intervals do not meet.
    """
    now = {one.fact: one.likelihood[View.RESIDUAL] for one in after.risks}
    found = (Moved(one.fact, one.likelihood[View.RESIDUAL], now[one.fact]) for one in before.risks)
    return tuple(one for one in found if _differ(one.was, one.now))


def _differ(one: Estimate, other: Estimate) -> bool:
    """Whether two likelihoods are different; the last digits of exact ones hang on the order of the work."""
    slack = 1e-9 if one.is_exact and other.is_exact else 0.0
    return one.low > other.high + slack or other.low > one.high + slack


@dataclass(frozen=True)
class Resting:
    """A loss, and the given threats and controls that lie on some way to it."""

    fact: str
    on: tuple[str, ...]


def resting_on(assessment: Assessment, entries: Collection[str], view: View = View.RESIDUAL) -> tuple[Resting, ...]:
    """The losses that rest on any of these threats or controls of the catalogue, in the order of the risks."""
    compiled = assessment.compiled
    kinds = {one.id: one.control for one in compiled.system.controls}
    found = []
    for risk in assessment.risks:
        on: set[str] = set()
        for actor in assessment.actors:
            for step in relevant_steps(graph_in(assessment, actor.actor.id, view), [risk.fact]):
                binding = compiled.binding_by_id.get(step.id)
                if binding is not None:
                    on.add(binding.pattern.id)
                on.update(kinds[one] or "" for one in compiled.covers.get(step.id, ()) if one in kinds)
        shared = tuple(sorted(on.intersection(entries)))
        if shared:
            found.append(Resting(risk.fact, shared))
    return tuple(found)
