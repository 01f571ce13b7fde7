"""Maturity of today against its target, drawn and as a table.

A radar is not drawn: its area means nothing, its order is arbitrary, and nobody can read a value off it. Bars from 0 to
5 with a tick at the target say the same, also to who cannot tell colours apart.
"""

from __future__ import annotations

import altair as alt
import streamlit as st

from graphmodel.posture.answers import AnswerStatus
from graphmodel.posture.maturity import RequirementState
from graphmodel.posture.posture import Stand
from graphmodel.posture.profiles import PROFILES
from graphmodel.ui import address
from graphmodel.ui.answering import profile_given, told
from graphmodel.ui.links import go
from graphmodel.ui.pieces import safe
from graphmodel.ui.tables import table

MOST = 5
_BELOW = {
    "At its target": "#9fd8bd",
    "1 level below": "#f3cf73",
    "2 levels below": "#b8500f",
    "3 or more below": "#8f1d1d",
    "Not assessed": "#c3ccd6",
}
_DARK = ("2 levels below", "3 or more below")
_BAR, _TICK, _SAID = "#3b82d4", "#d9480f", "#74808d"  # read well on the light and the dark page


def maturity_tab(stand: Stand) -> None:
    """Draw it."""
    _profile(stand)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("By requirement", anchor=False)
        _map(stand)
        st.subheader("By area", anchor=False)
        _bars(stand)
    with right:
        st.subheader("As a table", anchor=False)
        _table(stand)


def _profile(stand: Stand) -> None:
    key = "assess-profile"
    st.session_state[key] = stand.profile.id
    st.selectbox(
        "Target profile",
        list(PROFILES),
        format_func=lambda one: f"{one}: {PROFILES[one].title}",
        key=key,
        on_change=profile_given,
        args=(key,),
        help="The level that is aimed at. A requirement can have a target of its own, set where it is answered.",
    )
    told("profile")


def below(one: RequirementState) -> str:
    """How far a requirement is from its target, in words."""
    if not one.applies:
        return "Does not apply"
    if one.gap is None:
        return "Not assessed"
    words = list(_BELOW)
    return words[min(one.gap, 3)]


def _map(stand: Stand) -> None:
    cells = [
        {
            "Area": area.area.title,
            "Number": number,
            "Id": one.requirement.id,
            "Short": one.requirement.id.removeprefix("MS-").removeprefix("GEN-").removeprefix("GOV-"),
            "Requirement": one.requirement.title,
            "Levels": f"{'?' if one.today is None else one.today} of {one.target}",
            "Brief": f"{'?' if one.today is None else one.today}/{one.target}",
            "Stands": below(one),
            "Dark": below(one) in _DARK,
        }
        for area in stand.areas
        for number, one in enumerate(area.requirements, start=1)
        if one.applies
    ]
    if not cells:
        st.info("Nothing applies.")
        return
    titles = [area.area.title for area in stand.areas]
    base = alt.Chart(alt.InlineData(values=cells)).encode(
        x=alt.X("Number:O", title=None, axis=None, scale=alt.Scale(paddingInner=0.08)),
        y=alt.Y(
            "Area:N",
            sort=titles,
            title=None,
            axis=alt.Axis(labelLimit=180),
            scale=alt.Scale(paddingInner=0.12),
        ),
        tooltip=["Id:N", "Requirement:N", "Levels:N", "Stands:N"],
    )
    tiles = base.mark_rect(cornerRadius=4, stroke="transparent", strokeWidth=2).encode(
        color=alt.Color(
            "Stands:N",
            scale=alt.Scale(domain=list(_BELOW), range=list(_BELOW.values())),
            legend=alt.Legend(title=None, orient="bottom", columns=3),
        )
    )
    ink = alt.condition("datum.Dark", alt.value("#ffffff"), alt.value("#1c2733"))
    ids = base.mark_text(size=10, dy=-8).encode(color=ink, text="Short:N")
    levels = base.mark_text(size=12, fontWeight="bold", dy=7).encode(color=ink, text="Brief:N")
    st.altair_chart((tiles + ids + levels).properties(height=46 * len(titles) + 60), width="stretch")
    st.caption("The number of each requirement in its area, and today's level of its target. The same is in the table.")


