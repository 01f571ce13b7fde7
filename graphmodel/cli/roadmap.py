"""``graphmodel roadmap``: the measures of a plan in phases, with the loss and the maturity after each."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphmodel.cli.answers import answers_option, opened_with
from graphmodel.cli.files import OUTPUT
from graphmodel.cli.numbers import Number
from graphmodel.cli.options import (
    Method,
    fail,
    file_argument,
    json_option,
    method_options,
    never_over,
    print_json,
    today,
    write,
)
from graphmodel.cli.plan import progress_of
from graphmodel.cli.progress import doing
from graphmodel.cli.terminal import say

if TYPE_CHECKING:
    from graphmodel.posture.roadmap import Phase

_PHASE = re.compile(
    r"(?P<name>[^:]{1,60})(:(?P<until>\d{4}-\d{2}-\d{2}))?(:(?P<budget>\d{1,18}(\.\d+)?))?(:x(?P<most>\d{1,9}))?"
)


@click.command()
@file_argument
@answers_option
@json_option
@method_options
@click.option("--budget", type=Number(min=0), help="What may be spent a year in all.")
@click.option(
    "--phase",
    "phases",
    multiple=True,
    metavar="NAME[:DATE][:BUDGET][:xCOUNT]",
    help="A phase, its last day, what its measures may cost a year, and how many it holds; repeatable, in order.",
)
@click.option("--only-model", is_flag=True, help="Choose among the measures of the model only, not the catalogue's.")
@click.option(
    "--to", "form", type=click.Choice(["csv", "jira", "github"]), help="Write the tasks for an issue tracker instead."
)
@click.option("-o", "--output", type=OUTPUT, help="With --to: where to; standard output without it.")
def roadmap(
    file: Path,
    answers: Path | None,
    as_json: bool,
    method: Method,
    budget: float | None,
    phases: tuple[str, ...],
    only_model: bool,
    form: str | None,
    output: Path | None,
) -> None:
    """What to do in which phase, and where that leaves loss and maturity.

    Exits with 1 when what is decided costs more than the budget.
    """
    wanted = [_phase(one) for one in phases]
    if len({one.name for one in wanted}) < len(wanted):
        fail("two phases have the same name.")
    model, answered = opened_with(file, answers)
    never_over(output, file, answered.path)
    doing("working out likelihoods")
    assessment = model.assess(method.reach, method.simulation.options(), today())

    from graphmodel.outputs.roadmap import roadmap_json, tasks_table
    from graphmodel.outputs.text.roadmap import roadmap_text
    from graphmodel.planning.options import Ask, PlanError
    from graphmodel.planning.plan import Planner
    from graphmodel.posture.posture import targets_of
    from graphmodel.posture.roadmap import roadmap as laid_out

    doing("looking for the best measures")
    total = budget
    if total is None and wanted and all(one.budget is not None for one in wanted):
        total = float(sum(one.budget or 0.0 for one in wanted))
    try:
        planner = Planner(assessment, Ask(only_model=only_model), progress_of(60.0))
        found = planner.plan(total)
    except PlanError as error:
        fail(str(error))
    if found.best is None:
        say(f"error: what is decided costs {planner.decided_cost:,.0f}, more than the budget.", err=True)
        sys.exit(1)
    framework, given = answered.framework, answered.given
    result = laid_out(planner, found, wanted, assessment, framework, given, targets_of(framework, given))
    if form is not None:
        text = tasks_table(assessment, framework, result, form)
        if output is None:
            say(text, nl=False)
        else:
            write(output, text)
    elif as_json:
        print_json(roadmap_json(assessment, result))
    else:
        say(roadmap_text(assessment, result))


def _phase(text: str) -> Phase:
    from graphmodel.posture.roadmap import Phase
    from graphmodel.reading.values import is_day

    found = _PHASE.fullmatch(text)
    if found is None or (found["until"] and not is_day(found["until"])):
        fail(f"“{text}” is no phase; write NAME[:DATE][:BUDGET][:xCOUNT], such as Q1:2027-03-31:150000:x4.")
    budget, most = found["budget"], found["most"]
    return Phase(found["name"], found["until"] or "", float(budget) if budget else None, int(most) if most else None)
