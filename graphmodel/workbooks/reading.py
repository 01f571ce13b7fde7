"""A workbook that came back: what was entered in it beside what it was given out with, and everything wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from graphmodel.knowledge.framework import Framework
from graphmodel.posture.merging import Entered, Key
from graphmodel.reading.limits import MAX_PROBLEMS
from graphmodel.reading.problems import Problem, nearest, refusal
from graphmodel.reading.values import brief, is_day
from graphmodel.workbooks.layout import (
    ANSWERS,
    BASE,
    BASE_COLUMNS,
    CHOICES,
    FACTS,
    ID,
    LONGEST,
    MATURITY,
    SHEETS,
    VERSION,
    Column,
    Kind,
    base_name,
)
from graphmodel.workbooks.sheets import Cell, Sheet, read_sheets

_HEADER_WITHIN = 20  # rows from the top
_NO_SUCH = {Kind.STATUS: "answer", Kind.LEVEL: "level of maturity", Kind.YES_OR_NO: "yes or no"}
_MEANT = {"true": "yes", "false": "no"}  # a cell of a spreadsheet can hold a truth


@dataclass(frozen=True)
class Returned:
    """What a workbook holds: every field of it whose cells are all there, changed or not. With errors among the
    problems nothing of it is to be taken. ``head`` is what it says of itself: framework, edition, system, digest."""

    name: str
    entered: tuple[Entered, ...]
    problems: tuple[Problem, ...]
    head: Mapping[str, str]


@dataclass
class _Reading:
    name: str
    base: Mapping[tuple[str, str], str]
    problems: list[Problem] = field(default_factory=list)
    entered: list[Entered] = field(default_factory=list)

    def tell(self, level: str, where: str, message: str, fix: str = "") -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(level, message, fix, where, file=self.name))


def read_workbook(data: bytes, name: str, framework: Framework) -> Returned:
    """Read a workbook; raises ``UnreadableError`` for what is no workbook of this program or beyond the limits."""
    sheets = read_sheets(data, name)
    present = [one for one in SHEETS if one.casefold() in sheets]
    if not present or BASE.casefold() not in sheets:
        missing = f"“{BASE}”, which is hidden," if present else f"“{ANSWERS}” and “{MATURITY}”"
        fix = "Use a workbook that `graphmodel questionnaire FILE --to-excel` wrote, with all its sheets."
        raise refusal(name, f"the sheet{'' if present else 's'} {missing} cannot be found in the workbook.", fix)
    head, base = _base(sheets[BASE.casefold()], name)
    if head.get("layout") != VERSION:
        raise refusal(name, "the workbook was made by another version of this program.", "Take out a new one.")
    work = _Reading(name, base)
    if head.get("framework") != framework.id or head.get("edition") != framework.edition:
        said = f"it asks for “{brief(head.get('framework', ''))}” {brief(head.get('edition', ''))}, which is another"
        work.tell(
            "warning", "", f"{said} edition than {framework.id} {framework.edition}.", "Ids that both have count."
        )
    for sheet in SHEETS:
        if sheet in present:
            _read_sheet(work, sheet, sheets[sheet.casefold()], framework)
        elif any(about in _known(framework, sheet) for about, _ in base):
            work.tell("warning", sheet, f"the sheet “{sheet}” is missing; nothing of it is taken.")
    return Returned(name, tuple(work.entered), tuple(work.problems), head)


def _known(framework: Framework, sheet: str) -> Collection[str]:
    """The ids that the rows of a sheet can have."""
    if sheet == FACTS:
        return [one.id for one in framework.facts]
    return framework.item_by_id if sheet == ANSWERS else framework.control_by_id


def _base(sheet: Sheet, name: str) -> tuple[Mapping[str, str], Mapping[tuple[str, str], str]]:
    """What a workbook says of itself, and each editable cell as it was given out."""
    lines = [tuple(one.text for one in row[: len(BASE_COLUMNS)]) for row in sheet]
    if not lines or lines[0] != BASE_COLUMNS:
        raise refusal(name, f"the hidden sheet “{BASE}” was changed.", "Take out a new workbook, and fill that one.")
    head = {key: said for about, key, said in lines[1:] if not about}
    return head, {(about, key): said for about, key, said in lines[1:] if about}


def _read_sheet(work: _Reading, name: str, sheet: Sheet, framework: Framework) -> None:
    columns = SHEETS[name]
    header = next((row for row in sheet[:_HEADER_WITHIN] if any(one.text.casefold() == "id" for one in row)), None)
    if header is None:
        work.tell("error", name, f"there is no column “{ID}”.", "Put the header back, or take out a new workbook.")
        return
    places = _columns(work, name, header, columns)
    if places is None:
        return
    known = _known(framework, name)
    given_out = {about for about, _ in work.base}
    base_ids = given_out.intersection(known)
    seen: set[str] = set()
    for row in sheet[sheet.index(header) + 1 :]:
        identity = row[places[ID]]
        about = identity.text
        if not about:
            if any(row[places[one.title]].text for one in columns if one.field and one.title in places):
                work.tell("error", identity.where, "this row has entries, but no id.", "Put its id back.")
        elif about not in known and about in given_out:
            work.tell("warning", identity.where, f"{about} is of another edition; nothing of it is taken.")
        elif about not in known:
            work.tell("error", identity.where, f"there is no “{brief(about)}” in it.", nearest(about, known))
        elif about not in base_ids:
            work.tell("error", identity.where, f"{about} was not in this workbook.", "Take out another for it.")
        elif about in seen:
            work.tell("error", identity.where, f"{about} is there twice.", "Take out one of the two rows.")
        else:
            seen.add(about)
            _read_row(work, about, row, places, columns)
    left = len(base_ids - seen)
    if left:
        said = f"{left} row{'s are' if left > 1 else ' is'} not there any more; nothing of that changes."
        work.tell("note", name, said)


def _columns(work: _Reading, name: str, header: Sequence[Cell], columns: Sequence[Column]) -> dict[str, int] | None:
    """Where each column is, by its title; None where one is there twice."""
    titles = {one.title.casefold(): one for one in columns}
    counted = Counter(one.text.casefold() for one in header if one.text)
    places: dict[str, int] = {}
    for number, cell in enumerate(header):
        column = titles.get(cell.text.casefold())
        if column is None:
            if cell.text:
                work.tell("note", cell.where, f"the column “{brief(cell.text)}” is none of ours; it is left out.")
        elif counted[cell.text.casefold()] > 1:
            work.tell("error", cell.where, f"the column “{column.title}” is there twice.", "Take one out.")
            return None
        else:
            places[column.title] = number
    for one in columns:
        if one.field and one.title not in places:
            work.tell("warning", name, f"the column “{one.title}” is missing; nothing of it is taken.")
    return places


def _read_row(
    work: _Reading, about: str, row: Sequence[Cell], places: Mapping[str, int], columns: Sequence[Column]
) -> None:
    fields: dict[str, list[Column]] = {}
    for one in columns:
        if one.field:
            fields.setdefault(one.field, []).append(one)
    for name, mine in fields.items():
        there = [(one, row[places[one.title]] if one.title in places else None) for one in mine]
        if all(cell is None for _, cell in there):
            continue
        texts: list[str] = []
        base: list[str] = []
        changed: list[str] = []
        sound = True
        for column, cell in there:
            given = work.base.get((about, base_name(column)), "")
            text = given if cell is None else _value(work, column, cell, given)
            sound = sound and text is not None
            texts.append(text or "")
            base.append(given)
            if cell is not None and text != given:
                changed.append(cell.where)
        if sound:
            key: Key = (about, name)
            where = changed or [cell.where for _, cell in there if cell is not None]
            work.entered.append(Entered(key, tuple(texts), tuple(base), work.name, tuple(where)))


def _value(work: _Reading, column: Column, cell: Cell, given: str) -> str | None:
    """What a cell holds as the answers have it; None where it is no such thing, which is told."""
    text = cell.text
    if cell.refused:
        fix = f"Write what it should say as plain text{' or a date' if column.kind is Kind.DATE else ''}."
        work.tell("error", cell.where, f"{cell.refused}, which is not taken for a value.", fix)
        return None
    if text in ("", given):
        return text
    if column.kind in CHOICES:
        words = CHOICES[column.kind]
        known = " ".join(text.casefold().split())
        if column.kind is Kind.YES_OR_NO:
            known = _MEANT.get(known, known)
        if known in words:
            return known
        fix = f"Choose {', '.join(words[:-1])} or {words[-1]}."
        work.tell("error", cell.where, f"“{brief(text)}” is no {_NO_SUCH[column.kind]}.", fix)
        return None
    if column.kind is Kind.DATE:
        if cell.dated or is_day(text):
            return text
        said = f"“{brief(text)}” is no date{' but a number' if cell.number else ''}."
        work.tell("error", cell.where, said, "Write year, month and day, such as 2027-01-31.")
        return None
    most = LONGEST[column.kind]
    if len(text) > most:
        work.tell("error", cell.where, f"the text has more than {most:,} characters.", "Shorten it.")
        return None
    return text
