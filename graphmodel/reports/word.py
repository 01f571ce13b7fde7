"""A document as a Word file: headings, real tables whose header rows repeat, pictures with a text for readers."""

from __future__ import annotations

import datetime
import io
import zipfile
from typing import TYPE_CHECKING, Any

from graphmodel.reports.document import (
    Block,
    Bullets,
    Column,
    Document,
    Figure,
    Heading,
    Note,
    PageBreak,
    Paragraph,
    Small,
    Table,
)
from graphmodel.reports.faces import Legible, faces
from graphmodel.reports.picture import png
from graphmodel.reports.shown import seen

if TYPE_CHECKING:
    from docx.document import Document as Word

_WIDTH, _HEIGHT = 182.0, 225.0  # millimetres that a picture may take
_PIXEL = 0.2646
_CELL, _TEXT = 8, 10  # points
_ONE_PAGE = {"Heading 1": (15, 0), "Heading 2": (11, 5), "Caption": (8, 2), "List Bullet": (9, 0), "Normal": (9, 0)}
"""Of a document for one page: the size of each style, and the room above it, in points."""
_LOW = 46.0  # millimetres that a drawing in it is high


def word(document: Document) -> bytes:
    """The file's bytes; the same document gives the same ones. The dates inside are the document's."""
    from docx import Document as Empty  # noqa: PLC0415 - loaded for a Word document only
    from docx.shared import Mm, Pt  # noqa: PLC0415

    made = Empty()
    section = made.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(14)
    section.top_margin = section.bottom_margin = Mm(16)
    made.styles["Normal"].font.size = Pt(_TEXT)
    if document.one_page:
        section.top_margin = section.bottom_margin = Mm(11)
        section.footer_distance = Mm(6)
        _tight(made)
    _properties(made, document)
    _foot(made, document)
    legible = Legible(faces()[0])
    if document.logo is not None:
        scale = min(45.0 / document.logo.width, 16.0 / document.logo.height)
        picture = made.add_picture(io.BytesIO(document.logo.data), width=Mm(document.logo.width * scale))
        _described(picture, "Logo")
    made.add_heading(seen(document.title), 1)
    made.add_paragraph(seen(document.subtitle))
    about = (*document.about, *((("Organisation", document.organisation),) if document.organisation else ()))
    made.add_paragraph(seen("   ·   ".join(f"{name}: {value}" for name, value in about)))
    for one in document.blocks:
        _block(made, one, legible, document.one_page)
    if legible.said:
        made.add_paragraph(seen(f"In pictures: {legible.said}"))
    raw = io.BytesIO()
    made.save(raw)
    return _fixed(raw.getvalue(), document.date)


def _tight(made: Word) -> None:
    """Styles with which a page holds what it is to hold."""
    from docx.shared import Pt  # noqa: PLC0415 - the same

    for name, (size, before) in _ONE_PAGE.items():
        style: Any = made.styles[name]
        style.font.size = Pt(size)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(2)
        style.paragraph_format.line_spacing = 1.0


def _properties(made: Word, document: Document) -> None:
    about = made.core_properties
    when = datetime.datetime.fromisoformat(document.date)
    about.title, about.subject = seen(document.title)[:255], seen(document.subtitle)[:255]
    about.author = about.last_modified_by = seen(document.organisation or document.producer)[:255]
    about.comments, about.language = seen(document.producer), "en"
    about.created = about.modified = when
    about.revision = 1


def _foot(made: Word, document: Document) -> None:
    from docx.oxml import OxmlElement  # noqa: PLC0415 - the same
    from docx.oxml.ns import qn  # noqa: PLC0415

    line = made.sections[0].footer.paragraphs[0]
    line.add_run(seen(f"{document.title[:90]}, {document.date}, page "))
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    line._p.append(field)


def _block(made: Word, one: Block, legible: Legible, tight: bool) -> None:
    from docx.enum.text import WD_BREAK  # noqa: PLC0415 - the same
    from docx.shared import Mm, Pt  # noqa: PLC0415

    match one:
        case Heading():
            made.add_heading(seen(one.text), one.level)
        case Paragraph():
            made.add_paragraph(seen(one.text))
        case Small():
            made.add_paragraph().add_run(seen(one.text)).font.size = Pt(7 if tight else _CELL)
        case Note():
            line = made.add_paragraph(style="Intense Quote")
            line.add_run(seen(f"Note: {one.text}"))
        case Bullets():
            for item in one.items:
                made.add_paragraph(seen(item), style="List Bullet")
        case Table():
            _table(made, one, tight)
        case Figure():
            scale = min(_PIXEL, _WIDTH / one.width, (_LOW if tight else _HEIGHT) / one.height)
            picture = made.add_picture(io.BytesIO(png(one, legible)), width=Mm(one.width * scale))
            _described(picture, seen(one.alt))
            made.paragraphs[-1].paragraph_format.keep_with_next = True
            made.add_paragraph(seen(one.caption), style="Caption")
        case PageBreak():
            made.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


def _described(picture: Any, text: str) -> None:
    """Give a picture the text that is read aloud for it."""
    picture._inline.docPr.set("descr", text)


def _table(made: Word, one: Table, tight: bool) -> None:
    from docx.oxml import OxmlElement  # noqa: PLC0415 - the same
    from docx.oxml.ns import qn  # noqa: PLC0415
    from docx.shared import Mm, Pt  # noqa: PLC0415

    caption = made.add_paragraph(style="Caption")
    caption.add_run(seen(one.caption))
    caption.paragraph_format.keep_with_next = True
    table = made.add_table(rows=0, cols=len(one.headers), style="Light List Accent 1")
    table.autofit = False
    widths = _widths(one)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)  # beside the cells' own, which not every program heeds
    for number, cells in enumerate((one.headers, *one.rows)):
        row = table.add_row()
        rules = row._tr.get_or_add_trPr()
        rules.append(OxmlElement("w:cantSplit"))
        if not number:
            rules.append(OxmlElement("w:tblHeader"))
        for cell, text, width in zip(row.cells, cells, widths, strict=True):
            cell.width = Mm(width)
            run = cell.paragraphs[0].add_run(seen(text))
            run.font.size = Pt(_CELL)
            cell.paragraphs[0].paragraph_format.space_after = Pt(0)
    look = table._tbl.tblPr
    description = OxmlElement("w:tblDescription")
    description.set(qn("w:val"), seen(one.caption))
    look.append(description)
    if one.more or not tight:
        made.add_paragraph(seen(one.more))


def _widths(one: Table) -> list[float]:
    """How wide each column is, by how long its texts are."""
    least = [14.0 if kind is not Column.NUMBER else 17.0 for kind in one.kinds]
    lengths = []
    for place, header in enumerate(one.headers):
        texts = [row[place] for row in one.rows]
        lengths.append(max(len(header) * 0.7, sum(min(len(text), 160) for text in texts) / max(1, len(texts)), 4.0))
    spare = _WIDTH - sum(least)
    return [low + spare * length / sum(lengths) for low, length in zip(least, lengths, strict=True)]


def _fixed(data: bytes, date: str) -> bytes:
    """The same package with the document's date on every file in it."""
    year, month, day = (int(part) for part in date.split("-"))
    found = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as made:
        for name in sorted(old.namelist(), key=lambda one: (one != "[Content_Types].xml", one)):
            entry = zipfile.ZipInfo(name, (max(year, 1980), month, day, 0, 0, 0))
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o600 << 16, 3
            made.writestr(entry, old.read(name))
    return found.getvalue()
