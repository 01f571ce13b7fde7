"""Files of JSON lines, read one line at a time: a broken line is reported, and the rest is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from importers.evidence.model import Notes

_DIGITS = 40  # of a whole number


def lines_of(data: bytes, notes: Notes | None = None) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a file of JSON lines, each with the number of its line; what is none is told to ``notes``."""
    start, line = 0, 0
    if data.startswith(b"\xef\xbb\xbf"):
        start = 3
    while start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        raw, start, line = data[start:end].strip(), end + 1, line + 1
        if not raw:
            continue
        value = _value(raw)
        if isinstance(value, dict):
            yield line, value
        elif notes is not None:
            notes.leave("lines that are broken")
            message = "this line is no JSON object; it was left out."
            notes.add("warning", message, "See whether the run ended.", line=line)


def is_lines(data: bytes) -> bool:
    """Whether a file has more than one line, and one of its first is a JSON object of its own."""
    head = data[:2_000_000].lstrip(b"\xef\xbb\xbf \r\n\t")
    first, _, rest = head.partition(b"\n")
    if not head.startswith(b"{"):
        return False
    if isinstance(_value(first.strip()), dict):
        return bool(rest.strip()) or b"entry_type" in first
    # The first line may be the broken one: a document over several lines does not begin them with whole objects.
    return any(isinstance(_value(one.strip()), dict) and b'"entry_type"' in one for one in rest.split(b"\n")[:20])


def _value(raw: bytes) -> Any:
    try:
        return json.loads(raw, parse_int=_whole, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None


def _whole(digits: str) -> int | None:
    return int(digits) if len(digits) <= _DIGITS else None
