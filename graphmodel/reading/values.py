"""What a file says: plain values, and the line on which each of them stands."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphmodel.reading.problems import Problem

Place = tuple[str | int, ...]
MAX_SHOWN = 120


@dataclass(frozen=True)
class Text:
    """What a file says: the value, the line of each place in it, and what was odd on the way."""

    value: Any
    file: str
    lines: Mapping[Place, int]
    problems: tuple[Problem, ...] = ()

    def line_of(self, place: Place) -> int:
        """The line of a place, or of the nearest place around it; 0 where nothing is known."""
        for length in range(len(place), -1, -1):
            line = self.lines.get(place[:length])
            if line is not None:
                return line
        return 0

    def problem(self, level: str, place: Place, message: str, fix: str = "") -> Problem:
        """A problem at a place of this file."""
        return Problem(level, message, fix, dotted(place), self.line_of(place), self.file)


def is_day(text: str) -> bool:
    """Whether a text is a day of the calendar, as ``2027-01-31``."""
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def days_after(day: str, count: int) -> str:
    """The day so many days after a day, both as ``2027-01-31``; beyond the calendar its last day."""
    first = datetime.date.fromisoformat(day)
    left = (datetime.date.max - first).days
    return (first + datetime.timedelta(days=min(count, left))).isoformat()


def dotted(place: Place) -> str:
    """A place as people write it: ``flows[2].carries[0]``. Keys that are no names but texts are cut."""
    out = ""
    for part in place:
        if isinstance(part, int):
            out += f"[{part}]"
        else:
            out += f".{brief(part)}" if out else brief(part)
    return out


def brief(text: str) -> str:
    """A text that is shown as a name, cut where it is longer than one can be."""
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


def unusable_number(value: float, path: str, line: int, file: str) -> Problem:
    """That a number is infinite, too large to be one, or none at all."""
    if math.isnan(value):
        return Problem("error", "“NaN” is no number.", "Write a number, or leave the field out.", path, line, file)
    message = "the number is infinite, or too large to be read."
    return Problem("error", message, "Write a smaller number.", path, line, file)
