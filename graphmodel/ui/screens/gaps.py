"""Gaps: what is missing, ordered by what closing it would save."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from graphmodel.assessment.gaps import ThreatGap
from graphmodel.assessment.results import Assessment
from graphmodel.knowledge.vocabulary import Area
from graphmodel.outputs.advice import places
from graphmodel.outputs.wording import few, share
from graphmodel.ui import address, state
from graphmodel.ui.links import BOOK, MAP, MODEL, ROUTE, go, technique_links
from graphmodel.ui.pieces import control_name, name, page, safe
from graphmodel.ui.tables import amount, chance, plain_table, table

_COLUMNS: dict[str, Any] = {"Controls to choose from": st.column_config.TextColumn(width=340)}


def show() -> None:
    """Draw the page."""
    assessment = page("Gaps", "Which threats has nobody answered, and which controls do nothing?")
    found = state.gaps()
    titles = {
        "threats": f"Threats without a control ({len(found.threats)})",
        "idle": f"Controls that change nothing ({len(found.idle)})",
        "evidence": f"Weak evidence ({len(found.evidence)})",
        "flows": f"Open flows ({len(found.flows)})",
        "roles": f"Missing parts ({len(found.roles)})",
    }
    threats, idle, evidence, flows, roles = address.tabs(titles, "gaps-tab")
    with threats:
        areas = sorted({str(gap.threat.area) for gap in found.threats}, key=[str(one) for one in Area].index)
        chosen = address.some_of(
            st.pills,
            "Lifecycle area",
            areas,
            "areas",
            "gap-areas",
            selection_mode="multi",
            format_func=lambda one: one.replace("-", " ").capitalize(),
        )
        shown = [gap for gap in found.threats if not chosen or str(gap.threat.area) in chosen]
        answered = [gap for gap in shown if gap.controls]
        _gaps(assessment, answered, "gap-threats")
        st.caption(
            f"Sorted by what closing each would save per {assessment.period}. Only threats that lie on a way from an "
            "actor to a loss are listed. Select one for the controls that answer it."
        )
        alone = [gap for gap in shown if not gap.controls]
        if alone:
            st.subheader("Threats that no control of the catalogue answers", anchor=False)
            _gaps(assessment, alone, "gap-alone")
            st.caption(
                "Some are there by intent, such as a channel that is open to everybody; others happen where controls "
                "of this system do not reach. What can be done stands further along their paths. Select one to follow "
                "it."
            )
    with idle:
        st.caption("These control implementations change no number of this model.")
        measures = state.measures() if found.idle else ()
        plain_table(
            [
                {
                    "Control": control_name(assessment, one.control.id),
                    "Status": str(one.control.status),
                    "Why": one.reason,
                    "Would help on": "; ".join(
                        places(assessment, measure, 3)
                        for measure in measures
                        if measure.control.id == one.control.control
                    )
                    or "–",
                }
                for one in found.idle
            ],
            "gap-idle",
        )
    with evidence:
        st.caption("These are implemented, but nobody has shown lately that they work, so they count for less.")
        plain_table(
            [
                {
                    "Control": control_name(assessment, one.control.id),
                    "Why": one.reason,
                    "Counts for": chance(one.factor),
                    "Owner": one.control.owner,
                }
                for one in found.evidence
            ],
            "gap-evidence",
        )
    with flows:
        st.caption("These flows cross a trust boundary and are not known to be authenticated and encrypted.")
        plain_table(
            [
                {
                    "Flow": one.flow.name or one.flow.id,
                    "From": name(assessment, one.flow.origin),
                    "To": name(assessment, one.flow.target),
                    "Not": ", ".join(one.missing),
                    "Known": "stated" if one.stated else "nobody has said",
                }
                for one in found.flows
            ],
            "gap-flows",
        )
    with roles:
        st.caption(
            "What a complete system of the same kind has and this description does not show. It moves no number: "
            "add what is there, or decide that it is not needed."
        )
        plain_table(
            [
                {
                    "Kind of system": one.architecture.title,
                    "Missing": one.gap.title if not one.places else f"something in between: {one.gap.title}",
                    "Between": ", ".join(
                        f"{name(assessment, origin)} and {name(assessment, target)}" for origin, target in one.places
                    ),
                    "Why": one.gap.why,
                    "Would do": ", ".join(
                        (*one.types, *(assessment.compiled.catalogue.controls[each].name for each in one.controls))
                    ),
                }
                for one in found.roles
            ],
            "gap-roles",
        )


def _answers(assessment: Assessment, gap: ThreatGap) -> dict[str, str]:
    if not gap.controls:
        return {}
    controls = assessment.compiled.catalogue.controls
    return {
        "Controls to choose from": few([controls[one].name for one in gap.controls], 4),
        "Planned": ", ".join(control_name(assessment, one) for one in gap.planned) or "–",
    }


def _gaps(assessment: Assessment, gaps: Sequence[ThreatGap], key: str) -> None:
    """Gaps in a table, and of the one that is selected what answers it and where it leads."""
    if not gaps:
        st.info("None.")
        return
    currency, controls = assessment.compiled.system.currency, assessment.compiled.catalogue.controls
    rows = [
        {
            "Closing saves": amount(gap.saves, currency),
            "Threat": gap.threat.name,
            "On": name(assessment, gap.asset),
            "Over": ", ".join(name(assessment, one) for one in gap.others),
            **_answers(assessment, gap),
            "Area": str(gap.threat.area).replace("-", " "),
        }
        for gap in gaps
    ]
    row = table(rows, key, **_COLUMNS)
    if row is None:
        return
    gap, where = gaps[row], safe(name(assessment, gaps[row].asset))
    st.markdown(f"**{safe(gap.threat.name)}** on {where}. {safe(gap.threat.meaning)}")
    st.markdown(technique_links(one.pinned for one in gap.threat.techniques))
    for control in gap.controls:
        one = controls[control]
        strength = f"Default strength {share(one.strength_against(gap.threat.id).skilled.mean)}."
        st.markdown(f"- **{safe(one.name)}** ({safe(control)}): {safe(one.meaning)} {strength}")
    with st.container(horizontal=True):
        for planned in gap.planned:
            go("paths", f"What if {safe(control_name(assessment, planned))} were in force", ROUTE, switched=planned)
        go("map", f"{where} on the map", MAP, node=gap.asset)
        go("paths", f"Paths to {where}", ROUTE, target=gap.gains)
        go("catalogue", "What is known of this threat", BOOK, entry=f"threat:{gap.threat.id}")
        if gap.controls:
            go("model", f"Record a control that protects {safe(gap.asset)}", MODEL)


show()
