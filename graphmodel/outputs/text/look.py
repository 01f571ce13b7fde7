"""How text looks where it is shown: how wide tables may be, and whether bands of risk have colour."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

_COLOURS = {"Low": "32", "Medium": "33", "High": "31", "Critical": "1;31"}  # codes of ANSI (SGR)


@dataclass(frozen=True)
class Look:
    """``width`` in columns, None where nothing limits it; ``colour`` where escape sequences are understood."""

    width: int | None = None
    colour: bool = False


PLAIN = Look()
look: ContextVar[Look] = ContextVar("look", default=PLAIN)


def band(name: str) -> str:
    """A band of risk or likelihood, in its colour where there is colour; the word always says it too."""
    code = _COLOURS.get(name)
    return f"\x1b[{code}m{name}\x1b[0m" if code is not None and look.get().colour else name
