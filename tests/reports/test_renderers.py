"""Renderers: nothing in a text is markup, the same document has the same bytes, and pages hold what they should."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable
from html.parser import HTMLParser

import docx
import openpyxl
import pytest
from lxml import etree

from graphmodel.reports.document import (
    Bullets,
    Column,
    Document,
    Figure,
    Heading,
    PageBreak,
    Paragraph,
    Small,
    Table,
    Words,
)
from graphmodel.reports.excel import excel
from graphmodel.reports.faces import MISSING, Legible, faces
from graphmodel.reports.html import html
from graphmodel.reports.logo import MOST_BYTES, LogoError, read_logo
from graphmodel.reports.pdf import pdf
from graphmodel.reports.shown import seen
from graphmodel.reports.word import word
from tests.reports.systems import DATE, hostile

EVIL = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "]]></style><svg onload=alert(1)>&lt;&#x3c;",
    "javascript:alert(1) https://evil.example/ {nb} {{7*7}}",
    "(a) Tj ET \\( /JS (x) >> endobj %PDF",
    "=cmd|' /C calc'!A0",
    "turned \u202e around \u2066 and \x00\x07\x1b[31m \ufffe \ud800",
    "Ἀθῆναι Москва თბილისი กรุงเทพ 東京 القدس ירושלים हिन्दी 🔥",
    "long " + "x" * 3000,
    "",
]
RENDERERS: list[Callable[[Document], bytes]] = [html, pdf, word, excel]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


def _tags(data: bytes) -> _Tags:
    found = _Tags()
    found.feed(data.decode("utf-8"))
    return found


@pytest.mark.parametrize("text", [one for one in EVIL if one])
def test_no_text_becomes_markup_in_html(text: str) -> None:
    found, plain = _tags(html(hostile(text))), _tags(html(hostile("plain")))
    assert [tag for tag in found.tags if tag != "wbr"] == [tag for tag in plain.tags if tag != "wbr"]
    assert not {"script", "iframe", "object", "link", "base", "form"} & set(found.tags)
    assert [name for name, _ in found.attributes] == [name for name, _ in plain.attributes]
    for name, value in found.attributes:
        assert not name.startswith("on")
        if name in ("href", "src"):
            assert (value or "").startswith("#")
    policy = dict(found.attributes)
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in html(hostile(text)).decode()
    assert policy["lang"] == "en"


@pytest.mark.parametrize("text", EVIL)
def test_no_text_becomes_markup_in_a_word_file(text: str) -> None:
    data = word(hostile(text))
    made = docx.Document(io.BytesIO(data))
    whole = [one.text for one in made.paragraphs] + [c.text for t in made.tables for r in t.rows for c in r.cells]
    assert sum(seen(text) in one for one in whole) >= 10
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for name in package.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(package.read(name))
                assert b'TargetMode="External"' not in package.read(name)
    assert {row.tag for row in made.element.iter("{*}hyperlink")} == set()


def _shown(data: bytes) -> set[str]:
    """The operators of the page streams of a PDF that was written without compression."""
    streams = re.findall(rb"stream\n(.*?)\nendstream", data, re.DOTALL)
    pages = [one for one in streams if b" Td" in one]
    return {word.decode("latin-1") for one in pages for word in re.findall(rb"(?<= )(?:Tj|ET|BT|Td|Tf)(?= |\n|$)", one)}


@pytest.mark.parametrize("text", EVIL)
def test_no_text_becomes_an_operator_or_an_action_in_a_pdf(text: str) -> None:
    data = pdf(hostile(text), compress=False)
    assert data.startswith(b"%PDF-")
    assert _shown(data) == {"Tj", "ET", "BT", "Td", "Tf"}
    rest = re.sub(rb"\((?:\\.|[^\\()])*\)", b"", data, flags=re.DOTALL)  # without the texts between brackets
    for key in (b"/JavaScript", b"/JS ", b"/URI", b"/Launch", b"/EmbeddedFile", b"/OpenAction /"):
        assert key not in rest
    assert data.count(b"%%EOF") == 1


def test_the_text_of_a_pdf_can_be_found_and_read_again() -> None:
    text = "Ἀθῆναι Москва (brackets) \\ back"
    data = pdf(Document("t", "s", DATE, (), (Paragraph(text),)), compress=False)
    # Each font of the file maps its numbers of glyphs back to characters; what is shown is in these numbers.
    maps = re.findall(rb"beginbfchar\n(.*?)endbfchar", data, re.DOTALL)
    letters = {chr(int(code, 16)) for one in maps for code in re.findall(rb"<[0-9A-F]+> <([0-9A-F]{4})>", one)}
    assert set(text) - {" "} <= letters


@pytest.mark.parametrize("render", RENDERERS)
def test_the_same_document_has_the_same_bytes_and_another_date_has_others(render: Callable[[Document], bytes]) -> None:
    one = hostile("text")
    assert render(one) == render(hostile("text"))
    later = Document(one.title, one.subtitle, "2027-01-01", one.about, one.blocks, one.organisation)
    assert render(later) != render(one)


def test_what_the_typeface_cannot_show_is_seen_and_said() -> None:
    legible = Legible(faces()[0])
    assert legible("Ελλάδα Москва → ≥ ế กข თბ") == "Ελλάδα Москва → ≥ ế กข თბ"
    assert not legible.said
    assert legible("東 ع ש हि") == f"{MISSING} {MISSING} {MISSING} {MISSING * 2}"
    assert "U+6771" in legible.said and "HTML" in legible.said
    assert (
        "東" in html(hostile("東")).decode()
        and "東" in docx.Document(io.BytesIO(word(hostile("東")))).paragraphs[0].text
    )


def test_the_bold_face_shows_what_the_regular_one_does() -> None:
    regular, bold = faces()
    assert all(regular.shows(chr(code)) == bold.shows(chr(code)) for code in range(0x20, 0x3000))


@pytest.mark.parametrize("room", [12.0, 30.0, 80.0])
def test_folded_lines_fit_and_lose_nothing(room: float) -> None:
    face = faces()[0]
    for text in ("a control@of-some/asset with a mean of 0.828 and more", "x" * 200, "", "  ", "one"):
        lines = face.fold(text, room, 3.0)
        assert all(face.width(line, 3.0) <= room for line in lines)
        assert "".join("".join(lines).split()) == "".join(text.split())


def test_tables_have_headers_with_a_scope_and_repeat_them() -> None:
    rows = tuple((f"row {number}", "word " * 30, str(number)) for number in range(120))
    kinds = (Column.TEXT, Column.TEXT, Column.NUMBER)
    one = Document("t", "s", DATE, (), (Heading(2, "h"), Table("Rows", ("name", "unique", "n"), kinds, rows)))
    page = html(one).decode()
    assert page.count('<th scope="col"') == 3 and page.count('<th scope="row">') == 120
    assert "thead{display:table-header-group}" in page and "@page{size:A4" in page
    table = docx.Document(io.BytesIO(word(one))).tables[0]
    assert table.rows[0]._tr.xpath("./w:trPr/w:tblHeader") and not table.rows[1]._tr.xpath("./w:trPr/w:tblHeader")
    assert all(row._tr.xpath("./w:trPr/w:cantSplit") for row in table.rows)
    data = pdf(one, compress=False)
    pages = [part for part in re.findall(rb"stream\n(.*?)\nendstream", data, re.DOTALL) if b" Td" in part]
    assert len(pages) > 3
    shown = [re.findall(rb"\((.*?)\) Tj", part, re.DOTALL) for part in pages]
    first = next(at for at, text in enumerate(shown[0]) if text == shown[1][0])
    assert all(part[:3] == shown[0][first : first + 3] for part in shown[1:])


def _structure(data: bytes) -> list[str]:
    """The elements of a tagged PDF in the order of reading, each with how deep it is and its text for readers."""
    objects = {
        int(number): body
        for number, body in re.findall(rb"(?:^|\n)([0-9]+) 0 obj\n(.*?)\nendobj", data, re.DOTALL)
        if b"/Type /Struct" in body
    }
    marks = {
        (page, mark) for body in objects.values() for page, mark in re.findall(rb"/Pg (\d+) 0 R /MCID (\d+)", body)
    }
    assert len(marks) == sum(body.count(b"/MCID") for body in objects.values())  # each piece is put down to one element
    assert len(marks) == len(re.findall(rb"/[A-Za-z0-9]+ <</MCID \d+>> BDC", data))
    found: list[str] = []

    def walk(number: int, depth: int) -> None:
        body = objects[number]
        kind = re.search(rb"/S /(\w+)", body)
        alt = re.search(rb"/Alt \((.*?)\)", body)
        said = f" {alt[1].decode('latin-1')}" if alt else ""
        if kind:
            found.append(f"{'.' * depth}{kind[1].decode()}{said}")
        kids = re.search(rb"/K \[(.*?)\]", body, re.DOTALL)
        for child in re.findall(rb"(?:^|\n| )(\d+) 0 R(?! /MCID)", kids[1] if kids else b""):
            walk(int(child), depth + 1)

    walk(next(number for number, body in objects.items() if b"/Type /StructTreeRoot" in body), -1)
    return found


def test_a_pdf_says_what_each_piece_of_it_is() -> None:
    shapes = (Words(4, 20, "in it", 12),)
    blocks = (
        Heading(2, "h"),
        Paragraph("p"),
        Small("s"),
        Bullets(("one",)),
        Table("c", ("", "n"), (Column.TEXT, Column.NUMBER), (("row", "1"),), "more"),
        Figure("below", "what is seen", 120, 60, shapes),
        Heading(3, "i"),
    )
    data = pdf(Document("t", "s", DATE, (), blocks, logo=read_logo(_picture("PNG"))), compress=False)
    assert _structure(data) == [
        "Document", ".Figure Logo", ".H1", ".P", ".P", ".H2", ".P", ".P", ".L", "..LI", "...Lbl", "...LBody",
        ".Table", "..Caption", "..TR", "...TD", "...TH", "..TR", "...TH", "...TD", ".P",
        ".Figure what is seen", ".Caption", ".H3",
    ]  # fmt: skip
    for part in (b"/Marked true", b"/Lang (en)", b"/DisplayDocTitle true", b"/Scope /Column", b"/Scope /Row"):
        assert part in data
    assert data.count(b"BDC") + data.count(b"/Artifact BMC") == data.count(b"EMC")
    pages = [part for part in re.findall(rb"stream\n(.*?)\nendstream", data, re.DOTALL) if b" Td" in part]
    assert not [
        text for page in pages for text in re.split(rb"(?:BDC|BMC).*?EMC", page, flags=re.DOTALL) if b"Tj" in text
    ]


def test_headers_that_a_table_repeats_are_read_once() -> None:
    rows = tuple((f"row {number}", "word " * 30) for number in range(120))
    one = Document("t", "s", DATE, (), (Table("Rows", ("name", "text"), (Column.TEXT, Column.TEXT), rows),))
    found = _structure(pdf(one, compress=False))
    assert (found.count("..TR"), found.count("...TH"), found.count("...TD")) == (121, 2 + 120, 120)


def test_what_is_for_one_page_is_made_smaller_until_it_fits() -> None:
    def pages(count: int, one_page: bool) -> int:
        text = tuple(Paragraph("word " * 60) for _ in range(count))
        return pdf(Document("t", "s", DATE, (), text, one_page=one_page), compress=False).count(b"/Type /Page\n")

    assert [pages(18, False), pages(18, True)] == [2, 1]
    assert pages(80, True) > 1  # what nobody could read is not done


def test_a_row_that_is_longer_than_a_page_goes_on() -> None:
    rows = (("word " * 1500, "x"),)
    one = Document("t", "s", DATE, (), (Table("c", ("a", "b"), (Column.TEXT, Column.TEXT), rows),))
    data = pdf(one, compress=False)
    heights = [float(y) for y in re.findall(rb"BT [0-9.]+ (-?[0-9.]+) Td", data)]
    assert min(heights) > 20 and data.count(b"/Type /Page\n") >= 2


def test_a_drawing_too_large_for_a_page_gets_a_sheet_of_its_own() -> None:
    wide = Figure("c", "a", 2400, 500, (Words(10, 20, "small", 12),))
    data = pdf(Document("t", "s", DATE, (), (Heading(2, "h"), wide, PageBreak(), Heading(2, "i"))), compress=False)
    boxes = re.findall(rb"/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]", data)
    assert any(float(width) > float(height) for width, height in boxes)


def test_it_does_in_a_word_file_too() -> None:
    wide, small = (Figure("c", "a", width, 500, (Words(10, 20, "small", 12),)) for width in (2400, 600))
    made = docx.Document(io.BytesIO(word(Document("t", "s", DATE, (), (small, wide, Heading(2, "after"))))))
    assert [round(one.page_width.mm) for one in made.sections] == [210, 420, 210]
    assert made.sections[1].page_height.mm < made.sections[1].page_width.mm
    assert [round(one.width.mm) for one in made.inline_shapes] == [159, 392]


def _picture(kind: str, size: tuple[int, int] = (20, 10)) -> bytes:
    from PIL import Image

    found = io.BytesIO()
    one = Image.new("RGB", size, "#336699")
    one.save(found, kind, **({"save_all": True, "append_images": [one]} if kind == "MPO" else {}))
    return found.getvalue()


@pytest.mark.parametrize(("kind", "name"), [("PNG", "png"), ("JPEG", "jpeg"), ("MPO", "jpeg")])
def test_a_logo_is_in_every_format(kind: str, name: str) -> None:
    logo = read_logo(_picture(kind))
    assert (logo.kind, logo.width, logo.height) == (name, 20, 10)
    one = Document("t", "s", DATE, (), (Paragraph("p"),), logo=logo)
    assert f"data:image/{name};base64,".encode() in html(one)
    assert b"/Subtype /Image" in pdf(one, compress=False)
    assert len(docx.Document(io.BytesIO(word(one))).inline_shapes) == 1


@pytest.mark.parametrize(
    "data",
    [b"", b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg'/>", _picture("GIF"), _picture("PNG")[:40], b"x" * 9],
)
def test_what_is_no_picture_is_no_logo(data: bytes) -> None:
    with pytest.raises(LogoError):
        read_logo(data)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "MPO"])
def test_a_damaged_picture_is_read_or_refused_in_words(kind: str, recwarn: pytest.WarningsRecorder) -> None:
    rng, whole = random.Random(kind), _picture(kind)
    for _ in range(1500):
        data = bytearray(whole)
        for _ in range(rng.choice((1, 2, 5, 20))):
            where = rng.randrange(len(data))
            if rng.random() < 0.5:
                data[where] = rng.randrange(256)
            else:
                data[where : where + rng.randrange(1, 50)] = data[:: rng.randrange(1, 20)][: rng.randrange(1, 50)]
        try:
            read_logo(bytes(data))
        except LogoError:
            continue
    assert not recwarn.list


def test_a_logo_has_limits() -> None:
    with pytest.raises(LogoError, match="larger"):
        read_logo(b"x" * (MOST_BYTES + 1))
    with pytest.raises(LogoError, match="pixels"):
        read_logo(_picture("PNG", (3000, 3000)))


@pytest.mark.parametrize("text", [one for one in EVIL if one])
def test_no_text_becomes_a_formula_in_excel(text: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(excel(hostile(text))))
    assert len(book.worksheets) == 2
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"} and not any(cell.hyperlink for cell in cells)
    shown = seen(text)
    assert sum(cell.value == shown for cell in cells) > 10
    assert all(cell.quotePrefix for cell in cells if cell.value.startswith("="))


def test_figures_in_excel_are_numbers_where_they_are_nothing_else() -> None:
    rows = (("a", "1,250"), ("b", "0.4"), ("c", "3 to 5"), ("d", "1,2,3"), ("e", ""))
    table = Table("Losses: of [all]", ("what", "loss"), (Column.TEXT, Column.NUMBER), rows, "2 more")
    book = openpyxl.load_workbook(io.BytesIO(excel(Document("t", "s", DATE, (), (table, table)))))
    assert book.sheetnames == ["Report", "1 Losses of all", "2 Losses of all"]
    sheet = book.worksheets[1]
    assert [sheet.cell(row, 2).value for row in range(1, 7)] == ["loss", 1250, 0.4, "3 to 5", "1,2,3", None]
    assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref == "A1:B6"


def test_a_workbook_of_one_page_is_one_sheet_with_its_tables() -> None:
    rows = (("a", "1,250"),)
    blocks = (Heading(2, "h"), Table("Losses", ("what", "loss"), (Column.TEXT, Column.NUMBER), rows, "2 more"))
    book = openpyxl.load_workbook(io.BytesIO(excel(Document("t", "s", DATE, (), blocks, one_page=True))))
    (sheet,) = book.worksheets
    said = [tuple(cell for cell in row if cell is not None) for row in sheet.iter_rows(values_only=True)]
    assert said[-4:] == [("Losses",), ("what", "loss"), ("a", "1,250"), ("2 more",)]
    assert sheet.page_setup.fitToHeight == 1 and sheet.page_setup.fitToWidth == 1


def test_columns_of_a_word_table_are_as_wide_as_their_texts_for_every_program() -> None:
    kinds = (Column.TEXT, Column.NUMBER)
    one = Document("t", "s", DATE, (), (Table("c", ("what", "n"), kinds, (("word " * 30, "1"),)),))
    table = docx.Document(io.BytesIO(word(one))).tables[0]
    wide, narrow = (column.width for column in table.columns)
    assert wide > 4 * narrow and [cell.width for cell in table.rows[1].cells] == [wide, narrow]


def test_a_page_alone_has_no_contents_and_a_table_keeps_its_first_row_with_its_headers() -> None:
    parts = tuple(Heading(2, f"part {number}") for number in range(6))
    assert b'aria-label="Contents"' in html(Document("t", "s", DATE, (), parts))
    alone = html(Document("t", "s", DATE, (), parts, one_page=True))
    assert b'aria-label="Contents"' not in alone and b'<body class="one-page">' in alone
    assert b"tbody tr:first-child{break-before:avoid}" in alone
