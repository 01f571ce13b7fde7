"""What a file says: plain values, and the line on which each of them stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphmodel.reading.problems import Problem

Place = tuple[str | int, ...]


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


def dotted(place: Place) -> str:
    """A place as people write it: ``flows[2].carries[0]``."""
    out = ""
    for part in place:
        out += f"[{part}]" if isinstance(part, int) else f".{part}" if out else str(part)
    return out
