"""Pieces that every page uses. Text of a model goes through ``safe`` before any Markdown sees it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from graphmodel.assessment.results import Assessment
from graphmodel.knowledge.vocabulary import View
from graphmodel.outputs.wording import share
from graphmodel.reading.problems import Problem
from graphmodel.ui import address, state
from graphmodel.ui.links import MODEL, go
from graphmodel.ui.safe import safe
from graphmodel.ui.tables import plain_table

__all__ = [
    "CAPABILITY_WORDS",
    "LEVELS",
    "VIEW_WORDS",
    "assessed",
    "chosen_view",
    "control_name",
    "fact_name",
    "head",
    "name",
    "page",
    "problem_table",
    "safe",
]
VIEW_WORDS = {View.INHERENT: "Without controls", View.RESIDUAL: "As things stand", View.TARGET: "With planned controls"}
CAPABILITY_WORDS = (
    "What an attacker can do with an asset. Connect: open a connection and send requests of any shape. Reach: have "
    "content arrive there. Infer: learn a part of what it holds. Read: see what it holds. Write: change what it holds "
    "or answers. Steer: have it do what it must not in a session of the attacker's own. Hijack: have a tool act in "
    "somebody else's session. Run: act with its identity and permissions. Deny: make it unavailable. Spend: run up its "
    "costs."
)
_EXACT = "all numbers exact for this model and its judgements"
LEVELS = {"error": "Error", "warning": "Warning", "note": "Note"}


def problem_table(problems: Sequence[Problem], key: str) -> None:
    """Problems with their places, errors first."""
    order = list(LEVELS)
    rows = [
        {
            "Level": LEVELS.get(one.level, one.level),
            "Line": one.line or None,
            "Where": one.path,
            "Problem": one.message,
            "What to do": one.fix,
            "File": one.file,
        }
        for one in sorted(problems, key=lambda one: (order.index(one.level), one.line))
    ]
    plain_table(
        rows,
        key,
        Problem=st.column_config.TextColumn(width="large"),
        **{"What to do": st.column_config.TextColumn(width="large")},
    )


def page(title: str, lead: str, exact: str = _EXACT) -> Assessment:
    """The head of a page: what it answers, the open system, and its assessment.

    ``exact`` is what is said of the numbers of an assessment in which nothing is simulated.
    """
    return assessed(head(title, lead), lead, exact)


def head(title: str, lead: str) -> DeltaGenerator:
    """The head of a page that has something to show before the assessment: the place of its lead, for ``assessed``."""
    address.arrive(title)
    st.header(title, anchor=False)
    place = st.empty()
    place.caption(lead)
    return place


def assessed(place: DeltaGenerator, lead: str, exact: str = _EXACT) -> Assessment:
    """The assessment of the open system, with what is to be said of it in the head of the page and here."""
    assessment = state.assessment()
    place.caption(f"{lead} {_standing(assessment, exact)}")
    if not assessment.actors:
        st.warning("The model has no actor, so nothing can be attacked.")
        go("model", "Add an actor", MODEL)
    elif not assessment.risks:
        st.warning("The model says of nothing what it costs, so nothing is at stake.")
        go("model", "Add losses", MODEL)
    return assessment


def _standing(assessment: Assessment, exact: str) -> str:
    """Which system this is, and whether its numbers are exact."""
    system, options = assessment.compiled.system, assessment.options
    if assessment.worlds:
        play = f"{assessment.worlds:,} worlds, seed {options.seed}, {share(options.confidence)} intervals"
        others = "within certain bounds or simulated" if assessment.enclosed else "simulated"
        method = f"numbers without an interval are exact, the others {others}: {play}"
    else:
        method = exact
    policy = "" if assessment.compiled.reach == "data" else ", links read both ways"
    return f"**{safe(system.name)}** · {method}{policy}"


def chosen_view(label: str, key: str, widget: Callable[..., Any] = st.segmented_control) -> View:
    """The view that is to be shown, chosen here or in the address."""
    picked = address.one_of(
        widget,
        label,
        [str(view) for view in VIEW_WORDS],
        "view",
        key,
        str(View.RESIDUAL),
        format_func=lambda one: VIEW_WORDS[View(one)],
    )
    return View(picked)


def name(assessment: Assessment, element: str) -> str:
    """The display name of an asset, actor, zone, flow or control."""
    return assessment.compiled.system.name_of(element)


def control_name(assessment: Assessment, control: str) -> str:
    """The display name of a control implementation; where it has none, that of its control with its id."""
    one = assessment.compiled.system.control_by_id[control]
    kind = assessment.compiled.catalogue.controls.get(one.control or "")
    return one.name or (f"{kind.name}, {one.id}" if kind is not None else one.id)


def fact_name(assessment: Assessment, fact: str) -> str:
    """A fact in words: ``CRM · read``."""
    element, _, capability = fact.rpartition(":")
    return f"{name(assessment, element)} · {capability}" if element else fact
