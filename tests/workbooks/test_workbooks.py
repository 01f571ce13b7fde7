"""What goes out comes back: unchanged as nothing, changed as what was meant, whichever program saved it."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import DEFUSEDXML, load_workbook

from graphmodel.posture.answers import Answer, AnswerStatus, Level, Proof
from graphmodel.posture.derived import Observed
from graphmodel.posture.merging import Merged, merge
from graphmodel.posture.questionnaire import Wanted
from graphmodel.reading.problems import UnreadableError
from graphmodel.workbooks.writing import TooLongError, file_name
from tests.workbooks.made import (
    FIRST,
    FRAMEWORK,
    REQUIREMENT,
    SECOND,
    THIRD,
    answers,
    edited,
    enter,
    made,
    repacked,
    returned,
    touched,
)

FULL = Answer(
    FIRST,
    AnswerStatus.PARTLY,
    "a reason",
    "Ana",
    "2027-01-31",
    "two\nlines",
    (Proof("T-1", "2026-01-01", "2027-01-01"), Proof("T-2")),
)
LEVEL = Level(REQUIREMENT, 2, 4, "Ben", "2027-02-28", "slowly")


def levels(data: bytes) -> list[str]:
    return [one.level for one in returned(data).problems]


def test_what_comes_back_as_it_went_out_changes_nothing() -> None:
    found = returned(made(FULL, LEVEL))
    assert found.problems == ()
    assert merge(answers(FULL, LEVEL), FRAMEWORK, found.entered) == Merged()
    values = {one.key: one.value for one in found.entered}
    assert values[FIRST, "status"] == ("partly",)
    assert values[FIRST, "evidence"] == ("T-1", "2026-01-01", "2027-01-01")
    assert values[REQUIREMENT, "target"] == ("4",)
    assert found.head["system"] == "Shop"


def test_the_same_content_is_the_same_file() -> None:
    assert made(FULL, LEVEL) == made(FULL, LEVEL)
    assert made(FULL) != made()


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_goes_out_and_back_and_none_becomes_a_formula(reason: str, reference: str) -> None:
    said = Answer(FIRST, AnswerStatus.MET, reason, reason, reason, reason, (Proof(reference, reason),))
    data = made(said, most=1)
    found = returned(data)
    assert found.problems == ()
    assert merge(answers(said), FRAMEWORK, found.entered) == Merged()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert not any(b"<f>" in archive.read(name) or b"<f " in archive.read(name) for name in archive.namelist())


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x.example","y")'])
def test_a_text_like_a_formula_is_a_quoted_text(text: str) -> None:
    book = load_workbook(io.BytesIO(made(Answer(FIRST, AnswerStatus.MET, text))))
    cell = book["Answers"].cell(2, 9)
    assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)


def test_what_was_filled_in_is_what_is_read() -> None:
    data = enter(
        made(),
        FIRST,
        Answer=" Not  Applicable",
        Reason=" none of it ",
        Owner=12,
        Evidence="T-9",
        Evidence_date=datetime.date(2026, 5, 1),
        Evidence_until=datetime.datetime(2027, 5, 1, 12),  # noqa: DTZ001 - as a spreadsheet has it
        Due="2027-06-30",
        Comment="ok",
    )
    assert touched(data) == {
        (FIRST, "status"): ("not applicable",),
        (FIRST, "reason"): ("none of it",),
        (FIRST, "owner"): ("12",),
        (FIRST, "evidence"): ("T-9", "2026-05-01", "2027-05-01"),
        (FIRST, "due"): ("2027-06-30",),
        (FIRST, "comment"): ("ok",),
    }
    assert touched(enter(made(), REQUIREMENT, Level=3, Target="4")) == {
        (REQUIREMENT, "level"): ("3",),
        (REQUIREMENT, "target"): ("4",),
    }
    assert touched(enter(made(FULL), FIRST, Answer=None)) == {(FIRST, "status"): ("",)}


@pytest.mark.parametrize(
    ("title", "value", "said"),
    [
        ("Answer", "maybe", "“maybe” is no answer. Choose met, partly, not met or not applicable."),
        ("Answer", True, "“true” is no answer."),
        ("Due", "31.01.2027", "“31.01.2027” is no date. Write year, month and day"),
        ("Due", "2027-02-30", "is no date"),
        ("Comment", "=1+1", "it is a formula, which is not taken for a value."),
        ("Evidence date", "=TODAY()", "it is a formula"),
        ("Comment", "#REF!", "it is an error (#REF!)"),
        ("Owner", "x" * 301, "more than 300 characters"),
    ],
)
def test_what_is_no_value_is_told_with_its_cell(title: str, value: object, said: str) -> None:
    data = enter(made(), FIRST, **{title.replace(" ", "_"): value})
    (problem,) = returned(data).problems
    column = "ABCDEFGHIJKLMNOP"[[cell.value for cell in load_workbook(io.BytesIO(data))["Answers"][1]].index(title)]
    assert (problem.level, problem.file, problem.path) == ("error", "back.xlsx", f"Answers!{column}2")
    assert said in f"{problem.message} {problem.fix}"


@pytest.mark.parametrize("value", [6, -1, 2.5, "three"])
def test_a_level_is_a_whole_number_from_0_to_5(value: object) -> None:
    assert levels(enter(made(), REQUIREMENT, Level=value)) == ["error"]


def test_rows_and_columns_may_be_moved_and_added() -> None:
    data = enter(made(), FIRST, Answer="met", Owner="Ana")

    def move(book: Any) -> None:
        sheet = book["Answers"]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        head, body = rows[0], rows[1:]
        book.remove(sheet)
        sheet = book.create_sheet("answers ")
        sheet.append(["Reviewed by us"])
        sheet.append([])
        for row in [head, *reversed(body)]:
            sheet.append([*reversed(row), "ours" if row is head else "x"])
        sheet.cell(2_000, 3).number_format = "0.00"
        sheet.cell(1_048_576, 1).number_format = "0.00"

    moved = edited(data, move)
    assert touched(moved) == {(FIRST, "status"): ("met",), (FIRST, "owner"): ("Ana",)}
    (note,) = returned(moved).problems
    assert (note.level, "“ours” is none of ours" in note.message) == ("note", True)


def test_texts_may_be_shared_or_in_pieces_as_spreadsheet_programs_keep_them() -> None:
    """openpyxl writes texts into their cells; others write each once, in a part of its own."""
    texts: list[str] = []

    def share(found: re.Match[str]) -> str:
        texts.append(found[2])
        return f'<c{found[1]} t="s"><v>{len(texts) - 1}</v></c>'

    def save(parts: dict[str, bytes]) -> None:
        for name, content in parts.items():
            if name.startswith("xl/worksheets/"):
                cells = r'<c([^>]*) t="inlineStr"[^>]*><is>(.*?)</is></c>'
                parts[name] = re.sub(cells, share, content.decode(), flags=re.DOTALL).encode()
        two = "<r><t>not</t></r><r><t xml:space='preserve'> met</t></r>"
        pieces = [re.sub("<t[^>]*>not met</t>", two, one) for one in texts]
        space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        parts["xl/sharedStrings.xml"] = f"<sst xmlns='{space}'><si>{'</si><si>'.join(pieces)}</si></sst>".encode()
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
        entry = f"<Override PartName='/xl/sharedStrings.xml' ContentType='{kind}'/></Types>"
        parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", entry.encode())

    data = repacked(enter(made(FULL), SECOND, Answer="not met"), save)
    assert len(texts) > 100
    found = returned(data)
    assert found.problems == ()
    assert touched(data) == {(SECOND, "status"): ("not met",)}
    assert {one.key: one.value for one in found.entered}[FIRST, "comment"] == ("two\nlines",)


def test_what_is_missing_is_told_and_stays_as_it_is() -> None:
    def drop(book: Any) -> None:
        sheet = book["Answers"]
        titles = [cell.value for cell in sheet[1]]
        sheet.delete_cols(titles.index("Evidence date") + 1)
        sheet.delete_cols(titles.index("Comment"))
        sheet.delete_rows(3)
        book.remove(book["Maturity"])

    found = returned(edited(made(FULL), drop))
    assert {one.level for one in found.problems} == {"warning", "note"}
    said = " ".join(one.message for one in found.problems)
    for part in ("column “Evidence date” is missing", "column “Comment” is missing", "sheet “Maturity”", "1 row is"):
        assert part in said
    assert merge(answers(FULL), FRAMEWORK, found.entered) == Merged()
    assert SECOND not in {one.key[0] for one in found.entered}


def test_ids_that_are_unknown_doubled_gone_or_not_in_it_are_errors() -> None:
    def rows(book: Any) -> None:
        sheet = book["Answers"]
        sheet.cell(2, 1).value = "MS-9.9.9.g9"
        sheet.cell(3, 1).value = THIRD
        sheet.cell(5, 1).value = None
        sheet.cell(5, 8).value = "met"

    said = [one.message for one in returned(edited(made(), rows)).problems if one.level == "error"]
    assert said == ["there is no “MS-9.9.9.g9” in it.", f"{THIRD} is there twice.", "this row has entries, but no id."]
    part = made(Answer(FIRST, AnswerStatus.MET), wanted=Wanted(open_only=True))

    def other(book: Any) -> None:
        book["Answers"].cell(2, 1).value = FIRST

    assert f"{FIRST} was not in this workbook." in [one.message for one in returned(edited(part, other)).problems]


def test_a_workbook_of_another_edition_counts_where_ids_are_the_same() -> None:
    def old(parts: dict[str, bytes]) -> None:
        for name, content in parts.items():
            if name.startswith("xl/worksheets/"):
                text = content.replace(f">{FIRST}<".encode(), b">OLD-1.1.g1<")
                parts[name] = text.replace(f">{FRAMEWORK.edition}<".encode(), b">1<")

    found = returned(enter(repacked(made(), old), SECOND, Answer="met"))
    assert {one.level for one in found.problems} == {"warning"}
    assert [one.key for one in found.entered if one.value != one.base] == [(SECOND, "status")]


def test_a_workbook_can_be_worked_in() -> None:
    book = load_workbook(io.BytesIO(made(FULL, LEVEL, observed={FIRST: Observed(AnswerStatus.NOT_MET, (), ("db",))})))
    assert book.sheetnames == ["About", "Answers", "Maturity", "Use", "Base"]
    assert book["Base"].sheet_state == "veryHidden"
    sheet = book["Answers"]
    titles = [cell.value for cell in sheet[1]]
    assert sheet.freeze_panes == "B2"
    assert sheet.protection.sheet
    assert sheet.protection.password is None
    assert sheet.page_setup.orientation == "landscape"
    locked = {title for title, cell in zip(titles, sheet[2], strict=True) if cell.protection.locked}
    assert locked == {*titles[:7], "Also on record"}
    assert sheet.cell(2, 7).value == "not met; nothing at db"
    assert sheet.cell(2, 14).value == datetime.datetime(2027, 1, 31)  # noqa: DTZ001
    assert sheet.cell(2, 16).value == "further evidence: T-2"
    assert all(cell.alignment.wrap_text for cell in sheet[2])
    lists = {one.formula1 for one in sheet.data_validations.dataValidation if one.type == "list"}
    assert lists == {'"met,partly,not met,not applicable"'}
    maturity = book["Maturity"]
    assert [cell.value for cell in maturity[2]][3:9] == list(FRAMEWORK.control_by_id[REQUIREMENT].maturity)
    assert {one.formula1 for one in maturity.data_validations.dataValidation if one.type == "list"} == {'"0,1,2,3,4,5"'}


def test_facts_about_the_use_go_out_and_back() -> None:
    stated = {"sensitive-data": True, "physical-harm": False}
    data = made(use=stated)
    sheet = load_workbook(io.BytesIO(data))["Use"]
    rows = {row[0]: row for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert list(rows) == [one.id for one in FRAMEWORK.facts]
    assert (rows["sensitive-data"][4], rows["physical-harm"][4], rows["open-data"][4]) == ("yes", "no", None)
    assert "Critical: Its answers can injure or kill." in str(rows["physical-harm"][3])
    assert [one.formula1 for one in sheet.data_validations.dataValidation] == ['"yes,no"']
    held = answers(use=stated)
    assert merge(held, FRAMEWORK, returned(data).entered) == Merged()
    back = enter(
        enter(enter(data, "open-data", Holds=" No "), "sensitive-data", Holds=None), "business-facing", Holds=True
    )
    merged = merge(held, FRAMEWORK, returned(back).entered)
    assert merged.use == {"open-data": False, "sensitive-data": None, "business-facing": True}
    assert [one.key[1] for one in merged.changes] == ["use"] * 3 and not merged.conflicts
    other = merge(answers(use={**stated, "open-data": True}), FRAMEWORK, returned(back).entered)
    assert [(one.key, one.now, one.place) for one in other.conflicts] == [
        (("open-data", "use"), ("yes",), "use, open-data")
    ]
    (problem,) = returned(enter(data, "open-data", Holds="perhaps")).problems
    assert (
        problem.path.startswith("Use!E")
        and "“perhaps” is no yes or no. Choose yes or no." in f"{problem.message} {problem.fix}"
    )


def test_facts_are_asked_of_roles_and_of_no_owner_and_those_that_are_open() -> None:
    stated = {one.id: False for one in FRAMEWORK.facts[1:]}

    def asked(wanted: Wanted) -> list[object]:
        book = load_workbook(io.BytesIO(made(use=stated, wanted=wanted)))
        return [row[0].value for row in book["Use"].iter_rows(min_row=2)] if "Use" in book.sheetnames else []

    assert len(asked(Wanted(role="ai-engineer"))) == len(FRAMEWORK.facts)
    assert asked(Wanted(open_only=True)) == [FRAMEWORK.facts[0].id]
    assert asked(Wanted(owner="")) == []


def test_a_workbook_from_before_facts_were_asked_is_read_without_a_word() -> None:
    data = made(Answer(FIRST, AnswerStatus.MET), wanted=Wanted(owner=""))
    assert returned(data).problems == ()


def test_a_text_that_no_cell_can_hold_is_refused_and_names_are_never_the_same() -> None:
    with pytest.raises(TooLongError, match=FIRST):
        made(Answer(FIRST, comment="\x01" * 20_000))
    assert file_name("Ana Müller / IT", []) == "ana-m-ller-it.xlsx"
    assert file_name("../..", ["nobody.xlsx"]) == "nobody-2.xlsx"


def test_markup_is_read_by_defusedxml() -> None:
    assert DEFUSEDXML


def test_a_workbook_of_something_else_says_so() -> None:
    from openpyxl import Workbook

    out = io.BytesIO()
    Workbook().save(out)
    with pytest.raises(UnreadableError, match="cannot be found in the workbook"):
        returned(out.getvalue())
