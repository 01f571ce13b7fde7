"""``graphmodel cache``: how many answers are kept on this machine, where, and a way to forget them."""

from __future__ import annotations

import click

from graphmodel.cli.options import fail, json_option, print_json
from graphmodel.cli.terminal import say
from graphmodel.reading.printable import printable


@click.command()
@json_option
@click.option("--clear", is_flag=True, help="Forget all answers; they are worked out again when they are asked for.")
def cache(as_json: bool, clear: bool) -> None:
    """The answers that are kept on this machine, for all commands and the app."""
    from graphmodel.keeping.opening import OFF, VARIABLE, directory
    from graphmodel.keeping.store import LIMIT, Answers, UnsafeError

    place = directory()
    if place is None:
        fail(f"no answers are kept: {VARIABLE} is “{OFF}”.")
    try:
        answers = Answers(place)
    except UnsafeError as error:
        fail(f"no answers are kept: {error}")
    except OSError as error:
        fail(f"no answers are kept: {place} cannot be had ({error.strerror}).")
    found = answers.clear() if clear else answers.kept()
    if as_json:
        size = {"directory": str(place), "answers": found.answers, "bytes": found.size, "limit": LIMIT}
        print_json(size | {"cleared": clear})
    else:
        done = "forgotten" if clear else "kept"
        say(
            f"{found.answers:,} answers {done}, {found.size / 1e6:,.1f} MB of at most {LIMIT / 1e6:,.0f} MB, in "
            f"{printable(str(place))}"
        )
