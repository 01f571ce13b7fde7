"""Files as they are named on the command line, where ``-`` is standard input."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphmodel.cli.progress import doing
from graphmodel.reading.printable import printable

if TYPE_CHECKING:
    from graphmodel.workspace import Model

STANDARD_INPUT = Path("-")
"""What ``-`` is read as; a file of that name, written ``./-``, has its directory before it."""


class _Input(click.Path):
    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        found = Path(value)
        return Path.cwd() / found if found == STANDARD_INPUT and str(value) != str(STANDARD_INPUT) else found


class _Output(_Input):
    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        found = super().convert(value, param, ctx)
        if found == STANDARD_INPUT:
            self.fail("“-” is standard input; a file of that name is written “./-”.", param, ctx)
        return found


FILE = _Input(path_type=Path)
OUTPUT = _Output(path_type=Path)


def called(file: Path) -> str:
    """What a file is called in what is printed."""
    return "standard input" if file == STANDARD_INPUT else printable(str(file))


def content(file: Path, limit: int) -> bytes:
    """What a file, or standard input, holds; raises ``UnreadableError`` when that is refused."""
    from graphmodel.reading.files import read_bytes, read_stream
    from graphmodel.reading.problems import refusal

    if file != STANDARD_INPUT:
        return read_bytes(file, limit)
    if sys.stdin is None:
        raise refusal(called(file), "it is closed.", "Name a file.")
    if sys.stdin.isatty():
        raise refusal(called(file), "this is a terminal.", "Name a file, or pipe one in: “graphmodel check - < FILE”.")
    return read_stream(sys.stdin.buffer, called(file), limit)


def read_model(file: Path, bound: bool = True) -> Model:
    """Open a file, or what standard input gives; the files that go with the latter are looked for nowhere. Without
    ``bound`` nobody looks whether each pattern can be bound to it."""
    from graphmodel.reading.limits import MAX_BYTES
    from graphmodel.reading.problems import UnreadableError
    from graphmodel.workspace import model_from_bytes, open_model, unreadable

    doing(f"reading {called(file)}")
    if file != STANDARD_INPUT:
        return open_model(file, bound)
    try:
        return model_from_bytes(content(file, MAX_BYTES), called(file), bound=bound)
    except UnreadableError as error:
        return unreadable(called(file), b"", (error.problem,))
