"""``graphmodel loss``: what a campaign and a year cost, and how sure that is."""

from __future__ import annotations

from pathlib import Path

import click

from graphmodel.cli.options import (
    DRAWS,
    Method,
    assessed,
    checked_draws,
    fail,
    file_argument,
    json_option,
    method_options,
    print_json,
    top_option,
    view_option,
)
from graphmodel.cli.progress import doing
from graphmodel.cli.terminal import say


@click.command()
@file_argument
@json_option
@method_options
@view_option
@click.option(
    "--years", type=click.IntRange(1000, 1_000_000), default=100_000, show_default=True, help="Years to play."
)
@click.option("--draws", type=DRAWS, help="Draws of the inputs that are ranges; 0 for none. [default: as many as help]")
@top_option(10)
def loss(file: Path, as_json: bool, method: Method, view: str, years: int, draws: int | None, top: int) -> None:
    """What a campaign and a year cost: distribution, value at risk, parts, and how sure that is."""
    count = checked_draws(draws)
    assessment = assessed(file, method)

    from graphmodel.knowledge.vocabulary import View
    from graphmodel.losses.report import loss_report
    from graphmodel.losses.year import TooManyCampaignsError
    from graphmodel.outputs.loss import loss_json
    from graphmodel.outputs.text.loss import loss_text

    doing("drawing losses")
    try:
        report = loss_report(assessment, View(view), years, count)
    except TooManyCampaignsError as error:
        fail(str(error))
    if as_json:
        print_json(loss_json(assessment, report))
    else:
        say(loss_text(assessment, report, top))
