"""Problems of an input, each with its place and what to do about it; and what a misspelt word was meant to be."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

_LONGEST = 200  # of a word that could be a misspelt one
_MANY = 500  # words that one is compared with


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


class MissingError(UnreadableError):
    """That there is no such file; any other ``UnreadableError`` is about one that there is."""


def refusal(file: str, message: str, fix: str, line: int = 0) -> UnreadableError:
    """That a whole file is refused, to be raised."""
    return UnreadableError(Problem("error", message, fix, "", line, file))


Advice = str | Callable[[], str]
"""What to do about a problem; what takes long to say is looked for only where it will be told."""


@dataclass
class Errors:
    """The errors of one input as they are found: of a multitude the first, and that there are more."""

    most: int
    told: list[Problem] = field(default_factory=list)
    count: int = 0

    def add(self, message: str, fix: Advice, path: str, line: int, file: str) -> None:
        self.count += 1
        if self.count <= self.most:
            self.told.append(Problem("error", message, fix if isinstance(fix, str) else fix(), path, line, file))
        elif self.count == self.most + 1:
            more = "there are further problems, which are not listed."
            self.told.append(Problem("error", more, "Correct these, and check again.", file=file))


def has_errors(problems: Iterable[Problem]) -> bool:
    """Whether any problem is an error."""
    return any(problem.level == "error" for problem in problems)


def by_line(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems file by file, as the files come, and in each in the order of the lines; where none is known, last."""
    found = tuple(problems)
    files = {name: number for number, name in enumerate(dict.fromkeys(one.file for one in found))}
    return tuple(sorted(found, key=lambda one: (files[one.file], not one.line, one.line)))


def an(word: str) -> str:
    """A word with its article, as it is said: an agent, an MCPServer, a user."""
    vowel = re.match(r"(?:[aeio]|u(?!s|ni)|mcp)", word, re.IGNORECASE)
    return f"{'an' if vowel else 'a'} {word}"


def nearest(word: str, known: Iterable[str]) -> str:
    """Advice naming the known words most like this one, or the first of them all."""
    options = sorted(set(known))
    close = _close(word, options)
    if close:
        return f"Did you mean {' or '.join(close)}?"
    shown = ", ".join(options[:40]) + (", …" if len(options) > 40 else "")
    return f"Known here: {shown}." if options else ""


def _close(word: str, options: list[str]) -> list[str]:
    if not word:
        return []
    close = alike(word, options, 3, 0.6)
    lowered = {option.lower(): option for option in options}
    if close or (word == word.lower() and all(one == two for one, two in lowered.items())):
        return close
    return [lowered[one] for one in alike(word.lower(), list(lowered), 3, 0.6)]


def alike(word: str, options: list[str], most: int, likeness: float) -> list[str]:
    """The options that are spelt most like a word, from a likeness of 0 to 1 on.

    Of more than a few hundred only those are looked at that begin or end as the word does.
    """
    if len(word) > _LONGEST:
        return []
    if len(options) > _MANY:
        start, end = word[:2].lower(), word[-2:].lower()
        options = [one for one in options if one[:2].lower() == start or one[-2:].lower() == end][:_MANY]
    return difflib.get_close_matches(word, options, n=most, cutoff=likeness)
