"""Tables as an Excel workbook, a sheet each: texts that are no formulas, and the same bytes for the same tables."""

from __future__ import annotations

import datetime
import io
import math
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_MOMENT = datetime.datetime(2000, 1, 1)  # noqa: DTZ001 - the format knows no time zones; of no meaning but to be the same
_LIKE_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
MOST_CELL = 32_767  # characters that a cell can hold
_NARROW, _WIDE = 8, 70  # characters of a column
_FACE, _SIZE, _LINE, _HIGHEST = "Calibri", 11, 15.0, 409.0  # points; no row can be higher
_LONGEST_TITLE = 31
_NOT_HELD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # by XML, and so by a cell
_FIGURE = re.compile(r"-?\d{1,3}(,\d{3})*(\.\d+)?|-?\d+(\.\d+)?")


@dataclass(frozen=True)
class Sheet:
    """A sheet of texts. The first row is a header where ``header`` says so; figures in the columns ``numbers`` are
    entered as such where they are nothing but a figure. ``bold`` names rows, from 0, that stand out; ``one_page`` says
    that it is printed on one page."""

    title: str
    rows: Sequence[Sequence[str]]
    header: bool = True
    numbers: frozenset[int] = frozenset()
    bold: frozenset[int] = frozenset()
    one_page: bool = False


def tables_workbook(sheets: Sequence[Sheet], date: str = "") -> bytes:
    """The workbook. Titles of sheets are made short, and different. ``date`` (ISO) is the day that it is of."""
    from openpyxl import Workbook  # noqa: PLC0415 - slow to import, and hardly any command needs it

    book = Workbook()
    book.remove(book.active)
    taken: set[str] = set()
    for one in sheets:
        _fill(book.create_sheet(_title(one.title, taken)), one)
    return packed(book, datetime.datetime.fromisoformat(date) if date else _MOMENT)


def _title(wanted: str, taken: set[str]) -> str:
    base = re.sub(r"[\[\]:*?/\\\x00-\x1f'\s]+", " ", wanted).strip()[:_LONGEST_TITLE].strip() or "Table"
    name, number = base, 1
    while name.casefold() in taken:
        number += 1
        name = f"{base[: _LONGEST_TITLE - len(str(number)) - 1]} {number}"
    taken.add(name.casefold())
    return name


def _fill(sheet: Worksheet, given: Sheet) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill  # noqa: PLC0415 - the same
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    wrapped, head = Alignment(wrap_text=True, vertical="top"), PatternFill("solid", fgColor="FF1F3A5F")
    widths: dict[int, int] = {}
    for number, row in enumerate(given.rows):
        for column, text in enumerate(row):
            cell = sheet.cell(number + 1, column + 1)
            is_head = given.header and number == 0
            if column in given.numbers and not is_head and _FIGURE.fullmatch(text):
                cell.value = float(text.replace(",", ""))
                cell.number_format = "#,##0.##" if "." in text else "#,##0"
            elif text:
                put_text(cell, text)
            cell.alignment = wrapped
            if is_head:
                cell.font, cell.fill = Font(name=_FACE, size=_SIZE, bold=True, color="FFFFFFFF"), head
            elif number in given.bold:
                cell.font = Font(name=_FACE, size=_SIZE, bold=True)
            longest = max((len(line) for line in text.split("\n")), default=0)
            widths[column] = max(widths.get(column, _NARROW), min(longest + 2, _WIDE))
    for column, width in widths.items():
        sheet.column_dimensions[get_column_letter(column + 1)].width = width
    for number, row in enumerate(given.rows):
        sheet.row_dimensions[number + 1].height = height_of([(text, widths[at]) for at, text in enumerate(row)])
    if given.header and given.rows:
        sheet.freeze_panes = "A2"
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(given.rows[0]))}{max(len(given.rows), 2)}"
        sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, int(given.one_page)
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def height_of(cells: Sequence[tuple[str, float]]) -> float | None:
    """How high a row must be for texts in columns so many characters wide, in points; None where a line is enough.

    Not every program makes room by itself for what is broken over lines.
    """
    lines = max((_lines(text, width) for text, width in cells), default=1)
    return min(_HIGHEST, lines * _LINE) if lines > 1 else None


def _lines(text: str, width: float) -> int:
    """How many lines a text takes in a column, rather one more than one less: words are not broken."""
    room = max(1.0, 0.9 * width)
    return sum(max(1, math.ceil(len(line) / room)) for line in text[:MOST_CELL].split("\n"))


def put_text(cell: Any, text: str) -> None:
    """Enter a text as what it is, and never as a formula; a character that no cell can hold stands as its escape."""
    cell.value = _NOT_HELD.sub(lambda one: f"\\u{ord(one[0]):04x}", text)[:MOST_CELL]
    cell.data_type = "s"
    if text.startswith(_LIKE_A_FORMULA):
        cell.quotePrefix = True


def packed(book: Workbook, moment: datetime.datetime = _MOMENT) -> bytes:
    """The workbook as a file, with nothing of the moment in it."""
    from openpyxl.writer.excel import ExcelWriter  # noqa: PLC0415

    book.properties.creator = "graphmodel"
    book.properties.created = book.properties.modified = moment
    raw, packed = io.BytesIO(), io.BytesIO()
    ExcelWriter(book, zipfile.ZipFile(raw, "w")).save()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.infolist():
            if member.filename in target.NameToInfo:  # the writer enters one part twice
                continue
            entry = zipfile.ZipInfo(member.filename, _MOMENT.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(member))
    return packed.getvalue()
