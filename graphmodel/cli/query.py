"""``graphmodel query``: ad hoc and saved Cypher over one assessed model."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphmodel.cli.files import FILE
from graphmodel.cli.numbers import Number
from graphmodel.cli.options import Method, assessed, fail, json_option, method_options, print_json
from graphmodel.cli.terminal import say

if TYPE_CHECKING:
    from graphmodel.assessment.results import Assessment


@click.command()
@click.argument("file", type=FILE, required=False)
@click.argument("text", required=False)
@json_option
@method_options
@click.option("--saved", help="Run a saved query by its id.")
@click.option("--list", "listing", is_flag=True, help="List the saved queries.")
@click.option("--param", "parameters", multiple=True, help="A parameter as name=value; may be given more than once.")
@click.option("--store", envvar="NEO4J_URI", help="A Neo4j address, such as neo4j://user:password@host:7687/database.")
@click.option(
    "--timeout",
    type=Number(0.1, 10),
    default=10.0,
    show_default=True,
    help="Seconds until a query is stopped.",
)
@click.option("--rows", type=click.IntRange(1, 100_000), default=1000, show_default=True, help="Rows at most.")
def query(
    file: Path | None,
    text: str | None,
    as_json: bool,
    method: Method,
    saved: str | None,
    listing: bool,
    parameters: tuple[str, ...],
    store: str | None,
    timeout: float,
    rows: int,
) -> None:
    """Cypher over the model and its results: graphmodel query FILE 'MATCH ...'."""
    if listing:
        _list_saved(as_json)
        return
    if file is None or (text is None) == (saved is None):
        fail("give FILE and either a query or --saved ID; --list shows the saved queries.")
    _run(lambda: assessed(file, method), text, saved, parameters, store, timeout, rows, as_json)


def _list_saved(as_json: bool) -> None:
    """Print the saved queries with what they show."""
    from graphmodel.outputs.query import saved_json
    from graphmodel.outputs.text.query import saved_text
    from graphmodel.stores.saved import SAVED

    if as_json:
        print_json(saved_json(SAVED))
    else:
        say(saved_text(SAVED))


def _run(
    assess: Callable[[], Assessment],
    text: str | None,
    saved: str | None,
    parameters: Sequence[str],
    address: str | None,
    timeout: float,
    rows: int,
    as_json: bool,
) -> None:
    """Load the model into the store and print the answer; exits with 2 when the query is refused or wrong.

    The query is checked first, as assessing the model can take longer than somebody waits for a typing error.
    """
    from graphmodel.outputs.query import answer_json
    from graphmodel.outputs.text.query import answer_text
    from graphmodel.reading.problems import nearest
    from graphmodel.stores.errors import StoreError
    from graphmodel.stores.opening import open_store
    from graphmodel.stores.projection import project
    from graphmodel.stores.saved import SAVED_BY_ID

    given: dict[str, Any] = {}
    if saved is not None:
        if saved not in SAVED_BY_ID:
            fail(f"there is no saved query “{saved}”. {nearest(saved, SAVED_BY_ID)}")
        text, given = SAVED_BY_ID[saved].cypher, dict(SAVED_BY_ID[saved].parameters)
    for one in parameters:
        name, separator, written = one.partition("=")
        if not separator:
            fail(f"a parameter is name=value, not “{one}”.")
        given[name] = _value(written)
    try:
        with open_store(address or "") as store:
            store.check(text or "", given)
            store.load(project(assess()))
            answer = store.query(text or "", given, timeout=timeout, max_rows=rows)
    except StoreError as error:
        fail(f"{error.message} {error.hint}".strip())
    if as_json:
        print_json(answer_json(answer))
        return
    say(answer_text(answer))
    if answer.truncated:
        say(f"only the first {len(answer.rows)} rows are shown, or long cells were cut", err=True)


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
