"""Texts of anybody as a document may show them: on one line, with nothing in them that is obeyed or refused."""

from __future__ import annotations

import re

from graphmodel.reading.printable import printable

_NO_TEXT = re.compile("[\ufffe\uffff]")  # which XML, and so a Word document, cannot hold


def seen(text: str) -> str:
    """The text with whatever a reader could not see, or a format could not hold, as its escape."""
    return _NO_TEXT.sub(lambda one: f"\\u{ord(one[0]):04x}", printable(text))
