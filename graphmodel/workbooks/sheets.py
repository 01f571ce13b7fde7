"""The sheets of a workbook that came back, as rows of texts: nothing is calculated, and no link is followed."""

from __future__ import annotations

import datetime
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphmodel.posture.merging import normal
from graphmodel.reading.problems import UnreadableError, refusal
from graphmodel.workbooks.layout import cell_name
from graphmodel.workbooks.safety import check_workbook

MAX_ROWS = 5_000  # with anything in them, of one sheet
MAX_COLUMNS = 60
MAX_SHEETS = 50
LAST_ROW = 1_048_576  # that the format knows


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell holds as text. ``refused`` says why it cannot be taken: a formula, or an error of one.
    ``dated`` says that it is a date and no text that reads like one, ``number`` that it is a number."""

    text: str
    sheet: str
    row: int
    column: int
    refused: str = ""
    dated: bool = False
    number: bool = False

    @property
    def where(self) -> str:
        """Its sheet and place, such as ``Answers!H12``."""
        return f"{self.sheet}!{cell_name(self.row, self.column)}"


Sheet = tuple[tuple[Cell, ...], ...]
"""The rows of a sheet that have anything in them."""


def read_sheets(data: bytes, name: str) -> dict[str, Sheet]:
    """The sheets of a workbook by their names in lower case; raises ``UnreadableError`` for what is refused."""
    check_workbook(data, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it has styles or rules which openpyxl does not keep: we do neither
            return _read(data, name)
    except UnreadableError:
        raise
    except Exception as error:  # openpyxl lets through whatever a malformed part leads to
        said = f"the workbook is broken ({type(error).__name__})."
        raise refusal(name, said, "Save it again as an Excel workbook (.xlsx).") from error


def _read(data: bytes, name: str) -> dict[str, Sheet]:
    from openpyxl import load_workbook  # noqa: PLC0415 - slow to import, and hardly any command needs it

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    if len(book.worksheets) > MAX_SHEETS:
        raise refusal(name, f"the workbook has more than {MAX_SHEETS} sheets.", "Take out those that were added.")
    found: dict[str, Sheet] = {}
    for sheet in book.worksheets:
        key = str(sheet.title).strip().casefold()
        if key in found:
            raise refusal(name, f"the workbook has two sheets “{sheet.title}”.", "Take one out.")
        found[key] = tuple(_rows(sheet, name))
    return found


def _rows(sheet: Any, name: str) -> Iterator[tuple[Cell, ...]]:
    """Rows with content. How large a sheet says it is counts for nothing; where it says nothing ends, rows do."""
    sheet.reset_dimensions()
    kept, blank = 0, None
    for number, row in enumerate(sheet.iter_rows(max_row=LAST_ROW, max_col=MAX_COLUMNS), 1):
        if row is blank:  # rows that are left out come as one and the same, a million of them where the last is not
            continue
        if all(one.value is None for one in row):
            blank = row
            continue
        cells = tuple(_cell(one, sheet.title, number, column) for column, one in enumerate(row, 1))
        if not any(one.text or one.refused for one in cells):
            continue
        kept += 1
        if kept > MAX_ROWS:
            said = f"sheet “{sheet.title}” has more than {MAX_ROWS:,} rows."
            raise refusal(name, said, "Take out what does not belong to the questionnaire.")
        yield cells


def _cell(cell: Any, sheet: str, row: int, column: int) -> Cell:
    value, kind = cell.value, cell.data_type
    if value is None:
        return Cell("", sheet, row, column)
    if kind == "f":
        return Cell("", sheet, row, column, "it is a formula")
    if kind == "e":
        return Cell("", sheet, row, column, f"it is an error ({normal(str(value))[:20]})")
    if isinstance(value, datetime.datetime):
        return Cell(value.date().isoformat(), sheet, row, column, dated=True)
    if isinstance(value, datetime.date):
        return Cell(value.isoformat(), sheet, row, column, dated=True)
    if isinstance(value, bool):
        return Cell("true" if value else "false", sheet, row, column)
    if isinstance(value, int | float):
        whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
        return Cell(str(int(value)) if whole else str(value), sheet, row, column, number=True)
    return Cell(normal(str(value)), sheet, row, column)
