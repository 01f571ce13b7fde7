"""The answers to the questionnaire that go with a file, as commands name and open them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphmodel.cli.files import FILE, STANDARD_INPUT
from graphmodel.cli.options import Command, fail, show_problems
from graphmodel.cli.progress import doing

if TYPE_CHECKING:
    from graphmodel.answering import Answered
    from graphmodel.workspace import Model


def answers_option(function: Command) -> Command:
    """The --answers option of every command that reads answers."""
    return click.option(
        "--answers",
        type=FILE,
        help="The answers to the questionnaire; without it NAME.assessment.yaml or assessment.yaml beside FILE.",
    )(function)


def answered(model: Model, file: Path, answers: Path | None) -> Answered:
    """Open the answers that go with a file, if there are any; exits with 2 when they have errors."""
    from graphmodel.answering import answers_beside, open_answers

    path = answers
    if path is None and file != STANDARD_INPUT:
        path = answers_beside(file)
    if path is not None:
        doing(f"reading {path}")
    found = open_answers(path, model)
    show_problems(found.problems)
    if not found.usable:
        errors = sum(one.level == "error" for one in found.problems)
        fail(f"{path} cannot be used: {errors} error{'s' if errors != 1 else ''} above.")
    return found
