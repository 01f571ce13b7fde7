"""The draft of a statement of applicability: a standard entry by entry, with what is answered and what is open.

A draft, since a counterpart only suggests that a requirement bears on an entry: whether it applies here, and whether
what stands is enough, is for people to say. There are columns for both.
"""

from __future__ import annotations

from collections.abc import Sequence

from graphmodel.outputs.standards import SUGGESTION
from graphmodel.posture.answers import AnswerStatus
from graphmodel.posture.maturity import ItemState
from graphmodel.posture.standards import StandardRow

HEADERS = (
    "entry",
    "title",
    "applies (draft)",
    "why",
    "implementation (draft)",
    "by (level today of target)",
    "evidence",
    "owners",
    "decided: applies",
    "decided: justification",
)


def statement_rows(
    title: str, date: str, system: str, rows: Sequence[StandardRow], note: str = ""
) -> list[tuple[str, ...]]:
    """Every entry in a row, below the headers; what the draft rests on is said below all of them."""
    found: list[tuple[str, ...]] = [HEADERS, *(_row(one) for one in rows)]
    blank = ("",) * (len(HEADERS) - 2)
    return [
        *found,
        ("", f"Draft for {system} of {date}: {title}.", *blank),
        ("", f"{note} {SUGGESTION}".strip(), *blank),
    ]


def _row(one: StandardRow) -> tuple[str, ...]:
    applies, why = _applies(one)
    owners = dict.fromkeys(owner for state in one.by for owner in (state.owner, *_owners(state.items)) if owner)
    return (
        one.id,
        one.title,
        applies,
        why,
        f"{one.support} (weak mapping)" if one.weak else str(one.support),
        "; ".join(
            f"{state.requirement.id} {state.requirement.title} "
            f"({'not assessed' if state.today is None else f'{state.today:g}'} of {state.target})"
            for state in one.by
            if state.applies
        ),
        "; ".join(one.evidence),
        "; ".join(owners),
        "",
        "",
    )


def _owners(items: Sequence[ItemState]) -> list[str]:
    return [one.answer.owner for one in items if one.answer is not None]


def _applies(one: StandardRow) -> tuple[str, str]:
    if not one.by:
        return "to be decided", "no requirement of the framework bears on it"
    applying = [state for state in one.by if state.applies]
    if applying:
        return "yes", f"bears on what {', '.join(state.requirement.id for state in applying)} protect"
    reasons = dict.fromkeys(
        f"{item.item.id}: {item.answer.reason}"
        for state in one.by
        for item in state.items
        if item.answer is not None and item.answer.status is AnswerStatus.NOT_APPLICABLE and item.answer.reason
    )
    return "no", "; ".join(reasons)
