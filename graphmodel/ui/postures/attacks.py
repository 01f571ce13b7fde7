"""The framework's matrix of attacks, filled from the graph, beside the values that it gives to start from."""

from __future__ import annotations

from typing import Any

import streamlit as st

from graphmodel.assessment.results import Assessment
from graphmodel.knowledge.framework import Level
from graphmodel.outputs.wording import estimated, few, percent
from graphmodel.posture.attacks import AttackRow
from graphmodel.ui import state
from graphmodel.ui.links import MAP, ROUTE, go
from graphmodel.ui.pieces import control_name, name, safe
from graphmodel.ui.tables import Band, amount, chance, plain_table, table

_LINKS = 4
_HELP = {
    "Likelihood (%)": "The chance that a campaign of the likeliest actor succeeds with any step of the attack.",
    "Can be tried (%)": "The first part of likelihood: the chance that the attacker comes to try it at all.",
    "Exploitability (%)": "The second part: how often it succeeds where it can be tried, against what stands there.",
    "Without controls (%)": "The likelihood with no control in force.",
}


def attacks_tab(assessment: Assessment) -> None:
    """Draw it."""
    found = state.attacks()
    st.caption(
        "Likelihood is whether the attack can be tried, times how often it then succeeds. “Starter” is the "
        "framework's own value, before anything is known of a system. Select an attack for what moved it."
    )
    row = table([_bands(assessment, one) for one in found], "assess-attacks")
    columns: dict[str, Any] = {
        head: st.column_config.NumberColumn(format="%g", help=said) for head, said in _HELP.items()
    }
    plain_table([_numbers(assessment, one) for one in found], "assess-attack-numbers", **columns)
    st.caption(
        "Bands come from the settings file. “Impact” is how much less is lost without the attack, for each campaign in "
        "which it succeeds."
    )
    if row is not None:
        _why(assessment, found[row])


def _bands(assessment: Assessment, one: AttackRow) -> dict[str, object]:
    prior = one.prior
    return {
        "Attack": prior.title,
        "Likelihood": Band(one.likelihood_band or "Not possible"),
        "Starter of likelihood": _starter(prior.likelihood),
        "Exploitability": Band(one.exploitability_band or "Not possible"),
        "Starter of exploitability": _starter(prior.exploitability),
        "Impact": Band(one.impact_band or "Nothing"),
        "Starter of impact": _starter(prior.impact),
        "Open steps": f"{one.open} of {one.steps}",
        "Likeliest by": name(assessment, one.now.actor) if one.now.actor else "",
    }


def _numbers(assessment: Assessment, one: AttackRow) -> dict[str, object]:
    now, possible = one.now, bool(one.now.actor)
    return {
        "Attack": one.prior.title,
        "Can be tried": chance(now.available if possible else None),
        "Exploitability": chance(now.exploitability if possible else None),
        "Likelihood": chance(now.likelihood if possible else None),
        "Without controls": chance(one.inherent.likelihood if one.inherent.actor else None),
        "Impact": amount(now.impact, assessment.compiled.system.currency),
    }


def _starter(level: Level | None) -> str:
    return str(level) if level is not None else "none"


def _why(assessment: Assessment, one: AttackRow) -> None:
    """What moved an attack from its inherent to its residual likelihood, and the ways that it takes."""
    prior, now, currency = one.prior, one.now, assessment.compiled.system.currency
    st.markdown(f"**{safe(prior.title)}**. {safe(prior.note)}")
    st.caption(f"Starter values: {safe(prior.source)}.")
    if not now.actor:
        st.markdown("No actor of this model ever comes to try it.")
        return
    by = [control_name(assessment, control) for control in one.controls]
    st.markdown(
        f"Likelihood **{safe(percent(now.likelihood))}** = it can be tried {safe(percent(now.available))} × it then "
        f"succeeds {safe(percent(now.exploitability))}, for {safe(name(assessment, now.actor))}."
    )
    st.markdown(
        f"Without controls {safe(percent(one.inherent.likelihood))} → as things stand {safe(percent(now.likelihood))}: "
        f"{safe(few(by, 8)) if by else 'no control in force covers a step of it'}. "
        f"{one.open} of its {one.steps} steps meet no control."
    )
    if now.impact is not None:
        st.markdown(f"Each success costs {safe(estimated(now.impact, currency))}.")
    with st.container(horizontal=True):
        for place, fact in _facts(assessment, one)[:_LINKS]:
            where = safe(name(assessment, place))
            go("paths", f"Paths to {where}", ROUTE, target=fact, actor=now.actor)
            go("map", f"{where} on the map", MAP, node=place)


def _facts(assessment: Assessment, one: AttackRow) -> list[tuple[str, str]]:
    """The assets on which an attack can be tried, each with what the attack gains there."""
    found: dict[str, str] = {}
    for binding in assessment.compiled.bindings:
        if binding.pattern.id in one.prior.threats and binding.asset in one.places:
            found.setdefault(binding.asset, binding.gains)
    return [(place, found[place]) for place in one.places if place in found]
