"""``graphmodel explain``: where the numbers of an asset come from, hop by hop."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from graphmodel.assessment.results import Assessment


@click.command()
@file_argument
@click.argument("asset")
@click.option(
    "--given",
    "is_given",
    is_flag=True,
    help="Given that it happens: which threats were carried out, and which controls had failed.",
)
@json_option
@method_options
def explain(file: Path, asset: str, is_given: bool, as_json: bool, method: Method) -> None:
    """Where the numbers of ASSET, or of a fact such as crm:read, come from, hop by hop."""
    assessment = assessed(file, method)
    if is_given:
        _given(assessment, asset, as_json)
        return

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


def _given(assessment: Assessment, selector: str, as_json: bool) -> None:
    from graphmodel.assessment.diagnosis import diagnose
    from graphmodel.outputs.explain import diagnosis_json
    from graphmodel.outputs.text.explain import diagnosis_text

    try:
        found = diagnose(assessment, selector)
    except KeyError as error:
        fail(str(error.args[0]))
    if as_json:
        print_json(diagnosis_json(found))
    else:
        say(diagnosis_text(selector, found))
