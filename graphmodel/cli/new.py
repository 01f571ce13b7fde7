"""``graphmodel new`` and ``graphmodel schema``: a first System document, and the schema that editors check it by."""

from __future__ import annotations

import json
from pathlib import Path

import click

from graphmodel.cli.files import OUTPUT
from graphmodel.cli.options import (
    fail,
    print_json,
    write,
)
from graphmodel.cli.terminal import say


@click.command()
@click.argument("file", type=OUTPUT, default=Path("system.yaml"))
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def new(file: Path, force: bool) -> None:
    """Write a first System document to edit, with its schema for editors beside it."""
    from importlib import resources

    from graphmodel.knowledge.ontology import load_catalogue
    from graphmodel.model.schema import document_schema

    schema = file.with_name("graphmodel.schema.json")
    if file.exists() and not force:
        fail(f"{file} is there already; choose another name, or write over it with --force.")
    if not file.parent.is_dir():
        fail(f"there is no directory {file.parent}.")
    text = (
        resources.files("graphmodel.model")
        .joinpath("starter.yaml")
        .read_text(encoding="utf-8")
        .replace("{file}", file.name)
    )
    catalogue, _ = load_catalogue()
    write(schema, json.dumps(document_schema(catalogue), indent=1) + "\n")
    write(file, f"# yaml-language-server: $schema={schema.name}\n{text}")
    say(f"wrote {file} and {schema}; next: graphmodel check {file}")


@click.command()
@click.option("--answers", is_flag=True, help="That of answers to the questionnaire instead.")
def schema(answers: bool) -> None:
    """Print the JSON Schema of the System document."""
    from graphmodel.knowledge.ontology import load_catalogue

    if answers:
        from graphmodel.posture.answers_schema import answers_schema

        print_json(answers_schema(load_catalogue()[0]))
        return
    from graphmodel.model.schema import document_schema

    print_json(document_schema(load_catalogue()[0]))
