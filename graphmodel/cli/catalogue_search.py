"""The command that finds types, relations, threats and controls by the words that people have for them."""

from __future__ import annotations

from pathlib import Path

import click

from graphmodel.cli.options import FILE, fail, json_option, opened, print_json


@click.command(name="search")
@click.argument("words", nargs=-1, required=True)
@json_option
@click.option("--file", type=FILE, help="A model whose own catalogue is to be searched as well.")
@click.option("--top", type=click.IntRange(1, 1000), default=10, show_default=True, help="Entries at most.")
def catalogue_search(words: tuple[str, ...], as_json: bool, file: Path | None, top: int) -> None:
    """Entries of the catalogue that WORDS may mean, the best first, each with why it was found."""
    from graphmodel.knowledge.ontology import load_catalogue
    from graphmodel.knowledge.search import search
    from graphmodel.outputs.text import table

    asked = " ".join(words)
    known = opened(file).catalogue if file is not None else load_catalogue()[0]
    found = search(asked, known, most=top)
    if as_json:
        print_json(
            {
                "words": asked,
                "found": [
                    {
                        "kind": one.kind,
                        "id": one.id,
                        "name": one.name,
                        "meaning": one.meaning,
                        "score": one.score,
                        "why": one.why,
                    }
                    for one in found
                ],
            }
        )
        return
    if not found:
        fail(f"nothing in the catalogue fits “{asked}”; try another word, or read `graphmodel catalogue`.")
    rows = [[one.kind, one.id, one.meaning, one.why] for one in found]
    click.echo(table(rows, ["kind", "id", "meaning", "why"]))
