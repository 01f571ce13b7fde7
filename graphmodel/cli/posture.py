"""``graphmodel posture``: severity of the use, attacks, maturity against a target, and gaps with their worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphmodel.cli.answers import answers_option, opened_with
from graphmodel.cli.options import (
    Method,
    fail,
    file_argument,
    json_option,
    method_options,
    print_json,
    today,
    top_option,
)
from graphmodel.cli.progress import doing
from graphmodel.cli.terminal import say

if TYPE_CHECKING:
    from graphmodel.answering import Answered
    from graphmodel.assessment.results import Assessment


@click.command()
@file_argument
@answers_option
@json_option
@method_options
@top_option(15)
@click.option(
    "--standard",
    metavar="ID",
    help="What the answers say for one standard, such as iso-42001-2023 or atlas-2026.09, entry by entry.",
)
def posture(file: Path, answers: Path | None, as_json: bool, method: Method, top: int, standard: str | None) -> None:
    """Where we stand: severity of the use, attacks, maturity against its target, and gaps with their worth."""
    model, answered = opened_with(file, answers)
    doing("working out likelihoods")
    assessment = model.assess(method.reach, method.simulation.options(), today())

    from graphmodel.outputs.posture import posture_json
    from graphmodel.outputs.text.posture import posture_text
    from graphmodel.posture.posture import find_posture

    if standard is not None:
        _against(assessment, answered, standard, as_json)
        return
    doing("working out what closing the gaps is worth")
    found = find_posture(assessment, answered.framework, answered.given, model.standing)
    if as_json:
        print_json(posture_json(found))
    else:
        say(posture_text(found, top))


def _against(assessment: Assessment, answered: Answered, id_: str, as_json: bool) -> None:
    from graphmodel.knowledge.standards import load_standards
    from graphmodel.outputs.standards import standard_json, standard_text
    from graphmodel.posture.posture import area_states
    from graphmodel.posture.standards import against_standard, against_techniques, technique_editions
    from graphmodel.reading.problems import nearest

    standards, editions = load_standards(), technique_editions(assessment)
    areas = area_states(assessment, answered.framework, answered.given)
    if id_ in standards:
        title, rows = standards[id_].title, against_standard(areas, standards[id_])
    elif id_ in editions:
        title, rows = id_, against_techniques(areas, assessment, id_)
    else:
        fail(f"there is no standard “{id_}”. {nearest(id_, [*standards, *editions])}".strip())
    if as_json:
        print_json(standard_json(id_, title, rows))
    else:
        say(standard_text(id_, title, rows))
