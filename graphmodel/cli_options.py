"""What the commands share: arguments, options, opening a model, and how they end."""

from __future__ import annotations

import datetime
import functools
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

import click

if TYPE_CHECKING:
    from graphmodel.assessment import Assessment
    from graphmodel.compile import Reach
    from graphmodel.likelihood import Options
    from graphmodel.system import Problem
    from graphmodel.workspace import Model

Command = TypeVar("Command", bound=Callable[..., Any])
FILE = click.Path(path_type=Path)


def file_argument(function: Command) -> Command:
    """The FILE argument of most commands."""
    return click.argument("file", type=FILE)(function)


def json_option(function: Command) -> Command:
    """The --json option of every command with results."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")(function)


@dataclass(frozen=True)
class Method:
    """How numbers are to be computed."""

    reach: Reach
    options: Options


def method_options(function: Command) -> Command:
    """The options that every command with numbers takes; the command gets them as ``method``."""

    @functools.wraps(function)
    def command(*args: Any, reach: str, seed: int, worlds: int, **others: Any) -> Any:
        from graphmodel.compile import Reach
        from graphmodel.likelihood import Options

        return function(*args, method=Method(Reach(reach), Options(seed=seed, worlds=worlds)), **others)

    wrapped: Any = command
    for option in (
        click.option(
            "--worlds",
            type=click.IntRange(100, 10_000_000),
            default=100_000,
            show_default=True,
            help="Worlds of a simulation.",
        ),
        click.option("--seed", type=int, default=1, show_default=True, help="Seed of a simulation."),
        click.option(
            "--reach",
            type=click.Choice(["data", "both"]),
            default="data",
            show_default=True,
            help="Whether attackers get along a link only the way the data go, or both ways.",
        ),
    ):
        wrapped = option(wrapped)
    return cast(Command, wrapped)


def fail(message: str) -> NoReturn:
    """Say what is wrong and exit with 2."""
    click.echo(f"error: {message}", err=True)
    sys.exit(2)


def show_problems(problems: Sequence[Problem], quiet_notes: bool = True) -> None:
    """Problems on standard error; notes only on request."""
    for one in problems:
        if one.level != "note" or not quiet_notes:
            click.echo(str(one), err=True)


def opened(file: Path, quiet_notes: bool = True) -> Model:
    """Open a model for use; exits with 2 when it has errors."""
    from graphmodel.workspace import open_model

    model = open_model(file)
    show_problems(model.problems, quiet_notes)
    if not model.usable:
        errors = sum(one.level == "error" for one in model.problems)
        fail(f"{file} cannot be used: {errors} error{'s' if errors != 1 else ''} above.")
    return model


def assessed(file: Path, method: Method) -> Assessment:
    """Open and assess a model; exits with 2 when it cannot be used."""
    model = opened(file)
    assessment = model.assess(method.reach, method.options, today=today())
    for one in assessment.compiled.unused_overrides:
        click.echo(
            f"warning: the override of {one.threat} on {one.asset} changes nothing: the threat does not concern it.",
            err=True,
        )
    return assessment


def today() -> str:
    """The date here, which evidence expires against."""
    return datetime.datetime.now().astimezone().date().isoformat()


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))
