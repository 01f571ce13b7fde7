"""A document as a PDF file: text to search and have read aloud, drawings as vectors, the typeface inside, no links.

It is tagged: language and title, headings, paragraphs, lists, tables with their headers, and drawings with a text.
"""

from __future__ import annotations

import datetime
import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from graphmodel.reports.document import (
    Block,
    Box,
    Bullets,
    Curve,
    Document,
    Figure,
    Heading,
    Logo,
    Note,
    PageBreak,
    Paragraph,
    Shape,
    Small,
    Table,
    Words,
)
from graphmodel.reports.faces import Legible, faces
from graphmodel.reports.pages import FOOT, INK, MARGIN, MM, MUTED, Pages, rgb
from graphmodel.reports.palette import LIGHT
from graphmodel.reports.svg import arrow_head

if TYPE_CHECKING:
    from graphmodel.reports.tags import Tagged

_PIXEL = 0.2646  # millimetres of a pixel at its natural size
_LETTERS = 12.0  # pixels of the small text in a drawing
_LEGIBLE = 5.2  # points below which nobody reads it
_READABLE = 6.5  # to which a drawing may shrink so that a page is not left half empty
_SHEETS = ((210.0, 297.0), (297.0, 210.0), (420.0, 297.0), (594.0, 420.0))  # A4 upright, A4 to A2 lying
_SIZES = {1: 20.0, 2: 14.0, 3: 11.5}
_SCALES = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7)  # tried for what is to be on one page; below, nobody reads it


def pdf(document: Document, compress: bool = True) -> bytes:
    """The file's bytes; the same document gives the same ones. The date inside is the document's."""
    for scale in _SCALES if document.one_page else (1.0,):
        data, pages = _pdf(document, compress, scale)
        if pages == 1:
            break
    return data


def _pdf(document: Document, compress: bool, scale: float) -> tuple[bytes, int]:
    """The file's bytes with all type at this scale, and how many pages it has."""
    from fpdf.prefs import ViewerPreferences  # noqa: PLC0415 - loaded for a PDF only

    from graphmodel.reports.tags import Producer, Tagged  # noqa: PLC0415 - the same

    regular, bold = faces()
    legible = Legible(regular)

    class Numbered(Tagged):
        def footer(self) -> None:
            with self.within(None), self.marked():
                self.set_font("report", "", 8)
                self.set_text_color(*rgb(MUTED))
                self.text(MARGIN, self.h - 8, foot)
                number = f"page {self.page_no()}"
                self.text(self.w - MARGIN - regular.width(number, 8 * MM), self.h - 8, number)

    foot = legible(f"{document.title[:90]}, {document.date}")
    made = Numbered(unit="mm", format="A4")
    made.set_auto_page_break(False)
    made.set_compression(compress)
    made.set_creation_date(datetime.datetime.fromisoformat(document.date).replace(tzinfo=datetime.UTC))
    made.set_title(legible(document.title))
    made.set_author(legible(document.organisation or document.producer))
    made.set_producer(document.producer)
    made.set_creator(document.producer)
    made.set_lang("en")
    made.viewer_preferences = ViewerPreferences(display_doc_title=True)
    with tempfile.TemporaryDirectory(prefix="graphmodel-") as directory:
        for style, face in (("", regular), ("B", bold)):
            path = Path(directory) / f"report{style}.ttf"
            path.write_bytes(face.data)
            made.add_font("report", style, path)
        pages = Pages(made, regular, bold, legible, scale)
        pages.turn()
        _first(pages, document)
        for one in document.blocks:
            _block(pages, made, one)
        if legible.said:
            pages.text(legible.said, 9, colour=MUTED)
        return bytes(made.output(output_producer_class=Producer)), made.page_no()


def _first(pages: Pages, document: Document) -> None:
    if document.logo is not None:
        _logo(pages, document.logo, f"Logo of {document.organisation}" if document.organisation else "Logo")
    pages.text(document.title, _SIZES[1], bold=True, after=0.5, kind="H1")
    pages.text(document.subtitle, 12, colour=MUTED, after=1.5)
    about = (*document.about, *((("Organisation", document.organisation),) if document.organisation else ()))
    pages.text("   ·   ".join(f"{name}: {value}" for name, value in about), 9, colour=MUTED, after=2)


