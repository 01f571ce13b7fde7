"""How wide and high a label is, measured without a browser.

Widths are estimates for a usual sans-serif face, a little on the wide side; the drawing itself
shortens whatever still does not fit.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

NARROW = frozenset("iIljt.,:;|!'()[]{}/\\ f")
WIDE = frozenset("mwMW@%")
LONGEST = 400  # characters of a label that are looked at; nobody reads more on a map


def text_width(text: str, size: float = 14) -> float:
    """Estimated width of one line of text in pixels."""
    return sum(_advance(char) for char in text) * size


def _advance(char: str) -> float:
    if char in NARROW:
        return 0.32
    if char in WIDE:
        return 0.86
    if unicodedata.category(char) in ("Mn", "Me", "Cf", "Cc"):
        return 0.0
    if unicodedata.east_asian_width(char) in ("W", "F"):
        return 1.0
    return 0.66 if char.isupper() else 0.54


def clean(text: str) -> str:
    """One line of at most ``LONGEST`` characters, without control characters."""
    kept = (" " if char in "\n\r\t" else char for char in text[:LONGEST] if char in "\n\r\t" or char.isprintable())
    return " ".join("".join(kept).split())


def wrap(text: str, width: float, lines: int = 2, size: float = 14) -> tuple[str, ...]:
    """The text in at most so many lines of at most this width, cut with an ellipsis."""
    whole = clean(text)
    full = list(_broken(whole, width, size))
    if len(full) <= lines:
        return tuple(full)
    at = 0
    for line in full[: lines - 1]:
        at = whole.index(line, at) + len(line)
    return (*full[: lines - 1], _cut(whole[at:].strip(), width, size))


def _broken(text: str, width: float, size: float) -> Iterator[str]:
    """Lines broken at spaces, then after hyphens and the like, then anywhere."""
    line = ""
    for word in _pieces(text, width, size):
        joined = line + word
        if line and text_width(joined.rstrip(), size) > width:
            yield line.strip()
            line = word.lstrip()
        else:
            line = joined
    if line.strip():
        yield line.strip()


def _pieces(text: str, width: float, size: float) -> Iterator[str]:
    piece = ""
    for char in text:
        if char == " " and piece:
            yield piece
            piece = " "
            continue
        if text_width(piece + char, size) > width:
            yield piece
            piece = ""
        piece += char
        if char in "-_/.:@" and len(piece) > 3:
            yield piece
            piece = ""
    if piece:
        yield piece


def _cut(text: str, width: float, size: float) -> str:
    if text_width(text, size) <= width:
        return text
    while text and text_width(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip() + "…"
