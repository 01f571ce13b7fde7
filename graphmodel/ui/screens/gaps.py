"""Gaps: what is missing, ordered by what closing it would save."""

from __future__ import annotations

import streamlit as st

from graphmodel.knowledge.vocabulary import Area
from graphmodel.outputs.wording import share
from graphmodel.ui import state
from graphmodel.ui.pieces import name, page, safe
from graphmodel.ui.tables import amount, chance, plain_table, table


def show() -> None:
    """Draw the page."""
    assessment = page("Gaps", "Which threats has nobody answered, and which controls do nothing?")
    found, currency = state.gaps(), assessment.compiled.system.currency
    titles = [
        f"Threats without a control ({len(found.threats)})",
        f"Controls that change nothing ({len(found.idle)})",
        f"Weak evidence ({len(found.evidence)})",
        f"Open flows ({len(found.flows)})",
    ]
    threats, idle, evidence, flows = st.tabs(titles)
    with threats:
        areas = sorted({str(gap.threat.area) for gap in found.threats}, key=[str(one) for one in Area].index)
        chosen = st.pills(
            "Lifecycle area",
            areas,
            selection_mode="multi",
            format_func=lambda one: one.replace("-", " ").capitalize(),
            key="gap-areas",
        )
        shown = [gap for gap in found.threats if not chosen or str(gap.threat.area) in chosen]
        rows = [
            {
                f"Closing saves a {assessment.period}": amount(gap.saves, currency),
                "Threat": gap.threat.name,
                "On": name(assessment, gap.asset),
                "Over": ", ".join(name(assessment, one) for one in gap.others),
                "Area": str(gap.threat.area).replace("-", " "),
                "Planned": ", ".join(name(assessment, one) for one in gap.planned) or "–",
                "Controls to choose from": ", ".join(
                    assessment.compiled.catalogue.controls[one].name for one in gap.controls
                )
                or "none in the catalogue",
                "Techniques": ", ".join(one.pinned for one in gap.threat.techniques),
            }
            for gap in shown
        ]
        row = table(rows, "gap-threats")
        if row is not None:
            gap = shown[row]
            st.markdown(
                f"**{safe(gap.threat.name)}** on {safe(name(assessment, gap.asset))}. {safe(gap.threat.meaning)}"
            )
            for control in gap.controls:
                one = assessment.compiled.catalogue.controls[control]
                strength = f"Default strength {share(one.strength.mean)}."
                st.markdown(f"- **{safe(one.name)}** ({safe(control)}): {safe(one.meaning)} {strength}")
            st.caption(f"To record one, add it to the controls on the page Model; it protects {safe(gap.asset)}.")
        else:
            st.caption(
                "Only threats that lie on a way from an actor to a loss are listed. "
                "Select one for the controls that answer it."
            )
    with idle:
        st.caption("These control implementations change no number of this model.")
        plain_table(
            [
                {
                    "Control": one.control.name or one.control.id,
                    "Id": one.control.id,
                    "Status": str(one.control.status),
                    "Why": one.reason,
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
                    "Control": one.control.name or one.control.id,
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


show()
