"""What the command line prints, and on what: width and colour of the terminal, and text that cannot drive it."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from typing import Any, TextIO

import click

from graphmodel.outputs.text.look import PLAIN, Look, shown


class Program(click.Group):
    """The program as a whole, whatever its output is connected to."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command line. What an output cannot encode, as that of an old terminal, is written as its escape."""
        for stream in (sys.stdout, sys.stderr):
            if stream is not None and not _holds_everything(stream.encoding):
                stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
        return super().main(*args, **kwargs)


def _holds_everything(encoding: str) -> bool:
    return encoding.lower().replace("-", "").startswith("utf")


def terminal_look() -> Look:
    """As wide as the terminal and in colour where standard output is one; plain where it is a file or a pipe.

    Colour is left out where NO_COLOR is set (no-color.org), or the terminal is a dumb one.
    """
    if sys.stdout is None or not sys.stdout.isatty():
        return PLAIN
    colour = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Look(max(40, shutil.get_terminal_size().columns), colour)


def say(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print text, line by line, so that nothing of a model in it drives a terminal."""
    put("\n".join(map(shown, text.split("\n"))), err=err, nl=nl)


def put(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print text as it is; exits with 2 where that cannot be written, as on a disk that is full."""
    try:
        click.echo(text, err=err, nl=nl)
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise  # who reads has seen enough; click ends the program without a word
        _leave(sys.stderr if err else sys.stdout)
        if not err:
            put(f"error: standard output cannot be written ({error.strerror}).", err=True)
        sys.exit(2)


def _leave(stream: TextIO) -> None:
    """Let what a stream could not write go, which Python would try again at the end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def encodes_everything() -> bool:
    """Whether standard output can hold every character."""
    return sys.stdout is None or _holds_everything(sys.stdout.encoding)
