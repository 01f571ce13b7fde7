"""Answers of queries, and the saved queries, as text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graphmodel.outputs.text.figures import table

if TYPE_CHECKING:
    from graphmodel.stores.saved import SavedQuery
    from graphmodel.stores.session import Table


def answer_text(answer: Table) -> str:
    """The output of ``graphmodel query``."""
    return table([[_cell(cell) for cell in row] for row in answer.rows], answer.columns)


def saved_text(saved: Sequence[SavedQuery]) -> str:
    """The output of ``graphmodel query --list``."""
    return table([[one.id, one.title] for one in saved], ["id", "question"])


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        return ", ".join(map(_cell, value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str("" if value is None else value)
