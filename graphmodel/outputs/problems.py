"""Problems of an input as JSON; keys are documented in ``docs/cli.md``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphmodel.reading.problems import Problem


def problems_json(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Problems with their places."""
    return [
        {
            "level": one.level,
            "message": one.message,
            "fix": one.fix,
            "path": one.path,
            "line": one.line,
            "file": one.file,
        }
        for one in problems
    ]
