"""Panels that explain a number: a hop of a path, an asset."""

from __future__ import annotations

import streamlit as st

from graphmodel.assessment.explain import Hop, explain
from graphmodel.assessment.paths import route_of
from graphmodel.assessment.results import Assessment
from graphmodel.knowledge.vocabulary import View
from graphmodel.outputs.wording import percent, reason, share
from graphmodel.ui.links import BOOK, MAP, ROUTE, go, technique_links
from graphmodel.ui.pieces import CAPABILITY_WORDS, fact_name, name, safe
from graphmodel.ui.tables import chance, plain_table


def hop_panel(assessment: Assessment, hop: Hop) -> None:
    """One step: its arithmetic, its conditions, the controls on it, and its techniques."""
    st.markdown(f"**{safe(hop.name)}**")
    if hop.meaning:
        st.markdown(safe(hop.meaning))
    needs = " and ".join(safe(fact_name(assessment, need)) for need in hop.needs if not need.startswith("actor@"))
    if needs:
        st.markdown(f"Needs {needs}; gains {safe(fact_name(assessment, hop.gains))}.")
    if hop.over:
        st.markdown("Over " + "; ".join(safe(link.words) for link in hop.over) + ".")
    if not hop.consequence or hop.chance < 1:
        st.markdown(f"Chance **{share(hop.chance)}**: {safe(hop.because)}.")
    if hop.basis or hop.source:
        st.caption(safe(reason(hop.basis, hop.source)))
    for met in hop.controls:
        cover = f", on {share(met.coverage)} of the steps" if met.coverage < 1 else ""
        st.markdown(f"Meets **{safe(met.name)}**, which holds with {share(met.holds)}{cover}: {safe(met.because)}.")
        if met.basis or met.source:
            st.caption(safe(reason(met.basis, met.source)))
    if hop.controls:
        st.markdown(f"Past its controls: **{share(hop.passes)}**.")
    elif hop.threat and not hop.consequence:
        st.markdown("No control in force covers this step.")
    if hop.techniques:
        st.markdown(technique_links(hop.techniques))
    if hop.threat and not hop.consequence:
        go("catalogue", "What is known of this threat", BOOK, entry=f"threat:{hop.threat}")
    if hop.asset in assessment.compiled.system.asset_by_id:
        go("map", f"{safe(name(assessment, hop.asset))} on the map", MAP, node=hop.asset)


def asset_panel(assessment: Assessment, asset: str) -> None:
    """One asset: what can happen to it, by whom, and how."""
    compiled = assessment.compiled
    one = compiled.system.asset_by_id[asset]
    kind = compiled.catalogue.types[one.type]
    st.markdown(f"**{safe(one.name)}** · {safe(kind.label)}")
    st.caption(safe(one.description or kind.meaning))
    owner = f"Owner: {safe(one.owner)}. " if one.owner else ""
    tags = f"Tags: {safe(', '.join(one.tags))}." if one.tags else ""
    if owner or tags:
        st.caption(owner + tags)
    why = explain(assessment, asset)
    if not why.facts:
        st.info("No actor of this model comes to it.")
    rows = [
        {
            "Capability": fact.fact.rpartition(":")[2],
            "Likelihood": chance(fact.likelihood[View.RESIDUAL]),
            "Without controls": chance(fact.likelihood[View.INHERENT]),
            "Planned": chance(fact.likelihood[View.TARGET]),
            "Worst actor": name(assessment, fact.actor),
        }
        for fact in why.facts
    ]
    if rows:
        plain_table(rows, f"facts-{asset}", Capability=st.column_config.TextColumn(help=CAPABILITY_WORDS))
    for fact in why.facts[:4]:
        go("paths", f"How one gets to {fact.fact.rpartition(':')[2]} it", ROUTE, target=fact.fact, actor=fact.actor)
    controls = [
        control for control in compiled.system.controls if control.control and compiled.credit.protects(control, asset)
    ]
    if controls:
        st.markdown(
            "Controls: " + ", ".join(f"{safe(control.name or control.id)} ({control.status})" for control in controls)
        )
    for fact in why.facts:
        with st.expander(f"Why {fact.fact.rpartition(':')[2]} is {percent(fact.likelihood[View.RESIDUAL])}"):
            st.caption(f"Ways that lead to it, for {safe(name(assessment, fact.actor))}, the likeliest first.")
            for hop, needs in fact.ways[:6]:
                held = ", ".join(
                    f"{safe(fact_name(assessment, need))} {percent(one)}"
                    for need, one in needs.items()
                    if not need.startswith("actor@")
                )
                st.markdown(f"- **{safe(hop.name)}**: {share(hop.passes)}" + (f", once {held}" if held else ""))
            if len(fact.ways) > 6:
                st.caption(f"and {len(fact.ways) - 6} more")
            if fact.path is not None:
                st.markdown(
                    f"Likeliest path, chance **{share(fact.path.chance)}**: "
                    + " → ".join(safe(name(assessment, one)) for one in route_of(assessment, fact.path))
                )
