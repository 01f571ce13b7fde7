"""Plan: which measures first, for how much, and which would leave no path."""

from __future__ import annotations

from typing import Any

import altair as alt
import streamlit as st

from graphmodel.assessment.paths import find_targets
from graphmodel.assessment.results import Assessment
from graphmodel.outputs.plan import plan_assumptions
from graphmodel.outputs.wording import estimated, few, money, percent
from graphmodel.planning.breaking import BreakPlan
from graphmodel.planning.options import Field, Option, PlanError
from graphmodel.planning.plan import Plan
from graphmodel.ui import address, state
from graphmodel.ui.alone import alone
from graphmodel.ui.links import MODEL, go
from graphmodel.ui.pieces import fact_name, name, page, safe
from graphmodel.ui.roadmap import roadmap_section
from graphmodel.ui.tables import amount, plain_table

SECONDS, LONGER = "60", "600"  # that a search may take
LINE = "#3b82d4"  # reads well on the light and the dark page


def show() -> None:
    """Draw the page."""
    assessment = page("Plan", "Which measures first, for how much, and what would leave no path?")
    if not assessment.actors or not assessment.risks:
        return
    left, right = st.columns(2)
    with left:
        reconsider = address.is_on("Planned measures are open choices", "reconsider", "plan-reconsider")
    with right:
        only_model = address.is_on("Only measures of the model", "own", "plan-only-model")
    seconds, _ = address.chosen("seconds", SECONDS, LONGER.__eq__)
    meanwhile = st.empty()
    measures = state.measures()  # before the plan, which takes them up
    if not state.plan_is_quick(reconsider, only_model, float(seconds)):
        with meanwhile.container():
            alone(assessment, measures, only_model)
    try:
        usual = state.plan(reconsider, only_model, float(seconds))
    except PlanError as error:
        meanwhile.empty()
        st.error(safe(error))
        return
    meanwhile.empty()
    found = state.plan(reconsider, only_model, float(seconds), _budget(assessment, usual))
    _figures(assessment, found)
    if found.ended:
        _ended(seconds)
    _frontier(assessment, found)
    _chosen(assessment, found)
    _order(assessment, found)
    roadmap_section(
        assessment, found, lambda phases: state.roadmap(reconsider, only_model, float(seconds), found, phases)
    )
    _apart(found.field)
    broken = _break(assessment, reconsider, only_model)
    with st.expander("What these plans rest on"):
        for one in plan_assumptions(assessment, found, broken):
            st.markdown(f"- {safe(one)}")


