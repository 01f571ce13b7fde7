"""``graphmodel check``: every problem of a file with its place and what to do."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphmodel.cli.files import called, read_model
from graphmodel.cli.options import (
    fail,
    file_argument,
    json_option,
    print_json,
    show_problems,
    today,
)
from graphmodel.cli.terminal import say

if TYPE_CHECKING:
    from graphmodel.reading.problems import Problem
    from graphmodel.workspace import Model


@click.command()
@file_argument
@json_option
def check(file: Path, as_json: bool) -> None:
    """Report every problem of FILE with its place and what to do."""
    from graphmodel.outputs.problems import problems_json

    model = read_model(file)
    problems = (*model.problems, *_evidence(model))
    if as_json:
        print_json(
            {
                "file": called(file),
                "format": model.format,
                "usable": model.usable,
                "problems": problems_json(problems),
            }
        )
    else:
        show_problems(problems, quiet_notes=False)
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


def _evidence(model: Model) -> tuple[Problem, ...]:
    """That tests and scans of the system move no number, as of today."""
    if not model.usable or model.system is None or not model.system.evidence:
        return ()
    from graphmodel.binding.evidence import unused_evidence
    from graphmodel.reading.problems import Problem

    try:
        compiled = model.compile(today=today())
    except ValueError:  # its answers have errors, which are told
        return ()
    fix = "Test again, or correct the entry; docs/evidence.md says what counts."
    return tuple(
        Problem("warning", f"this moves no number: {one.why}.", fix, f"evidence.{one.observation.id}", file=model.name)
        for one in unused_evidence(compiled)
    )
