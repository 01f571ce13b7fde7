"""Variables in the values of a file: defaults that stand in it are read, nothing is looked up anywhere else."""

from __future__ import annotations

import re

MAX_VALUE = 4_000  # of a value that is looked at
_INNERMOST = re.compile(r"\$\{([A-Za-z_]\w*)(?:(:?[-?+])([^{}]*))?\}")
_ONLY = re.compile(r"^\s*\$(?:\{([A-Za-z_]\w*)(?:[^{}]*|[^{}]*\{[^{}]*\}[^{}]*)\}|([A-Za-z_]\w*))\s*$")


def with_defaults(text: str) -> str:
    """A value with the defaults that it gives for variables; a variable without one stays as ``$NAME``."""
    text = text[:MAX_VALUE].replace("$$", "$\0")
    for _ in range(4):
        text, count = _INNERMOST.subn(_default, text)
        if not count:
            break
    return text.replace("$\0", "$")


def _default(match: re.Match[str]) -> str:
    name, operator, word = match[1], match[2] or "", match[3] or ""
    return word.strip("\"'") if operator.endswith("-") and word else f"${name}"


def variable(text: str) -> str:
    """The name of the variable that a value consists of; empty where it is anything else."""
    found = _ONLY.match(text[:MAX_VALUE])
    return (found[1] or found[2]) if found else ""


def words(text: str, between: str | None = None) -> frozenset[str]:
    """The words of a text as a set, for tables that would be long otherwise."""
    return frozenset(text.split(between))
