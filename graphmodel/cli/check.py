"""``graphmodel check``: every problem of a file with its place and what to do."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from graphmodel.cli.files import called, read_model
from graphmodel.cli.options import (
    fail,
    file_argument,
    json_option,
    print_json,
    show_problems,
)
from graphmodel.cli.terminal import say


@click.command()
@file_argument
@json_option
def check(file: Path, as_json: bool) -> None:
    """Report every problem of FILE with its place and what to do."""
    from graphmodel.outputs.problems import problems_json

    model = read_model(file)
    if as_json:
        print_json(
            {
                "file": called(file),
                "format": model.format,
                "usable": model.usable,
                "problems": problems_json(model.problems),
            }
        )
    else:
        show_problems(model.problems, quiet_notes=False)
    if not model.usable or model.system is None:
        if not as_json:
            fail(f"{called(file)} has errors.")
        sys.exit(2)
    if not as_json:
        one = model.system
        say(
            f"{called(file)}: usable; {len(one.assets)} assets, {len(one.flows)} flows, {len(one.actors)} actors, "
            f"{len(one.controls)} controls, {len(one.losses)} losses"
        )
