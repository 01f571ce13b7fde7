"""``graphmodel posture``: severity of the use, attacks, maturity against a target, and gaps with their worth."""

from __future__ import annotations

from pathlib import Path

import click

from graphmodel.cli.answers import answers_option, opened_with
from graphmodel.cli.options import (
    Method,
    file_argument,
    json_option,
    method_options,
    print_json,
    today,
    top_option,
)
from graphmodel.cli.progress import doing
from graphmodel.cli.terminal import say


@click.command()
@file_argument
@answers_option
@json_option
@method_options
@top_option(15)
def posture(file: Path, answers: Path | None, as_json: bool, method: Method, top: int) -> None:
    """Where we stand: severity of the use, attacks, maturity against its target, and gaps with their worth."""
    model, answered = opened_with(file, answers)
    doing("working out likelihoods")
    assessment = model.assess(method.reach, method.simulation.options(), today())

    from graphmodel.outputs.posture import posture_json
    from graphmodel.outputs.text.posture import posture_text
    from graphmodel.posture.posture import find_posture

    doing("working out what closing the gaps is worth")
    found = find_posture(assessment, answered.framework, answered.given, model.standing)
    if as_json:
        print_json(posture_json(found))
    else:
        say(posture_text(found, top))
