"""Pages of a PDF file: running text and tables from top to bottom, with headers repeated and rows kept whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from graphmodel.reports.document import Column, Table
from graphmodel.reports.faces import Face, Legible
from graphmodel.reports.palette import LIGHT

if TYPE_CHECKING:
    from graphmodel.reports.tags import Element, Tagged

MARGIN, FOOT = 14.0, 16.0
MM = 25.4 / 72  # of a point
_CELL, _GAP, _PAD = 8.0, 3.0, 1.1
_LEADING = 1.36
_LEAST = 13.0  # millimetres that a column keeps
INK, MUTED, RULE = LIGHT["plain"].text, LIGHT["zone"].text, LIGHT["muted"].line


def rgb(colour: str) -> tuple[int, int, int]:
    """The parts of a colour given as ``#rrggbb``."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue


class Pages:
    """Where the next text goes, in millimetres from the top left corner of a page. ``scale`` makes all texts smaller,
    and what is between them, than they are said to be."""

    def __init__(self, pdf: Tagged, regular: Face, bold: Face, legible: Legible, scale: float = 1.0) -> None:
        self.pdf, self.legible, self.scale = pdf, legible, scale
        self._cell, self._gap, self._pad = _CELL * scale, _GAP * scale, _PAD * scale
        self._faces = {False: regular, True: bold}
        self.y = 0.0

    @property
    def width(self) -> float:
        return float(self.pdf.w) - 2 * MARGIN

    @property
    def left(self) -> float:
        """How much is free below on this page."""
        return float(self.pdf.h) - FOOT - self.y

    def turn(self, size: tuple[float, float] = (210.0, 297.0)) -> None:
        """Begin a new page, of A4 upright without a size."""
        self.pdf.add_page(format=size)
        self.y = MARGIN + 2

    def full(self) -> None:
        """Nothing more goes on this page."""
        self.y = float(self.pdf.h) - FOOT

    def words(self, x: float, y: float, text: str, size: float, colour: str = INK, bold: bool = False) -> None:
        """One line; ``y`` is its baseline, ``size`` in points."""
        with self.pdf.marked():
            self.pdf.set_font("report", "B" if bold else "", size)
            self.pdf.set_text_color(*rgb(colour))
            self.pdf.text(x, y, text)

    def measure(self, text: str, size: float, bold: bool = False) -> float:
        return self._faces[bold].width(text, size * MM)

    def text(
        self,
        text: str,
        size: float = 10.0,
        *,
        bold: bool = False,
        colour: str = INK,
        indent: float = 0.0,
        after: float = 2.0,
        kind: str = "P",
    ) -> None:
        """A paragraph over as many pages as it takes; ``kind`` says what else it is for who has it read aloud."""
        size *= self.scale
        step = size * MM * _LEADING
        with self.pdf.tag(kind):
            for line in self._faces[bold].fold(self.legible(text), self.width - indent, size * MM):
                if self.left < step:
                    self.turn()
                self.words(MARGIN + indent, self.y + size * MM, line, size, colour, bold)
                self.y += step
        self.y += after * self.scale

    def rule(self, width: float = 0.2) -> None:
        with self.pdf.within(None), self.pdf.marked():
            self.pdf.set_draw_color(*rgb(RULE))
            self.pdf.set_line_width(width)
            self.pdf.line(MARGIN, self.y, MARGIN + self.width, self.y)

    def table(self, one: Table) -> None:
        """A table; its headers stand on every page that it reaches."""
        heads = [self.legible(text) for text in one.headers]
        rows = [[self.legible(text) for text in row] for row in one.rows]
        widths = self._widths(heads, rows, one.kinds)
        size = self._cell
        folded = [self._folded(row, widths, size, first=True) for row in rows]
        head = self._folded(heads, widths, size, bold=True)
        top = self._height(head) + (self._height(folded[0]) if folded else 0)
        if self.left < top + 8 and self.y > MARGIN + 4:
            self.turn()
        with self.pdf.tag("Table"):
            self.text(one.caption, 9.5, bold=True, after=0.8, kind="Caption")
            self._row(head, widths, self._cells(heads, head=True), colour=MUTED, bold=True, line=0.4)
            for row, texts in zip(folded, rows, strict=True):
                self._whole(row, head, widths, self._cells(texts))
        if one.more:
            self.y += 1
            self.text(one.more, 8.5, colour=MUTED)
        self.y += 4 * self.scale

    def _cells(self, texts: Sequence[str], head: bool = False) -> list[Element | None]:
        """The elements of a row, a header that says nothing being a plain cell."""
        from graphmodel.reports.tags import head_of  # noqa: PLC0415 - loads fpdf2

        found: list[Element | None] = []
        with self.pdf.tag("TR"):
            for place, text in enumerate(texts):
                heads = bool(text) and (head or not place)
                with self.pdf.tag("TH" if heads else "TD") as cell:
                    found.append(cell)
                if heads:
                    head_of(cell, "Column" if head else "Row")
        return found

    def _whole(
        self, row: list[list[str]], head: list[list[str]], widths: Sequence[float], cells: Sequence[Element | None]
    ) -> None:
        """A row on one page, or what is longer than a page in parts."""
        whole = float(self.pdf.h) - FOOT - MARGIN - self._height(head) - 4
        most = max(1, int((whole - 2 * self._pad) / (self._cell * MM * _LEADING)))
        for start in range(0, max(map(len, row)), most):
            part = [lines[start : start + most] for lines in row]
            if self.left < self._height(part):
                self.turn()
                self._row(head, widths, [None] * len(head), colour=MUTED, bold=True, line=0.4)
            self._row(part, widths, cells, first=True)

    def _folded(
        self, row: Sequence[str], widths: Sequence[float], size: float, bold: bool = False, first: bool = False
    ) -> list[list[str]]:
        return [
            self._faces[bold or (first and not place)].fold(cell, width - self._gap, size * MM)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]

    def _height(self, row: Sequence[Sequence[str]]) -> float:
        return max(map(len, row)) * self._cell * MM * _LEADING + 2 * self._pad

    def _row(
        self,
        row: Sequence[Sequence[str]],
        widths: Sequence[float],
        cells: Sequence[Element | None],
        colour: str = INK,
        bold: bool = False,
        line: float = 0.2,
        first: bool = False,
    ) -> None:
        x, step = MARGIN, self._cell * MM * _LEADING
        for place, (lines, width, cell) in enumerate(zip(row, widths, cells, strict=True)):
            with self.pdf.within(cell):
                for number, text in enumerate(lines):
                    base = self.y + self._pad + number * step + self._cell * MM
                    self.words(x, base, text, self._cell, colour, bold or (first and not place))
            x += width
        self.y += self._height(row)
        self.rule(line)

    def _widths(self, heads: Sequence[str], rows: Sequence[Sequence[str]], kinds: Sequence[Column]) -> list[float]:
        """How wide each column is: what its texts take, as long as all fit, and else more for what is longer."""
        size, regular, bold = self._cell * MM, self._faces[False], self._faces[True]
        least, most = [], []
        for place, (head, kind) in enumerate(zip(heads, kinds, strict=True)):
            face = regular if place else bold
            cells = [row[place] for row in rows]
            kept = max([bold.longest(head, size), *(face.longest(cell, size) for cell in cells)])
            whole = max([bold.width(head, size), *(face.width(cell, size) for cell in cells)])
            limit = 42.0 if kind is not Column.NUMBER else 30.0
            least.append(min(max(kept, _LEAST - self._gap), limit) + self._gap)
            most.append(max(min(whole, 110.0) + self._gap, least[-1]))
        room = self.width
        if sum(least) > room:
            return [one * room / sum(least) for one in least]
        spare, wanted = room - sum(least), sum(most) - sum(least)
        if wanted <= spare:
            return most
        return [low + (high - low) * spare / wanted for low, high in zip(least, most, strict=True)]
