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


@click.command()
@file_argument
@click.argument("asset")
@json_option
@method_options
def explain(file: Path, asset: str, as_json: bool, method: Method) -> None:
    """Where the numbers of ASSET come from, hop by hop."""
    from graphmodel.assessment.explain import explain as explain_asset
    from graphmodel.outputs.explain import explanation_json
    from graphmodel.outputs.text.explain import explanation_text
    from graphmodel.reading.problems import nearest

    assessment = assessed(file, method)
    try:
        found = explain_asset(assessment, asset)
    except KeyError as error:
        fail(f"{error.args[0]} {nearest(asset, assessment.compiled.system.asset_by_id)}")
    if as_json:
        print_json(explanation_json(found))
    else:
        click.echo(explanation_text(assessment, found))
