"""The roadmap on the page Plan: a Gantt chart of the measures by phase, with the table of them beside it."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence

import altair as alt
import streamlit as st

from graphmodel.assessment.results import Assessment
from graphmodel.outputs.wording import few, money
from graphmodel.planning.plan import PHASES, Plan
from graphmodel.posture.roadmap import Milestone, Phase, Roadmap, Task
from graphmodel.ui import address
from graphmodel.ui.pieces import name, safe
from graphmodel.ui.tables import amount, plain, plain_table

_THIRDS, _QUARTERS = "thirds", "quarters"
_WORDS = {_THIRDS: "Now, next, later", _QUARTERS: "This quarter and the next three"}
_COUNT, _MOST, _USUAL = 4, 50, 3
# Told apart by those who see no red or green, on the light and the dark page.
_COLOURS = {"Decided": "#3b82d4", "Chosen": "#1f9d6b", "Later than its date": "#e0a126", "Overdue": "#d64550"}
_MARK = "#8a94a0"
_ROW = 26  # pixels of a bar with the room around it


def roadmap_section(assessment: Assessment, plan: Plan, laid_out: Callable[[tuple[Phase, ...]], Roadmap]) -> None:
    """Draw the measures of a plan in phases; ``laid_out`` puts them there."""
    if plan.best is None or not plan.chosen:
        return
    st.subheader("Roadmap", anchor=False)
    left, right = st.columns(2)
    with left:
        kind = address.one_of(
            st.selectbox, "Phases", list(_WORDS), "phases", "plan-phases", _THIRDS, format_func=_WORDS.__getitem__
        )
    phases: tuple[Phase, ...] = ()
    if kind == _QUARTERS:
        with right:
            most = address.count("Measures that a quarter holds", 1, _MOST, "holds", "plan-holds", _USUAL)
        phases = quarters(assessment.compiled.today, _COUNT, most)
    found = laid_out(phases)
    chart, beside = st.columns([3, 2], gap="medium")
    with chart:
        st.altair_chart(gantt(assessment, found), width="stretch")
    with beside:
        plain_table(_rows(assessment, found), "plan-roadmap", Measure=st.column_config.TextColumn(width="medium"))
    _phases(assessment, found)
    if found.left:
        names = few([_title(assessment, one.name, one.implementation.protects) for one in found.left], 10)
        st.warning(f"In no phase, as none has room: {safe(names)}. Let a quarter hold more.")
    for one in found.accepted:
        until = f"until {one.accepted.until}" if one.accepted.until else "without an end"
        late = " This has ended." if one.expired else ""
        st.caption(
            f"Accepted: {safe(one.item)}, by {safe(one.accepted.by)} {safe(until)}: {safe(one.accepted.reason)}.{late}"
        )


def quarters(today: str, count: int, most: int | None = None) -> tuple[Phase, ...]:
    """The quarter of a day (ISO date) and the next ones, each with room for so many measures."""
    day, found = datetime.date.fromisoformat(today), []
    year, quarter = day.year, (day.month - 1) // 3
    for _ in range(count):
        after = datetime.date(year + (quarter == 3), (quarter * 3 + 3) % 12 + 1, 1)
        found.append(Phase(f"{year} Q{quarter + 1}", (after - datetime.timedelta(1)).isoformat(), None, most))
        year, quarter = after.year, (after.month - 1) // 3
    return tuple(found)


def gantt(assessment: Assessment, found: Roadmap) -> alt.LayerChart | alt.FacetChart:
    """A bar for each measure: over the days of its phase where phases have dates, and otherwise in its column."""
    tasks = [(one, task) for one in found.milestones for task in one.tasks]
    dated = all(one.phase.until for one in found.milestones)
    starts = _starts(found.milestones, assessment.compiled.today) if dated else {}
    labels = _labels(assessment, [task for _, task in tasks])
    values = []
    for (one, task), label in zip(tasks, labels, strict=True):
        row: dict[str, str | None] = {
            "Measure": label,
            "Phase": one.phase.name,
            "State": state_of(task),
            "Owner": task.owner or "nobody",
            "Named": task.owner,
            "Due": task.due or "no date",
        }
        if dated:
            until = one.phase.until
            end = task.due if starts[one.phase.name] < task.due < until else until
            row |= {"From": starts[one.phase.name], "Until": end, "Date": task.option.implementation.due or None}
        values.append(row)
    states = [one for one in _COLOURS if any(row["State"] == one for row in values)]
    base = alt.Chart(alt.InlineData(values=values)).encode(
        y=alt.Y("Measure:N", sort=labels, title=None, axis=alt.Axis(labelLimit=260)),
        tooltip=["Measure:N", "Phase:N", "State:N", "Owner:N", "Due:N"],
    )
    colour = alt.Color(
        "State:N",
        scale=alt.Scale(domain=states, range=[_COLOURS[one] for one in states]),
        legend=alt.Legend(title=None, orient="bottom"),
    )
    height = _ROW * len(values) + 80
    if not dated:
        phases = [one.phase.name for one in found.milestones]
        where = alt.X(
            "Phase:N",
            sort=phases,
            title=None,
            scale=alt.Scale(domain=phases),
            axis=alt.Axis(
                orient="top", labelAngle=0, labelExpr="upper(slice(datum.label, 0, 1)) + slice(datum.label, 1)"
            ),
        )
        bars = base.mark_bar(cornerRadius=3, height=16).encode(x=where, color=colour)
        said = base.mark_text(color="#ffffff", fontSize=11, limit=110).encode(x=where, text="Named:N")
        return alt.layer(bars, said).properties(height=height)
    days = alt.X("From:T", title=None, axis=alt.Axis(orient="top", format="%Y-%m-%d", labelOverlap=True))
    bars = base.mark_bar(cornerRadius=3, height=16).encode(x=days, x2="Until:T", color=colour)
    due = base.transform_filter("datum.Date != null").mark_point(
        shape="diamond", filled=True, size=90, color="#ffffff", stroke="#1c2733", strokeWidth=1.5, opacity=1.0
    )
    today = alt.Chart(alt.InlineData(values=[{"Today": assessment.compiled.today}])).mark_rule(
        color=_MARK, strokeDash=[4, 3]
    )
    return alt.layer(bars, today.encode(x="Today:T"), due.encode(x="Date:T")).properties(height=height)


def state_of(task: Task) -> str:
    """What is to be said of a measure first: that it is late, will be, is decided, or was chosen by the plan."""
    if task.overdue:
        return "Overdue"
    if task.slipping:
        return "Later than its date"
    return "Decided" if task.option.decided else "Chosen"


def _starts(milestones: Sequence[Milestone], today: str) -> dict[str, str]:
    """The first day of each phase: today, or the day after the one before."""
    found, day = {}, today
    for one in milestones:
        found[one.phase.name] = day
        day = (datetime.date.fromisoformat(one.phase.until) + datetime.timedelta(1)).isoformat()
    return found


def _labels(assessment: Assessment, tasks: Sequence[Task]) -> list[str]:
    """The name of each measure with where it is; its id as well where two are called the same."""
    names = [_title(assessment, one.option.name, one.option.implementation.protects) for one in tasks]
    return [
        one if names.count(one) == 1 else f"{one} [{task.option.id}]" for one, task in zip(names, tasks, strict=True)
    ]


def _title(assessment: Assessment, measure: str, protects: Sequence[str]) -> str:
    places = ["the whole system" if one == "*" else name(assessment, one) for one in protects]
    return f"{measure} ({few(places, 2)})"


def _rows(assessment: Assessment, found: Roadmap) -> list[dict[str, object]]:
    currency = assessment.compiled.system.currency
    return [
        {
            "Phase": _phase_name(one.phase.name),
            "State": state_of(task),
            "Measure": task.option.name,
            "Due": task.due,
            "Owner": task.owner,
            "Costs a year": amount(task.option.cost, currency),
        }
        for one in found.milestones
        for task in one.tasks
    ]


def _phases(assessment: Assessment, found: Roadmap) -> None:
    """Where each phase leaves loss and maturity."""
    currency, per = assessment.compiled.system.currency, assessment.period
    dated = any(one.phase.until for one in found.milestones)
    plain_table(
        [
            {
                "Phase": _phase_name(one.phase.name),
                **({"Until": one.phase.until} if dated else {}),
                "Measures": plain(len(one.tasks), ""),
                "Costs a year": amount(one.cost, currency),
                f"Loss per {per} then": amount(one.loss, currency),
                "Maturity then": plain(
                    None if (mean := _mean([a.today for a in one.areas])) is None else round(mean, 1), ""
                ),
            }
            for one in found.milestones
        ],
        "plan-phases-table",
    )
    said = (
        f"Today the expected loss per {safe(per)} is {safe(money(found.now.value, currency))}. “Maturity” is the mean "
        "level of the areas that are assessed, from 0 to 5."
    )
    marks = " A diamond is the date that a measure has, and the dashed line is today." if dated else ""
    st.caption(said + marks)


def _phase_name(text: str) -> str:
    return text.capitalize() if text in PHASES else text


def _mean(levels: Sequence[float | None]) -> float | None:
    known = [one for one in levels if one is not None]
    return round(sum(known) / len(known), 1) if known else None
