"""Expressions of ARM templates, ``[format('{0}-x', parameters('name'))]``: what they call, and their text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

MOST, MOST_LEVELS = 24_576, 40  # characters of an expression, as Azure has it, and calls in calls
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+)|(?P<name>[A-Za-z_][\w.]*)|(?P<mark>.))", re.DOTALL
)
_GAP = re.compile(r"\{(\d+)\}")


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function with what it is given, and the ``steps`` into its result."""

    function: str
    given: tuple[Any, ...]
    steps: tuple[str, ...] = ()


def parsed(text: Any) -> Any:
    """A value of a template: the call that an expression is, or else the value itself. None for an expression that
    is damaged, too long or too deep."""
    if not isinstance(text, str) or not (text.startswith("[") and text.endswith("]")):
        return text
    if text.startswith("[["):
        return text[1:]
    if len(text) > MOST:
        return None
    tokens = [(str(one.lastgroup), one[one.lastgroup or 0]) for one in _TOKEN.finditer(text[1:-1].strip())]
    try:
        return _Parser(tokens).value(0)
    except _DamagedError:
        return None


class _DamagedError(Exception):
    """An expression that is none."""


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens, self.at = tokens, 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def next(self) -> tuple[str, str]:
        self.at += 1
        return self.tokens[self.at - 1] if self.at <= len(self.tokens) else ("end", "")

    def value(self, level: int) -> Any:
        if level > MOST_LEVELS:
            raise _DamagedError
        kind, said = self.next()
        if kind == "text":
            return said[1:-1].replace("''", "'")
        if kind == "number":
            return int(said) if len(said) < 20 else None
        if kind != "name" or self.next() != ("mark", "("):
            raise _DamagedError
        given: list[Any] = []
        while self.peek() != ("mark", ")"):
            given.append(self.value(level + 1))
            if self.peek() == ("mark", ","):
                self.at += 1
            elif self.peek() != ("mark", ")"):
                raise _DamagedError
        self.at += 1
        return Call(said.lower(), tuple(given), self.steps(level))

    def steps(self, level: int) -> tuple[str, ...]:
        found: list[str] = []
        while self.peek()[0] == "mark" and self.peek()[1] in ".[?":
            mark = self.next()[1]
            if mark == "[":
                inner = self.value(level + 1)
                found.append(inner if isinstance(inner, str) else "*")
                if self.next() != ("mark", "]"):
                    raise _DamagedError
            elif mark == ".":
                kind, said = self.next()
                if kind != "name":
                    raise _DamagedError
                found += said.split(".")
        return tuple(found)


def written(value: Any) -> str:
    """A value as text, with a gap ``${…}`` for whatever a call gives that is not put together of texts: equal texts
    stand for equal values."""
    if isinstance(value, Call) and not value.steps:
        if value.function == "format" and value.given and isinstance(value.given[0], str):
            rest = [written(one) for one in value.given[1:]]
            return _GAP.sub(lambda gap: rest[int(gap[1])] if int(gap[1]) < len(rest) else gap[0], value.given[0])
        if value.function == "concat":
            return "".join(written(one) for one in value.given)
    if isinstance(value, Call):
        inner = ",".join(f"'{one}'" if isinstance(one, str) else written(one) for one in value.given)
        return f"${{{value.function}({inner}){''.join('.' + one for one in value.steps)}}}"
    return str(value)
