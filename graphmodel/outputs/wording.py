"""Numbers with their intervals, amounts and lists in words, the same on the command line and in the app."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from graphmodel.engine.estimates import BOUND, Estimate

UNMARKED = "Numbers without an interval or an “at most” are exact for these inputs."
ENCLOSED_TOO = " Where a narrower interval can be worked out it is certain; --json calls these “enclosed”."

NEARLY = "> 99.9 %"  # certain but for less than the figures shown can tell


def reason(basis: str, source: str) -> str:
    """Why a figure of the catalogue is what it is, and where it comes from; empty where nobody says."""
    return " ".join(one for one in (basis, f"{source[:1].upper()}{source[1:]}." if source else "") if one)


def apart(low: float, high: float, say: Callable[[float, int], str]) -> tuple[str, str]:
    """Two ends in words, with as many figures, from three on, as it takes to tell them apart."""
    for figures in range(3, 10):
        ends = say(low, figures), say(high, figures)
        if ends[0] != ends[1]:
            break
    return ends


def money(amount: float, currency: str, figures: int = 3) -> str:
    """An amount to three figures; more would claim what such numbers cannot bear."""
    for size, unit in ((1e9, " bn"), (1e6, " M"), (1e3, " k")):
        if abs(amount) >= size:
            return f"{amount / size:.{figures}g}{unit} {currency}"
    return f"{amount:.{figures}g} {currency}"


def estimated(amount: Estimate, currency: str) -> str:
    """An amount with what is known of it: its interval where it is not exact, or that it is a bound."""
    if amount.method == BOUND:
        return f"at most {money(amount.high, currency)}"
    return _with(money(amount.value, currency), interval(amount, currency))


def interval(amount: Estimate, currency: str) -> str:
    """The interval of an amount, “at most …” for a bound, and nothing for one that is exact."""
    if amount.is_exact:
        return ""
    if amount.method == BOUND:
        return f"at most {money(amount.high, currency)}"
    return sums(amount.low, amount.high, currency)


def sums(low: float, high: float, currency: str) -> str:
    """Two amounts with as many figures as it takes to tell them apart."""
    return _ends(*apart(low, high, lambda one, figures: money(one, currency, figures)))


def difference(now: float, before: float, say: Callable[[float], str]) -> str:
    """By how much a number changed, as the figures that are shown of it can tell; nothing below that."""
    return "" if say(now) == say(before) else f"{'+' if now > before else '−'}{say(abs(now - before))}"


def percent(estimate: Estimate) -> str:
    """A likelihood as a percentage, with its interval where it is not exact."""
    if estimate.is_exact:
        return share(estimate.value)
    return _with(share(estimate.value), between(estimate.low, estimate.high))


def less_than(one: Estimate, other: Estimate) -> str:
    """By how much, in percent, one loss is less than another that it is a part of."""
    if not other.value:
        return "0 %"
    part = one.share_of(other)
    return percent(Estimate(1 - part.value, 1 - part.high, 1 - part.low, part.method))


def between(low: float, high: float) -> str:
    """Two chances in percent, with as many figures as it takes to tell them apart."""
    if share(low) == share(high) == NEARLY:
        return NEARLY
    if share(low) != share(high):
        return f"{share(low)} – {share(high)}"
    return _ends(*apart(low, high, lambda one, figures: f"{one * 100:.{figures}g} %"))


def _ends(low: str, high: str) -> str:
    """An interval; one whose ends read the same is told once."""
    return low if low == high else f"{low} – {high}"


def _with(value: str, around: str) -> str:
    return value if around in ("", value) else f"{value} ({around})"


def share(value: float) -> str:
    """A chance in percent, with more figures where it is small; never 0 or 100 for what is only near it."""
    if value in (0.0, 1.0):
        return f"{value * 100:.0f} %"
    if value >= 0.9995:
        return NEARLY
    if value < 0.001:
        return f"{value * 100:.1g} %"
    return (
        f"{value * 100:.2g} %" if value < 0.1 else f"{value * 100:.0f} %" if value < 0.995 else f"{value * 100:.3g} %"
    )


def few(names: Sequence[str], most: int = 3) -> str:
    """The first names of a list, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
