"""How the sheets of a workbook look, and what they let one do: widths, colours, lists to choose from, locked cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from graphmodel.workbooks.layout import CHOICES, Column, Kind
from graphmodel.workbooks.tables import height_of

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_FACE, _SIZE = "Calibri", 11
_LINE = Side(style="thin", color="FFBFBFBF")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEAD = PatternFill("solid", fgColor="FF1F3A5F")
_OPEN = PatternFill("solid", fgColor="FFFFF8DC")
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_FORMATS = {Kind.DATE: "yyyy-mm-dd", Kind.LEVEL: "0"}  # all else is text, which a spreadsheet then leaves alone
_FROM_2000 = "36526"  # as a spreadsheet counts days


def finish_about(sheet: Worksheet) -> None:
    """The sheet that says how to fill the others."""
    sheet.column_dimensions["A"].width = 18
    sheet.column_dimensions["B"].width = 110
    for row in sheet.iter_rows():
        for cell in row:
            cell.alignment = _WRAPPED
        row[0].font = Font(name=_FACE, size=_SIZE, bold=True)
    _make_room(sheet)
    _protect(sheet)
    _print_setup(sheet, "1:1")


def finish_sheet(sheet: Worksheet, columns: Sequence[Column], rows: int) -> None:
    """A sheet with a header and so many rows below it."""
    last = max(rows + 1, 2)
    for number, column in enumerate(columns, 1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = column.width
        head = sheet.cell(1, number)
        head.font, head.fill = Font(name=_FACE, size=_SIZE, bold=True, color="FFFFFFFF"), _HEAD
        head.alignment, head.border = _WRAPPED, _BORDER
        for row in range(2, rows + 2):
            cell = sheet.cell(row, number)
            cell.alignment, cell.border = _WRAPPED, _BORDER
            if column.field:
                cell.fill, cell.protection = _OPEN, Protection(locked=False)
                cell.number_format = _FORMATS.get(column.kind, "@")
        rule = _rule(column)
        if rule is not None:
            rule.add(f"{letter}2:{letter}{last}")
            sheet.add_data_validation(rule)
    _make_room(sheet)
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{last}"
    _protect(sheet)
    _print_setup(sheet, "1:1")


def _make_room(sheet: Worksheet) -> None:
    """Rows as high as what stands in them."""
    for number, row in enumerate(sheet.iter_rows(), 1):
        widths = [sheet.column_dimensions[one.column_letter].width for one in row]
        texts = ["" if one.value is None else str(one.value) for one in row]
        sheet.row_dimensions[number].height = height_of(list(zip(texts, widths, strict=True)))


def _rule(column: Column) -> DataValidation | None:
    if not column.field or column.kind in (Kind.NAME, Kind.TEXT):
        return None
    if column.kind is Kind.DATE:
        rule = DataValidation("date", _FROM_2000, operator="greaterThanOrEqual", errorStyle="warning", allow_blank=True)
        rule.error = "A date of year, month and day, such as 2027-01-31."
    else:
        words = CHOICES[column.kind]
        rule = DataValidation("list", '"' + ",".join(words) + '"', allow_blank=True)
        rule.error = f"One of: {', '.join(words)}."
    rule.errorTitle, rule.showErrorMessage = column.title, True
    return rule


def _protect(sheet: Worksheet) -> None:
    """Lock what is not to be edited, without a password; how it looks may be changed, and rows filtered."""
    sheet.protection.sheet = True
    for one in ("formatCells", "formatColumns", "formatRows", "autoFilter", "sort"):
        setattr(sheet.protection, one, False)


def _print_setup(sheet: Worksheet, titles: str) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = titles
