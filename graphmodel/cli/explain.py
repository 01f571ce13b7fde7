"""``graphmodel explain``: where the numbers of an asset come from, hop by hop."""

from __future__ import annotations

from pathlib import Path

import click

from graphmodel.cli.options import (
    Method,
    assessed,
    fail,
    file_argument,
    json_option,
    method_options,
    print_json,
)
from graphmodel.cli.terminal import say


@click.command()
@file_argument
@click.argument("asset")
@json_option
@method_options
def explain(file: Path, asset: str, as_json: bool, method: Method) -> None:
    """Where the numbers of ASSET come from, hop by hop."""
    assessment = assessed(file, method)

    from graphmodel.assessment.explain import explain as explain_asset
    from graphmodel.outputs.explain import explanation_json
    from graphmodel.outputs.text.explain import explanation_text

    try:
        found = explain_asset(assessment, asset)
    except KeyError as error:
        fail(str(error.args[0]))
    if as_json:
        print_json(explanation_json(found))
    else:
        say(explanation_text(assessment, found))
