"""``graphmodel catalogue``: the asset types, threats and controls that models may use."""

from __future__ import annotations

from pathlib import Path

import click

from graphmodel.cli.options import (
    FILE,
    json_option,
    opened,
    print_json,
)
from graphmodel.cli.terminal import say


@click.command()
@json_option
@click.option("--file", type=FILE, help="A model whose own catalogue is to be shown as well.")
@click.option("--markdown", is_flag=True, help="Print Markdown, as in docs/catalogue.md.")
def catalogue(as_json: bool, file: Path | None, markdown: bool) -> None:
    """The asset types, threats and controls that models may use."""
    from graphmodel.knowledge.ontology import load_catalogue
    from graphmodel.outputs.catalogue import catalogue_json
    from graphmodel.outputs.text.catalogue import catalogue_markdown, catalogue_text

    known = opened(file).catalogue if file is not None else load_catalogue()[0]
    if as_json:
        print_json(catalogue_json(known))
    else:
        say(catalogue_markdown(known) if markdown else catalogue_text(known))
