"""A workbook that holds a table of a system by our template: its rows, as the importer of tables reads them."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

from graphmodel.reading.problems import UnreadableError, refusal
from graphmodel.workbooks.sheets import read_sheets

NEEDED = frozenset({"kind", "name"})
_MARK = b"xl/workbook.xml"


def is_workbook(data: bytes) -> bool:
    """Whether bytes are a zip archive that holds an Excel workbook."""
    return data.startswith(b"PK\x03\x04") and _MARK in data


def table_of(data: bytes, name: str) -> bytes:
    """The first sheet whose first row has the columns of the template, as CSV; a formula counts as an empty cell.

    Raises ``UnreadableError`` where there is none, and for what is refused of workbooks.
    """
    try:
        sheets = read_sheets(data, name)
    except UnreadableError as error:
        fix = "Save the table again as an Excel workbook (.xlsx), or as CSV."
        raise UnreadableError(replace(error.problem, fix=fix)) from error
    for sheet in sheets.values():
        names = {cell.text.strip().casefold() for cell in sheet[0]} if sheet else set()
        if names >= NEEDED:
            out = io.StringIO(newline="")
            writer = csv.writer(out, lineterminator="\n")
            writer.writerows([cell.text for cell in row] for row in sheet)
            return out.getvalue().encode()
    message = "no sheet of this workbook has the columns of a table of a system: “kind”, “name” and others."
    raise refusal(name, message, "See docs/importers.md for the template, or export a system with --to xlsx.")
