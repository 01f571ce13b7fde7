"""Workbooks as this program writes them, and as people and spreadsheet programs hand them back."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

from openpyxl import load_workbook

from graphmodel.knowledge.framework import load_framework
from graphmodel.posture.answers import Answer, Answers, Level
from graphmodel.posture.derived import Observed
from graphmodel.posture.maturity import states
from graphmodel.posture.questionnaire import Wanted, facts, parts
from graphmodel.workbooks.reading import Returned, read_workbook
from graphmodel.workbooks.writing import Given, workbook

FRAMEWORK = load_framework()
FIRST, SECOND, THIRD = list(FRAMEWORK.item_by_id)[:3]
REQUIREMENT = next(iter(FRAMEWORK.control_by_id))
TARGETS = {one.id: 3 for one in FRAMEWORK.controls()}


def answers(*said: Answer | Level, use: Mapping[str, bool] | None = None) -> Answers:
    return Answers(
        FRAMEWORK.id,
        use=use or {},
        answers={one.item: one for one in said if isinstance(one, Answer)},
        levels={one.requirement: one for one in said if isinstance(one, Level)},
    )


def made(
    *said: Answer | Level,
    wanted: Wanted | None = None,
    observed: dict[str, Observed] | None = None,
    most: int | None = None,
    use: Mapping[str, bool] | None = None,
) -> bytes:
    """A workbook, with the first requirements only where ``most`` says how many."""
    held, mine = answers(*said, use=use), wanted or Wanted()
    areas = states(FRAMEWORK, held, observed or {}, TARGETS)
    given = Given("Shop", "everybody", "a.yaml", "0123")
    return workbook(FRAMEWORK, held, parts(areas, mine)[:most], facts(FRAMEWORK, held, mine), given)


def returned(data: bytes) -> Returned:
    return read_workbook(data, "back.xlsx", FRAMEWORK)


def touched(data: bytes) -> dict[tuple[str, str], tuple[str, ...]]:
    return {one.key: one.value for one in returned(data).entered if one.value != one.base}


def edited(data: bytes, edit: Callable[[Any], None]) -> bytes:
    book = load_workbook(io.BytesIO(data))
    edit(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def enter(data: bytes, about: str, **entries: Any) -> bytes:
    """Fill cells of a row by the titles of their columns, with ``_`` for a blank."""

    def edit(book: Any) -> None:
        for sheet in (one for one in book if one.title not in ("About", "Base")):
            titles = {cell.value: cell.column for cell in sheet[1]}
            for row in range(2, sheet.max_row + 1):
                if sheet.cell(row, 1).value == about:
                    for title, value in entries.items():
                        sheet.cell(row, titles[title.replace("_", " ")]).value = value

    return edited(data, edit)


def repacked(
    data: bytes, change: Callable[[dict[str, bytes]], object], compression: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """The archive with some of its parts changed."""
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        content = {name: source.read(name) for name in source.namelist()}
    change(content)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, part in content.items():
            target.writestr(name, part)
    return out.getvalue()
