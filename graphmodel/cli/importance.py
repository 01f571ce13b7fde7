"""The command ``importance``: how much hangs on each step, control, flow, entry and asset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphmodel.cli.options import Method, assessed, fail, file_argument, json_option, method_options, print_json
from graphmodel.cli.progress import doing

if TYPE_CHECKING:
    from graphmodel.assessment.importance import GraphInfluence, Influence, Kind
    from graphmodel.assessment.results import Assessment

KINDS = ("asset", "control", "entry", "flow", "step")


@click.command()
@file_argument
@json_option
@method_options
@click.option("--from", "actor", help="An actor; without it, all of them by their yearly rates.")
@click.option("--kind", "kinds", type=click.Choice(KINDS), multiple=True, help="Only parts of this kind; repeatable.")
@click.option("--top", type=click.IntRange(1, 1000), default=8, show_default=True, help="Rows of each table.")
def importance(file: Path, as_json: bool, method: Method, actor: str | None, kinds: tuple[str, ...], top: int) -> None:
    """How much hangs on each step, control, flow, entry and asset, and how far the fall of an asset reaches."""
    from graphmodel.assessment.importance import Kind, influence
    from graphmodel.outputs.importance import influence_json

    assessment = assessed(file, method)
    if actor is not None and actor not in assessment.actor_by_id:
        fail(f"there is no actor “{actor}”; there are {', '.join(assessment.actor_by_id) or 'none'}.")
    doing("weighing steps, controls, flows, entries and assets")
    found = influence(assessment, actor)
    chosen = [Kind(one) for one in kinds] or list(Kind)
    if as_json:
        print_json(influence_json(assessment, found, chosen, actor))
    else:
        click.echo(influence_text(assessment, found, chosen, actor, top))


def influence_text(assessment: Assessment, found: Influence, kinds: list[Kind], actor: str | None, top: int) -> str:
    """The output of ``graphmodel importance``, with ``top`` rows in each table."""
    from graphmodel.assessment.importance import Kind
    from graphmodel.outputs.importance import PART_WORDS, blast_assumption, part_name
    from graphmodel.outputs.text import table
    from graphmodel.outputs.wording import UNMARKED, estimated, percent

    system = assessment.compiled.system
    period = assessment.period if actor is None else "campaign"
    parts = [f"{system.name} ({system.id}), as things stand; amounts a {period}"]
    for kind in kinds:
        rows = []
        for one in found.that_matter(kind)[:top]:
            extra = one.birnbaum if kind is Kind.STEP else one.costs
            rows.append(
                [
                    part_name(assessment, one),
                    estimated(one.saves, system.currency) if one.saves else "",
                    percent(one.share) if one.share else "",
                    *([estimated(extra, system.currency) if extra else ""] if PART_WORDS[kind].costs else []),
                ]
            )
        if rows:
            words = PART_WORDS[kind]
            headers = [str(kind), words.saves, "share of the loss", *([words.costs] if words.costs else [])]
            parts += ["", table(rows, headers)]
    if Kind.ASSET in kinds and found.blast:
        rows = [
            [
                system.name_of(one.asset),
                system.name_of(one.actor),
                estimated(one.loss, system.currency),
                estimated(one.added, system.currency),
            ]
            for one in found.blast[:top]
        ]
        headers = ["blast radius of", "for", "a campaign then costs", "which adds"]
        parts += ["", table(rows, headers), blast_assumption()]
    return "\n".join([*parts, "", UNMARKED])


def graph_influence_text(found: GraphInfluence, top: int = 15) -> str:
    """What ``graphmodel solve --importance`` adds: the steps that save most, and all controls."""
    from graphmodel.outputs.text import amount, table
    from graphmodel.outputs.wording import UNMARKED

    steps = sorted(found.steps, key=lambda one: (-found.steps[one].value, one))[:top]
    parts = [table([[one, amount(found.steps[one])] for one in steps], ["step", "saved if impossible"])]
    controls = sorted(dict.fromkeys((*found.perfect, *found.absent)))
    if controls:
        rows = [
            [one, *(amount(kind[one]) if one in kind else "" for kind in (found.perfect, found.absent))]
            for one in controls
        ]
        parts += ["", table(rows, ["control", "saved if perfect", "lost if absent"])]
    return "\n".join([*parts, "", UNMARKED])
