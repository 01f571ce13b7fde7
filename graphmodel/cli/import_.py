"""``graphmodel import``: reads files of any known format, joins them, and writes one System document."""

from __future__ import annotations

from pathlib import Path

import click

from graphmodel.cli.files import FILE, OUTPUT, STANDARD_INPUT, called
from graphmodel.cli.options import (
    fail,
    opened,
    show_problems,
    write,
)
from graphmodel.cli.terminal import say
from graphmodel.version import __version__


@click.command(name="import")
@click.argument("files", type=FILE, nargs=-1, required=True)
@click.option("-o", "--output", type=OUTPUT, help="Where to write the System document; standard output without it.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def import_(files: tuple[Path, ...], output: Path | None, force: bool) -> None:
    """Read FILES of any known format, join them, and write one System document."""
    from graphmodel.model.merge import merge
    from graphmodel.model.writing import write_document
    from graphmodel.reading.printable import printable

    if output is not None and output.exists() and not force:
        fail(f"{output} is there already; choose another name, or write over it with --force.")
    models = [opened(file, quiet_notes=False) for file in files]
    system, problems = merge([model.system for model in models if model.system is not None])
    show_problems(problems, quiet_notes=False)
    names = printable(", ".join(called(file) if file == STANDARD_INPUT else file.name for file in files))
    heading = f"# Read by graphmodel {__version__} from {names}.\n"
    text = write_document(system, heading)
    if output is None:
        say(text, nl=False)
        return
    write(output, text)
    say(
        f"wrote {output}: {len(system.assets)} assets, {len(system.flows)} flows, {len(system.controls)} controls",
        err=True,
    )
