"""``graphmodel plan``: what first, for how much, and what would leave no path."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import click

from graphmodel.cli.numbers import Number
from graphmodel.cli.options import (
    Method,
    actor_of,
    assessed,
    fail,
    file_argument,
    json_option,
    method_options,
    print_json,
)
from graphmodel.cli.progress import doing, patience
from graphmodel.cli.terminal import say

_MOMENT = 1.0  # seconds after which a run says how far it is
_SECONDS = 60.0


@click.command()
@file_argument
@json_option
@method_options
@click.option("--budget", type=Number(min=0), help="What may be spent a year, decided measures included.")
@click.option(
    "--break", "breaks", multiple=True, help="Leave no path to this asset, fact or tag:NAME; may be given repeatedly."
)
@click.option("--from", "actor", help="With --break: only the paths of this actor.")
@click.option("--frontier", is_flag=True, help="With --budget or --break: the frontier of cost against loss as well.")
@click.option("--only-model", is_flag=True, help="Choose among the measures of the model only, not the catalogue's.")
@click.option("--fix", multiple=True, help="Take this measure in any case; may be given repeatedly.")
@click.option("--without", multiple=True, help="Leave this measure, or control of the catalogue, out; repeatable.")
@click.option("--reconsider", is_flag=True, help="Planned measures are open choices too.")
@click.option("--shortlist", type=click.IntRange(0, 200), help="Measures of the catalogue to consider for budgets.")
@click.option("--work", type=click.IntRange(1, 1_000_000), help="Sets of measures to work out at most, for budgets.")
def plan(
    file: Path,
    as_json: bool,
    method: Method,
    budget: float | None,
    breaks: tuple[str, ...],
    actor: str | None,
    frontier: bool,
    only_model: bool,
    fix: tuple[str, ...],
    without: tuple[str, ...],
    reconsider: bool,
    shortlist: int | None,
    work: int | None,
) -> None:
    """The best measures for each budget, and the cheapest that leave no path.

    Exits with 1 when what is decided costs more than the budget, or no measures leave no path.
    """
    assessment = assessed(file, method)
    seconds = method.simulation.seconds
    method.simulation.watch.seconds = None  # sets of measures are compared on all of their worlds

    from graphmodel.assessment.paths import find_targets
    from graphmodel.outputs.plan import plan_json
    from graphmodel.outputs.text.plan import plan_text
    from graphmodel.planning.breaking import break_plan
    from graphmodel.planning.options import Ask, PlanError
    from graphmodel.planning.plan import Planner

    ask = Ask(fix, without, reconsider, only_model, shortlist, work)
    actor = actor_of(assessment, actor)
    if actor is not None and not breaks:
        fail("--from goes with --break.")
    broken, found = None, None
    doing("looking for the best measures")
    try:
        if breaks:
            targets = tuple(dict.fromkeys(fact for one in breaks for fact in find_targets(assessment, one)))
            broken = break_plan(assessment, targets, ask, None if actor is None else (actor,))
        if budget is not None or frontier or not breaks:
            found = Planner(assessment, ask, progress_of(seconds or (_SECONDS if work is None else None))).plan(budget)
    except KeyError as error:
        fail(str(error.args[0]))
    except PlanError as error:
        fail(str(error))
    if as_json:
        print_json(plan_json(assessment, found, broken))
    else:
        say(plan_text(assessment, found, broken, frontier or budget is None))
    if (broken is not None and broken.chosen is None) or (found is not None and found.best is None):
        sys.exit(1)


def progress_of(limit: float | None) -> Callable[[int, int], bool]:
    """Says how far a search is, and ends it after so many seconds."""
    said, start = patience().say, time.monotonic()
    last = start

    def go_on(done: int, most: int) -> bool:
        nonlocal last
        now = time.monotonic()
        if now - start > _MOMENT and now - last > _MOMENT:
            last = now
            left = max(0, most - done) * (now - start) / max(done, 1)
            ends = f"; at most {min(left, limit - (now - start)) if limit else left:,.0f} s more"
            said(f"{done:,} sets of measures worked out, of about {most:,} at most{ends}")
        return limit is None or now - start < limit

    return go_on
