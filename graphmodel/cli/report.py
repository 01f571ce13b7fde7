"""``graphmodel report``: the assessment as a document for its readers, as HTML, PDF, Word or Excel file."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphmodel.cli.answers import answers_option, opened_with
from graphmodel.cli.files import FILE, OUTPUT, STANDARD_INPUT, called
from graphmodel.cli.numbers import Number
from graphmodel.cli.options import Method, fail, file_argument, method_options, never_over, show_problems, today
from graphmodel.cli.progress import doing
from graphmodel.cli.terminal import say

if TYPE_CHECKING:
    from graphmodel.posture.history import History
    from graphmodel.posture.posture import Posture
    from graphmodel.reports.document import Document, Logo
    from graphmodel.workspace import Model

_AUDIENCES = ("executive", "ciso", "engineer", "compliance", "data-scientist")
_FORMATS = (".html", ".pdf", ".docx", ".xlsx")
_LONGEST = 200  # characters of a title or a name


@click.command()
@file_argument
@click.option(
    "-o",
    "--output",
    type=OUTPUT,
    required=True,
    help="Where to: a name that ends in .html, .pdf, .docx or .xlsx.",
)
@click.option("--for", "audience", type=click.Choice(_AUDIENCES), help="Whom it is for; without it, all parts.")
@click.option("--title", default="", help="The title, instead of one with the name of the system.")
@click.option("--organisation", default="", help="The organisation that is assessed.")
@click.option("--logo", type=FILE, help="A picture for the first page, PNG or JPEG.")
@click.option(
    "--date", metavar="YYYY-MM-DD", help="The date of the report, which evidence expires against too; today without it."
)
@click.option("--budget", type=Number(min=0), help="Plan for what may be spent a year, in the parts that plan.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@answers_option
@method_options
def report(
    file: Path,
    output: Path,
    audience: str | None,
    title: str,
    organisation: str,
    logo: Path | None,
    date: str | None,
    budget: float | None,
    force: bool,
    answers: Path | None,
    method: Method,
) -> None:
    """The assessment as a document for its readers: HTML, PDF, Word or Excel, by how OUTPUT ends."""
    ending = output.suffix.lower()
    if ending not in _FORMATS:
        fail(f"{output} does not end in {', '.join(_FORMATS[:-1])} or {_FORMATS[-1]}.")
    never_over(output, file, answers, logo)
    if output.exists() and not force:
        fail(f"{output} is there already; choose another name, or write over it with --force.")
    if max(len(title), len(organisation)) > _LONGEST:
        fail(f"--title and --organisation take at most {_LONGEST} characters.")
    day, picture = _date(date), _logo(logo)
    model, answered = opened_with(file, answers)
    doing("working out likelihoods")
    assessment = model.assess(method.reach, method.simulation.options(), day)

    from graphmodel.planning.options import PlanError
    from graphmodel.posture.posture import find_posture
    from graphmodel.reports.report import Facts
    from graphmodel.reports.report import report as written
    from graphmodel.reports.results import Audience, gather
    from graphmodel.version import __version__

    doing("working out what closing the gaps is worth")
    posture = find_posture(assessment, answered.framework, answered.given, model.standing)
    doing("working out the results")
    try:
        results = gather(posture, Audience(audience or "auditor"), budget, _history(file, posture, day))
    except PlanError as error:
        fail(str(error))
    source = called(file) if file == STANDARD_INPUT else file.name
    facts = Facts(day, __version__, _catalogue(model), source, title, organisation, picture)
    doing(f"writing {output}")
    _write(output, _rendered(written(results, facts), ending))
    say(f"wrote {called(output)}", err=True)


def _history(file: Path, posture: Posture, day: str) -> History | None:
    """What the snapshots beside FILE say of the time until that day."""
    from graphmodel.posture.history import histories
    from graphmodel.snapshots import FOLDER, kept

    if file == STANDARD_INPUT:
        return None
    found, problems = kept(file.parent / FOLDER)
    show_problems(problems)
    system = posture.assessment.compiled.system.id
    mine = [(path.name, one) for path, one in found if one.system["id"] == system and one.date <= day]
    return next(iter(histories(mine)), None)


def _date(text: str | None) -> str:
    if text is None:
        return today()
    try:
        found = datetime.date.fromisoformat(text)
    except ValueError:
        fail(f"--date takes a day such as 2026-03-31, not “{text}”.")
    if found.isoformat() != text or not 1980 <= found.year <= 2107:
        fail(f"--date takes a day such as 2026-03-31, from 1980 to 2107, not “{text}”.")
    return text


def _logo(path: Path | None) -> Logo | None:
    if path is None:
        return None
    from graphmodel.cli.files import content
    from graphmodel.reading.problems import UnreadableError
    from graphmodel.reports.logo import MOST_BYTES, LogoError, read_logo

    try:
        return read_logo(content(path, MOST_BYTES))
    except UnreadableError as error:
        fail(str(error.problem))
    except LogoError as error:
        fail(f"{called(path)}: {error}")


def _catalogue(model: Model) -> str:
    """Which knowledge the numbers come from."""
    catalogue = model.catalogue
    own = model.system.catalogue_files if model.system is not None else ()
    added = f", with {', '.join(own)}" if own else ""
    return (
        f"the catalogue shipped with it ({len(catalogue.patterns)} threat patterns, {len(catalogue.controls)} controls)"
        f"{added}"
    )


def _rendered(document: Document, ending: str) -> bytes:
    if ending == ".html":
        from graphmodel.reports.html import html

        return html(document)
    if ending == ".pdf":
        from graphmodel.reports.pdf import pdf

        return pdf(document)
    if ending == ".xlsx":
        from graphmodel.reports.excel import excel

        return excel(document)
    from graphmodel.reports.word import word

    return word(document)


def _write(path: Path, data: bytes) -> None:
    from graphmodel.reading.files import write_bytes_atomically

    try:
        write_bytes_atomically(path, data)
    except OSError as error:
        fail(f"{path} cannot be written ({error.strerror}).")
