"""Importance of each part of a system (steps, controls, flows, entries, assets), and the blast radius of every asset.

Every answer is a difference from things as they stand: how much less would be lost if a step were
impossible, a flow cut, an entry closed, an asset out of reach or a control perfect, and how much more
if a control were absent or an asset were in the attacker's hands from the start. All answers come from the same
exact program, or from one pass over the same worlds, see ``changes``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from graphmodel.assessment.cases import case_of, steps_to_losses
from graphmodel.assessment.results import ActorResult, Assessment
from graphmodel.binding.amounts import loss_amounts
from graphmodel.binding.attackgraph import GRANTED, attack_graph, entry_facts
from graphmodel.engine.estimates import Estimate
from graphmodel.engine.importance import Changes
from graphmodel.engine.likelihood import Solver
from graphmodel.engine.parallel import in_parallel
from graphmodel.knowledge.vocabulary import View

Part = tuple["Kind", str]
_PAIRS = 12_000_000  # of a tree of cuts: as long as simulating all changes takes
_NO_DIAGRAM = 1  # node: so many certain steps are events here that a diagram seldom has room for them


class Kind(StrEnum):
    """What a system is made of, as far as an attack goes."""

    STEP = "step"
    CONTROL = "control"
    FLOW = "flow"
    ENTRY = "entry"
    ASSET = "asset"


@dataclass(frozen=True)
class PartImportance:
    """One part. ``saves`` is how much less would be lost without it, or with it perfect where it is a control;
    ``costs`` how much more without it where it is a control, and with it held from the start where it is an asset.

    Both are in currency per ``Assessment.period``; ``share`` is the part of the expected loss that ``saves`` is.
    ``birnbaum`` of a step is how much more is lost when it is certain than when it is impossible
    (Birnbaum 1969), in the same units.
    """

    kind: Kind
    id: str
    saves: Estimate | None
    costs: Estimate | None = None
    birnbaum: Estimate | None = None
    share: Estimate | None = None


@dataclass(frozen=True)
class BlastRadius:
    """What a campaign costs in expectation given that an asset is held from its start, by its worst actor.

    ``added`` is how much more that is than otherwise.
    """

    asset: str
    actor: str
    loss: Estimate
    added: Estimate


@dataclass(frozen=True)
class Importance:
    """All parts that matter, of each kind the most saving first, and the blast radius of every asset."""

    parts: tuple[PartImportance, ...]
    blast: tuple[BlastRadius, ...]

    def of(self, kind: Kind) -> tuple[PartImportance, ...]:
        return tuple(one for one in self.parts if one.kind is kind)

    def that_matter(self, kind: Kind) -> tuple[PartImportance, ...]:
        """Without those that were never seen to change anything."""
        return tuple(one for one in self.of(kind) if _size(one.saves) > 0 or _size(one.costs) > 0)


def find_importance(assessment: Assessment, actor: str | None = None) -> Importance:
    """The influence of every part on the expected loss, in sum over the actors or of one alone.

    Raises ``KeyError`` for an actor that there is not.
    """
    name = None if actor is None else assessment.actor_by_id[actor].actor.id
    return assessment.recall(("importance", name), Importance, lambda: _importance(assessment, name))


def _importance(assessment: Assessment, actor: str | None) -> Importance:
    weights = dict(assessment.weights) if actor is None else {actor: 1.0}
    found: dict[Part, PartImportance] = {}
    radii: list[BlastRadius] = []
    chosen = assessment.actors if actor is None else (assessment.actor_by_id[actor],)
    passes = [_Pass(assessment, one) for one in chosen]
    in_parallel([one.run for one in passes])
    for one, all_changes in zip(chosen, passes, strict=True):
        radii += all_changes.blast
        weight = weights.get(one.actor.id, 0.0)
        for key, part in all_changes.found.items() if weight else ():
            found[key] = _sum(found.get(key), part, weight)
    total = Estimate.total(
        assessment.actor_by_id[name].solutions[View.RESIDUAL].loss.scaled(weight) for name, weight in weights.items()
    )
    for control, costs in _limits(assessment, weights).items():
        key = (Kind.CONTROL, control)
        known = found.get(key, PartImportance(Kind.CONTROL, control, None))
        found[key] = _sum(known, PartImportance(Kind.CONTROL, control, None, costs), 1.0)
    order = list(Kind)
    ranked = [replace(one, share=one.saves.share_of(total) if one.saves else None) for one in found.values()]
    ranked.sort(key=lambda one: (order.index(one.kind), -_size(one.saves), -_size(one.costs), one.id))
    worst: dict[str, BlastRadius] = {}
    for radius in sorted(radii, key=lambda one: (-_size(one.loss), one.actor)):
        worst.setdefault(radius.asset, radius)
    return Importance(tuple(ranked), tuple(sorted(worst.values(), key=lambda one: (-_size(one.loss), one.asset))))


class _Pass:
    """All changes of one actor's graph: steps and controls in the graph that was assessed, and the rest, which
    takes certain steps away or adds some, in one that has events for them."""

    def __init__(self, assessment: Assessment, one: ActorResult) -> None:
        self.assessment, self.one = assessment, one
        self.case = case_of(assessment.compiled, assessment.compiled.in_force(View.RESIDUAL), one.actor.skill)
        self.found: dict[Part, PartImportance] = {}
        self.blast: list[BlastRadius] = []

    def run(self) -> None:
        compiled = self.assessment.compiled
        relevant = steps_to_losses(self.assessment)[self.one.actor.id]
        own, whole = Changes[Part](self.one.solver, self.case), Changes[Part](self.granting(), self.case)
        gaining: defaultdict[str, list[str]] = defaultdict(list)
        flowing: defaultdict[str, list[str]] = defaultdict(list)
        for binding in compiled.bindings:
            if binding.id in relevant:
                gaining[binding.asset].append(binding.id)
                if not binding.pattern.propagation:
                    own.add_step((Kind.STEP, binding.id), binding.id)
                for origin in {way[0] for way in binding.ways if len(way) == 1}:
                    flowing[origin].append(binding.id)
        for control, holds in self.case.holds.items():
            if holds > 0:
                own.add((Kind.CONTROL, control), holds={control: 1.0})
                own.add((Kind.CONTROL, control), holds={control: 0.0})
        for fact in entry_facts(compiled, self.one.actor):
            entry = f"enters:{fact}"
            if entry in relevant:
                whole.add((Kind.ENTRY, fact), [entry])
                gaining[fact.rpartition(":")[0]].append(entry)
        for flow in compiled.system.flows:
            whole.add((Kind.FLOW, flow.id), flowing[flow.id])
        for asset in compiled.system.assets:
            whole.add((Kind.ASSET, asset.id), gaining[asset.id])
            whole.add((Kind.ASSET, asset.id), holds={f"{GRANTED}{asset.id}": 0.0})
        loss = self.one.solutions[View.RESIDUAL].loss
        for (kind, name), effect in (*own.compared(), *whole.compared()):
            one = PartImportance(kind, name, effect.saves, effect.costs, effect.birnbaum)
            self.found[kind, name] = _sum(self.found.get((kind, name)), one, 1.0)
            if kind is Kind.ASSET and effect.costs is not None:
                total = Estimate.total((loss, effect.costs))
                self.blast.append(BlastRadius(name, self.one.actor.id, total, effect.costs))

    def granting(self) -> Solver:
        """A solver of the graph in which any asset may be held from the start, exact as a whole or else simulated."""
        assets = [asset.id for asset in self.assessment.compiled.system.assets]
        graph = attack_graph(self.assessment.compiled, self.one.actor, granting=assets)
        options = replace(
            self.assessment.options,
            nodes=min(_NO_DIAGRAM, self.assessment.options.nodes),
            parts=False,
            pairs=_PAIRS,
        )
        return Solver(graph, options, changeable=[step.id for step in graph.steps])


def _limits(assessment: Assessment, weights: Mapping[str, float]) -> dict[str, Estimate]:
    """How much more would be lost without each control that limits losses."""
    active = assessment.compiled.in_force(View.RESIDUAL)
    now = loss_amounts(assessment.compiled, View.RESIDUAL, active)
    found = {}
    for control in sorted(active):
        without = loss_amounts(assessment.compiled, View.RESIDUAL, active - {control})
        dearer = {fact: without[fact] - now[fact] for fact in now if without[fact] != now[fact]}
        if dearer:
            found[control] = Estimate.total(
                assessment.actor_by_id[actor].likelihood(fact).scaled(weight * amount)
                for actor, weight in weights.items()
                for fact, amount in dearer.items()
            )
    return found


def _sum(known: PartImportance | None, more: PartImportance, weight: float) -> PartImportance:
    def add(first: Estimate | None, second: Estimate | None) -> Estimate | None:
        if second is None:
            return first
        second = second.scaled(weight)
        return second if first is None else Estimate.total((first, second))

    base = known or PartImportance(more.kind, more.id, None)
    return replace(
        base,
        saves=add(base.saves, more.saves),
        costs=add(base.costs, more.costs),
        birnbaum=add(base.birnbaum, more.birnbaum),
    )


def _size(estimate: Estimate | None) -> float:
    return estimate.rank if estimate is not None else 0.0
