"""Shapley values: what each cause has of a difference that several causes have made together, in exact arithmetic.

The value of a cause is its mean contribution over all orders in which the causes could have come. It is the
only rule whose parts add up, that treats alike what acts alike, and gives nothing to what changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from math import comb, floor, log10
from typing import TypeVar

Name = TypeVar("Name", bound=Hashable)
Coalition = frozenset[int]
DIGITS = 12  # of the largest figure that is told; doubles bear fifteen


def coalitions(players: int) -> list[Coalition]:
    """All sets of players, the smaller first."""
    return [frozenset(one) for size in range(players + 1) for one in combinations(range(players), size)]


def shapley(players: int, worth: Callable[[Coalition], float]) -> list[Fraction]:
    """The Shapley value of each player by enumeration; they add up to the worth of all less that of none, exactly."""
    worths = {one: Fraction(worth(one)) for one in coalitions(players)}
    found = [Fraction(0)] * players
    for one, value in worths.items():
        for player in range(players):
            if player in one:
                found[player] += value / (players * comb(players - 1, len(one) - 1))
            else:
                found[player] -= value / (players * comb(players - 1, len(one)))
    return found


def contributions(order: Sequence[int], worth: Callable[[Coalition], float]) -> list[Fraction]:
    """What each player adds in one order; this adds up to the worth of all less that of none as well."""
    found = [Fraction(0)] * len(order)
    before = Fraction(worth(frozenset()))
    for number, player in enumerate(order, 1):
        after = Fraction(worth(frozenset(order[:number])))
        found[player] = after - before
        before = after
    return found


def unit(*amounts: float, digits: int = DIGITS) -> Fraction:
    """The unit in which amounts are told: the power of ten that gives the largest of them so many digits."""
    most = max((abs(one) for one in amounts), default=0.0)
    return Fraction(10) ** (floor(log10(most)) + 1 - digits) if most > 0 else Fraction(1)


def told(amount: Fraction | float, step: Fraction) -> int:
    """An amount as a whole number of units, to the nearest; halves to the even one."""
    return round(Fraction(amount) / step)


def apportioned(parts: Mapping[Name, Fraction], whole: int, step: Fraction) -> dict[Name, int]:
    """The parts in whole units that add up to the whole, by largest remainders.

    Each part is rounded down, and the units that are left go one each to the parts that lost most by that; of
    equals, to the first. So none is off by a unit or more, as long as the parts come to the whole within rounding.
    """
    if not parts:
        return {}
    exact = {name: part / step for name, part in parts.items()}
    found = {name: floor(part) for name, part in exact.items()}
    left = whole - sum(found.values())
    ranked = sorted(exact, key=lambda name: found[name] - exact[name])
    for name in ranked:
        found[name] += left // len(ranked)
    for name in ranked[: left % len(ranked)]:
        found[name] += 1
    return found


def decimal(units: int, step: Fraction) -> float:
    """So many units as the number that is printed for them: its shortest decimal is exactly that many."""
    return float(units * step)
