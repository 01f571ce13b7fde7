"""Numbers and lists in words, the same on the command line and in the app."""

from __future__ import annotations

from collections.abc import Sequence

from graphmodel.likelihood import BOUND, Estimate


def money(amount: float, currency: str) -> str:
    """An amount to three figures; more would claim what such numbers cannot bear."""
    for size, unit in ((1e9, " bn"), (1e6, " M"), (1e3, " k")):
        if abs(amount) >= size:
            return f"{amount / size:.3g}{unit} {currency}"
    return f"{amount:.3g} {currency}"


def estimated(amount: Estimate, currency: str) -> str:
    """An amount with what is known of it: its interval where it is simulated, or that it is a bound."""
    if amount.is_exact:
        return money(amount.value, currency)
    if amount.method == BOUND:
        return f"at most {money(amount.high, currency)}"
    return f"{money(amount.value, currency)} ({money(amount.low, currency)} – {money(amount.high, currency)})"


def few(names: Sequence[str], most: int = 3) -> str:
    """The first names of a list, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
