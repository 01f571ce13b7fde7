"""The text of a file as an editor shows it, and back as the file has it."""

from __future__ import annotations

import codecs
import difflib
import re
from dataclasses import dataclass

_MAX_DIFFERENCE = 400  # lines


@dataclass(frozen=True)
class FileText:
    """The text of a file, with ``\\n`` for every end of a line.

    ``crlf`` and ``bom`` say what the file has besides. ``faithful`` is false where the file cannot be
    written again from its text, because it is not UTF-8 or mixes ends of lines.
    """

    text: str
    crlf: bool = False
    bom: bool = False
    faithful: bool = True

    def as_file(self, text: str) -> str:
        """Another text, as this file would have it."""
        return ("\ufeff" if self.bom else "") + (text.replace("\n", "\r\n") if self.crlf else text)


def file_text(data: bytes) -> FileText:
    """The text of a file, whatever is in it."""
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark):
            return FileText(_lines(data.decode(encoding, "replace")), faithful=False)
    bom = data.startswith(codecs.BOM_UTF8)
    raw = data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
    found = FileText(_lines(raw), "\r\n" in raw, bom)
    return FileText(found.text, found.crlf, bom, found.as_file(found.text).encode() == data)


def clean(text: str) -> str:
    """A text as a browser may send it, with ``\\n`` for every end of a line and without halves of characters."""
    return _lines(text).encode("utf-8", "replace").decode("utf-8")


def difference(old: str, new: str) -> tuple[str, bool]:
    """What changes from one text to the other, as a unified diff; and whether it was too long to show whole."""
    lines = list(difflib.unified_diff(old.split("\n"), new.split("\n"), "on disk", "here", lineterm="", n=2))
    return "\n".join(lines[:_MAX_DIFFERENCE]), len(lines) > _MAX_DIFFERENCE


def _lines(text: str) -> str:
    return re.sub("\r\n?", "\n", text)
