"""Numbers in words."""

from __future__ import annotations

import pytest

from graphmodel.likelihood import Estimate
from graphmodel.wording import between, percent


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.2, 0.3, "20 % – 30 %"),
        (0.7571, 0.7639, "75.7 % – 76.4 %"),
        (0.75711, 0.75713, "75.711 % – 75.713 %"),
        (0.0, 0.0002, "0 % – 0.02 %"),
        (0.5, 0.5, "50 % – 50 %"),
    ],
)
def test_the_ends_of_an_interval_can_be_told_apart(low: float, high: float, said: str) -> None:
    assert between(low, high) == said


def test_only_an_exact_chance_stands_alone() -> None:
    assert percent(Estimate.exactly(0.25)) == "25 %"
    assert percent(Estimate(0.25, 0.2, 0.3, "simulated")) == "25 % (20 % – 30 %)"
