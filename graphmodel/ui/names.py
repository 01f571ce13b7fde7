"""Names from outside on one line, with nothing in them that does something instead of being seen."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text with its control characters, line breaks and marks of direction as escapes."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)