def _ended(seconds: str) -> None:
    """That a search was ended before its work was done, and how to go on."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"The search was ended before it was through, after {seconds} seconds at most. What is shown is the best "
            "found by then; the bounds hold.",
            width="content",
        )
        if seconds != LONGER:
            ask = ("seconds", LONGER, SECONDS)
            st.button("Search for up to ten minutes", on_click=address.choose, args=ask)


def _budget(assessment: Assessment, usual: Plan) -> float | None:
    """The budget of the slider; at first the cost of the set that the plan itself would take."""
    currency = assessment.compiled.system.currency
    costs = [one.best.cost for one in usual.frontier]
    if len(costs) < 2:
        st.caption(f"There is one choice only; it costs {safe(money(costs[0], currency))} a year.")
        return None
    stops = {f"{one:.15g}": one for one in costs}
    picked = address.one_of(
        st.select_slider,
        "Budget a year",
        list(stops),
        "budget",
        "plan-budget",
        f"{usual.best.cost if usual.best is not None else costs[-1]:.15g}",
        format_func=lambda one: money(stops[one], currency),
        help="What may be spent a year, decided measures included. Between two stops the cheaper set stays best "
        "of those found.",
    )
    return stops[picked]


def _figures(assessment: Assessment, found: Plan) -> None:
    currency, per, best = assessment.compiled.system.currency, assessment.period, found.best
    if best is None:
        st.warning("What is decided costs more than this budget.")
        return
    one, two, three, four = st.columns(4)
    one.metric("Costs a year", money(best.cost, currency))
    two.metric(f"Expected loss per {per}", money(found.loss.value, currency))
    three.metric(f"Saves per {per}", money(found.saved.value, currency))
    four.metric("At most worse than the best", money(0.0 if best.optimal else best.gap, currency))
    if not found.exact:
        st.caption(
            safe(f"Simulated: loss {estimated(found.loss, currency)}, saves {estimated(found.saved, currency)}.")
        )
    where = "" if found.exact else " in the simulated worlds"
    if best.optimal:
        st.caption(f"Proven{where}: no set of the measures considered loses less for this money.")
    else:
        st.caption(
            f"Proven{where}: no set of the measures considered loses less than "
            f"{safe(money(best.bound, currency))} for this money. A better one may exist within that difference."
        )


def _frontier(assessment: Assessment, found: Plan) -> None:
    currency, per = assessment.compiled.system.currency, assessment.period
    st.subheader("Cost against loss", anchor=False)
    chart, beside = st.columns(2, gap="medium")
    values = [
        {
            "Cost": point.best.cost,
            "Loss": point.loss.value,
            "Bound": point.best.bound,
            "Measures": len(point.best.chosen),
            "Chosen": found.best is not None and point.best.chosen == found.best.chosen,
        }
        for point in found.frontier
    ]
    base = alt.Chart(alt.InlineData(values=values)).encode(
        x=alt.X("Cost:Q", title=f"Cost a year ({currency})", axis=alt.Axis(format="~s")),
        tooltip=["Cost:Q", "Loss:Q", "Bound:Q", "Measures:Q"],
    )
    loss = alt.Y("Loss:Q", title=f"Expected loss per {per} ({currency})", axis=alt.Axis(format="~s"))
    line = base.mark_line(interpolate="step-after", color=LINE).encode(y=loss)
    points = base.mark_point(filled=True, opacity=1.0, color=LINE).encode(
        y=loss, size=alt.condition("datum.Chosen", alt.value(260), alt.value(60))
    )
    bound = base.mark_tick(color="gray").encode(y=alt.Y("Bound:Q"))
    with chart:
        st.altair_chart((line + bound + points).properties(height=340), width="stretch")
        st.caption("The large point is the chosen set. A grey tick is the bound: no set loses less for that money.")
    with beside:
        rows, before = [], frozenset[str]()
        for point in found.frontier:
            new = [_title(assessment, found.field.by_id[one]) for one in sorted(point.best.chosen - before)]
            gone = [_title(assessment, found.field.by_id[one]) for one in sorted(before - point.best.chosen)]
            rows.append(
                {
                    "Cost a year": amount(point.best.cost, currency),
                    "Loss": amount(point.loss, currency),
                    "At most worse than the best": amount(0.0 if point.best.optimal else point.best.gap, currency),
                    "New": ", ".join(new) or "–",
                    "No longer": ", ".join(gone) or "–",
                }
            )
            before = point.best.chosen
        plain_table(rows, "plan-frontier")


def _chosen(assessment: Assessment, found: Plan) -> None:
    currency = assessment.compiled.system.currency
    st.subheader("What to take, and why", anchor=False)
    if not found.chosen:
        st.info("Nothing is taken for this budget.")
        return
    plain_table(
        [
            {
                **_option_row(assessment, one.option),
                "Saves alone": amount(one.alone, currency),
                "Lost without it": amount(one.last, currency),
            }
            for one in found.chosen
        ],
        "plan-chosen",
        Against=st.column_config.TextColumn(width="medium"),
    )
    st.caption(
        "“Saves alone” is against things as they stand; “lost without it” is what this set would lose more without "
        "the measure. Two measures against the same attack do not add up."
    )


def _order(assessment: Assessment, found: Plan) -> None:
    currency = assessment.compiled.system.currency
    if len(found.order) < 2:
        return
    st.subheader("In which order", anchor=False)
    plain_table(
        [
            {
                "Take": " + ".join(_title(assessment, one) for one in stage.measures),
                "Cost by then": amount(stage.cost, currency),
                "Loss then": amount(stage.loss, currency),
            }
            for stage in found.order
        ],
        "plan-order",
    )
    st.caption(
        "What saves most per cost comes next, with what it requires: a rule, not an optimum. The roadmap below begins "
        "with what is decided."
    )


def _apart(given: Field) -> None:
    if given.unpriced:
        names = safe(few([_title(given.assessment, one) for one in given.unpriced], 10))
        st.warning(
            f"Without a cost, so not in the sums or not chosen: {names}. "
            "Give them one in the model, or in a settings file."
        )
        go("model", "Give them a cost", MODEL)
    if given.unmet:
        st.info(
            "Cannot be chosen, for what they require or exclude: "
            f"{safe(few([_title(given.assessment, one) for one in given.unmet], 10))}."
        )


def _break(assessment: Assessment, reconsider: bool, only_model: bool) -> BreakPlan | None:
    st.subheader("Leave no path", anchor=False)
    st.caption("The cheapest measures with which no path to a loss is left, while all of them hold.")
    facts = list(find_targets(assessment))
    target = address.one_of(
        st.selectbox,
        "To",
        facts,
        "target",
        "plan-target",
        "",
        index=None,
        format_func=lambda one: fact_name(assessment, one),
        placeholder="Choose a loss",
    )
    if not target:
        return None
    found = state.breaking(target, reconsider, only_model)
    for actor, fact in found.by_position:
        st.markdown(
            f"{safe(name(assessment, actor))} holds {safe(fact_name(assessment, fact))} by position: "
            "there is no path to break."
        )
    if found.chosen is None:
        _no_way(assessment, found)
        return found
    currency = assessment.compiled.system.currency
    cost = safe(money(found.found.cost, currency))
    if found.chosen:
        proof = (
            "no cheaper set of the measures does it"
            if found.found.optimal
            else (f"no set costs less than {safe(money(found.found.bound, currency))}")
        )
        st.markdown(f"Costs **{cost}** a year. Proven: while all of it holds no path is left, and {proof}.")
        plain_table([_option_row(assessment, one) for one in found.chosen], "plan-break")
    else:
        st.markdown("Nothing needs to be added: with the implemented controls holding no path is left.")
    if found.relies_on:
        st.markdown(
            f"It relies on these implemented controls as well: "
            f"{safe(', '.join(name(assessment, one) for one in found.relies_on))}."
        )
    for one in found.remaining:
        st.markdown(
            f"No measure holds for sure: the likelihood of a campaign falls from {safe(percent(one.now))} to "
            f"**{safe(percent(one.then))}**."
        )
    return found


def _no_way(assessment: Assessment, found: BreakPlan) -> None:
    if found.path is None:
        st.error("Only measures that exclude each other would leave no path.")
        return
    actor, path = found.path
    st.error("No set of measures leaves no path.")
    st.markdown(f"One path of {safe(name(assessment, actor))} that no measure breaks:")
    plain_table(
        [
            {
                "Needs": " + ".join(fact_name(assessment, need) for need in step.needs),
                "Gains": fact_name(assessment, step.gains),
                "By": step.id,
            }
            for step in path.steps
        ],
        "plan-path",
    )


def _places(assessment: Assessment, one: Option) -> str:
    return few(["the whole system" if it == "*" else name(assessment, it) for it in one.implementation.protects])


def _title(assessment: Assessment, one: Option) -> str:
    return one.name if one.status != "recommended" else f"{one.name} ({_places(assessment, one)})"


def _option_row(assessment: Assessment, one: Option) -> dict[str, Any]:
    currency = assessment.compiled.system.currency
    patterns = assessment.compiled.catalogue.patterns
    return {
        "Measure": one.name,
        "On": _places(assessment, one),
        "Status": f"{one.status}, decided" if one.decided else one.status,
        "Costs a year": amount(one.cost, currency),
        "Cost is": "unknown" if one.cost is None else "assumed" if one.assumed else "stated",
        "Against": ", ".join(patterns[threat].name for threat in one.threats) or "the loss, once it happens",
    }


show()
