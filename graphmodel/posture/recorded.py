"""What a record of results holds, for who reads records and assesses nothing: figures, and what is counted."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from graphmodel.engine.estimates import SIMULATED, Estimate

OPEN = "open"
"""What an item is counted as that has no answer and of which the graph says nothing."""


class Kind(StrEnum):
    """What is wrong between answers and graph, or answers and the calendar; the gravest first."""

    CONTRADICTION = "contradiction"
    EXPIRED = "expired"
    OVERDUE = "overdue"
    ACCEPTED = "accepted risk"
    UNPROVEN = "unproven"
    ASTRAY = "astray"


def recorded(value: Any) -> Estimate:
    """A figure as it was recorded."""
    if isinstance(value, list):
        number, low, high = (float(one) for one in value)
        return Estimate(number, low, high, SIMULATED)
    if isinstance(value, Mapping):
        return Estimate(float(value["value"]), float(value["low"]), float(value["high"]), str(value["method"]))
    return Estimate.exactly(float(value))


def is_yearly(results: Mapping[str, Any]) -> bool:
    """Whether yearly losses were recorded."""
    return results["yearly_loss"] is not None
