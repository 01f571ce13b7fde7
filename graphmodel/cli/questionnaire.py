"""``graphmodel questionnaire``: the questions of the framework with their answers, out to Excel and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphmodel.cli.answers import answers_option, opened_with
from graphmodel.cli.files import FILE, OUTPUT, STANDARD_INPUT, called
from graphmodel.cli.options import (
    Method,
    fail,
    file_argument,
    json_option,
    method_options,
    opened,
    print_json,
    today,
)
from graphmodel.cli.progress import doing
from graphmodel.cli.terminal import say

if TYPE_CHECKING:
    from graphmodel.answering import Answered
    from graphmodel.posture.questionnaire import Questionnaire, Wanted
    from graphmodel.workspace import Model


@click.command()
@file_argument
@click.argument("workbooks", type=FILE, nargs=-1)
@json_option
@method_options
@answers_option
@click.option("--start", is_flag=True, help="Write a first answers document beside FILE.")
@click.option("--role", help="Only what this role can answer, such as ai-engineer.")
@click.option("--owner", help="Only what belongs to this owner; with an empty name, what nobody owns.")
@click.option("--open", "open_only", is_flag=True, help="Only what nobody has answered.")
@click.option("--item", "item_id", help="One item whole, such as MS-5.2.1.g1.")
@click.option("--to-excel", type=OUTPUT, help="Write it as an Excel workbook, or with --by as several in a directory.")
@click.option("--by", type=click.Choice(["owner", "role"]), help="One workbook for each owner or role.")
@click.option("--force", is_flag=True, help="Write over workbooks that are there.")
@click.option(
    "--from-excel", type=FILE, multiple=True, help="Merge a workbook that came back; further ones may follow it."
)
@click.option("--write", "write_out", is_flag=True, help="Write into the answers what came back.")
def questionnaire(
    file: Path,
    workbooks: tuple[Path, ...],
    as_json: bool,
    method: Method,
    answers: Path | None,
    start: bool,
    role: str | None,
    owner: str | None,
    open_only: bool,
    item_id: str | None,
    to_excel: Path | None,
    by: str | None,
    force: bool,
    from_excel: tuple[Path, ...],
    write_out: bool,
) -> None:
    """The questionnaire with its answers, what the graph says of each item, and how far it is.

    WORKBOOKS are further ones to --from-excel.
    """
    _check_call(start, item_id, to_excel, by, from_excel, write_out, workbooks)
    from graphmodel.posture.questionnaire import Wanted

    wanted = Wanted(_checked_role(role), owner, open_only)
    if start:
        _start(opened(file), _place(file, answers))
        return
    model, answered = opened_with(file, answers)
    if from_excel:
        from graphmodel.cli.workbooks import take_back

        take_back(model, answered, _place(file, answers), (*from_excel, *workbooks), as_json, write_out)
        return
    found = _questionnaire(model, answered, method, wanted)
    if to_excel is not None:
        from graphmodel.cli.workbooks import give_out

        give_out(found, wanted, to_excel, by, force, as_json)
    elif item_id is not None:
        _show_item(found, item_id, as_json)
    else:
        _show(found, as_json)


def _check_call(
    start: bool,
    item_id: str | None,
    to_excel: Path | None,
    by: str | None,
    from_excel: tuple[Path, ...],
    write_out: bool,
    workbooks: tuple[Path, ...],
) -> None:
    given = {
        "--start": start,
        "--item": item_id is not None,
        "--to-excel": to_excel is not None,
        "--from-excel": bool(from_excel),
    }
    asked = [name for name, is_given in given.items() if is_given]
    if len(asked) > 1:
        fail(f"{' and '.join(asked)} are different things; give one of them.")
    if workbooks and not from_excel:
        fail(f"“{workbooks[0]}” is one file too many; workbooks that came back follow --from-excel.")
    if write_out and not from_excel:
        fail("--write belongs to --from-excel.")
    if by and to_excel is None:
        fail("--by belongs to --to-excel.")


def _checked_role(role: str | None) -> str | None:
    from graphmodel.knowledge.framework import ROLES
    from graphmodel.reading.problems import nearest

    if role is not None and role not in ROLES:
        fail(f"there is no role “{role}”. {nearest(role, ROLES)}")
    return role


def _place(file: Path, place: Path | None) -> Path:
    """Where answers are, or are to be written."""
    from graphmodel.answering import ENDING, answers_beside

    if place is not None:
        return place
    if file == STANDARD_INPUT:
        fail("standard input has no answers beside it; name them with --answers.")
    return answers_beside(file) or file.with_name(f"{file.stem}{ENDING}")


def _start(model: Model, place: Path) -> None:
    from graphmodel.knowledge.framework import load_framework
    from graphmodel.posture.answers_writing import first_document
    from graphmodel.reading.files import create_file, usual_mode

    if model.system is None:
        raise ValueError("a model that was opened for use has a system")
    if not place.parent.is_dir():
        fail(f"there is no directory {place.parent}.")
    data = first_document(load_framework(), model.system.name).encode("utf-8")
    try:
        new = create_file(place, data, usual_mode(), f".{place.name[:50]}.")
    except OSError as error:
        fail(f"{place} cannot be written ({error.strerror}).")
    if not new:
        fail(f"{place} is there already; answers are never written over.")
    say(f"wrote {called(place)}; next: graphmodel questionnaire FILE --to-excel OUT.xlsx, or edit it")


def _questionnaire(model: Model, answered: Answered, method: Method, wanted: Wanted) -> Questionnaire:
    from graphmodel.posture.posture import area_states
    from graphmodel.posture.questionnaire import Questionnaire, facts, owners, parts
    from graphmodel.reading.problems import nearest

    doing("working out what the graph says")
    assessment = model.assess(method.reach, method.simulation.options(), today())
    areas = area_states(assessment, answered.framework, answered.given)
    if wanted.owner and wanted.owner not in owners(areas):
        fail(f"nothing belongs to an owner “{wanted.owner}”. {nearest(wanted.owner, filter(None, owners(areas)))}")
    return Questionnaire(
        framework=answered.framework,
        system=assessment.compiled.system.name,
        file=called(answered.path) if answered.path is not None else "",
        answers=answered.given,
        areas=areas,
        parts=parts(areas, wanted),
        facts=facts(answered.framework, answered.given, wanted),
    )


def _show(found: Questionnaire, as_json: bool) -> None:
    from graphmodel.outputs.questionnaire import questionnaire_json
    from graphmodel.outputs.text.questionnaire import questionnaire_text

    if as_json:
        print_json(questionnaire_json(found))
    else:
        say(questionnaire_text(found))


def _show_item(found: Questionnaire, item_id: str, as_json: bool) -> None:
    from graphmodel.outputs.questionnaire import item_json
    from graphmodel.outputs.text.questionnaire import item_text
    from graphmodel.reading.problems import nearest

    for area in found.areas:
        for state in area.requirements:
            for item in state.items:
                if item.item.id == item_id:
                    if as_json:
                        print_json(item_json(found, state, item))
                    else:
                        say(item_text(found, state, item))
                    return
    fail(f"there is no item “{item_id}”. {nearest(item_id, found.framework.item_by_id)}")
