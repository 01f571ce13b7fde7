"""What-ifs that are the same to a graph are worked out once, and answer as if each were worked out for itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphmodel.engine.alike import Alike

Chances = NDArray[np.float64]


def test_each_case_is_worked_out_once_and_never_alone() -> None:
    asked: list[list[float]] = []

    def evaluate(weights: Chances) -> dict[str, Chances]:
        asked.append(weights[0].tolist())
        return {"a:read": weights[0] * weights[1]}

    def cases(*firsts: float) -> list[float]:
        weights = np.array([firsts, [0.5] * len(firsts)])
        return alike.evaluated(weights, evaluate)["a:read"].tolist()

    alike = Alike()
    assert cases(0.4, 0.2, 0.4, 0.6) == [0.2, 0.1, 0.2, 0.3]
    assert cases(0.6, 0.8, 0.2) == [0.3, 0.4, 0.1]
    assert cases(0.4, 0.4) == [0.2, 0.2]
    assert asked == [[0.4, 0.2, 0.6], [0.8, 0.8]]
    assert cases(0.4) == [0.2]
    assert asked[2:] == [[0.4]]  # a single case is as it always was
