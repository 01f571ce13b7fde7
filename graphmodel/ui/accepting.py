"""The fields for a risk that somebody accepts, on the page Assess."""

from __future__ import annotations

from typing import Any

import streamlit as st

from graphmodel.assessment.results import Assessment
from graphmodel.posture.answers import Answer
from graphmodel.ui.answering import FIRST_DAY, LAST_DAY, answer_given, chosen_one, day, seeded
from graphmodel.ui.pieces import control_name, safe


def accepted_fields(assessment: Assessment, item: str, answer: Answer | None) -> None:
    """Who accepts that an item is not met, why, until when, and what stands in for it."""
    accepted = answer.accepted if answer is not None else None
    changed: dict[str, Any] = {"on_change": answer_given, "args": (item,)}
    st.caption("An accepted risk counts in all numbers as before: what is accepted is that it stays.")
    left, right = st.columns([3, 2])
    left.text_input("Accepted by", key=seeded(item, "accepted by", accepted.by if accepted else ""), **changed)
    right.date_input(
        "Until",
        None,
        FIRST_DAY,
        LAST_DAY,
        key=seeded(item, "accepted until", day(accepted.until) if accepted else None),
        format="YYYY-MM-DD",
        **changed,
    )
    st.text_input("Why", key=seeded(item, "accepted reason", accepted.reason if accepted else ""), **changed)
    known = [one.id for one in assessment.compiled.system.controls]
    key, options = chosen_one(item, "accepted compensating", accepted.compensating if accepted else "", known)
    st.selectbox(
        "What stands in for it",
        options,
        format_func=lambda one: safe(control_name(assessment, one)) if one in known else one or "Nothing",
        key=key,
        **changed,
    )
