"""Map: the system by its trust zones; click an asset for what can happen to it."""

from __future__ import annotations

import streamlit as st

from graphmodel.assessment.results import Assessment
from graphmodel.binding.attackgraph import entry_facts
from graphmodel.knowledge.vocabulary import View
from graphmodel.outputs.drawings import MapView, system_map
from graphmodel.outputs.wording import estimated
from graphmodel.ui import address
from graphmodel.ui.graphview import graph_view, picked_in
from graphmodel.ui.pieces import chosen_view, name, page, safe
from graphmodel.ui.tables import Band, chance, newly_selected, plain_table, table
from graphmodel.ui.why import asset_panel


def show() -> None:
    """Draw the page."""
    assessment = page("Map", "What is there, in which zone, and how likely is each part to fall?")
    system = assessment.compiled.system
    left, middle, right = st.columns([3, 2, 2], vertical_alignment="bottom")
    with left:
        zones = address.some_of(
            st.multiselect,
            "Zones",
            [zone.id for zone in system.zones],
            "zones",
            "map-zones",
            format_func=system.name_of,
            placeholder="All zones",
        )
    with middle:
        view = chosen_view("Colours show the likelihood", "map-view", st.selectbox)
    with right:
        with_data = address.is_on("Show all data and dependencies", "data", "map-data")
    drawn = system_map(assessment, zones, with_data, view)
    _map(assessment, drawn, view)


@st.fragment
def _map(assessment: Assessment, drawn: MapView, view: View) -> None:
    system = assessment.compiled.system
    selected, _ = address.chosen("node", is_known=lambda one: _exists(assessment, one))
    row = newly_selected("map-table")
    if row is not None and row < len(assessment.assets):
        selected = assessment.assets[row].asset.id
    picked = picked_in("system-map")
    if picked is not None:
        selected = picked if _exists(assessment, picked) else ""
    address.choose("node", selected)
    # Without a panel the drawing has all the room.
    columns = st.columns([3, 1] if selected else 1, gap="medium")
    with columns[0]:
        graph_view(drawn.drawing, key="system-map", height=640, selected=selected or None)
        st.caption(
            f"{drawn.shown} of {drawn.total} assets shown. Select an asset, an actor or a flow, here or in the table, "
            "for its panel; drag to move, scroll to zoom, 0 fits."
        )
    rows = [
        {
            "Asset": one.asset.name,
            "Type": one.asset.type,
            "Zone": name(assessment, one.asset.zone) if one.asset.zone else "–",
            "Band": Band(assessment.compiled.settings.likelihood_band(one.likelihood[view].value)),
            "Likelihood": chance(one.likelihood[view]),
            "Risk": Band(one.risk) if one.risk else None,
            "Owner": one.asset.owner,
            "Tags": ", ".join(one.asset.tags),
        }
        for one in assessment.assets
    ]
    st.caption("Assets, sorted by the expected loss and then by likelihood. Select one for its panel.")
    table(rows, "map-table", height=300)
    if not selected:
        return
    with columns[1]:
        if selected in system.asset_by_id:
            asset_panel(assessment, selected)
        elif selected in system.actor_by_id:
            _actor(assessment, selected)
        elif selected.startswith("flow "):
            _flow(assessment, selected.removeprefix("flow "))
        else:
            _dependency(assessment, selected.removeprefix("dependency "))


def _exists(assessment: Assessment, selected: str) -> bool:
    system = assessment.compiled.system
    kind, _, rest = selected.partition(" ")
    if kind == "flow":
        return rest in system.flow_by_id
    if kind == "dependency":
        return any(one.id == rest for one in system.dependencies)
    return selected in system.asset_by_id or selected in system.actor_by_id


def _actor(assessment: Assessment, actor: str) -> None:
    result = assessment.actor_by_id[actor]
    one = result.actor
    st.markdown(f"**{safe(one.name)}** · {one.kind}, {one.skill}")
    if one.description:
        st.caption(safe(one.description))
    rate = f"{result.rate:.3g} campaigns a year" if result.rate is not None else "no yearly rate"
    cost = estimated(result.solutions[View.RESIDUAL].loss, assessment.compiled.system.currency)
    st.markdown(safe(f"{rate}; a campaign costs {cost}."))
    starts = entry_facts(assessment.compiled, one)
    st.markdown("Starts with " + ", ".join(safe(fact) for fact in starts) + ".")
    rows = [{"What": risk.fact, "Likelihood": chance(result.likelihood(risk.fact))} for risk in assessment.risks]
    if rows:
        plain_table(rows, f"actor-{actor}")


def _dependency(assessment: Assessment, dependency: str) -> None:
    system = assessment.compiled.system
    one = next(one for one in system.dependencies if one.id == dependency)
    label = assessment.compiled.catalogue.relations[one.relation].label
    st.markdown(f"**{safe(system.name_of(one.origin))}** {safe(label)} **{safe(system.name_of(one.target))}**")


def _flow(assessment: Assessment, flow_id: str) -> None:
    system = assessment.compiled.system
    one = system.flow_by_id[flow_id]
    st.markdown(f"**{safe(one.name or one.id)}**")
    st.markdown(f"{safe(system.name_of(one.origin))} → {safe(system.name_of(one.target))} ({safe(one.relation)})")
    words = {True: "yes", False: "no", None: "not known, so counted as no"}
    st.markdown(f"Authenticated: {words[one.authenticated]}. Encrypted: {words[one.encrypted]}.")
    if one.carries or one.returns:
        st.markdown("Carries " + ", ".join(safe(system.name_of(item)) for item in (*one.carries, *one.returns)) + ".")
    if system.crosses_boundary(one):
        st.markdown("Crosses a trust boundary.")
    controls = [control for control in system.controls if flow_id in control.protects]
    if controls:
        st.markdown("Controls: " + ", ".join(safe(control.name or control.id) for control in controls))


show()
