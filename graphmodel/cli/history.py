"""``graphmodel history``: loss, maturity and open items of the snapshots in a folder."""

from __future__ import annotations

from pathlib import Path

import click

from graphmodel.cli.files import FILE
from graphmodel.cli.options import fail, json_option, print_json, show_problems
from graphmodel.cli.terminal import say


@click.command()
@click.argument("place", type=FILE)
@json_option
def history(place: Path, as_json: bool) -> None:
    """How a system has moved from snapshot to snapshot.

    PLACE is a folder of snapshots, or a document beside whose folder “snapshots” lies.
    """
    from graphmodel.outputs.history import history_json, history_text
    from graphmodel.posture.history import histories
    from graphmodel.snapshots import FOLDER, kept

    folder = place if place.is_dir() else place.parent / FOLDER
    if not place.exists():
        fail(f"there is no {place}.")
    found, problems = kept(folder)
    show_problems(problems, quiet_notes=False)
    result = histories([(path.name, one) for path, one in found])
    if as_json:
        print_json(history_json(result))
    else:
        say(history_text(result, str(folder)))
