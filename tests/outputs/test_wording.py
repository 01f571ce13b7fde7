"""Numbers in words."""

from __future__ import annotations

import pytest

from graphmodel.engine.estimates import SIMULATED, Estimate
from graphmodel.outputs.text.figures import amount, chance
from graphmodel.outputs.wording import between, difference, estimated, percent, share, sums


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.2, 0.3, "20 % – 30 %"),
        (0.7571, 0.7639, "75.7 % – 76.4 %"),
        (0.75711, 0.75713, "75.711 % – 75.713 %"),
        (0.0, 0.0002, "0 % – 0.02 %"),
        (0.5, 0.5, "50 %"),
        (0.9996, 0.9999, "> 99.9 %"),
    ],
)
def test_the_ends_of_an_interval_can_be_told_apart(low: float, high: float, said: str) -> None:
    assert between(low, high) == said


def test_an_interval_of_amounts_is_told_apart_or_once() -> None:
    assert sums(4.26e6, 6.7e6, "EUR") == "4.26 M EUR – 6.7 M EUR"
    assert sums(11.996e6, 12.004e6, "EUR") == "11.996 M EUR – 12.004 M EUR"
    assert sums(12e6, 12e6, "EUR") == "12 M EUR"


def test_only_an_exact_chance_stands_alone() -> None:
    assert percent(Estimate.exactly(0.25)) == "25 %"
    assert percent(Estimate(0.25, 0.2, 0.3, "simulated")) == "25 % (20 % – 30 %)"


def test_two_ends_of_an_interval_never_read_the_same() -> None:
    """As many figures as that takes, on the command line and in the app."""
    close = Estimate(169_123.0, 169_120.0, 169_126.0, SIMULATED)
    assert estimated(close, "EUR") == "169 k EUR (169.12 k EUR – 169.13 k EUR)"
    assert amount(close) == "1.691e+05 (1.6912e+05 – 1.6913e+05)"
    assert chance(Estimate(0.99996, 0.99992, 0.99999, SIMULATED)) == ">0.999 (0.9999–>0.9999)"
    assert percent(Estimate(0.9998, 0.9996, 0.9999, SIMULATED)) == "> 99.9 %"
    assert percent(Estimate(0.43211, 0.4321, 0.43212, SIMULATED)) == "43 % (43.21 % – 43.212 %)"


def test_a_difference_is_told_only_where_the_figures_shown_can_tell_it() -> None:
    assert difference(0.420087, 0.42, share) == ""
    assert difference(0.42, 0.35, share) == "+7 %"
    assert difference(0.35, 0.42, share) == "−7 %"
