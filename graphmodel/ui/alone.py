"""Measures one by one: what is known of them long before the best set is, and the table of the page Overview."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from graphmodel.assessment.measures import Measure, cost_of
from graphmodel.assessment.results import Assessment
from graphmodel.outputs.advice import places
from graphmodel.ui.tables import amount, bar_column, plain_table

MOST = 15


def alone(assessment: Assessment, found: Sequence[Measure], only_model: bool) -> None:
    """What each measure saves by itself, as long as the best set of them is being searched for."""
    shown = [one for one in found if one.implementation or not only_model]
    if not shown:
        return
    measure_table(assessment, shown, "plan-alone")
    st.caption(
        f"Being worked out: the best set for every budget. Until then: what each measure saves per {assessment.period} "
        "by itself. Two measures against the same attack do not add up."
    )


def measure_table(assessment: Assessment, found: Sequence[Measure], key: str) -> None:
    """The first of some measures, with what each saves, costs and works against."""
    currency = assessment.compiled.system.currency
    rows = [
        {
            "Share": one.saves.value,
            "Saves": amount(one.saves, currency),
            "Control": one.control.name,
            "On": places(assessment, one, 3),
            "Costs a year": amount(cost_of(assessment, one)[0], currency),
            "Cost is": "assumed" if cost_of(assessment, one)[1] else "stated",
            "Status": f"{one.status} ({one.implementation})" if one.implementation else one.status,
            "Against": ", ".join(assessment.compiled.catalogue.patterns[threat].name for threat in one.threats)
            or "the loss, once it happens",
            "Does": one.control.meaning,
        }
        for one in found[:MOST]
    ]
    plain_table(rows, key, Share=bar_column(max(one.saves.value for one in found)))
