"""Tables as workbooks: what is broken over lines has room, whatever program opens it."""

from __future__ import annotations

import io

import openpyxl

from graphmodel.workbooks.tables import Sheet, tables_workbook


def test_rows_are_as_high_as_their_longest_text_and_no_higher_than_a_row_can_be() -> None:
    rows = [("head", ""), ("word " * 60, "short"), ("a\nb\nc", ""), ("word " * 3_000, "")]
    (sheet,) = openpyxl.load_workbook(io.BytesIO(tables_workbook([Sheet("one", rows)]))).worksheets
    heights = [sheet.row_dimensions[number].height for number in range(1, 5)]
    assert heights[0] is None  # one line is what a row has room for
    assert heights[1] >= 300 / 70 * 15 and heights[2] == 45 and heights[3] == 409
    assert {cell.font.name for row in sheet.iter_rows() for cell in row} == {"Calibri"}
