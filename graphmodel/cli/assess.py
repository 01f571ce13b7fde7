"""``graphmodel assess``: likelihood, loss, bands, top risks, and what to fix first."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

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
)
from graphmodel.cli.terminal import say

if TYPE_CHECKING:
    from graphmodel.assessment.results import Assessment


@click.command()
@file_argument
@json_option
@method_options
@top_option(10)
@click.option(
    "--fail-above",
    help="Exit with 1 when a risk is above this band (Low, Medium, High) or a loss is likelier than this number.",
)
@click.option(
    "--draws",
    type=DRAWS,
    help="Draws of the inputs that are ranges; 0 for none. [default: 1000 where the numbers are exact, else none]",
)
def assess(file: Path, as_json: bool, method: Method, top: int, fail_above: str | None, draws: int | None) -> None:
    """Likelihood, loss, bands, top risks, and what to fix first."""
    threshold, count = _threshold(fail_above), checked_draws(draws)
    assessment = assessed(file, method)

    from graphmodel.assessment.measures import fix_first
    from graphmodel.losses.uncertainty import is_exact, uncertainty
    from graphmodel.outputs.assessment import assessment_json
    from graphmodel.outputs.text.assessment import assessment_text

    measures = fix_first(assessment)
    wanted = is_exact(assessment) if count is None else count > 0
    spread = uncertainty(assessment, draws=count) if wanted else None
    if as_json:
        print_json(assessment_json(assessment, measures, spread))
    else:
        say(assessment_text(assessment, measures, top, spread))
    if threshold is not None and threshold(assessment):
        say(f"above the threshold {fail_above}", err=True)
        sys.exit(1)


def _threshold(text: str | None) -> Callable[[Assessment], bool] | None:
    from graphmodel.knowledge.settings import RISK_BANDS

    if text is None:
        return None
    if text.capitalize() in RISK_BANDS[:-1]:
        limit = RISK_BANDS.index(text.capitalize())
        return lambda assessment: any(RISK_BANDS.index(risk.risk) > limit for risk in assessment.risks)
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        fail(f"--fail-above takes {', '.join(RISK_BANDS[:-1])} or a likelihood from 0 to 1, not “{text}”.")
    from graphmodel.knowledge.vocabulary import View

    return lambda assessment: any(risk.likelihood[View.RESIDUAL].value > number for risk in assessment.risks)
