"""Problems of an input, each with its place and what to do about it; and what a misspelt word was meant to be."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong or odd in an input: where it is, what it is, and what to do about it.

    ``level`` is ``error`` (the input cannot be used as it is), ``warning`` (used, but look) or
    ``note`` (for information). ``line`` counts from 1; 0 is unknown. ``path`` names the field, as
    in ``assets.chat-agent.type``.
    """

    level: str
    message: str
    fix: str = ""
    path: str = ""
    line: int = 0
    file: str = ""

    def __str__(self) -> str:
        place = ":".join(part for part in (self.file, str(self.line) if self.line else "") if part)
        where = " ".join(part for part in (place, self.path) if part)
        advice = f" {self.fix}" if self.fix else ""
        return f"{where}: {self.level}: {self.message}{advice}" if where else f"{self.level}: {self.message}{advice}"


class UnreadableError(Exception):
    """A file that cannot be read at all; ``problem`` says where, why and what to do."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def refusal(file: str, message: str, fix: str, line: int = 0) -> UnreadableError:
    """That a whole file is refused, to be raised."""
    return UnreadableError(Problem("error", message, fix, "", line, file))


def has_errors(problems: Iterable[Problem]) -> bool:
    """Whether any problem is an error."""
    return any(problem.level == "error" for problem in problems)


def nearest(word: str, known: Iterable[str]) -> str:
    """Advice naming the known words most like this one, or the first of them all."""
    options = sorted(set(known))
    close = difflib.get_close_matches(word, options, n=3, cutoff=0.6)
    if not close:
        lowered = {option.lower(): option for option in options}
        close = [lowered[one] for one in difflib.get_close_matches(word.lower(), list(lowered), n=3, cutoff=0.6)]
    if close:
        return f"Did you mean {' or '.join(close)}?"
    shown = ", ".join(options[:40]) + (", …" if len(options) > 40 else "")
    return f"Known here: {shown}." if options else ""
