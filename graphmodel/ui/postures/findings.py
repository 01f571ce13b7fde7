"""Where answers and graph, or answers and the calendar, contradict each other: each with both places."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from graphmodel.assessment.results import Assessment
from graphmodel.outputs.wording import few
from graphmodel.posture.findings import Finding
from graphmodel.posture.posture import Stand
from graphmodel.reading.printable import printable
from graphmodel.ui import state
from graphmodel.ui.links import MAP, MODEL, go
from graphmodel.ui.pieces import name, safe
from graphmodel.ui.tables import table

_LINKS = 6


def findings_tab(assessment: Assessment, stand: Stand) -> None:
    """Draw it."""
    found = state.findings(stand.areas)
    st.caption(
        "What is answered beside what the graph shows, evidence that has expired, and what is overdue; the gravest "
        "first. Select one to go to both places."
    )
    if not found:
        st.info("Answers and graph do not contradict each other.")
        return
    rows = [
        {
            "Kind": str(one.kind).capitalize(),
            "About": one.about,
            "What": one.message,
            "What to do": one.fix,
            "Answered in": _said_in(one),
            "On the graph": few([name(assessment, element) for element in one.elements], 4),
        }
        for one in found
    ]
    wide = st.column_config.TextColumn(width="large")
    row = table(rows, "assess-findings", What=wide)
    if row is not None:
        _both(assessment, found[row])


def _said_in(one: Finding) -> str:
    return printable(f"{Path(one.source.file).name}: {one.source.place}") if one.source is not None else ""


def _both(assessment: Assessment, one: Finding) -> None:
    """A finding in full, with the ways to what was answered and to what the graph has."""
    framework, system = state.answered().framework, assessment.compiled.system
    st.markdown(f"**{safe(str(one.kind).capitalize())}**: {safe(one.message)} {safe(one.fix)}")
    item = framework.item_by_id.get(one.about)
    asked = framework.control_by_id.get(item.requirement if item is not None else one.about)
    with st.container(horizontal=True):
        if asked is not None:
            go("assess", f"Answer to {safe(one.about)}", ":material/edit:", area=asked.area, requirement=asked.id)
        for element in one.elements[:_LINKS]:
            if element in system.asset_by_id:
                go("map", safe(name(assessment, element)), MAP, node=element)
            elif element in system.control_by_id:
                go("model", f"{safe(name(assessment, element))} in the model", MODEL)
