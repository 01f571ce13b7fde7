"""Tables as CSV for a spreadsheet, in which no text is taken for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from graphmodel.reading.cells import inert


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """The rows, a line each."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows(map(inert, row) for row in rows)
    return out.getvalue()
