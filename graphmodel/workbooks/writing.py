"""The questionnaire as an Excel workbook for one role or owner, with all that it needs to come back.

Each editable cell is repeated on a hidden sheet as it was given out, so that what comes back can be merged three ways.
No text becomes a formula, and the same content gives the same bytes.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphmodel.knowledge.framework import Framework, UseFact
from graphmodel.posture.answers import Answers
from graphmodel.posture.maturity import RequirementState
from graphmodel.posture.merging import Key, Value, normal, values
from graphmodel.posture.questionnaire import Part, also_on_record, graph_says
from graphmodel.workbooks.layout import (
    ABOUT,
    ANSWERS,
    BASE,
    BASE_COLUMNS,
    FACTS,
    MATURITY,
    SHEETS,
    VERSION,
    Kind,
    base_name,
)
from graphmodel.workbooks.tables import packed, put_text

if TYPE_CHECKING:
    from openpyxl import Workbook

MOST_TEXT = 32_767  # characters that a cell can hold


class TooLongError(ValueError):
    """A text that no cell can hold; says of which item."""


@dataclass(frozen=True)
class Given:
    """What a workbook is about. ``whose`` says for whom it is, in words; ``system`` and ``file`` what was opened, and
    ``digest`` names the content of the answers that it is made from."""

    system: str
    whose: str
    file: str
    digest: str


Row = tuple[str, Sequence[str]]
"""The id of a row, and the text of each of its cells."""


def workbook(
    framework: Framework, answers: Answers, parts: Sequence[Part], facts: Sequence[UseFact], given: Given
) -> bytes:
    """The content of a workbook with these parts of the questionnaire and these facts about the use; raises
    ``TooLongError``."""
    from openpyxl import Workbook  # noqa: PLC0415 - slow to import, and hardly any command needs it

    from graphmodel.workbooks.look import finish_about, finish_sheet  # noqa: PLC0415

    now = values(answers, framework)
    book = Workbook()
    about = book.active
    about.title = ABOUT
    for line in _about(framework, given, parts, facts):
        about.append([None, None])
        for number, text in enumerate(line, 1):
            _put(about.cell(about.max_row, number), text)
    finish_about(about)
    rows = {ANSWERS: list(_answer_rows(parts, now)), MATURITY: list(_maturity_rows(parts, now))}
    if facts:
        rows[FACTS] = list(_use_rows(framework, facts, now))
    for name, entries in rows.items():
        columns = SHEETS[name]
        sheet = book.create_sheet(name)
        for number, column in enumerate(columns, 1):
            _put(sheet.cell(1, number), column.title)
        for row, (about_id, texts) in enumerate(entries, 2):
            for number, (column, text) in enumerate(zip(columns, texts, strict=True), 1):
                _check_length(about_id, text)
                _put(sheet.cell(row, number), text, column.kind)
        finish_sheet(sheet, columns, len(entries))
    _write_base(book, framework, given, rows, now)
    return packed(book)


def _about(
    framework: Framework, given: Given, parts: Sequence[Part], facts: Sequence[UseFact]
) -> Iterator[Sequence[str]]:
    yield "Questionnaire", f"{framework.title} {framework.edition}"
    yield "System", given.system
    yield "For", given.whose
    use = f", {len(facts)} facts about the use" if facts else ""
    yield "Asks for", f"{sum(len(one.items) for one in parts)} answers, {sum(one.level for one in parts)} levels{use}"
    yield "Made from", f"{given.file or 'no answers yet'}{f' (digest {given.digest})' if given.digest else ''}"
    yield "", ""
    yield "How to fill it", f"On “{ANSWERS}”, answer each question by “met”, “partly”, “not met” or “not applicable”."
    yield "", "“Not applicable” needs its reason beside it. Leave empty what you cannot say."
    yield "", "“The graph says” is what the model of the system shows by itself; say so where it is wrong."
    yield "", "“Evidence” is where it is found, such as a link or the number of a ticket; its dates say how old it is,"
    yield "", "and until when it counts. Dates read year-month-day, such as 2027-01-31."
    yield "", f"On “{MATURITY}”, choose the level whose text fits, and a target where that of the profile is not yours."
    if facts:
        yield (
            "",
            f"On “{FACTS}”, say yes or no; from what holds follows how severe a compromise of the system would be.",
        )
    yield "", "Only yellow cells come back. Rows may be sorted, and columns moved or added; ids must stay as they are."
    yield "", "Do not write formulas: they are refused. Save it as an Excel workbook (.xlsx) and hand it back."


def _answer_rows(parts: Sequence[Part], now: Mapping[Key, Value]) -> Iterator[Row]:
    for part in parts:
        for one in part.items:
            item = one.item
            read = [
                item.id,
                part.area.title,
                f"{part.state.requirement.id} {part.state.requirement.title}",
                item.text,
                item.ask,
                "\n".join(item.evidence),
                graph_says(one.observed),
            ]
            yield item.id, [*read, *_editable(ANSWERS, item.id, now), also_on_record(one.answer)]


def _maturity_rows(parts: Sequence[Part], now: Mapping[Key, Value]) -> Iterator[Row]:
    for part in parts:
        if part.level:
            one = part.state.requirement
            read = [one.id, part.area.title, one.title, *one.maturity, _indicated(part.state), str(part.state.target)]
            yield one.id, [*read, *_editable(MATURITY, one.id, now)]


def _use_rows(framework: Framework, facts: Sequence[UseFact], now: Mapping[Key, Value]) -> Iterator[Row]:
    for one in facts:
        bears = [
            f"{criterion.severity}: {criterion.text}"
            for criterion in framework.criteria
            if one.id in (criterion.fact, *criterion.needs)
        ]
        yield one.id, [one.id, one.ask, one.explanation, "\n".join(bears), *_editable(FACTS, one.id, now)]


def _indicated(state: RequirementState) -> str:
    if state.indicated is None:
        return "not applicable"
    low, high = state.indicated
    return str(low) if low == high else f"{low} to {high}"


def _editable(sheet: str, about: str, now: Mapping[Key, Value]) -> list[str]:
    return [now[about, one.field][one.part] for one in SHEETS[sheet] if one.field]


def _check_length(about: str, text: str) -> None:
    if len(normal(text)) > MOST_TEXT:
        raise TooLongError(f"a text of {about} is longer than a cell can hold.")


def _put(cell: Any, text: str, kind: Kind = Kind.TEXT) -> None:
    """Enter a text as what it is: never as a formula, dates and levels as such where they are sound."""
    text = normal(text)
    if not text:
        return
    if kind is Kind.LEVEL and text.isdecimal():
        cell.value = int(text)
        return
    day = _date(text) if kind is Kind.DATE else None
    if day is not None:
        cell.value = day
        return
    put_text(cell, text)


def _date(text: str) -> datetime.date | None:
    try:
        found = datetime.date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year > 1900 else None  # before that, the calendar of spreadsheets is not ours


def _write_base(
    book: Workbook, framework: Framework, given: Given, rows: Mapping[str, Sequence[Row]], now: Mapping[Key, Value]
) -> None:
    sheet = book.create_sheet(BASE)
    head = {
        "layout": VERSION,
        "framework": framework.id,
        "edition": framework.edition,
        "system": given.system,
        "digest": given.digest,
    }
    lines: list[Sequence[str]] = [BASE_COLUMNS, *(("", key, said) for key, said in head.items())]
    for name, entries in rows.items():
        held = [one for one in SHEETS[name] if one.field]
        for about, _ in entries:
            lines += [(about, base_name(one), now[about, one.field][one.part]) for one in held]
    for row, line in enumerate(lines, 1):
        for number, text in enumerate(line, 1):
            _put(sheet.cell(row, number), text)
    sheet.sheet_state = "veryHidden"
    sheet.protection.sheet = True


def file_name(whose: str, taken: Sequence[str]) -> str:
    """What the workbook of a role or an owner is called: letters, figures and dashes, and none of those taken."""
    base = re.sub(r"[^a-z0-9]+", "-", whose.casefold()).strip("-")[:60] or "nobody"
    name, number = f"{base}.xlsx", 1
    while name in taken:
        number += 1
        name = f"{base}-{number}.xlsx"
    return name
