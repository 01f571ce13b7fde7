"""Tables as CSV for a spreadsheet, in which no text is taken for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """The rows, a line each."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows(map(plain_cell, row) for row in rows)
    return out.getvalue()


def plain_cell(text: str) -> str:
    """A text that a spreadsheet would calculate, behind an apostrophe; any other as it is."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
