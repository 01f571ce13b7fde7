"""All systems beside the open one: what each may lose, and how far it is from its target."""

from __future__ import annotations

import streamlit as st

from graphmodel.outputs.wording import estimated, few
from graphmodel.posture.portfolio import SystemRow, together
from graphmodel.ui.pieces import safe
from graphmodel.ui.systems import folder, systems
from graphmodel.ui.tables import amount, plain_table


def systems_tab() -> None:
    """Draw it."""
    place = folder()
    if place is None:
        st.info("A file that was opened in the browser lies in no folder, so there are no systems beside it.")
        return
    found = systems(place)
    st.caption(
        "Every System document in the folder of the open file, as it is on the disk, the gravest use first. "
        "Answers in “assessment.yaml” there hold for all that have none of their own."
    )
    if found.unusable:
        st.warning(f"These have errors, and are left out: {safe(few(found.unusable, 6))}.")
    if found.more:
        st.info(f"{found.more:,} more are not shown; the command “posture” takes up to 500.")
    if not found.rows:
        return
    for currency, (count, loss) in together(found.rows).items():
        if count > 1:
            said = f"Together: **{safe(estimated(loss, currency))}** a year in {count} of {len(found.rows)} systems."
            st.markdown(said)
    plain_table([_row(one) for one in found.rows], "assess-systems")


def _row(one: SystemRow) -> dict[str, object]:
    use = "not known" if one.severity is None else str(one.severity)
    levels = [level for level in one.today.values() if level is not None]
    return {
        "System": one.name,
        "File": one.file,
        "Use": use if one.could in (None, one.severity) else f"{use} (may be {one.could})",
        "Expected loss": amount(one.loss, one.currency),
        "Per": one.per,
        "With what is planned": amount(one.then, one.currency),
        "Worst risk": one.risk,
        "Maturity": round(sum(levels) / len(levels), 1) if levels else None,
        "Below target": f"{one.below} of {one.requirements}",
        "Items open": one.open_items,
        "Overdue": one.overdue,
        "Expired": one.expired,
        "Contradictions": one.contradictions,
        **{area: None if level is None else round(level, 1) for area, level in one.today.items()},
    }
