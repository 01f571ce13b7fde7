"""Which losses of a system rest on given threats or controls: those on some way from an actor to the loss."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from graphmodel.assessment.cases import graph_in
from graphmodel.assessment.results import Assessment
from graphmodel.engine.derivations import relevant_steps
from graphmodel.knowledge.vocabulary import View


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
