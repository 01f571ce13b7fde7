"""What files with results of tests and scans say, whatever tool wrote them: trials, findings, and what was odd.

Nothing of prompts, answers, headers or matches is kept: a result says how often something worked, not what was said.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphmodel.reading.limits import MAX_PROBLEMS, MAX_TRIALS
from graphmodel.reading.printable import printable
from graphmodel.reading.problems import Problem
from graphmodel.reading.values import is_day

MAX_FINDINGS = 100_000
_LONGEST = 200  # of a name
_ADDRESS = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*://)(?:[^/?#]*@)?([^?#]*).*$", re.DOTALL)
SEVERITIES = ("critical", "high", "medium", "low", "note")


@dataclass(frozen=True, slots=True)
class Trial:
    """How often a technique worked on a target; ``prompts`` were tried and told something, ``hits`` of them worked at
    least once in ``generations`` answers each, and ``errors`` more told nothing.

    ``family`` is what the tool sorts the technique under and ``technique`` the exact one; ``variant`` how it was
    delivered, where the tool says so. ``run`` names the run, ``detector`` what decided on a hit. ``date`` is an
    ISO date, empty where the file has none. ``answer_hits`` of all ``answers`` were hits, where that is known.
    """

    tool: str
    version: str
    run: str
    date: str
    target: str
    family: str
    technique: str
    prompts: int
    hits: int
    errors: int = 0
    generations: int = 1
    detector: str = ""
    variant: str = ""
    notes: tuple[str, ...] = ()
    place: str = ""
    answers: int = 0
    answer_hits: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """A weakness that is there: of a ``kind`` (vulnerability, misconfiguration, secret, code, model), by the rule of a
    tool, at a place of what was scanned. ``severity`` is one of ``SEVERITIES``. A finding is never a trial."""

    tool: str
    version: str
    run: str
    date: str
    target: str
    kind: str
    rule: str
    severity: str
    where: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    """What one file gives. ``scanned`` are the targets that a scan looked at, with findings or without; ``left_out``
    counts what does not count, by the reason. ``tool`` is empty where the file has no results that are read."""

    tool: str = ""
    trials: tuple[Trial, ...] = ()
    findings: tuple[Finding, ...] = ()
    scanned: tuple[str, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    version: str = ""
    run: str = ""
    date: str = ""


@dataclass
class Notes:
    """What is odd about a file while it is read; of a multitude the first is kept, and that there is more."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)

    def add(self, level: str, message: str, fix: str = "", path: str = "", line: int = 0) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(level, message, fix, path, line, self.file))
        elif len(self.problems) == MAX_PROBLEMS:
            more = "there are further problems, not listed."
            self.problems.append(Problem("warning", more, "Correct these, and read the file again.", file=self.file))

    def leave(self, reason: str, count: int = 1) -> None:
        """Count what does not count."""
        self.left_out[reason] = self.left_out.get(reason, 0) + count


def text(value: Any, most: int = _LONGEST) -> str:
    """A name on one line, cut where it is long; empty for what is no text or number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    shown = printable(str(value)[: 4 * most].strip())
    return shown[:most]


def target_name(value: Any) -> str:
    """What a tool calls its target: of an address, what stands before its query, without the name of a user."""
    found = text(value)
    address = _ADDRESS.match(found)
    return f"{address[1]}{address[2]}" if address else found


def count(value: Any) -> int | None:
    """A number of things; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return int(value) if 0 <= value <= MAX_TRIALS else None


def number(value: Any) -> float | None:
    """A finite number; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def day(*values: Any) -> str:
    """The first day that one of these begins with, as an ISO date; empty where none does."""
    for value in values:
        if isinstance(value, str) and is_day(value[:10]):
            return value[:10]
    return ""


def mapping(value: Any) -> Mapping[str, Any]:
    """A map, empty for what is none."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """A list, empty for what is none."""
    return value if isinstance(value, list) else []


def words(value: Any) -> str:
    """A text to be compared with, empty for what is none."""
    return value if isinstance(value, str) else ""
