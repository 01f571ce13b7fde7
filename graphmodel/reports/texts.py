"""Texts and tables of a report: cut to what fits, on one line, and with what is left out said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graphmodel.engine.estimates import Estimate
from graphmodel.outputs.wording import interval, money, percent
from graphmodel.reports.document import Column, Table

LONGEST = 600  # characters of a text in a cell or a list; a page is for reading

TEXT, NUMBER, CODE = Column.TEXT, Column.NUMBER, Column.CODE


def short(text: str, most: int = LONGEST) -> str:
    """A text on one line, cut with an ellipsis where it is longer than anybody reads in a table."""
    one = " ".join(text.split())
    return one if len(one) <= most else one[: most - 1].rstrip() + "…"


def certainty(amount: Estimate, currency: str) -> str:
    """How sure an amount is: its interval, that it is a bound, or that it is exact for the inputs."""
    return interval(amount, currency) or "exact"


def worth(amount: Estimate, currency: str) -> str:
    """An amount in one cell with how sure it is."""
    said = interval(amount, currency)
    value = money(amount.value, currency)
    return f"{value} (exact)" if not said else said if said.startswith("at most") else f"{value} ({said})"


def likely(chance: Estimate) -> str:
    """A likelihood in one cell with how sure it is."""
    return percent(chance) + (" (exact)" if chance.is_exact else "")


def table(
    caption: str,
    columns: Sequence[tuple[str, Column]],
    rows: Iterable[Sequence[str]],
    most: int | None = None,
    see: str = "",
) -> Table:
    """A table of at most so many rows; what is left out is said, with the command that shows it."""
    whole = [tuple(short(cell) for cell in row) for row in rows]
    kept = whole if most is None else whole[:most]
    left = len(whole) - len(kept)
    more = f"and {left:,} more: see `graphmodel {see} --json`" if left else ""
    return Table(caption, tuple(one for one, _ in columns), tuple(kind for _, kind in columns), tuple(kept), more)
