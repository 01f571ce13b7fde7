"""Chances, amounts and tables as text for a terminal."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tabulate import tabulate
from wcwidth import wcswidth

from graphmodel.engine.estimates import Estimate
from graphmodel.outputs.text.look import look, shown, uncoloured
from graphmodel.outputs.wording import apart

_PIECES = re.compile(r"\s+|[^\s:/–-]*[:/–-]+|[^\s:/–-]+")  # a text may be folded between any two
_WORDS = re.compile(r"\s+|\S+")
_LEAST, _BETWEEN = 8, 2  # columns of a terminal: that a column of a table keeps, and that stand between two
_MARK = re.compile(r"(\s*)(- |\d+\. )?")


def chance(estimate: Estimate) -> str:
    """A likelihood, with its interval where it is not exact, in as many figures as tell its ends apart."""
    if estimate.is_exact:
        return figure(estimate.value)
    low, high = apart(estimate.low, estimate.high, figure)
    if low == high:
        return low
    return f"{figure(estimate.value)} ({low}–{high})"


def amount(estimate: Estimate) -> str:
    """A sum without a currency, with its interval where it is not exact."""
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
    cells = [[shown(str(cell)) for cell in row] for row in rows]
    width = look.get().width
    if width is None:
        return tabulate(cells, headers=headers, tablefmt="simple", disable_numparse=True)
    folds = widths(cells, headers, width)
    folded = [
        ["\n".join(_lines(cell, fold)) for cell, fold in zip(row, folds, strict=True)] for row in [headers, *cells]
    ]
    return tabulate([folded[0], ["-" * one for one in folds], *folded[1:]], tablefmt="plain", disable_numparse=True)


def widths(cells: Sequence[Sequence[str]], headers: Sequence[str], width: int) -> list[int]:
    """How wide each column may be so that all fit: the widest give way first, at first no further than whole words."""
    columns = [[header, *(row[number] for row in cells)] for number, header in enumerate(headers)]
    found = [max(1, *map(visible, column)) for column in columns]
    words = [max(visible(piece) for cell in column for piece in _PIECES.findall(cell) or [""]) for column in columns]
    room = width - _BETWEEN * (len(headers) - 1)
    for least in (words, [min(one, _LEAST) for one in found]):
        while sum(found) > room:
            loose = [number for number in range(len(found)) if found[number] > least[number]]
            if not loose:
                break
            found[max(loose, key=lambda number: found[number])] -= 1
    return found


def folded(text: str) -> str:
    """Lines folded between words to the width there is; what goes on stands under what it goes on from."""
    width = look.get().width
    if width is None:
        return text
    lines: list[str] = []
    for line in text.split("\n"):
        mark = _MARK.match(line)
        space, bullet = mark.groups(default="") if mark else ("", "")
        if visible(line) <= width or len(space) + len(bullet) > width // 2:
            lines.append(line)
            continue
        start = space + bullet
        further = " " * (len(start) if bullet or not space else len(start) + 2)
        body = _lines(line[len(start) :], width - len(further), _WORDS)
        lines += [(further if number else start) + one for number, one in enumerate(body)]
    return "\n".join(lines)


def _lines(text: str, width: int, pieces: re.Pattern[str] = _PIECES) -> list[str]:
    """A text in lines of at most so many columns; what is too long to stand on one is broken anywhere."""
    lines, line = [], ""
    for piece in pieces.findall(text):
        if visible(line + piece.rstrip()) <= width:
            line += piece
            continue
        if line.strip():
            lines.append(line.rstrip())
        line = piece.lstrip()
        while visible(line) > width:
            fits = next(count for count in range(len(line), 0, -1) if visible(line[:count]) <= width or count == 1)
            lines.append(line[:fits])
            line = line[fits:]
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def visible(text: str) -> int:
    """How many columns a terminal takes for a text."""
    return max(0, wcswidth(uncoloured(text)))
