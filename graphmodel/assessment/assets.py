"""Assets: how likely each falls, by what and to whom, and what that costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphmodel.assessment.results import HARMS, NEVER, Actors, AssetResult, Risk
from graphmodel.binding.amounts import loss_amounts
from graphmodel.binding.compiled import Compiled
from graphmodel.engine.estimates import Estimate
from graphmodel.knowledge.settings import RISK_BANDS
from graphmodel.knowledge.vocabulary import Capability, View
from graphmodel.model.system import Asset


def asset_results(compiled: Compiled, actors: Actors, risks: Sequence[Risk]) -> tuple[AssetResult, ...]:
    """Every asset, the largest expected loss first, then the likeliest."""
    amounts = {view: loss_amounts(compiled, view) for view in View}
    bands: dict[str, list[str]] = {}
    for risk in risks:
        bands.setdefault(risk.held.asset, []).append(risk.risk)
    found = [_asset(compiled, actors, amounts, asset, bands.get(asset.id, [])) for asset in compiled.system.assets]
    now = View.RESIDUAL
    return tuple(sorted(found, key=lambda one: (-one.expected[now].rank, -one.likelihood[now].rank, one.asset.id)))


def _asset(
    compiled: Compiled,
    actors: Actors,
    amounts: Mapping[View, Mapping[str, float]],
    asset: Asset,
    bands: Sequence[str],
) -> AssetResult:
    harms = [f"{asset.id}:{one}" for one in HARMS]
    taken = {view: {fact: _taken(actors, fact, view) for fact in harms} for view in View}
    facts = taken[View.RESIDUAL]
    fact = max(facts, key=lambda one: facts[one][1].value)
    actor, now = facts[fact]
    priced = [one for one in (f"{asset.id}:{capability}" for capability in Capability) if one in amounts[View.RESIDUAL]]
    return AssetResult(
        asset=asset,
        likelihood={view: max((one for _, one in taken[view].values()), key=lambda one: one.value) for view in View},
        band=compiled.settings.likelihood_band(now.value),
        actor=actor,
        fact=fact if now.value > 0 else "",
        facts={one: estimate for one, (_, estimate) in facts.items()},
        expected={view: _expected(actors, amounts[view], priced, view) for view in View},
        risk=max(bands, key=RISK_BANDS.index) if bands else "",
    )


def _taken(actors: Actors, fact: str, view: View) -> tuple[str, Estimate]:
    """The worst actor among those who do not hold the fact by position."""
    best, worst = "", NEVER
    for one in actors.actors:
        estimate = one.likelihood(fact, view)
        if estimate.value > worst.value and fact not in one.given:
            best, worst = one.actor.id, estimate
    return best, worst


def _expected(actors: Actors, amounts: Mapping[str, float], priced: Sequence[str], view: View) -> Estimate:
    """What the worst actor's campaign is expected to cost on these facts."""
    return max(
        (Estimate.total(one.likelihood(fact, view).scaled(amounts[fact]) for fact in priced) for one in actors.actors),
        key=lambda one: one.value,
        default=NEVER,
    )
