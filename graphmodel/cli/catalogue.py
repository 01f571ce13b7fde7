"""``graphmodel catalogue``: the asset types, threats and controls that models may use."""

from __future__ import annotations

from pathlib import Path

import click

from graphmodel.cli.files import FILE
from graphmodel.cli.options import (
    fail,
    json_option,
    opened,
    print_json,
)
from graphmodel.cli.terminal import say


@click.group(invoke_without_command=True)
@json_option
@click.option("--file", type=FILE, help="A model whose own catalogue is to be shown as well.")
@click.option("--markdown", is_flag=True, help="Print Markdown, as in docs/catalogue.md.")
@click.pass_context
def catalogue(context: click.Context, as_json: bool, file: Path | None, markdown: bool) -> None:
    """The asset types, threats and controls that models may use."""
    if context.invoked_subcommand is not None:
        return
    from graphmodel.knowledge.ontology import load_catalogue
    from graphmodel.outputs.catalogue import catalogue_json
    from graphmodel.outputs.text.catalogue import catalogue_markdown, catalogue_text

    known = opened(file).catalogue if file is not None else load_catalogue()[0]
    if as_json:
        print_json(catalogue_json(known))
    else:
        say(catalogue_markdown(known) if markdown else catalogue_text(known))


@catalogue.command()
@click.argument("words", nargs=-1, required=True)
@json_option
@click.option("--file", type=FILE, help="A model whose own catalogue is to be searched as well.")
@click.option("--top", type=click.IntRange(1, 1000), default=10, show_default=True, help="Entries at most.")
def search(words: tuple[str, ...], as_json: bool, file: Path | None, top: int) -> None:
    """Entries of the catalogue that WORDS may mean, the best first, each with why it was found."""
    from graphmodel.knowledge.ontology import load_catalogue
    from graphmodel.knowledge.search import search as search_catalogue
    from graphmodel.outputs.catalogue import search_json
    from graphmodel.outputs.text.catalogue import search_text

    asked = " ".join(words)
    known = opened(file).catalogue if file is not None else load_catalogue()[0]
    found = search_catalogue(asked, known, most=top)
    if as_json:
        print_json(search_json(asked, found))
    elif found:
        say(search_text(found))
    else:
        fail(f"nothing in the catalogue fits “{asked}”; try another word, or read `graphmodel catalogue`.")
