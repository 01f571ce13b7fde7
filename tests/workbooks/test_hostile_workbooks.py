"""Whatever a stranger sends as a workbook: one clear error, in little time and memory, and never a traceback."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable

import pytest

from graphmodel.reading.problems import UnreadableError
from graphmodel.workbooks.safety import MAX_MEMBERS
from tests.workbooks.made import FIRST, made, repacked, returned, touched

WORKBOOK = made(most=1)
SHEET = "xl/worksheets/sheet2.xml"
BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'

_ELEMENTS = b"".join(b"<b%d/>" % one for one in range(200_000))

Parts = dict[str, bytes]


def refused(data: bytes) -> str:
    with pytest.raises(UnreadableError) as caught:
        returned(data)
    assert caught.value.problem.file == "back.xlsx"
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no Excel workbook"),
        (b"graphmodel-answers: 1\n", "no Excel workbook"),
        (b"PK\x03\x04" + b"\x00" * 100, "broken"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 100, "password"),
        (b"PK" + b"\x00" * 10_000_000, "larger than the limit of 10 MB"),
    ],
)
def test_what_is_no_workbook(data: bytes, said: str) -> None:
    assert said in refused(data)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_part_of_a_workbook(share: float) -> None:
    assert "broken" in refused(WORKBOOK[: int(len(WORKBOOK) * share)])


def _put(name: str, content: bytes) -> Callable[[Parts], None]:
    return lambda parts: parts.update({name: content})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_put("xl/media/a.bin", b"\x00" * 30_000_000), "unpacks to far more"),
        (_put("xl/media/a.bin", random.Random(1).randbytes(1_000) * 45_000), "unpacks to"),
        (_put(SHEET, BOMB), "entities"),
        (_put(SHEET, OUTSIDE), "entities"),
        (_put("docProps/core.xml", BOMB.decode().encode("utf-16")), "entities"),
        (_put("customXml/item1.xml", BOMB), "entities"),
        (_put(SHEET, b"<a>" * 100 + b"</a>" * 100), "nested too deeply"),
        (_put(SHEET, b"<a>" + _ELEMENTS + b"</a>"), "too full"),
        (_put(SHEET, b"<worksheet><sheetData>"), "broken"),
        (lambda parts: parts.pop("xl/workbook.xml"), "holds no Excel workbook"),
        (lambda parts: parts.pop("xl/_rels/workbook.xml.rels"), "broken"),
        (lambda parts: parts.update({f"x/{one}.bin": b"" for one in range(MAX_MEMBERS)}), "parts; at most"),
    ],
    ids=range(12),
)
def test_archives_that_are_made_to_harm(change: Callable[[Parts], object], said: str) -> None:
    assert said in refused(repacked(WORKBOOK, change))


def test_a_sheet_that_is_empty_or_not_there() -> None:
    (problem,) = returned(repacked(WORKBOOK, _put(SHEET, b"<a/>"))).problems
    assert (problem.level, problem.message) == ("error", "there is no column “Id”.")
    (problem,) = returned(repacked(WORKBOOK, lambda parts: parts.pop(SHEET))).problems
    assert (problem.level, problem.message) == ("warning", "the sheet “Answers” is missing; nothing of it is taken.")


def test_two_parts_of_one_name() -> None:
    out = io.BytesIO(WORKBOOK)
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(SHEET, b"<a/>")
    assert "two parts of the same name" in refused(out.getvalue())


@pytest.mark.parametrize("missing", ["Base", "Answers and Maturity and Use"])
def test_sheets_that_are_gone(missing: str) -> None:
    def rename(parts: Parts) -> None:
        for name in missing.split(" and "):
            text = parts["xl/workbook.xml"]
            parts["xl/workbook.xml"] = text.replace(f'name="{name}"'.encode(), f'name="No{name}"'.encode())

    assert "cannot be found" in refused(repacked(WORKBOOK, rename))


def test_a_sheet_that_says_it_has_a_million_rows_or_skips_to_the_last() -> None:
    def large(parts: Parts) -> None:
        text = parts[SHEET].decode()
        start = text.index("<dimension")
        text = text[:start] + '<dimension ref="A1:XFD1048576"/>' + text[text.index("/>", start) + 2 :]
        parts[SHEET] = text.replace("</sheetData>", '<row r="1048576" s="1" ht="12"/></sheetData>').encode()

    assert touched(repacked(WORKBOOK, large)) == {}

    def beyond(parts: Parts) -> None:
        parts[SHEET] = parts[SHEET].replace(b"</sheetData>", b'<row r="99999999999999"/></sheetData>')

    assert touched(repacked(WORKBOOK, beyond)) == {}


def test_more_rows_than_anybody_answers() -> None:
    def full(parts: Parts) -> None:
        rows = b"".join(b"<row><c><v>1</v></c></row>" for _ in range(5_001))
        parts[SHEET] = parts[SHEET].replace(b"</sheetData>", rows + b"</sheetData>")

    assert "has more than 5,000 rows" in refused(repacked(WORKBOOK, full))


def test_links_to_other_workbooks_are_not_followed() -> None:
    def link(parts: Parts) -> None:
        parts["xl/externalLinks/externalLink1.xml"] = b"<a/>"
        parts["xl/_rels/workbook.xml.rels"] = parts["xl/_rels/workbook.xml.rels"].replace(
            b"</Relationships>",
            b'<Relationship Id="rId99" Target="externalLinks/externalLink1.xml" Type="http://schemas.openxmlformats.org/'
            b'officeDocument/2006/relationships/externalLink"/></Relationships>',
        )
        parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(
            b"</sheets>",
            b'</sheets><externalReferences><externalReference xmlns:r="http://schemas.openxmlformats.org/officeDocument/'
            b'2006/relationships" r:id="rId99"/></externalReferences>',
        )

    assert touched(repacked(WORKBOOK, link)) == {}


@pytest.mark.parametrize("seed", range(40))
def test_markup_with_random_damage_is_read_or_refused(seed: int) -> None:
    chance = random.Random(seed)

    def damage(parts: Parts) -> None:
        name = chance.choice([one for one in parts if one.endswith((".xml", ".rels"))])
        content = bytearray(parts[name])
        for _ in range(chance.choice([1, 3, 20])):
            place = chance.randrange(len(content))
            piece = chance.choice([b"", b"<", b'"', b"9" * 400, b"-1", b"&#0;", b"\xff", b"=", FIRST.encode()])
            content[place : place + chance.choice([0, 1, 8])] = piece
        parts[name] = bytes(content)

    try:
        found = returned(repacked(WORKBOOK, damage))
    except UnreadableError as error:
        assert error.problem.fix
    else:
        assert found.name == "back.xlsx"
