"""What the command line prints, and on what: width and colour of the terminal, and text that cannot drive it."""

from __future__ import annotations

import os
import shutil
import sys

import click

from graphmodel.outputs.text.look import PLAIN, Look, shown


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
    click.echo("\n".join(map(shown, text.split("\n"))), err=err, nl=nl)