def _logo(pages: Pages, logo: Logo, alt: str) -> None:
    scale = min(45.0 / logo.width, 16.0 / logo.height)
    width, height = logo.width * scale, logo.height * scale
    x = MARGIN + pages.width - width
    with pages.pdf.tag("Figure", pages.legible(alt)), pages.pdf.marked():
        pages.pdf.image(io.BytesIO(logo.data), x=x, y=pages.y, w=width, h=height)
    pages.y += height + 3


def _block(pages: Pages, made: Tagged, one: Block) -> None:
    match one:
        case Heading():
            size = _SIZES[min(one.level, 3)]
            if pages.left < 38 * pages.scale:
                pages.turn()
            if one.level == 2:
                pages.y += 2 * pages.scale
                pages.rule()
                pages.y += 1.6 * pages.scale
            made.start_section(pages.legible(one.text)[:120], max(0, one.level - 2), strict=False)
            pages.text(one.text, size, bold=True, after=1.2, kind=f"H{min(one.level, 6)}")
        case Paragraph():
            pages.text(one.text, 9.5)
        case Small():
            pages.text(one.text, 8, colour=MUTED)
        case Note():
            pages.text(f"Note: {one.text}", 9.5, indent=4, colour=LIGHT["accent"].text)
        case Bullets():
            _bullets(pages, made, one)
        case Table():
            pages.table(one)
        case Figure():
            _figure(pages, made, one)
        case PageBreak():
            pages.turn()


def _bullets(pages: Pages, made: Tagged, one: Bullets) -> None:
    size = 9.5 * pages.scale
    with made.tag("L"):
        for item in one.items:
            if pages.left < 5:
                pages.turn()
            with made.tag("LI"):
                with made.tag("Lbl"):
                    pages.words(MARGIN + 1, pages.y + size * MM, "•", size)
                pages.text(item, 9.5, indent=5, after=0.6, kind="LBody")
    pages.y += 1.5 * pages.scale


def _figure(pages: Pages, made: Tagged, one: Figure) -> None:
    """A drawing as large as the page lets it; one that could not be read there gets a larger sheet of its own."""
    for width, height in _SHEETS:
        room = (width - 2 * MARGIN, height - FOOT - MARGIN - 14)
        scale = min(_PIXEL * pages.scale, room[0] / one.width, room[1] / one.height)
        sheet = (width, height)
        if _LETTERS * scale / MM >= _LEGIBLE:
            break
    if sheet != _SHEETS[0] and pages.scale == 1:
        pages.turn(sheet)
    else:
        smaller = min(scale, (pages.left - 8) / one.height)
        if smaller * _LETTERS / MM >= _READABLE:
            scale = smaller
        else:
            pages.turn()
    left, top = MARGIN, pages.y
    with made.tag("Figure", pages.legible(one.alt)), made.marked():
        for shape in one.shapes:
            _shape(pages, made, shape, left, top, scale)
        made.set_dash_pattern()
    pages.y = top + one.height * scale + 2
    pages.text(one.caption, 8.5, colour=MUTED, after=3, kind="Caption")
    if sheet != _SHEETS[0]:
        pages.full()


def _shape(pages: Pages, made: Tagged, one: Shape, left: float, top: float, scale: float) -> None:
    tone = LIGHT[one.tone]
    made.set_draw_color(*rgb(tone.line))
    match one:
        case Box():
            made.set_line_width(1.25 * scale)
            made.set_fill_color(*rgb(tone.fill))
            made.set_dash_pattern(*((5 * scale, 4 * scale) if one.dashed else ()))
            place = (left + one.x * scale, top + one.y * scale, one.width * scale, one.height * scale)
            radius = min(one.radius, one.width / 2, one.height / 2) * scale
            made.rect(*place, style="DF", round_corners=radius > 0, corner_radius=radius)
        case Curve():
            made.set_line_width(one.width * scale)
            made.set_dash_pattern(*((6 * scale, 5 * scale) if one.dashed else ()))
            points = [(left + x * scale, top + y * scale) for x, y in one.points]
            if one.smooth:
                for start in range(0, len(points) - 1, 3):
                    made.bezier(points[start : start + 4])
            else:
                made.polyline(points)
            if one.arrow:
                made.set_dash_pattern()
                made.set_fill_color(*rgb(tone.line))
                made.polygon([(left + x * scale, top + y * scale) for x, y in arrow_head(one)], style="F")
        case Words():
            size = one.size * scale / MM
            text = pages.legible(one.text)
            wide = pages.measure(text, size, one.bold)
            x = left + one.x * scale - {"start": 0.0, "middle": wide / 2, "end": wide}[one.anchor]
            pages.words(x, top + one.y * scale, text, size, tone.text or INK, one.bold)
