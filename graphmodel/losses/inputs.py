"""Uncertain inputs: the ranges of an assessment, and their values at points of those ranges.

An input is one uncertain number, shared by everything that it feeds: the base chance of a threat by
all its bindings and actors (at the same point of the range of each skill) except where an override or a
test speaks for one asset; the default strength of a control by all implementations that state none (at the same
point of the range of each skill, and in the same ratio against each threat); the
amount of a severity band by all losses without an amount. Evidence factors, prevalence and
coverage are plain numbers and stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphmodel.assessment.cases import graph_in
from graphmodel.assessment.results import ActorResult, Assessment
from graphmodel.binding.amounts import limiting_controls
from graphmodel.binding.compiled import Compiled
from graphmodel.binding.patterns import Binding
from graphmodel.engine.derivations import relevant_steps
from graphmodel.knowledge.vocabulary import Range, Skill, View
from graphmodel.losses.campaigns import Price
from graphmodel.losses.variates import pert_quantile
from graphmodel.model.system import ControlImplementation

Columns = NDArray[np.float64]
THREAT, STRENGTH, AMOUNT, RATE = "threat", "strength", "amount", "rate"


@dataclass(frozen=True)
class Input:
    """One uncertain number. ``ranges`` are what is stated for it, one for each skill that meets a threat or control.

    ``element`` names what it belongs to: a threat, a control or implementation, a fact or severity
    band, or an actor; ``asset`` the asset that an override or a test speaks of. The range of a threat has its
    prevalence in it already.
    """

    id: str
    kind: str
    element: str
    ranges: tuple[Range, ...]
    asset: str = ""

    @property
    def stated(self) -> str:
        """The ranges as low / most likely / high."""
        return "; ".join(
            " / ".join(f"{value:,.3g}" if value < 1000 else f"{value:,.0f}" for value in (one.low, one.mode, one.high))
            for one in self.ranges
        )


class Values:
    """The values of inputs at points of their ranges.

    ``points`` is (inputs, columns): numbers from 0 to 1, each the point of the PERT distribution
    to take; NaN takes the mean.
    """

    def __init__(self, inputs: Sequence[Input], points: Columns) -> None:
        self.row = {one.id: number for number, one in enumerate(inputs)}
        self.points = points
        self.count = points.shape[1]
        self._known: dict[tuple[str, Range], Columns] = {}

    def of_chance(self, compiled: Compiled, binding: Binding, actor: ActorResult) -> Columns:
        """The chance of a step against an actor, before any control."""
        return self._at(threat_key(compiled, binding), compiled.chance(binding, actor.actor.skill))

    def of_hold(self, compiled: Compiled, control: ControlImplementation, skill: Skill = Skill.SKILLED) -> Columns:
        """The chance that an implementation holds against an actor, or the share of a loss that it avoids."""
        return self._at(strength_key(compiled, control), compiled.strength(control, skill)) * compiled.evidence_factor(
            control
        )

    def of_amount(self, price: Price) -> Columns:
        """What a loss costs once, before controls that limit it."""
        return self._at(amount_key(price), price.stated) * price.stake.share

    def of_rate(self, actor: ActorResult) -> Columns:
        """Campaigns a year; 0 where no rate is known."""
        stated = actor.actor.attempts_per_year
        return self._at(rate_key(actor), stated) if stated is not None else np.zeros(self.count)

    def _at(self, key: str, stated: Range) -> Columns:
        if key not in self.row or not stated.high > stated.low:
            return np.full(self.count, stated.mean)
        if (key, stated) not in self._known:
            point = self.points[self.row[key]]
            mean = np.isnan(point)
            self._known[key, stated] = np.where(mean, stated.mean, pert_quantile(stated, np.where(mean, 0.5, point)))
        return self._known[key, stated]


def uncertain_inputs(assessment: Assessment, view: View, priced: Sequence[Price]) -> tuple[Input, ...]:
    """Every input that is a range and on which an expected loss of this view can depend, by id."""
    compiled, found = assessment.compiled, _Found()
    losing = {price.fact for price in priced}
    for actor in assessment.actors:
        rate = actor.actor.attempts_per_year
        if rate is not None:
            found.add(rate_key(actor), RATE, actor.actor.id, rate)
        graph = graph_in(assessment, actor.actor.id, view)
        for step in relevant_steps(graph, [fact for fact in graph.facts if fact in losing]):
            binding = compiled.binding_by_id.get(step.id)
            if binding is not None:
                chance, (_, asset) = compiled.chance(binding, actor.actor.skill), _stated_for(compiled, binding)
                found.add(threat_key(compiled, binding), THREAT, binding.pattern.id, chance, asset)
            for cover in step.controls:
                found.control(compiled, compiled.system.control_by_id[cover.control], actor.actor.skill)
    for price in priced:
        stated = price.stake.loss
        owner = str(stated.held) if stated.amount is not None else str(stated.severity)
        found.add(amount_key(price), AMOUNT, owner, price.stated)
        for control in limiting(compiled, price, view):
            found.control(compiled, control)
    return tuple(found.inputs[key] for key in sorted(found.inputs))


class _Found:
    def __init__(self) -> None:
        self.inputs: dict[str, Input] = {}

    def add(self, key: str, kind: str, element: str, stated: Range, asset: str = "") -> None:
        if stated.high > stated.low:
            known = self.inputs[key].ranges if key in self.inputs else ()
            ranges = sorted({*known, stated}, key=lambda one: (one.low, one.mode, one.high))
            self.inputs[key] = Input(key, kind, element, tuple(ranges), asset)

    def control(self, compiled: Compiled, control: ControlImplementation, skill: Skill = Skill.SKILLED) -> None:
        own = control.strength is not None or compiled.measured_strength(control) is not None
        element = control.id if own else str(control.control)
        self.add(strength_key(compiled, control), STRENGTH, element, compiled.strength(control, skill))


def input_name(compiled: Compiled, one: Input) -> str:
    """An input in words."""
    system, catalogue = compiled.system, compiled.catalogue
    if one.kind == THREAT:
        where = f" on {system.name_of(one.asset)}" if one.asset else ""
        return f"chance of {catalogue.patterns[one.element].name}{where}"
    if one.kind == STRENGTH:
        own = system.control_by_id.get(one.element) if one.id.startswith("strength:") else None
        return (
            f"strength of {own.name or own.id}" if own else f"usual strength of {catalogue.controls[one.element].name}"
        )
    if one.kind == RATE:
        return f"campaigns a year of {system.name_of(one.element)}"
    asset, _, capability = one.element.rpartition(":")
    return f"cost of {system.name_of(asset)} · {capability}" if asset else f"cost of a loss of severity {one.element}"


def limiting(compiled: Compiled, price: Price, view: View) -> list[ControlImplementation]:
    """The controls that count in a view and limit this loss."""
    held = price.stake.held
    return [one for one in limiting_controls(compiled, held.asset, held.capability) if compiled.counts(one, view)]


def threat_key(compiled: Compiled, binding: Binding) -> str:
    """The input that is the chance of this binding."""
    kind, asset = _stated_for(compiled, binding)
    return f"{kind}:{binding.pattern.id}@{asset}" if asset else f"threat:{binding.pattern.id}"


def strength_key(compiled: Compiled, control: ControlImplementation) -> str:
    """The input that is the strength of this implementation."""
    own = control.strength is not None or compiled.measured_strength(control) is not None
    return f"strength:{control.id}" if own else f"default:{control.control}"


def amount_key(price: Price) -> str:
    """The input that is the amount of this loss."""
    return f"band:{price.stake.loss.severity}" if price.stake.loss.amount is None else f"amount:{price.source}"


def rate_key(actor: ActorResult) -> str:
    """The input that is the rate of this actor."""
    return f"rate:{actor.actor.id}"


def _stated_for(compiled: Compiled, binding: Binding) -> tuple[str, str]:
    """What speaks for the chance of a binding alone, and the asset it speaks of; empty where it is the threat's."""
    if (binding.pattern.id, binding.asset) in compiled.override_of:
        return "override", binding.asset
    found = compiled.measurements.trials(binding) if compiled.system.evidence else None
    if found is not None:
        return "evidence", found.on
    return ("weakness", binding.asset) if binding.id in compiled.measurements.weaknesses else ("", "")
