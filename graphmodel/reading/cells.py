"""Texts of strangers in tables that spreadsheets open: none of them is calculated."""

from __future__ import annotations

import re

# The wide signs are the same ones to spreadsheets of some languages.
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the beginning of a formula, or leaves out before one."""
# Where decimals have a comma, spreadsheets part cells at semicolons, whatever else parts those of the file.
_PARTED = re.compile(r"([;\t\n\r])('*[=+\-@\uff1d\uff0b\uff0d\uff20])")
_KEPT_APART = re.compile(r"([;\t\n\r])'('*[=+\-@\uff1d\uff0b\uff0d\uff20])")


def inert(text: str) -> str:
    """The text with an apostrophe before whatever in it would be calculated; any other as it is."""
    text = _PARTED.sub(r"\1'\2", text)
    return f"'{text}" if text.lstrip(" '").startswith(FORMULAS) else text


def said(cell: str) -> str:
    """What an ``inert`` cell says; spaces around it are left out."""
    cell = cell.strip()
    if cell[:1] == "'" and cell.lstrip(" '").startswith(FORMULAS):
        cell = cell[1:]
    return _KEPT_APART.sub(r"\1\2", cell)
