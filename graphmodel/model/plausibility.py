"""Stated numbers that are odd beside what such numbers usually are: each is a question, and nothing of it an error."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from graphmodel.model.findings import Finding
from graphmodel.model.system import System

_DAILY, _MONTHLY = 365.0, 12.0  # campaigns a year
_HUGE = 1e10  # of a currency unit, once
_APART = 10_000.0  # between a loss and the usual one, or the ends of a range


def odd_numbers(system: System) -> Iterator[Finding]:
    """Rates, losses, ranges and costs to look at twice."""
    yield from _rates(system)
    yield from _losses(system)
    yield from _costs(system)


def _rates(system: System) -> Iterator[Finding]:
    for actor in system.actors:
        rate = actor.attempts_per_year.mean if actor.attempts_per_year else 0.0
        if rate >= _MONTHLY:
            level, every = ("warning", "every day") if rate > _DAILY else ("note", "every month")
            yield Finding(
                level,
                ("actors", actor.id, "attempts_per_year"),
                f"{rate:,.3g} campaigns a year of “{actor.id}” are one {every} or more. Is each a determined campaign?",
                "Count the series of attempts that somebody means to end in harm, not probes, errors or visits.",
            )


def _losses(system: System) -> Iterator[Finding]:
    stated = {number: loss.amount for number, loss in enumerate(system.losses) if loss.amount is not None}
    means = sorted(one.mean for one in stated.values())
    for number, amount in stated.items():
        fact, place = system.losses[number].held, ("losses", number, "amount")
        usual = _usual(means, amount.mean)
        if amount.mean >= _HUGE or amount.mean > _APART * usual > 0:
            beside = f", where the others cost about {usual:,.3g}" if usual < math.inf else ""
            yield Finding(
                "warning",
                place,
                f"“{fact}” costs {amount.mean:,.3g} {system.currency} each time{beside}. Are the zeros right?",
                f"Write the amount in {system.currency}, not in thousands or cents.",
            )
        elif amount.high > _APART * amount.low > 0:
            yield Finding(
                "note",
                place,
                f"the highest cost of “{fact}” is {amount.high / amount.low:,.0f} times the lowest. Is it so unknown?",
                "Leave out what happens once in a hundred times, or make two losses of it.",
            )


def _usual(means: Sequence[float], own: float) -> float:
    """The median of rising numbers without one of them that is ``own``; infinite where there is no other."""
    if len(means) == 1:
        return math.inf
    place, last = bisect_left(means, own), len(means) - 2
    low, high = (means[number + (number >= place)] for number in (last // 2, (last + 1) // 2))
    return (low + high) / 2


def _costs(system: System) -> Iterator[Finding]:
    if not system.losses or any(loss.amount is None for loss in system.losses):
        return
    whole = sum(loss.amount.high for loss in system.losses if loss.amount is not None)
    for control in system.controls:
        if control.cost is not None and control.cost > whole > 0:
            yield Finding(
                "note",
                ("controls", control.id, "cost"),
                f"“{control.id}” costs {control.cost:,.3g} {system.currency} a year, more than all losses at their "
                "highest. Is that its price for this system?",
                "Give the part of the price that this system bears.",
            )
