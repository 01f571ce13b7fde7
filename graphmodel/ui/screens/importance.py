"""Importance: how much hangs on each asset, control, flow, entry and step, and how far the fall of an asset reaches."""

from __future__ import annotations

from typing import Any

import streamlit as st

from graphmodel.assessment.explain import related
from graphmodel.assessment.importance import Importance, Kind, PartImportance
from graphmodel.assessment.paths import choke_points
from graphmodel.assessment.results import Assessment
from graphmodel.knowledge.vocabulary import View
from graphmodel.outputs.importance import PART_WORDS, blast_assumption, part_name
from graphmodel.ui import address, state
from graphmodel.ui.pieces import fact_name, name, page, safe
from graphmodel.ui.tables import amount, bar_column, chance, plain_table, table

_MOST_LOSSES = 10
_ORDER = (Kind.ASSET, Kind.CONTROL, Kind.FLOW, Kind.ENTRY, Kind.STEP)
_TITLES = {
    Kind.ASSET: "Assets",
    Kind.CONTROL: "Controls",
    Kind.FLOW: "Flows",
    Kind.ENTRY: "Entries",
    Kind.STEP: "Steps",
}
_LEADS = {
    Kind.ASSET: "What would be saved if nobody could take this asset, and lost if an attacker held it from the start. "
    "An asset that saves all of the loss is a choke point: every way leads through it.",
    Kind.CONTROL: "What would be saved if this control never failed, and what is lost without it.",
    Kind.FLOW: "What would be saved if this flow were cut.",
    Kind.ENTRY: "What would be saved if attackers could not begin here.",
    Kind.STEP: "What would be saved if this step were impossible, and the difference that it makes at most: "
    "certain against impossible (Birnbaum importance).",
}


def show() -> None:
    """Draw the page."""
    assessment = page(
        "Importance",
        "What does the loss hang on, and how far does the fall of an asset reach?",
        exact="numbers without an interval are exact",
    )
    if not assessment.actors or not assessment.risks:
        return
    meanwhile = st.empty()
    if not state.importance_is_quick():
        with meanwhile.container():
            _chokes(assessment)
    found = state.importance()
    meanwhile.empty()
    titles = {str(kind): f"{_TITLES[kind]} ({len(found.that_matter(kind))})" for kind in _ORDER}
    tabs = address.tabs({**titles, "blast": "Blast radius"}, "importance-tab")
    for kind, tab in zip(_ORDER, tabs, strict=False):
        with tab:
            _kind(assessment, found, kind)
    with tabs[-1]:
        _blast(assessment, found)


def _chokes(assessment: Assessment) -> None:
    """What is known at once of every loss: the assets that no way of its worst actor leads past."""
    rows = []
    for risk in assessment.risks[:_MOST_LOSSES]:
        if risk.actor and risk.likelihood[View.RESIDUAL].value > 0:
            chokes = choke_points(assessment, risk.actor, [risk.fact])
            rows.append(
                {
                    "To": fact_name(assessment, risk.fact),
                    "By": name(assessment, risk.actor),
                    "Likelihood": chance(risk.likelihood[View.RESIDUAL]),
                    "Every way leads through": ", ".join(name(assessment, one) for one in chokes)
                    or "nothing in common",
                }
            )
    if rows:
        plain_table(rows, "importance-chokes")
        st.caption("Being worked out: what each asset, control, flow, entry and step is worth. Choke points are known.")


def _kind(assessment: Assessment, found: Importance, kind: Kind) -> None:
    st.caption(_LEADS[kind])
    shown, words = found.that_matter(kind), PART_WORDS[kind]
    if not shown:
        st.info("Nothing here changes the expected loss.")
        return
    currency, period = assessment.compiled.system.currency, assessment.period
    rows = []
    for one in shown:
        extra = one.birnbaum if kind is Kind.STEP else one.costs
        row = {
            str(kind).capitalize(): part_name(assessment, one),
            "Share": one.share.value if one.share else None,
            "Of the loss": chance(one.share),
            f"{words.saves.capitalize()}, a {period}": amount(one.saves, currency),
        }
        if words.costs:
            row[f"{words.costs.capitalize()}, a {period}"] = amount(extra, currency)
        rows.append(row)
    bar: dict[str, Any] = {"Share": bar_column()}
    if kind is Kind.STEP:
        chosen = table(rows, "importance-step", **bar)
        if chosen is not None:
            _step(assessment, shown[chosen])
    else:
        plain_table(rows, f"importance-{kind}", **bar)
    st.caption("Shares do not add up: several of them can stop the same attack.")


def _step(assessment: Assessment, one: PartImportance) -> None:
    binding = assessment.compiled.binding_by_id[one.id]
    needs = ", ".join(fact_name(assessment, fact) for fact in binding.needs) or "nothing"
    over = ", over " + "; ".join(one.words for one in links) if (links := related(assessment, binding)) else ""
    st.markdown(
        f"**{safe(binding.pattern.name)}**: {safe(binding.pattern.meaning)} "
        f"It needs {safe(needs)} and gains {safe(fact_name(assessment, binding.gains))}{safe(over)}."
    )


def _blast(assessment: Assessment, found: Importance) -> None:
    st.caption(blast_assumption())
    currency = assessment.compiled.system.currency
    plain_table(
        [
            {
                "Asset": name(assessment, one.asset),
                "Held by": name(assessment, one.actor),
                "A campaign then costs": amount(one.loss, currency),
                "Which adds": amount(one.added, currency),
                "Likely to fall": chance(assessment.asset_by_id[one.asset].likelihood[View.RESIDUAL]),
            }
            for one in found.blast
        ],
        "importance-blast",
    )


show()