def _bars(stand: Stand) -> None:
    areas = [
        {
            "Area": one.area.title,
            "Today": one.today,
            "Target": one.target,
            "Shown": "not assessed" if one.today is None else f"{one.today:.1f}",
            "From": one.today or 0,
            "Assessed": f"{len(one.assessed)} of {sum(state.applies for state in one.requirements)}",
        }
        for one in stand.areas
    ]
    scale = alt.Scale(domain=[0, MOST])
    base = alt.Chart(alt.InlineData(values=areas)).encode(
        y=alt.Y("Area:N", sort=[one.area.title for one in stand.areas], title=None, axis=alt.Axis(labelLimit=180)),
        tooltip=["Area:N", alt.Tooltip("Today:Q", format=".1f"), alt.Tooltip("Target:Q", format=".1f"), "Assessed:N"],
    )
    axis = alt.Axis(values=list(range(MOST + 1)), format="d")
    bars = base.mark_bar(color=_BAR, height=14).encode(x=alt.X("Today:Q", scale=scale, title="Level", axis=axis))
    ticks = base.mark_tick(color=_TICK, thickness=4, height=24).encode(x=alt.X("Target:Q", scale=scale))
    said = base.mark_text(align="left", dx=5, color=_SAID).encode(x=alt.X("From:Q", scale=scale), text="Shown:N")
    st.altair_chart((bars + ticks + said).properties(height=32 * len(areas) + 40), width="stretch")
    st.caption("Bar: the mean of today's levels, over what is assessed. Tick: the mean target.")


def _table(stand: Stand) -> None:
    areas = [one.area.id for one in stand.areas]
    titles = {one.area.id: one.area.title for one in stand.areas}
    chosen = address.some_of(
        st.pills, "Area", areas, "areas", "assess-areas", selection_mode="multi", format_func=titles.__getitem__
    )
    only = address.is_on("Only below the target or not assessed", "below", "assess-below")
    shown = [
        one
        for area in stand.areas
        for one in area.requirements
        if (not chosen or area.area.id in chosen) and (not only or (one.applies and one.gap != 0))
    ]
    if not shown:
        st.info("None.")
        return
    row = table([_row(one) for one in shown], "assess-maturity", Today=_LEVEL, Target=_LEVEL)
    if row is None:
        st.caption("Select a requirement for why its level is what it is.")
        return
    why_level(shown[row])


_LEVEL = st.column_config.NumberColumn(format="%d", width="small")


def _row(one: RequirementState) -> dict[str, object]:
    return {
        "Requirement": f"{one.requirement.id} {one.requirement.title}",
        "Today": one.today,
        "Target": one.target if one.applies else None,
        "Level is": "chosen" if one.level is not None else "indicated" if one.today is not None else "not assessed",
        "Stands": below(one),
        "Items known": f"{sum(item.status is not None for item in one.items)} of {len(one.items)}",
        "Owner": one.owner,
        "Due": one.due,
    }


def why_level(one: RequirementState) -> None:
    """Why the level of a requirement is what it is, and the way to its questions."""
    asked = one.requirement
    st.markdown(f"**{safe(asked.id)} {safe(asked.title)}**")
    counts = [f"{one.count(status)} {status or 'open'}" for status in (*AnswerStatus, None) if one.count(status)]
    graph = sum(item.from_graph for item in one.items)
    said = f"Of its {len(one.items)} items: {', '.join(counts)}"
    said += f"; {graph} known from the graph alone." if graph else "."
    if one.indicated is not None:
        least, most = one.indicated
        said += f" They indicate level {least}." if least == most else f" They indicate level {least} to {most}."
    st.markdown(said)
    if one.level is not None:
        text = asked.maturity[one.level] if one.level < len(asked.maturity) else ""
        st.markdown(f"Level **{one.level}** was chosen: {safe(text)}")
    elif one.today is not None:
        st.markdown(f"Nobody has chosen a level, so the least that they indicate counts: **{one.today}**.")
    st.markdown(f"Target **{one.target}**, {'its own' if one.own_target else 'from the profile'}.")
    if one.comment:
        st.caption(safe(one.comment))
    go("assess", f"Answer {safe(asked.id)}", ":material/edit:", area=asked.area, requirement=asked.id)
