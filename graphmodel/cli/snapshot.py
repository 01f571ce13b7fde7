"""``graphmodel snapshot``: an immutable dated record of a system and its results."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from graphmodel.cli.answers import answers_option
from graphmodel.cli.files import OUTPUT, STANDARD_INPUT, called
from graphmodel.cli.options import (
    Method,
    date_option,
    fail,
    file_argument,
    json_option,
    method_options,
    opened,
    print_json,
    today,
)
from graphmodel.cli.progress import doing
from graphmodel.cli.terminal import say


@click.command()
@file_argument
@json_option
@method_options
@answers_option
@click.option("-o", "--output", type=OUTPUT, help="The folder to write to. [default: snapshots, beside FILE]")
@click.option("--note", default="", help="What it is taken for, in words.")
@date_option("--at", "The date that it is of, which evidence expires against. [default: today]")
def snapshot(
    file: Path, as_json: bool, method: Method, answers: Path | None, output: Path | None, note: str, at: str | None
) -> None:
    """Keep a dated record of a system and its results, to compare later versions with.

    The same content on the same date is one file, and nothing is ever replaced.
    """
    if output is None and file == STANDARD_INPUT:
        fail("a snapshot of standard input needs a folder: add -o DIR.")
    from graphmodel.posture.snapshot import MAX_NOTE

    if len(note) > MAX_NOTE:
        fail(f"--note takes at most {MAX_NOTE:,} characters.")
    model = opened(file, answers=answers)
    if model.snapshot is not None:
        fail(f"{called(file)} is a snapshot already; take one of a document.")

    from graphmodel.reading.problems import UnreadableError
    from graphmodel.snapshots import FOLDER, keep, take

    date, folder = at or today(), output if output is not None else file.parent / FOLDER
    try:
        doing("working out likelihoods")
        assessment = model.assess(method.reach, method.simulation.options(), today=date)
        if file == STANDARD_INPUT:
            model = replace(model, name="standard-input")
        found = take(model, assessment, date, note)
        path, new = keep(found, folder)
    except UnreadableError as error:
        fail(str(error.problem))
    except OSError as error:
        fail(f"the snapshot cannot be written ({error.strerror}): {error.filename or called(folder)}.")
    if as_json:
        print_json(
            {
                "file": str(path),
                "new": new,
                "digest": found.digest,
                "date": found.date,
                "system": found.system["id"],
                "results": dict(found.results),
            }
        )
    else:
        say(f"{called(path)}{'' if new else ' is there already, with the same content'}")
