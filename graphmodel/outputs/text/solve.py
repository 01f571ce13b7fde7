"""The output of ``graphmodel solve`` as text."""

from __future__ import annotations

from collections.abc import Sequence

from graphmodel.engine.importance import GraphImportance
from graphmodel.engine.likelihood import Solution
from graphmodel.outputs.text.figures import amount, chance, folded, table
from graphmodel.outputs.wording import UNMARKED


def solution_text(solution: Solution, facts: Sequence[str]) -> str:
    """The output of ``graphmodel solve``."""
    rows = [[fact, chance(solution.of(fact)), solution.of(fact).method] for fact in facts]
    return (
        table(rows, ["fact", "likelihood", "method"])
        + f"\n\nexpected loss {amount(solution.loss)} ({solution.loss.method})"
    )


def graph_importance_text(found: GraphImportance, top: int = 15) -> str:
    """What ``graphmodel solve --importance`` adds: the steps that save most, and all controls."""
    steps = sorted(found.steps, key=lambda one: (-found.steps[one].value, one))[:top]
    parts = [table([[one, amount(found.steps[one])] for one in steps], ["step", "saved if impossible"])]
    controls = sorted(dict.fromkeys((*found.perfect, *found.absent)))
    if controls:
        rows = [
            [one, *(amount(kind[one]) if one in kind else "" for kind in (found.perfect, found.absent))]
            for one in controls
        ]
        parts += ["", table(rows, ["control", "saved if perfect", "lost if absent"])]
    return folded("\n".join([*parts, "", UNMARKED]))
