"""Chances, amounts and tables as text for a terminal."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from tabulate import tabulate
from wcwidth import wcswidth

from graphmodel.engine.estimates import Estimate
from graphmodel.outputs.text.look import look
from graphmodel.outputs.wording import apart
from graphmodel.reading.printable import printable

_OURS = re.compile("(\x1b\\[[0-9;]*m)")
_BREAKS = re.compile(r"(?<=-)|\s")
# Columns of a terminal: that a column of a table keeps, that stand between two, and that tabulate adds to headers.
_LEAST, _BETWEEN, _MARGIN = 8, 2, 2


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
    """Rows under headers, with nothing of them read as numbers, folded to the width there is."""
    cells = [[_cell(str(cell)) for cell in row] for row in rows]
    width = look.get().width
    folds = None if width is None else widths(cells, headers, width)
    shown = list(headers) if folds is None else [_folded(*pair) for pair in zip(headers, folds, strict=True)]
    return tabulate(cells, headers=shown, tablefmt="simple", disable_numparse=True, maxcolwidths=folds)


def _cell(text: str) -> str:
    """Text on one line; colours that are ours stay."""
    pieces = _OURS.split(text)
    return "".join(piece if _OURS.fullmatch(piece) else printable(piece) for piece in pieces)


def widths(cells: Sequence[Sequence[str]], headers: Sequence[str], width: int) -> list[int]:
    """How wide each column may be so that all fit: the widest give way first, at first no further than whole words."""
    found, words = [], []
    for number, header in enumerate(headers):
        column = [row[number] for row in cells]
        found.append(max([visible(header) + _MARGIN, *map(visible, column)]))
        longest = max([visible(word) for word in header.split()], default=0) + _MARGIN
        words.append(max([longest, *(visible(word) for cell in column for word in _BREAKS.split(cell))]))
    room = width - _BETWEEN * (len(headers) - 1)
    for least in (words, [min(one, _LEAST) for one in found]):
        while sum(found) > room:
            loose = [number for number in range(len(found)) if found[number] > least[number]]
            if not loose:
                break
            found[max(loose, key=lambda number: found[number])] -= 1
    return [max(1, one) for one in found]


def _folded(header: str, width: int) -> str:
    return "\n".join(textwrap.wrap(header, max(1, width - _MARGIN))) or header


def visible(text: str) -> int:
    """How many columns a terminal takes for a text."""
    return max(0, wcswidth(_OURS.sub("", text)))
