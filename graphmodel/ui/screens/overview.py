"""Overview: what is at stake, how likely, and what to fix first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from graphmodel.assessment.measures import Measure
from graphmodel.assessment.results import Assessment
from graphmodel.assessment.risks import heat_map
from graphmodel.drawing.theme import BAND_COLOURS
from graphmodel.engine.estimates import ENCLOSED, Estimate
from graphmodel.knowledge.vocabulary import Severity, View
from graphmodel.losses.inputs import input_name
from graphmodel.losses.uncertainty import Uncertainty
from graphmodel.outputs.advice import advice, leans_on, without_effect
from graphmodel.outputs.wording import between, less_than, money, sums
from graphmodel.ui import state
from graphmodel.ui.alone import measure_table
from graphmodel.ui.links import go
from graphmodel.ui.pieces import CAPABILITY_WORDS, chosen_view, fact_name, name, page, safe
from graphmodel.ui.tables import Band, amount, chance, plain_table, table

_RISK_COLUMNS: dict[str, Any] = {
    "What": st.column_config.TextColumn(help=CAPABILITY_WORDS),
    "From the inputs": st.column_config.TextColumn(
        help="Nine tenths of what the likelihood can be, given the ranges of the judgements that it rests on."
    ),
}


def show() -> None:
    """Draw the page."""
    assessment = page("Overview", "What is at stake, how likely is it, and what should be fixed first?")
    # What is quickly known is drawn first; what takes longer fills its place afterwards.
    first, figures, stake, rest = st.container(), st.container(), st.container(), st.container()
    with figures:
        inputs = _figures(assessment)
    with rest:
        more = st.container()
        left, right = st.columns([2, 3], gap="large")
        with left:
            _heat_map(assessment)
        with right:
            _assets(assessment)
    with first:
        measures = state.measures()
        _advice(assessment, measures)
    with more:
        _measures(assessment, measures)
    with inputs:
        spread = state.spread()
        if spread is not None:
            _inputs(assessment, spread)
    with stake:
        _risks(assessment, spread)


def _advice(assessment: Assessment, found: Sequence[Measure]) -> None:
    """What to do first, in sentences."""
    st.subheader("Fix first", anchor=False)
    if not found:
        st.info("Nothing in the catalogue would lower the expected loss of this model.")
        return
    said = []
    for number, one in enumerate(found[:3], start=1):
        what, why = advice(assessment, one)
        said.append(f"{number}. **{safe(what)}**: {safe(why)}")
    st.markdown("\n".join(said))
    with st.container(horizontal=True):
        go("plan", "The best set for a budget", ":material/savings:")
        go("gaps", "What is missing", ":material/rule:")


def _figures(assessment: Assessment) -> DeltaGenerator:
    """The headline figures; the place in them for what the ranges of the inputs do to the first."""
    currency = assessment.compiled.system.currency
    campaign = {view: assessment.expected_loss(view) for view in View}
    yearly = {view: assessment.yearly_loss(view) for view in View}
    now, before, after = yearly[View.RESIDUAL], yearly[View.INHERENT], yearly[View.TARGET]
    first, second, third, fourth = st.columns(4)
    with first:
        if now is not None and before is not None:
            less = f"{_less(now, before)} than without controls"
            _figure("Expected loss a year", money(now.value, currency), less, _interval(now, currency))
        else:
            _figure("Expected loss a year", "–", "no actor has a yearly rate")
    with second:
        worst, loss = assessment.worst_actor, campaign[View.RESIDUAL]
        who = f"worst actor: {safe(worst.actor.name)}" if worst else "there is no actor"
        _figure("Loss of one campaign", money(loss.value, currency), who, _interval(loss, currency))
    with third:
        high = [risk for risk in assessment.risks if risk.risk in ("High", "Critical")]
        largest = safe(fact_name(assessment, high[0].fact)) if high else "none"
        _figure("High or critical risks", f"{len(high)} of {len(assessment.risks)}", largest)
    with fourth:
        target, base = after or campaign[View.TARGET], now or campaign[View.RESIDUAL]
        less = f"{_less(target, base)} per {'year' if assessment.rated else 'campaign'}"
        _figure("With planned controls", money(target.value, currency), less, _interval(target, currency))
    for one in without_effect(assessment):
        st.warning(safe(one[0].upper() + one[1:]))
    said = leans_on(assessment)
    if said:
        st.markdown(" ".join(safe(one) for one in said))
    return st.container(horizontal=True, vertical_alignment="center")


def _figure(title: str, value: str, note: str, interval: str = "") -> None:
    st.metric(title, value, note, delta_color="off", delta_arrow="off")
    if interval:
        st.caption(interval)


def _inputs(assessment: Assessment, spread: Uncertainty) -> None:
    """The interval of the expected loss that comes from the ranges of the inputs, and which of them it comes from."""
    currency, found = assessment.compiled.system.currency, spread.headline
    if not spread.drivers:
        return
    said = f"Expected loss, ranges of the inputs: {safe(sums(found.low.value, found.high.value, currency))}"
    st.caption(said, width="content")
    with st.popover("Why this range is wide", type="tertiary"):
        st.markdown(
            f"Nine tenths of {spread.draws:,} draws of the {len(spread.inputs)} inputs that are ranges lie between "
            "these. It comes most from:"
        )
        for one in spread.drivers[:5]:
            ends = sums(min(one.low, one.high), max(one.low, one.high), currency)
            st.markdown(f"- {safe(input_name(assessment.compiled, one.input))}: alone {safe(ends)}")
        go("losses", "All of it", ":material/show_chart:")


def _interval(one: Estimate, currency: str) -> str:
    how = "certainly between" if one.method == ENCLOSED else "simulated:"
    return "" if one.is_exact else f"{how} {sums(one.low, one.high, currency)}"


def _less(one: Estimate, other: Estimate) -> str:
    said = less_than(one, other)
    return "no less" if said == "0 %" else f"{said} less"


def _risks(assessment: Assessment, spread: Uncertainty | None) -> None:
    currency = assessment.compiled.system.currency
    st.subheader("At stake", anchor=False)
    rows = [
        {
            "Risk": Band(risk.risk),
            "What": fact_name(assessment, risk.fact),
            "A year" if assessment.rated else "A campaign": amount(
                (risk.yearly or risk.expected)[View.RESIDUAL], currency
            ),
            "Likelihood": chance(risk.likelihood[View.RESIDUAL]),
            **_likelihood_inputs(spread, risk.fact),
            "Severity": str(risk.severity).capitalize(),
            "Costs once": amount(risk.amount[View.RESIDUAL], currency),
            "Without controls": chance(risk.likelihood[View.INHERENT]),
            "Planned": chance(risk.likelihood[View.TARGET]),
            "Worst actor": name(assessment, risk.actor) if risk.actor else "–",
        }
        for risk in assessment.risks
    ]
    row = table(rows, "risks", **_RISK_COLUMNS)
    order = "a year" if assessment.rated else "of a campaign"
    if row is None:
        st.caption(
            f"Sorted by the expected loss {order}. Likelihoods are those of one determined campaign by the worst "
            "actor. Select a row to follow it."
        )
        return
    risk = assessment.risks[row]
    what = safe(fact_name(assessment, risk.fact))
    with st.container(horizontal=True):
        asked = {"actor": risk.actor} if risk.actor else {}
        go("paths", f"How one gets to {what}", ":material/route:", target=risk.fact, **asked)
        go("map", f"{safe(name(assessment, risk.held.asset))} on the map", ":material/map:", node=risk.held.asset)


def _likelihood_inputs(spread: Uncertainty | None, fact: str) -> dict[str, str]:
    if spread is None:
        return {}
    one = spread.likelihood[fact]
    return {"From the inputs": between(one.low.value, one.high.value)}


def _heat_map(assessment: Assessment) -> None:
    st.subheader("Likelihood against impact", anchor=False)
    view = chosen_view("Controls", "heat-view")
    settings = assessment.compiled.settings
    bands = [band for band, _ in settings.likelihood_bands]
    severities = [str(one).capitalize() for one in Severity]
    cells = [
        {
            "Severity": str(severity).capitalize(),
            "Likelihood": band,
            "Band": settings.risk_matrix[severity, band],
            "Risks": "; ".join(fact_name(assessment, risk.fact) for risk in inside),
            "Count": str(len(inside)) if inside else "",
            "Filled": bool(inside),
            "Dark": settings.risk_matrix[severity, band] in ("High", "Critical"),
        }
        for (severity, band), inside in heat_map(assessment, view).items()
    ]
    base = alt.Chart(alt.InlineData(values=cells)).encode(
        x=alt.X("Likelihood:O", sort=bands, title="Likelihood per campaign", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("Severity:O", sort=severities, title=None),
    )
    colour = alt.Scale(domain=list(BAND_COLOURS), range=list(BAND_COLOURS.values()))
    tiles = base.mark_rect(cornerRadius=4, stroke="transparent").encode(
        color=alt.Color("Band:N", scale=colour, legend=alt.Legend(title="Risk", orient="bottom")),
        opacity=alt.condition("datum.Filled", alt.value(1.0), alt.value(0.28)),
        tooltip=["Severity:N", "Likelihood:N", "Band:N", "Risks:N"],
    )
    counts = base.mark_text(size=18, fontWeight="bold").encode(
        color=alt.condition("datum.Dark", alt.value("#ffffff"), alt.value("#1c2733")),
        text="Count:N",
        tooltip=["Band:N", "Risks:N"],
    )
    st.altair_chart((tiles + counts).properties(height=300), width="stretch")
    st.caption("Bands come from the settings file; numbers stand beside them in the table.")


def _measures(assessment: Assessment, found: Sequence[Measure]) -> None:
    period = assessment.period
    if not found:
        return
    st.subheader("All measures", anchor=False)
    st.caption(
        f"Sorted by what each saves per {period}, by itself, against things as they stand. "
        "Two measures against the same attack do not add up."
    )
    measure_table(assessment, found, "measures")


def _assets(assessment: Assessment) -> None:
    st.subheader("Most likely to fall", anchor=False)
    likely = sorted(assessment.assets, key=lambda one: (-one.likelihood[View.RESIDUAL].value, one.asset.id))
    rows = [
        {
            "Asset": one.asset.name,
            "Type": one.asset.type,
            "Band": Band(one.band),
            "Likelihood": chance(one.likelihood[View.RESIDUAL]),
            "How": one.fact.rpartition(":")[2],
            "Worst actor": name(assessment, one.actor) if one.actor else "–",
            "Without controls": chance(one.likelihood[View.INHERENT]),
            "Planned": chance(one.likelihood[View.TARGET]),
        }
        for one in likely
        if one.likelihood[View.INHERENT].value > 0
    ]
    plain_table(rows, "assets")


show()
