"""Tables in which numbers are numbers: sorted, right-aligned and exported as such, with their unit in the heading.

A cell made by ``amount``, ``chance`` or ``points`` becomes a number; what is known of it besides, such as the
interval of a simulated one, stands in a column of its own beside it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from graphmodel.drawing.theme import BAND_COLOURS
from graphmodel.engine.estimates import BOUND, Estimate
from graphmodel.outputs.wording import between, interval


@dataclass(frozen=True, slots=True)
class Number:
    """A cell: the number that is shown and sorted by, the unit of its column, and what is said beside it."""

    value: float | None
    unit: str
    beside: str = ""
    format: str = "localized"


@dataclass(frozen=True, slots=True)
class Band:
    """A cell: the word of a risk or likelihood band, in its colour."""

    word: str


Row = Mapping[str, Any]
_FORMULA = re.compile(r"(^|[;\t\n\r])(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])")
_OTHER_BAND = "#c3ccd6"
_NOTHING = "–"  # in an empty cell


def amount(one: Estimate | float | None, currency: str) -> Number:
    """A sum of money to three figures, as everywhere; None is an empty cell."""
    if one is None:
        return Number(None, currency)
    found = one if isinstance(one, Estimate) else Estimate.exactly(one)
    value = found.high if found.method == BOUND else found.value
    return Number(three_figures(value), currency, interval(found, currency))


def chance(one: Estimate | float | None) -> Number:
    """A likelihood or share in percent; None is an empty cell."""
    if one is None:
        return Number(None, "%", format="%g")
    found = one if isinstance(one, Estimate) else Estimate.exactly(one)
    return Number(percentage(found.value), "%", "" if found.is_exact else between(found.low, found.high), "%g")


def plain(value: float | None, unit: str) -> Number:
    """A number in a unit of its own."""
    return Number(None if value is None else three_figures(value), unit, format="%g")


def three_figures(value: float) -> float:
    """A number to three figures; more would claim what such numbers cannot bear."""
    return float(f"{value:.3g}")


def percentage(value: float) -> float:
    """A chance in percent, to two figures, more near 100; never 0 or 100 for what is only near it."""
    if value <= 0.0 or value >= 1.0:
        return value * 100
    rest = 1.0 - value
    digits = 2 if value < 0.1 else max(0, -math.floor(math.log10(rest * 100)))
    if value < 0.1:
        return float(f"{value * 100:.{digits}g}")
    digits = min(digits, 6)
    return min(round(value * 100, digits), 100 - 10.0**-digits) if digits else float(round(value * 100))


def table(rows: Sequence[Row], key: str, *, height: int | None = None, **columns: Any) -> int | None:
    """A table of rows; the number of the row that is selected, if any."""
    options: dict[str, Any] = {"height": height} if height is not None else {}
    shown, config = laid_out(rows)
    event = st.dataframe(
        shown,
        key=key,
        hide_index=True,
        width="stretch",
        on_select="rerun",
        selection_mode="single-row",
        column_config={**config, **columns} or None,
        placeholder=_NOTHING,
        **options,
    )
    rows_selected = event.selection.rows if hasattr(event, "selection") else []
    return int(rows_selected[0]) if rows_selected and rows_selected[0] < len(rows) else None


def newly_selected(key: str) -> int | None:
    """The row that was selected in a table since the last time this was asked, before the table is drawn."""
    event = st.session_state.get(key)
    rows = event["selection"]["rows"] if event else []
    row = int(rows[0]) if rows else None
    before, st.session_state[f"{key}-before"] = st.session_state.get(f"{key}-before"), row
    return row if row != before else None


def plain_table(rows: Sequence[Row], key: str, **columns: Any) -> None:
    """A table of rows without selection."""
    shown, config = laid_out(rows)
    st.dataframe(
        shown,
        key=key,
        hide_index=True,
        width="stretch",
        column_config={**config, **columns} or None,
        placeholder=_NOTHING,
    )


def laid_out(rows: Sequence[Row]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Rows with plain values, and how Streamlit is to show their columns. No text is a formula in a spreadsheet."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    config: dict[str, Any] = {}
    shown: list[dict[str, Any]] = [{} for _ in rows]
    for name in names:
        cells = [row.get(name) for row in rows]
        numbers = [one for one in cells if isinstance(one, Number)]
        bands = any(isinstance(one, Band) for one in cells)
        heading = _inert(f"{name} ({numbers[0].unit})" if numbers and numbers[0].unit else name)
        for out, cell in zip(shown, cells, strict=True):
            out[heading] = _shown(cell)
        if numbers:
            config[heading] = st.column_config.NumberColumn(format=numbers[0].format)
            if any(one.beside for one in numbers):
                beside = f"{name}, interval"
                config[beside] = st.column_config.TextColumn("Interval", help=f"Of “{name}”")
                for out, cell in zip(shown, cells, strict=True):
                    out[beside] = cell.beside if isinstance(cell, Number) else ""
        if bands:
            words = list(dict.fromkeys(one.word for one in cells if isinstance(one, Band)))
            colours = [BAND_COLOURS.get(word, _OTHER_BAND) for word in words]
            config[heading] = st.column_config.MultiselectColumn(options=words, color=colours, disabled=True)
    return shown, config


def _shown(cell: Any) -> Any:
    if isinstance(cell, Number):
        return cell.value
    if isinstance(cell, Band):
        return [cell.word]
    return _inert(cell) if isinstance(cell, str) else cell


def _inert(text: str) -> str:
    """A text that stays one in a spreadsheet: Streamlit exports tables as CSV, as they are."""
    return _FORMULA.sub("\\1\u2060", text)


def bar_column(most: float = 1.0) -> Any:
    """Bars for numbers from 0 to ``most``; their figures stand in a column beside them."""
    return st.column_config.ProgressColumn(format=" ", min_value=0.0, max_value=most, width="small")
