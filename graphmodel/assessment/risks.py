"""Risks: every fact that costs something, with its likelihood, its loss a campaign and a year, and its bands.

Expected loss is likelihood times amount; a year's is the sum over the actors whose rate is known of
rate times likelihood times amount. Bands come from the settings.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from graphmodel.assessment.results import Actors, Assessment, Risk
from graphmodel.binding.amounts import at_stake, loss_amounts, stated_range
from graphmodel.binding.compiled import Compiled, Stake
from graphmodel.engine.estimates import Estimate
from graphmodel.knowledge.vocabulary import Range, Severity, View
from graphmodel.model.system import Held


def risks(compiled: Compiled, actors: Actors) -> tuple[Risk, ...]:
    """Every fact with a loss, the largest expected loss first: a year's where rates are known."""
    losses: dict[str, list[Stake]] = {}
    for stake in compiled.stakes:
        losses.setdefault(str(stake.held), []).append(stake)
    amounts = {view: loss_amounts(compiled, view) for view in View}
    found = [
        _risk(compiled, actors, losses[fact], {view: amounts[view][fact] for view in View}) for fact in sorted(losses)
    ]
    now = View.RESIDUAL
    return tuple(
        sorted(found, key=lambda one: (-(one.yearly or one.expected)[now].value, -one.expected[now].value, one.fact))
    )


def _risk(compiled: Compiled, actors: Actors, stakes: list[Stake], amount: Mapping[View, float]) -> Risk:
    held: Held = stakes[0].held
    fact, settings = str(held), compiled.settings
    severity = _severity(compiled, stakes)
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
        impacts=tuple(sorted({one.loss.impact for one in stakes if one.loss.impact})),
        description=" ".join(one.loss.description for one in stakes if one.loss.description),
    )


def _any(often: Estimate) -> Estimate:
    """The chance of at least one of events that come independently, so often a year (Poisson)."""
    some, least, most = (1.0 - math.exp(-rate) for rate in (often.value, often.low, often.high))
    return Estimate(some, least, most, often.method)


def _severity(compiled: Compiled, stakes: list[Stake]) -> Severity:
    """The highest severity stated for a fact, or that of its amount where none is stated.

    What is inferred is a part of what the severity of reading was stated for, and has that of its own amount.
    """
    order = list(Severity)
    stated = [
        (one.loss.severity if one.held == one.loss.held else None)
        or compiled.settings.severity_band(_amount(compiled, one).mean)
        for one in stakes
    ]
    return min(stated, key=order.index)


def _amount(compiled: Compiled, stake: Stake) -> Range:
    return stated_range(compiled, stake.loss) if stake.held == stake.loss.held else at_stake(compiled, stake)


def heat_map(assessment: Assessment, view: View = View.RESIDUAL) -> Mapping[tuple[Severity, str], tuple[Risk, ...]]:
    """The risks in each cell of severity and band of likelihood, from the highest severity and lowest band on."""
    settings = assessment.compiled.settings
    cells: dict[tuple[Severity, str], list[Risk]] = {
        (severity, band): [] for severity in Severity for band, _ in settings.likelihood_bands
    }
    for risk in assessment.risks:
        cells[risk.severity, settings.likelihood_band(risk.likelihood[view].value)].append(risk)
    return {cell: tuple(risks) for cell, risks in cells.items()}
