"""What each fact costs in a campaign: the losses of a description, less what controls limit of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from graphmodel.binding.compiled import Compiled, Stake
from graphmodel.knowledge.vocabulary import Capability, Range, View
from graphmodel.model.system import ControlImplementation, Held, Loss


def stated_range(compiled: Compiled, loss: Loss) -> Range:
    """The money that a loss stands for: its amount, or that of its severity band."""
    if loss.amount is not None:
        return loss.amount
    known = compiled.settings.severity_amounts.get(loss.severity) if loss.severity is not None else None
    return known or Range.point(0.0)


def at_stake(compiled: Compiled, stake: Stake) -> Range:
    """The money that is lost with a fact."""
    return stated_range(compiled, stake.loss).scaled(stake.share)


def loss_amounts(compiled: Compiled, view: View, active: Iterable[str] | None = None) -> dict[str, float]:
    """What each fact costs in a campaign, after the controls that limit losses in this view.

    ``active`` names control implementations to count instead of those of the view.
    """
    chosen = None if active is None else set(active)
    amounts: dict[str, float] = {}
    for stake in compiled.stakes:
        fact = str(stake.held)
        share = share_left(compiled, stake.held, view, chosen)
        amounts[fact] = amounts.get(fact, 0.0) + share * at_stake(compiled, stake).mean
    return dict(sorted(amounts.items()))


def share_left(compiled: Compiled, held: Held, view: View, active: Collection[str] | None = None) -> float:
    """The part of the losses of a fact that is left by the controls that limit them; see ``loss_amounts``."""
    share = 1.0
    for control in limiting_controls(compiled, held.asset, held.capability):
        if compiled.counts(control, view) if active is None else control.id in active:
            share *= 1.0 - compiled.avoids(control) * control.coverage
    return share


def limiting_controls(compiled: Compiled, asset: str, capability: Capability) -> Iterator[ControlImplementation]:
    """The detecting, responding and recovering implementations that limit this loss, in order of id."""
    for control, kind in compiled.limiting:
        if kind.limits_loss(capability) and compiled.credit.protects(control, asset):
            yield control
