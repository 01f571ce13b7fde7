"""``graphmodel export``: the system and its results as a file for another program."""

from __future__ import annotations

from pathlib import Path

import click

from graphmodel.cli.files import OUTPUT
from graphmodel.cli.options import Method, assessed, fail, file_argument, method_options, never_over, today, write
from graphmodel.cli.progress import doing
from graphmodel.cli.terminal import say


def _known(context: click.Context, option: click.Parameter, value: str) -> str:
    """The id of an exporter; they are loaded when one is asked for."""
    from graphmodel.exporters.registry import EXPORTERS

    known = [one.id for one in EXPORTERS]
    if value not in known:
        raise click.BadParameter(f"“{value}” is none of {', '.join(known)}.", context, option)
    return value


@click.command()
@file_argument
@click.option("--to", "format", callback=_known, required=True, help="The format; docs/exporters.md has them all.")
@click.option("-o", "--output", type=OUTPUT, help="Where to write it; standard output without it.")
@click.option("--date", metavar="YYYY-MM-DD", help="The date in the file; today without it.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@method_options
def export(file: Path, format: str, output: Path | None, date: str | None, force: bool, method: Method) -> None:
    """The system and its results as a file for another program, and what that file cannot hold."""
    from graphmodel.exporters.case import Case
    from graphmodel.exporters.registry import EXPORTERS
    from graphmodel.reading.values import is_day

    if date is not None and not is_day(date):
        fail(f"--date takes a day such as 2026-03-31, not “{date}”.")
    never_over(output, file)
    if output is not None and output.exists() and not force:
        fail(f"{output} is there already; choose another name, or write over it with --force.")
    exporter = next(one for one in EXPORTERS if one.id == format)
    if exporter.binary and output is None:
        fail(f"{exporter.label} is no text: name a file with -o, such as system{exporter.ending}.")
    assessment = assessed(file, method)
    doing(f"writing {exporter.label}")
    found = exporter.export(Case(assessment, date or today()))
    if output is None:
        say(found.data.decode(), nl=False)
    else:
        write(output, found.data)
        say(f"wrote {output}", err=True)
    if exporter.note:
        say(f"note: {exporter.note}", err=True)
    for one in found.lost:
        say(f"not in the file: {one.what} ({one.count})", err=True)
