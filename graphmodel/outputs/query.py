"""Answers of queries as JSON; keys are documented in ``docs/queries.md``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphmodel.stores.saved import SavedQuery
    from graphmodel.stores.session import Table


def answer_json(answer: Table) -> dict[str, Any]:
    """The output of ``graphmodel query``; ``elapsed`` is in seconds."""
    return {
        "columns": list(answer.columns),
        "rows": [list(row) for row in answer.rows],
        "truncated": answer.truncated,
        "elapsed": answer.elapsed,
    }


def saved_json(saved: Sequence[SavedQuery]) -> list[dict[str, Any]]:
    """The output of ``graphmodel query --list``."""
    return [{"id": one.id, "title": one.title, "shows": one.shows, "parameters": dict(one.parameters)} for one in saved]
