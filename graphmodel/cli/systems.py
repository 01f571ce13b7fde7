"""Several systems of one organisation in one table, for ``graphmodel posture``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from graphmodel.cli.files import STANDARD_INPUT, called, read_model
from graphmodel.cli.options import Method, fail, print_json, show_problems, today
from graphmodel.cli.progress import doing
from graphmodel.cli.terminal import say

if TYPE_CHECKING:
    from graphmodel.posture.portfolio import SystemRow

MOST = 500  # systems in one table


def is_many(files: Sequence[Path]) -> bool:
    """Whether these are several systems, or a folder of them."""
    return len(files) > 1 or (files[0] != STANDARD_INPUT and files[0].is_dir())


def show_systems(files: Sequence[Path], answers: Path | None, as_json: bool, method: Method) -> None:
    """Print the table of all systems that can be used; exits with 2 where one cannot, after what the others come to."""
    named = list(dict.fromkeys(one for file in files for one in _documents(file)))
    if len(named) > MOST:
        fail(f"these are {len(named):,} systems; at most {MOST} fit in one table. Name fewer.")
    found, unusable = [], []
    for number, file in enumerate(named, 1):
        row = _row(file, answers, method, f"{number} of {len(named)}")
        if row is None:
            unusable.append(called(file))
        else:
            found.append(row)

    from graphmodel.outputs.portfolio import portfolio_json, portfolio_text
    from graphmodel.posture.portfolio import worst_first

    rows = worst_first(found)
    if as_json:
        print_json(portfolio_json(rows, unusable))
    elif rows:
        say(portfolio_text(rows))
    if unusable:
        some = f"{len(unusable)} of {len(named)} systems cannot be used, see above: {', '.join(unusable)}"
        say(f"error: {some}.", err=True)
        sys.exit(2)


def _row(file: Path, answers: Path | None, method: Method, which: str) -> SystemRow | None:
    """The row of one system; None, and its problems told, where it has errors."""
    from graphmodel.portfolios import UnusableError, row_of, row_of_model

    doing(f"working out likelihoods of system {which}, {called(file)}")
    options = method.simulation.options()
    try:
        if file == STANDARD_INPUT:
            model = read_model(file)
            model = model if answers is None else model.with_answers_of(answers)
            return row_of_model(model, called(file), method.reach, options, today())
        return row_of(file, called(file), method.reach, options, today(), answers)
    except UnusableError as error:
        show_problems(error.model.problems)
        return None


def _documents(place: Path) -> Iterator[Path]:
    """A file itself, or the System documents in a folder and below it."""
    from graphmodel.gathering import gather_folder, says_document
    from graphmodel.reading.problems import UnreadableError

    if place == STANDARD_INPUT or not place.is_dir():
        yield place
        return
    doing(f"looking for systems in {place}")
    try:
        gathered = gather_folder(place)
    except UnreadableError as error:
        fail(str(error.problem))
    show_problems(gathered.problems)
    count = 0
    for one in gathered.sources:
        if says_document(one.data):
            count += 1
            yield place / one.name
    if not count:
        fail(f"there is no System document in {place} or below it.")
