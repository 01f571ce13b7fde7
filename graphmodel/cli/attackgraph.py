"""``graphmodel attackgraph``: the attack graph of one actor."""

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
    view_option,
)
from graphmodel.cli.terminal import say


@click.command()
@file_argument
@json_option
@method_options
@click.option("--from", "actor", help="An actor; without it, the one whose campaign costs most.")
@view_option
def attackgraph(file: Path, as_json: bool, method: Method, actor: str | None, view: str) -> None:
    """The attack graph of an actor; with --json in the format that solve reads."""
    assessment = assessed(file, method)

    from graphmodel.assessment.cases import graph_in
    from graphmodel.knowledge.vocabulary import View

    worst = assessment.worst_actor
    name = actor_of(assessment, actor or (worst.actor.id if worst else "")) or ""
    graph = graph_in(assessment, name, View(view))
    say(
        f"actor {name}, view {view}: {len(graph.facts)} facts, {len(graph.steps)} steps",
        err=True,
    )
    if as_json:
        print_json(graph.to_json())
        return
    for step in graph.steps:
        say(f"{' + '.join(step.needs) or '(nothing)'} → {step.gains}  {step.chance:.3f}  {step.id}")
