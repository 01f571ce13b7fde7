"""``graphmodel diff``: what changed between two versions of a system, and which risks moved because of what."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphmodel.cli.files import OUTPUT
from graphmodel.cli.options import (
    Method,
    date_option,
    fail,
    json_option,
    method_options,
    never_over,
    print_json,
    show_problems,
    today,
    top_option,
    write,
)
from graphmodel.cli.progress import doing, patience
from graphmodel.cli.terminal import say

if TYPE_CHECKING:
    from graphmodel.engine.likelihood import Options
    from graphmodel.posture.alarms import Finding, Threshold
    from graphmodel.posture.comparison import Comparison, Version
    from graphmodel.snapshots import Opened

_EVERY = 16  # mixtures between two words of how far it is


@dataclass(frozen=True)
class _Asked:
    """A version as it was asked for: a snapshot, a file or FILE@GITREV; its date, and answers that belong to it."""

    text: str
    date: str | None
    answers: str | None


@click.command()
@click.argument("old")
@click.argument("new")
@json_option
@method_options
@top_option(20)
@date_option("--at", "The date of NEW, if it is no snapshot. [default: today, or that of the commit]")
@date_option("--old-at", "The date of OLD, if it is no snapshot. [default: today, or that of the commit]")
@click.option("--answers", help="A file of answers that belongs to NEW; FILE@GITREV is one too.")
@click.option("--old-answers", help="A file of answers that belongs to OLD.")
@click.option(
    "--exact-up-to",
    type=click.IntRange(1, 12),
    default=6,
    show_default=True,
    help="Causes that are kept apart while all orders are counted; each one more doubles the work.",
)
@click.option(
    "--orders", type=click.IntRange(2, 100_000), help="Of more causes, sample so many orders instead of joining some."
)
@click.option("-k", "k", type=click.IntRange(1, 100), default=3, show_default=True, help="Paths to each loss.")
@click.option(
    "--fail-above",
    metavar="PERCENT|AMOUNT",
    help="Exit with 1 when the expected loss, or that of any risk, rises by more: 10% of what it was, or 50000.",
)
@click.option("--fail-on-new-path", is_flag=True, help="Exit with 1 when an actor has a new path to a loss.")
@click.option("--fail-on-expired", is_flag=True, help="Exit with 1 when the evidence for a control has expired since.")
@click.option("--sarif", type=OUTPUT, help="Write the findings to this file in SARIF, for code hosts.")
@click.pass_context
def diff(
    context: click.Context,
    old: str,
    new: str,
    as_json: bool,
    method: Method,
    top: int,
    at: str | None,
    old_at: str | None,
    answers: str | None,
    old_answers: str | None,
    exact_up_to: int,
    orders: int | None,
    k: int,
    fail_above: str | None,
    fail_on_new_path: bool,
    fail_on_expired: bool,
    sarif: Path | None,
) -> None:
    """What changed from OLD to NEW, and which risks moved because of what.

    OLD and NEW are snapshots, documents, or FILE@REVISION for a file as git has it.
    """
    rise = _threshold(fail_above)

    from graphmodel.posture.alarms import Limits, findings
    from graphmodel.posture.comparison import IncomparableError, compare

    never_over(sarif, *(Path(one) for one in (old, new, old_answers, answers) if one is not None))
    asked = _Asked(old, old_at, old_answers), _Asked(new, at, answers)
    found = [_opened(one) for one in asked]
    _check_order(*found)
    options = _options(context, method, found)
    reach = _reach(context, method)
    versions = [_version(one, side, options, reach) for one, side in zip(asked, found, strict=True)]
    doing("working out which change moved what")
    try:
        comparison = compare(versions[0], versions[1], exact_up_to, orders or 0, k, _progress())
    except IncomparableError as error:
        fail(str(error))
    reasons = findings(comparison, Limits(rise, fail_on_new_path, fail_on_expired))

    from graphmodel.outputs.difference import difference_json
    from graphmodel.outputs.text.difference import difference_text

    if sarif is not None:
        _write_sarif(sarif, comparison, reasons, found[1])
    if as_json:
        print_json(difference_json(comparison, reasons))
    else:
        say(difference_text(comparison, reasons, top, exact_up_to))
    if any(one.fails for one in reasons):
        sys.exit(1)


def _threshold(text: str | None) -> Threshold | None:
    from graphmodel.posture.alarms import Threshold

    if text is None:
        return None
    number = re.fullmatch(r"([0-9]{1,15}(?:\.[0-9]{1,6})?)\s?(%?)", text.strip())
    if number is None:
        fail(f"--fail-above takes a percentage such as 10% or an amount such as 50000, not “{text}”.")
    value = float(number[1])
    return Threshold(percent=value) if number[2] else Threshold(amount=value)


def _opened(asked: _Asked) -> Opened:
    from graphmodel.reading.problems import UnreadableError
    from graphmodel.snapshots import open_version, with_answers

    text = asked.text
    doing(f"reading {text}")
    try:
        found = open_version(text)
        if asked.answers is not None:
            found = replace(found, model=with_answers(found.model, asked.answers))
    except UnreadableError as error:
        fail(str(error.problem))
    show_problems(found.model.problems)
    if not found.model.usable:
        errors = sum(one.level == "error" for one in found.model.problems)
        fail(f"{text} cannot be used: {errors} error{'s' if errors != 1 else ''} above.")
    return found


def _check_order(old: Opened, new: Opened) -> None:
    from graphmodel.snapshots import is_later

    if is_later(old, new):
        message = "note: the first of these snapshots is the later one, so this says what going back would change; "
        say(f"{message}give the earlier one first for what has changed since.", err=True)


def _options(context: click.Context, method: Method, found: list[Opened]) -> Options:
    """How to compute: as the command line says and, where it does not, as the newer of the snapshots was computed."""
    options = method.simulation.options()
    recorded = [one.snapshot.method for one in reversed(found) if one.snapshot is not None]
    if not recorded:
        return options
    if _is_default(context, "seed"):
        options = replace(options, seed=recorded[0]["seed"])
    if _is_default(context, "worlds") and _is_default(context, "precision"):
        options = replace(options, worlds=recorded[0]["worlds"], precision=recorded[0]["precision"])
    return replace(options, confidence=recorded[0]["confidence"])


def _reach(context: click.Context, method: Method) -> str | None:
    """The reach policy that both versions are to have; None for that of each snapshot."""
    return None if _is_default(context, "reach") else str(method.reach)


def _is_default(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is click.core.ParameterSource.DEFAULT


def _version(asked: _Asked, found: Opened, options: Options, reach: str | None) -> Version:
    from graphmodel.binding.relations import Reach
    from graphmodel.posture.comparison import Version
    from graphmodel.snapshots import answer_entries

    doing(f"working out the likelihoods of {asked.text}")
    recorded = found.snapshot.method["reach"] if found.snapshot is not None else "data"
    date = found.date if found.snapshot is not None else asked.date or found.date or today()
    assessment = found.model.assess(Reach(reach or recorded), options, today=date)
    return Version(asked.text, assessment, found.snapshot, answer_entries(found.model.answered))


def _progress() -> Callable[[], None]:
    """Says now and then how many mixtures are worked out."""
    count, said = 0, patience().say

    def heard() -> None:
        nonlocal count
        count += 1
        if count % _EVERY == 0:
            said(f"{count:,} systems with some of the changes worked out")

    return heard


def _write_sarif(path: Path, comparison: Comparison, reasons: tuple[Finding, ...], new: Opened) -> None:
    from graphmodel.outputs.sarif import line_finder, sarif
    from graphmodel.snapshots import document_of

    file, lines = document_of(new)
    value = sarif(comparison, reasons, file, line_finder(lines, comparison.new.state.system))
    write(path, json.dumps(value, indent=2) + "\n")
