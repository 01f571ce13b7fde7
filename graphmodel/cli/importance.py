"""``graphmodel importance``: how much hangs on each step, control, flow, entry and asset."""

from __future__ import annotations

from pathlib import Path

import click

from graphmodel.cli.options import (
    Method,
    actor_of,
    assessed,
    file_argument,
    json_option,
    method_options,
    print_json,
    top_option,
)
from graphmodel.cli.progress import doing
from graphmodel.cli.terminal import say

KINDS = ("asset", "control", "entry", "flow", "step")


@click.command()
@file_argument
@json_option
@method_options
@click.option("--from", "actor", help="An actor; without it, all of them by their yearly rates.")
@click.option("--kind", "kinds", type=click.Choice(KINDS), multiple=True, help="Only parts of this kind; repeatable.")
@top_option(8)
def importance(file: Path, as_json: bool, method: Method, actor: str | None, kinds: tuple[str, ...], top: int) -> None:
    """How much hangs on each step, control, flow, entry and asset, and how far the fall of an asset reaches."""
    assessment = assessed(file, method)

    from graphmodel.assessment.importance import Kind, find_importance
    from graphmodel.outputs.importance import importance_json
    from graphmodel.outputs.text.importance import importance_text

    actor = actor_of(assessment, actor)
    doing("weighing steps, controls, flows, entries and assets")
    found = find_importance(assessment, actor)
    chosen = [Kind(one) for one in kinds] or list(Kind)
    if as_json:
        print_json(importance_json(assessment, found, chosen, actor))
    else:
        say(importance_text(assessment, found, chosen, actor, top))
