"""``graphmodel paths``: the most probable attack paths, and the choke points that they share."""

from __future__ import annotations

from pathlib import Path

import click

from graphmodel.cli.options import (
    Method,
    actor_of,
    assessed,
    fail,
    file_argument,
    json_option,
    method_options,
    print_json,
    view_option,
)
from graphmodel.cli.terminal import say


@click.command()
@file_argument
@json_option
@method_options
@click.option("--to", "target", help="An asset, a fact such as crm:read, or tag:NAME; without it, every loss.")
@click.option("--from", "actor", help="An actor; without it, each target's worst.")
@click.option("-k", "count", type=click.IntRange(1, 100), default=3, show_default=True, help="Paths for each target.")
@view_option
def paths(
    file: Path,
    as_json: bool,
    method: Method,
    target: str | None,
    actor: str | None,
    count: int,
    view: str,
) -> None:
    """The most probable attack paths, and the choke points that they share."""
    assessment = assessed(file, method)

    from graphmodel.assessment.paths import attack_paths
    from graphmodel.knowledge.vocabulary import View
    from graphmodel.outputs.paths import paths_json
    from graphmodel.outputs.text.paths import paths_text

    actor = actor_of(assessment, actor)
    try:
        found = attack_paths(assessment, target, actor, count, View(view))
    except KeyError as error:
        fail(str(error.args[0]))
    if as_json:
        print_json(paths_json(assessment, found))
    else:
        say(paths_text(assessment, found))
