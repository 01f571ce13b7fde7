"""``graphmodel posture``: severity of the use, attacks, maturity against a target, and gaps with their worth."""

from __future__ import annotations

from pathlib import Path

import click

from graphmodel.cli.answers import answered, answers_option
from graphmodel.cli.options import (
    Method,
    file_argument,
    json_option,
    method_options,
    opened,
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
    model = opened(file)
    found = answered(model, file, answers)
    doing("working out likelihoods")

    from graphmodel.answering import assess_answered, standing
    from graphmodel.outputs.posture import posture_json
    from graphmodel.outputs.text.posture import posture_text
    from graphmodel.posture.posture import find_posture

    stands = standing(model, found)
    assessment = assess_answered(model, stands, method.reach, method.simulation.options(), today())
    doing("working out what closing the gaps is worth")
    posture = find_posture(assessment, found.framework, found.given, stands)
    if as_json:
        print_json(posture_json(posture))
    else:
        say(posture_text(posture, top))
