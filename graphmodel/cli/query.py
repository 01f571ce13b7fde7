"""``graphmodel query``: ad hoc and saved Cypher over one assessed model."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import click

from graphmodel.assessment.results import Assessment
from graphmodel.cli.options import fail
from graphmodel.outputs.text import table
from graphmodel.reading.problems import nearest
from graphmodel.stores.errors import StoreError
from graphmodel.stores.opening import open_store
from graphmodel.stores.projection import project
from graphmodel.stores.saved import SAVED, SAVED_BY_ID


def list_saved(as_json: bool) -> None:
    """Print the saved queries with what they show."""
    if as_json:
        rows = [
            {"id": one.id, "title": one.title, "shows": one.shows, "parameters": dict(one.parameters)} for one in SAVED
        ]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    click.echo(table([[one.id, one.title] for one in SAVED], ["id", "question"]))


def run_query(
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
        value = {
            "columns": list(answer.columns),
            "rows": [list(row) for row in answer.rows],
            "truncated": answer.truncated,
            "elapsed": answer.elapsed,
        }
        click.echo(json.dumps(value, indent=2, ensure_ascii=False))
        return
    click.echo(table([[_cell(cell) for cell in row] for row in answer.rows], answer.columns))
    if answer.truncated:
        click.echo(f"only the first {len(answer.rows)} rows are shown, or long cells were cut", err=True)


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        return ", ".join(map(_cell, value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str("" if value is None else value)
