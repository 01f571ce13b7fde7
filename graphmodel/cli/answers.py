"""The answers to the questionnaire that go with a file, as commands name and open them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphmodel.cli.files import FILE
from graphmodel.cli.options import Command, opened

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


def opened_with(file: Path, answers: Path | None) -> tuple[Model, Answered]:
    """Open a model with answers: those named, or beside it, or none; exits with 2 when either has errors."""
    from graphmodel.answering import open_answers

    model = opened(file, answers=answers)
    return model, model.answered or open_answers(None, model.catalogue)
