"""``graphmodel gaps``: threats without an implemented control, controls without effect or evidence, open flows."""

from __future__ import annotations

from pathlib import Path

import click

from graphmodel.cli.options import (
    Method,
    assessed,
    file_argument,
    json_option,
    method_options,
    print_json,
    top_option,
)
from graphmodel.cli.terminal import say


@click.command()
@file_argument
@json_option
@method_options
@top_option(15)
def gaps(file: Path, as_json: bool, method: Method, top: int) -> None:
    """Threats without an implemented control, controls without effect or evidence, open flows.

    And what a complete system of the same kind has (retrieval system, agent system, training platform, service with a
    predictive model, vision system at the edge) and the description does not show.
    """
    assessment = assessed(file, method)

    from graphmodel.assessment.gaps import find_gaps
    from graphmodel.outputs.gaps import gaps_json
    from graphmodel.outputs.text.gaps import gaps_text

    found = find_gaps(assessment)
    if as_json:
        print_json(gaps_json(assessment, found))
    else:
        say(gaps_text(assessment, found, top))
