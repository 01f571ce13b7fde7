"""The typeface of PDF files and pictures: how wide its texts are, how they fold, and which characters it can show.

FiraGO has Latin, Greek, Cyrillic, Georgian and Thai letters. What it lacks, and what must be joined or turned around to
be read, such as Arabic, Hebrew and Devanagari, is replaced by a sign that everybody sees, and counted.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from graphmodel.reports.shown import seen

MISSING = "◊"
_UNJOINED = ("R", "AL", "AN")
_PIECES = re.compile(r"\s+|\S{3,}?(?:[-@/_]+(?=\S)|[.:](?=[A-Za-z]{3}))|\S+")
_BLANKS = re.compile(r"\s+")


class Face:
    """One weight of the typeface."""

    def __init__(self, name: str) -> None:
        from fontTools.ttLib import TTFont  # noqa: PLC0415 - loaded for a PDF or a Word document only
        from pymupdf_fonts import myfont  # noqa: PLC0415

        self.data: bytes = myfont(name)
        font = TTFont(io.BytesIO(self.data), lazy=True)
        advances, unit = font["hmtx"].metrics, font["head"].unitsPerEm
        self._widths: dict[int, float] = {code: advances[glyph][0] / unit for code, glyph in font.getBestCmap().items()}

    def shows(self, char: str) -> bool:
        """Whether a text with this character can be read when its letters are put one after the other."""
        code = ord(char)
        return code in self._widths and unicodedata.bidirectional(char) not in _UNJOINED and not 0x900 <= code < 0x980

    def width(self, text: str, size: float) -> float:
        """How wide a line is, in the unit of ``size``."""
        return sum(self._widths.get(ord(char), 0.0) for char in text) * size

    def fold(self, text: str, room: float, size: float) -> list[str]:
        """The lines of a text: broken at blanks, else after what joins words, else anywhere."""
        lines: list[str] = []
        line = ""
        for piece in self._pieces(text, room, size):
            if line and self.width((line + piece).rstrip(), size) > room:
                lines.append(line.rstrip())
                line = piece.lstrip()
            else:
                line += piece
        return [*lines, line.rstrip()] if line.strip() or not lines else lines

    def _pieces(self, text: str, room: float, size: float) -> Iterator[str]:
        for piece in _PIECES.findall(text):
            part = " " if _BLANKS.fullmatch(piece) else piece
            taken, wide = 0, 0.0
            for place, char in enumerate(part):
                step = self.width(char, size)
                if wide + step > room and place > taken:
                    yield part[taken:place]
                    taken, wide = place, 0.0
                wide += step
            yield part[taken:]

    def longest(self, text: str, size: float) -> float:
        """The width of what is not broken if it can be helped."""
        return max((self.width(piece, size) for piece in _PIECES.findall(text)), default=0.0)


@cache
def faces() -> tuple[Face, Face]:
    """Regular and bold."""
    return Face("figo"), Face("figbo")


class Legible:
    """Turns texts into what the typeface can show, and keeps what it could not."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self.missing: set[str] = set()

    def __call__(self, text: str) -> str:
        found = unicodedata.normalize("NFC", seen(text))
        wrong = {char for char in found if not self._face.shows(char)}
        self.missing |= wrong
        for char in wrong:
            found = found.replace(char, MISSING)
        return found

    @property
    def said(self) -> str:
        """What a reader is told of characters that are not shown; empty where all are."""
        if not self.missing:
            return ""
        first = ", ".join(f"U+{ord(one):04X}" for one in sorted(self.missing)[:8])
        more = ", …" if len(self.missing) > 8 else ""
        return (
            f"{len(self.missing)} characters that this typeface cannot show are printed as {MISSING} ({first}{more}). "
            "The same report as HTML has them."
        )
