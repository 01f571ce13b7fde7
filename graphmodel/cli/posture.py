"""``graphmodel posture``: severity of the use, attacks, maturity against a target, and gaps with their worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphmodel.cli.answers import answers_option, opened_with
from graphmodel.cli.files import FILE, OUTPUT
from graphmodel.cli.options import (
    Method,
    fail,
    json_option,
    method_options,
    print_json,
    today,
    top_option,
)
from graphmodel.cli.progress import doing
from graphmodel.cli.systems import is_many, show_systems
from graphmodel.cli.terminal import say

if TYPE_CHECKING:
    from graphmodel.answering import Answered
    from graphmodel.assessment.results import Assessment

_DRAFTS = (".csv", ".xlsx")


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=FILE)
@answers_option
@json_option
@method_options
@top_option(15)
@click.option(
    "--standard",
    metavar="ID",
    help="What the answers say for one standard, such as iso-42001-2023 or atlas-2026.09, entry by entry.",
)
@click.option(
    "-o",
    "--output",
    type=OUTPUT,
    help="With --standard: write the draft of a statement of applicability here, a name that ends in .csv or .xlsx.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def posture(
    files: tuple[Path, ...],
    answers: Path | None,
    as_json: bool,
    method: Method,
    top: int,
    standard: str | None,
    output: Path | None,
    force: bool,
) -> None:
    """Where we stand: severity of the use, attacks, maturity against its target, and gaps with their worth.

    Of several systems, or a folder of them, one table: what is at stake, maturity by area, and what is to do.
    """
    if is_many(files):
        if standard is not None or output is not None:
            fail("--standard and -o go with one FILE.")
        show_systems(files, answers, as_json, method)
        return
    if output is not None:
        _check_output(output, standard, force)
    model, answered = opened_with(files[0], answers)
    doing("working out likelihoods")
    assessment = model.assess(method.reach, method.simulation.options(), today())

    from graphmodel.outputs.posture import posture_json
    from graphmodel.outputs.text.posture import posture_text
    from graphmodel.posture.posture import find_posture

    if standard is not None:
        _against(assessment, answered, standard, as_json, output)
        return
    doing("working out what closing the gaps is worth")
    found = find_posture(assessment, answered.framework, answered.given, model.standing)
    if as_json:
        print_json(posture_json(found))
    else:
        say(posture_text(found, top))


def _check_output(output: Path, standard: str | None, force: bool) -> None:
    if standard is None:
        fail("-o writes the draft for a standard; name that with --standard.")
    if output.suffix.lower() not in _DRAFTS:
        fail(f"{output} does not end in {' or '.join(_DRAFTS)}.")
    if output.exists() and not force:
        fail(f"{output} is there already; choose another name, or write over it with --force.")


def _against(assessment: Assessment, answered: Answered, wanted: str, as_json: bool, output: Path | None) -> None:
    from graphmodel.knowledge.standards import load_standards
    from graphmodel.outputs.standards import standard_json, standard_text
    from graphmodel.posture.posture import area_states
    from graphmodel.posture.standards import against_standard, against_techniques, technique_editions
    from graphmodel.reading.problems import nearest

    standards, editions = load_standards(), technique_editions(assessment)
    begun = [one for one in (*standards, *editions) if one.startswith(f"{wanted}-")]
    id_ = begun[0] if len(begun) == 1 else wanted
    areas = area_states(assessment, answered.framework, answered.given)
    if id_ in standards:
        title, note = standards[id_].title, standards[id_].note
        rows = against_standard(areas, standards[id_])
    elif id_ in editions:
        title, note, rows = id_, "", against_techniques(areas, assessment, id_)
    else:
        fail(f"there is no standard “{wanted}”. {nearest(wanted, [*standards, *editions])}".strip())
    if output is not None:
        from graphmodel.outputs.applicability import statement_rows

        compiled = assessment.compiled
        _write_draft(output, title, statement_rows(title, compiled.today, compiled.system.name, rows, note))
    elif as_json:
        print_json(standard_json(id_, title, rows, note))
    else:
        say(standard_text(id_, title, rows, note))


def _write_draft(output: Path, title: str, rows: list[tuple[str, ...]]) -> None:
    from graphmodel.outputs.csv_text import csv_text
    from graphmodel.reading.files import write_bytes_atomically
    from graphmodel.reading.printable import printable

    shown = [tuple(map(printable, row)) for row in rows]
    if output.suffix.lower() == ".csv":
        # The mark by which Excel knows UTF-8.
        data = ("\ufeff" + csv_text(shown)).encode("utf-8")
    else:
        from graphmodel.workbooks.tables import Sheet, tables_workbook

        data = tables_workbook([Sheet(title, shown)])
    try:
        write_bytes_atomically(output, data)
    except OSError as error:
        fail(f"{output} cannot be written ({error.strerror}).")
    say(f"wrote {output}", err=True)
