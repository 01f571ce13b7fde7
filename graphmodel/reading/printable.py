"""Text of a stranger that is shown to somebody: nothing in it drives a terminal, turns around or makes a new line."""

from __future__ import annotations

import re

# What a terminal, a log or a reader's eye would obey: control characters (C0, DEL, C1), line and paragraph
# separators, marks that turn the direction of text or of what follows it, characters without width that hide
# others, the invisible alphabet of tags, and halves of characters. Joiners, which scripts and emoji need, stay.
OBEYED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def printable(text: str) -> str:
    r"""The text on one line, with every character that would do something instead of being seen as its escape.

    A line break becomes ``\n``, an escape character ``\x1b``, a mark that turns text around ``\u202e``. The
    result can always be encoded. Text without such characters comes back as it is; a backslash stays one.
    """
    return OBEYED.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    one = match[0]
    if one in _SHORT:
        return _SHORT[one]
    code = ord(one)
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    return f"\\u{code:04x}" if code > 0xFF else f"\\x{code:02x}"
