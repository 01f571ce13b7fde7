"""Paths: how an actor gets to a target, and what a control changes about it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from graphmodel.assessment.explain import hop
from graphmodel.assessment.paths import choke_points, paths_under, reachable_facts, route_of
from graphmodel.assessment.results import Assessment
from graphmodel.assessment.whatif import Switched, switch
from graphmodel.binding.attackgraph import entry_facts
from graphmodel.engine.graph import AttackGraph
from graphmodel.engine.paths import Path
from graphmodel.knowledge.vocabulary import Status, View
from graphmodel.outputs.drawings import paths_drawing, view_height
from graphmodel.outputs.wording import difference, estimated, money, percent, share
from graphmodel.ui import address
from graphmodel.ui.graphview import graph_view
from graphmodel.ui.pieces import CAPABILITY_WORDS, control_name, fact_name, name, page, safe
from graphmodel.ui.tables import chance, newly_selected, table
from graphmodel.ui.why import asset_panel, hop_panel

_PATH_COLUMNS: dict[str, Any] = {
    "#": st.column_config.NumberColumn(width=36),
    "Threats": st.column_config.TextColumn(width=300),
}
_HOP_COLUMNS: dict[str, Any] = {
    "#": st.column_config.NumberColumn(width=36),
    "Controls": st.column_config.TextColumn(width=230),
}


def show() -> None:
    """Draw the page."""
    assessment = page(
        "Paths", "How would someone get in, what do they meet on the way, and what would a control change?"
    )
    if not assessment.actors:
        return
    system = assessment.compiled.system
    options = list(reachable_facts(assessment))
    if not options:
        st.info("No actor of this model can come to anything.")
        return
    left, middle, right = st.columns([3, 2, 1], vertical_alignment="bottom")
    with left:
        target = address.one_of(
            st.selectbox,
            "Target",
            options,
            "target",
            "target",
            options[0],
            format_func=lambda fact: fact_name(assessment, fact),
            help=CAPABILITY_WORDS,
        )
    worst, _ = assessment.worst(target)
    actors = [one.actor.id for one in assessment.actors]
    with middle:
        default = worst.actor.id if worst else actors[0]
        if st.session_state.get("actor-of") not in (None, target) and "actor" not in st.query_params:
            address.forget("actor", "actor")
        st.session_state["actor-of"] = target
        actor = address.one_of(st.selectbox, "Actor", actors, "actor", "actor", default, format_func=system.name_of)
    with right:
        count = address.count("Paths", 1, 10, "paths", "path-count", 3)
    active = _controls(assessment)
    _paths(assessment, actor, target, count, active)


def _controls(assessment: Assessment) -> frozenset[str]:
    """The control implementations that are to count: those in force, unless somebody switches one."""
    system = assessment.compiled.system
    known = [
        one.id
        for one in sorted(system.controls, key=lambda one: one.id)
        if one.control is not None and one.status is not Status.RETIRED
    ]
    if not known:
        return frozenset()

    def label(control: str) -> str:
        one = system.control_by_id[control]
        return control_name(assessment, control) + ("" if one.status is Status.IMPLEMENTED else f" ({one.status})")

    in_force = sorted(assessment.compiled.in_force(View.RESIDUAL) & set(known))
    with st.expander("Switch controls and see the difference", expanded=bool(st.query_params.get("switched"))):
        chosen = address.some_of(
            st.pills,
            "Controls in force",
            known,
            "switched",
            "switched",
            in_force,
            selection_mode="multi",
            format_func=lambda one: safe(label(one)),
        )
        st.caption("Select a planned control to see what it would change; take one away to see what it is worth.")
    return frozenset(chosen)


@st.fragment
def _paths(assessment: Assessment, actor: str, target: str, count: int, active: frozenset[str]) -> None:
    state = switch(assessment, actor, active, [target])
    _difference(assessment, actor, target, state)
    graph = state.graph
    paths = paths_under(assessment, graph, target, count)
    if not paths:
        st.info(f"No way leads {safe(name(assessment, actor))} to {safe(fact_name(assessment, target))}.")
        return
    rows = [
        {
            "#": rank,
            "Chance": chance(path.chance),
            "Route": " → ".join(name(assessment, one) for one in route_of(assessment, path)),
            "Threats": ", ".join(
                dict.fromkeys(
                    assessment.compiled.binding_by_id[s.id].pattern.name
                    for s in path.steps
                    if s.id not in assessment.certain
                )
            ),
            "Controls met": ", ".join(
                sorted({name(assessment, cover.control) for step in path.steps for cover in step.controls})
            )
            or "none",
        }
        for rank, path in enumerate(paths, start=1)
    ]
    chosen = table(rows, f"paths-{actor}-{target}", **_PATH_COLUMNS)
    chokes = choke_points(assessment, actor, [target])
    shared = ", ".join(safe(name(assessment, one)) for one in chokes)
    st.caption(f"Select a path to see its hops. Choke points, which every path runs through: {shared or 'none'}.")
    path = paths[chosen or 0]
    drawing = paths_drawing(assessment, graph, actor, paths, chosen or 0)
    drawn = {one.id for one in drawing.nodes} | {one.id for one in drawing.edges}
    node, _ = address.chosen("node", is_known=drawn.__contains__)
    row = newly_selected(f"hops-{actor}-{target}-{(chosen or 0) + 1}")
    if row is not None and row < len(path.steps):
        node = path.steps[row].id
    picked = graph_view(drawing, key="paths-view", height=view_height(drawing), selected=node or None)
    if picked is not None:
        node = picked
    address.choose("node", node)
    if node:
        _detail(assessment, graph, actor, node)
    else:
        st.caption(
            "Select a box for its why: a threat for its chance and the controls on it, an asset for what leads to it."
        )
    _hops(assessment, graph, actor, path, (chosen or 0) + 1)


def _difference(assessment: Assessment, actor: str, target: str, state: Switched) -> None:
    before, now, switched = state.before, state.now, state.changed
    currency, settings = assessment.compiled.system.currency, assessment.compiled.settings
    left, middle, right = st.columns(3)
    was, is_ = before.of(target), now.of(target)
    exact = was.is_exact and is_.is_exact
    points = (difference(is_.value, was.value, share) or "no change") if switched and exact else None
    left.metric(f"Likelihood of {safe(fact_name(assessment, target))}", percent(is_), points, **_arrow(points))
    if switched and points is None:
        left.caption(f"was {percent(was)}")
    loss = money(now.loss.value, currency)
    change = None
    if switched and now.saved.is_exact:
        change = difference(now.loss.value, before.loss.value, lambda one: money(one, currency)) or "no change"
    middle.metric(f"Loss of a campaign of {safe(name(assessment, actor))}", loss, change, **_arrow(change))
    if not now.loss.is_exact:
        saved = f"; the switch saves {estimated(now.saved, currency)}" if switched else ""
        middle.caption(f"simulated: {estimated(now.loss, currency)}{saved}")
    now_band, old_band = settings.likelihood_band(is_.value), settings.likelihood_band(was.value)
    band = ("no change" if now_band == old_band else f"was {old_band}") if switched else None
    right.metric("Band", now_band, band, delta_color="off", delta_arrow="off")


def _arrow(change: str | None) -> dict[str, Any]:
    """A change has its arrow, red where it is for the worse; what did not change has none."""
    quiet = change == "no change"
    return {"delta_color": "off" if quiet else "inverse", "delta_arrow": "off" if quiet else "auto"}


def _detail(assessment: Assessment, graph: AttackGraph, actor: str, picked: str) -> None:
    skill = assessment.actor_by_id[actor].actor.skill
    if picked in graph.step_by_id:
        hop_panel(assessment, hop(assessment, graph, graph.step_by_id[picked], skill))
    elif picked.rpartition(":")[0] in assessment.compiled.system.asset_by_id:
        asset_panel(assessment, picked.rpartition(":")[0])
    elif picked.startswith("actor@"):
        one = assessment.actor_by_id[actor].actor
        st.markdown(f"**{safe(one.name)}** · {one.kind}, {one.skill}")
        st.markdown("Starts with " + ", ".join(safe(fact) for fact in entry_facts(assessment.compiled, one)) + ".")


def _hops(assessment: Assessment, graph: AttackGraph, actor: str, path: Path, rank: int) -> None:
    skill = assessment.actor_by_id[actor].actor.skill
    st.subheader(f"Path {rank}, hop by hop", anchor=False)
    rows = []
    for number, step in enumerate(path.steps, start=1):
        one = hop(assessment, graph, step, skill)
        rows.append(
            {
                "#": number,
                "What happens": one.name,
                "Gained": fact_name(assessment, one.gains),
                "Chance": chance(one.chance),
                "Past controls": chance(one.passes),
                "Controls": ", ".join(f"{met.name} ({share(met.holds)})" for met in one.controls)
                or ("–" if one.consequence else "none"),
                "Techniques": ", ".join(one.techniques),
                "Held": " and ".join(fact_name(assessment, need) for need in one.needs if not need.startswith("actor@"))
                or "–",
            }
        )
    table(rows, f"hops-{actor}-{path.target}-{rank}", **_HOP_COLUMNS)


show()
