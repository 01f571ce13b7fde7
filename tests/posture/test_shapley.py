"""Shapley values against their definition, and figures that add up in the digits that are printed."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from graphmodel.posture.shapley import apportioned, coalitions, contributions, decimal, shapley, told, unit

AMOUNTS = st.floats(-1e12, 1e12, allow_nan=False)


@st.composite
def games(draw: st.DrawFn) -> tuple[int, dict[frozenset[int], float]]:
    players = draw(st.integers(0, 4))
    return players, {one: draw(AMOUNTS) for one in coalitions(players)}


@given(games())
def test_a_value_is_the_mean_over_all_orders_and_all_add_up_exactly(
    game: tuple[int, dict[frozenset[int], float]],
) -> None:
    players, worth = game
    found = shapley(players, worth.__getitem__)
    orders = [contributions(order, worth.__getitem__) for order in permutations(range(players))]
    assert found == [sum(one[player] for one in orders) / len(orders) for player in range(players)]
    whole = Fraction(worth[frozenset(range(players))]) - Fraction(worth[frozenset()])
    assert sum(found, Fraction(0)) == whole
    assert all(sum(one, Fraction(0)) == whole for one in orders)


@given(games(), st.permutations(range(4)))
def test_who_is_called_by_another_number_has_the_same_value(
    game: tuple[int, dict[frozenset[int], float]], order: list[int]
) -> None:
    players, worth = game
    number = [one for one in order if one < players]
    renamed = {frozenset(number[one] for one in chosen): amount for chosen, amount in worth.items()}
    found, again = shapley(players, worth.__getitem__), shapley(players, renamed.__getitem__)
    assert found == [again[number[player]] for player in range(players)]


def test_two_controls_on_one_path_share_what_they_save_together() -> None:
    worth = {(): 100.0, (0,): 100.0, (1,): 100.0, (0, 1): 20.0}
    assert shapley(2, lambda one: worth[tuple(sorted(one))]) == [-40, -40]


def test_a_player_who_changes_nothing_has_nothing() -> None:
    worth = {(): 5.0, (0,): 5.0, (1,): 9.0, (0, 1): 9.0}
    assert shapley(2, lambda one: worth[tuple(sorted(one))]) == [0, 4]


@given(st.lists(AMOUNTS, min_size=1, max_size=8), AMOUNTS, st.integers(2, 12))
def test_what_is_printed_adds_up_and_is_off_by_less_than_a_unit(parts: list[float], old: float, digits: int) -> None:
    exact = {number: Fraction(part) for number, part in enumerate(parts)}
    new = Fraction(old) + sum(exact.values())
    step = unit(old, float(new), *parts, digits=digits)
    before, after = told(old, step), told(new, step)
    found = apportioned(exact, after - before, step)
    assert sum(found.values()) == after - before
    assert all(abs(units - exact[number] / step) <= 1 + Fraction(1, len(parts)) for number, units in found.items())
    printed = [Decimal(repr(decimal(units, step))) for units in found.values()]
    assert Decimal(repr(decimal(before, step))) + sum(printed) == Decimal(repr(decimal(after, step)))


def test_of_equals_the_first_gets_the_unit_that_is_left() -> None:
    assert apportioned({"a": Fraction(1, 2), "b": Fraction(1, 2)}, 1, Fraction(1)) == {"a": 1, "b": 0}
    assert apportioned({}, 0, Fraction(1)) == {}
    assert unit(0.0) == 1
    assert unit(1725000.0, digits=4) == 1000
