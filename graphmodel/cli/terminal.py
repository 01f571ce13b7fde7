"""What the command line prints, and on what: width and colour of the terminal, and text that cannot drive it."""

from __future__ import annotations

import os
import re
import shutil
import sys

import click

from graphmodel.outputs.text.look import PLAIN, Look
from graphmodel.reading.printable import printable

_OURS = re.compile("(\x1b\\[[0-9;]*m)")  # colours; whatever else a terminal would obey is shown, not sent


def terminal_look() -> Look:
    """As wide as the terminal and in colour where standard output is one; plain where it is a file or a pipe.

    Colour is left out where NO_COLOR is set (no-color.org), or the terminal is a dumb one.
    """
    if not sys.stdout.isatty():
        return PLAIN
    colour = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Look(max(40, shutil.get_terminal_size().columns), colour)


def say(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print text, line by line, so that nothing of a model in it drives a terminal."""
    lines = []
    for line in text.split("\n"):
        pieces = _OURS.split(line)
        lines.append("".join(one if _OURS.fullmatch(one) else printable(one) for one in pieces))
    click.echo("\n".join(lines), err=err, nl=nl)
