"""How text looks where it is shown: how wide tables may be, and whether bands of risk have colour."""

from __future__ import annotations

import re
from contextvars import ContextVar
from dataclasses import dataclass

from graphmodel.reading.printable import printable

_COLOURS = {"Low": "32", "Medium": "33", "High": "31", "Critical": "1;31"}  # codes of ANSI (SGR)
_COLOURED = re.compile(
    "(" + "|".join(f"\x1b\\[{re.escape(code)}m{name}\x1b\\[0m" for name, code in _COLOURS.items()) + ")"
)
_CODE = re.compile("\x1b\\[[0-9;]*m")


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


def shown(text: str) -> str:
    """Text on one line, in which nothing but the colours of bands is obeyed, and those only where there is colour.

    A text of a stranger could have colours of its own, and one of them hides what comes after it.
    """
    if not look.get().colour:
        return printable(text)
    return "".join(piece if number % 2 else printable(piece) for number, piece in enumerate(_COLOURED.split(text)))


def uncoloured(text: str) -> str:
    """Text as it is seen, without the codes of its colours."""
    return _COLOURED.sub(lambda one: _CODE.sub("", one[0]), text)
