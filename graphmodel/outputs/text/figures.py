"""Chances, amounts and tables as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from tabulate import tabulate

from graphmodel.engine.estimates import Estimate
from graphmodel.outputs.wording import apart


def chance(estimate: Estimate) -> str:
    """A likelihood, with its interval where it is simulated, in as many figures as tell its ends apart."""
    if estimate.is_exact:
        return figure(estimate.value)
    low, high = apart(estimate.low, estimate.high, figure)
    if low == high:
        return low
    return f"{figure(estimate.value)} ({low}–{high})"


def amount(estimate: Estimate) -> str:
    """A sum without a currency, with its interval where it is simulated."""
    if estimate.is_exact:
        return f"{estimate.value:.4g}"
    low, high = apart(estimate.low, estimate.high, lambda one, figures: f"{one:.{figures + 1}g}")
    if low == high:
        return low
    return f"{estimate.value:.4g} ({low} – {high})"


def figure(value: float, figures: int = 3) -> str:
    """A chance to so many figures, which never calls certain or impossible what is not."""
    said = f"{value:.{figures}g}"
    return f">0.{'9' * figures}" if said == "1" and value < 1 else said


def table(rows: Sequence[Sequence[object]], headers: Sequence[str]) -> str:
    """Rows under headers, with nothing of them read as numbers."""
    return tabulate(
        [[str(cell) for cell in row] for row in rows], headers=headers, tablefmt="simple", disable_numparse=True
    )
