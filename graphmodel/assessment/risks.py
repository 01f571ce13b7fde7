"""Risks: every fact that costs something, with its likelihood, its loss a campaign and a year, and its bands.

Expected loss is likelihood times amount; a year's is the sum over the actors whose rate is known of
rate times likelihood times amount. Bands come from the settings.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from graphmodel.assessment.results import Actors, Assessment, Risk
from graphmodel.binding.amounts import loss_amounts
from graphmodel.binding.compiled import Compiled
from graphmodel.engine.estimates import Estimate
from graphmodel.knowledge.vocabulary import Severity, View
from graphmodel.model.system import Held, Loss


def risks(compiled: Compiled, actors: Actors) -> tuple[Risk, ...]:
    """Every fact with a loss, the largest expected loss first: a year's where rates are known."""
    losses: dict[str, list[Loss]] = {}
    for loss in compiled.system.losses:
        losses.setdefault(str(loss.held), []).append(loss)
    amounts = {view: loss_amounts(compiled, view) for view in View}
    found = [
        _risk(compiled, actors, losses[fact], {view: amounts[view][fact] for view in View}) for fact in sorted(losses)
    ]
    now = View.RESIDUAL
    return tuple(
        sorted(found, key=lambda one: (-(one.yearly or one.expected)[now].value, -one.expected[now].value, one.fact))
    )


def _risk(compiled: Compiled, actors: Actors, losses: list[Loss], amount: Mapping[View, float]) -> Risk:
    held: Held = losses[0].held
    fact, settings = str(held), compiled.settings
    severity = _severity(compiled, losses)
    likelihood = {view: actors.worst(fact, view)[1] for view in View}
    actor, now = actors.worst(fact)
    yearly, chance = None, None
    if actors.rated:
        often = {
            view: Estimate.total(one.likelihood(fact, view).scaled(one.rate or 0.0) for one in actors.rated)
            for view in View
        }
        yearly = {view: often[view].scaled(amount[view]) for view in View}
        chance = _any(often[View.RESIDUAL])
    return Risk(
        held=held,
        severity=severity,
        amount=amount,
        likelihood=likelihood,
        actor=actor.actor.id if actor and now.value > 0 else "",
        band=settings.likelihood_band(now.value),
        risk=settings.risk_band(severity, now.value),
        expected={view: likelihood[view].scaled(amount[view]) for view in View},
        yearly=yearly,
        yearly_chance=chance,
        impacts=tuple(sorted({loss.impact for loss in losses if loss.impact})),
        description=" ".join(loss.description for loss in losses if loss.description),
    )


def _any(often: Estimate) -> Estimate:
    """The chance of at least one of events that come independently, so often a year (Poisson)."""
    some, least, most = (1.0 - math.exp(-rate) for rate in (often.value, often.low, often.high))
    return Estimate(some, least, most, often.method)


def _severity(compiled: Compiled, losses: list[Loss]) -> Severity:
    """The highest severity stated for a fact, or that of its amount where none is stated."""
    order = list(Severity)
    stated = [
        loss.severity or compiled.settings.severity_band(loss.amount.mean if loss.amount else 0.0) for loss in losses
    ]
    return min(stated, key=order.index)


def heat_map(assessment: Assessment, view: View = View.RESIDUAL) -> Mapping[tuple[Severity, str], tuple[Risk, ...]]:
    """The risks in each cell of severity and band of likelihood, from the highest severity and lowest band on."""
    settings = assessment.compiled.settings
    cells: dict[tuple[Severity, str], list[Risk]] = {
        (severity, band): [] for severity in Severity for band, _ in settings.likelihood_bands
    }
    for risk in assessment.risks:
        cells[risk.severity, settings.likelihood_band(risk.likelihood[view].value)].append(risk)
    return {cell: tuple(risks) for cell, risks in cells.items()}
