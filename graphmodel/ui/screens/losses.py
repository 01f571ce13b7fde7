"""Losses: what a year can cost, how sure that is, and where it comes from."""

from __future__ import annotations

import altair as alt
import streamlit as st

from graphmodel.assessment.results import Assessment
from graphmodel.knowledge.vocabulary import View
from graphmodel.losses.contributions import Part
from graphmodel.losses.inputs import input_name
from graphmodel.losses.report import LossReport
from graphmodel.losses.uncertainty import Spread, Uncertainty
from graphmodel.losses.year import LEVELS, TooManyCampaignsError
from graphmodel.outputs.advice import leans_on
from graphmodel.outputs.loss import loss_assumptions
from graphmodel.outputs.wording import between, estimated, few, money, share, sums
from graphmodel.ui import state
from graphmodel.ui.links import ROUTE, go
from graphmodel.ui.pieces import VIEW_WORDS, chosen_view, fact_name, name, page, safe
from graphmodel.ui.tables import Number, amount, bar_column, chance, plain, plain_table, table

# Blue, orange and green of Okabe and Ito, in a tone that can be seen on white and on near-black.
VIEW_COLOURS = {View.INHERENT: "#d17a22", View.RESIDUAL: "#3b8fd6", View.TARGET: "#3a9d7a"}
VIEW_DASHES = {View.INHERENT: [2, 3], View.RESIDUAL: [1, 0], View.TARGET: [8, 4]}
_POINTS = 80
_LEAST = 1e-4  # the chance at which the axis ends


def show() -> None:
    """Draw the page."""
    assessment = page(
        "Losses",
        "What can a year cost, how sure is that, and where does it come from?",
        exact="expected losses exact, distributions simulated",
    )
    view = chosen_view("Controls", "losses-view")
    if not assessment.actors or not assessment.risks:
        return
    figures, said, curve, wide = st.empty(), st.container(), st.empty(), st.container()
    with figures.container():
        _expected(assessment, view)
    try:
        report = state.played_losses(view)  # before the whole, which takes up what was played
        if not state.losses_are_quick(view):
            with figures.container():
                _figures(assessment, report, known=False)
            with curve.container():
                _curve(assessment, report, "exceedance-played")
        with wide:
            report = state.losses(view)
    except TooManyCampaignsError as error:
        figures.empty()
        st.warning(safe(error))
        return
    with figures.container():
        _figures(assessment, report)
    with curve.container():
        _curve(assessment, report)
    with said:
        leans = leans_on(assessment, view)
        if leans:
            st.markdown(" ".join(safe(one) for one in leans))
    with wide:
        _why_wide(assessment, report)
    _parts(assessment, report)
    _campaigns(assessment, report)
    with st.expander("What these numbers rest on"):
        for one in loss_assumptions(assessment, report):
            st.markdown(f"- {safe(one)}")


def _expected(assessment: Assessment, view: View) -> None:
    """The one figure that is known before anything is played."""
    yearly = assessment.yearly_loss(view)
    period = "a year" if yearly is not None else "of one campaign"
    expected = yearly if yearly is not None else assessment.expected_loss(view)
    first, *_ = st.columns(4)
    first.metric(f"Expected loss {period}", money(expected.value, assessment.compiled.system.currency))


def _figures(assessment: Assessment, report: LossReport, known: bool = True) -> None:
    """The headline figures; what the ranges of the inputs do to them where that is ``known`` already."""
    currency, year, tails = assessment.compiled.system.currency, report.losses.year, report.tails
    columns = st.columns(4)
    with columns[0]:
        period = "a year" if year is not None else "of one campaign"
        st.metric(f"Expected loss {period}", money(report.losses.expected.value, currency))
        spread = report.uncertainty.headline if report.uncertainty else None
        _note(spread, currency, "" if report.losses.expected.is_exact else estimated(report.losses.expected, currency))
        if not known:
            st.caption("ranges of the inputs: being worked out")
    if year is None:
        st.info("No actor of this model has a yearly rate, so there is nothing to say about a year.")
        return
    with columns[1]:
        some = year.exceedance(0.0)
        st.metric("Chance of any loss in a year", share(some.value))
        if tails is not None:
            one = tails.exceedance[0.0]
            st.caption(f"ranges of the inputs: {between(one.low.value, one.high.value)}")
        st.caption(f"sampling: {between(some.low, some.high)}")
    for column, level in zip(columns[2:], LEVELS, strict=True):
        with column:
            risk = year.quantile(level)
            st.metric(f"Value at risk, {share(level)} of years", money(risk.value, currency))
            _note(tails.value_at_risk[level] if tails else None, currency, sums(risk.low, risk.high, currency))
            st.caption(f"the years beyond cost {safe(estimated(year.tail_mean(level), currency))} on average")


def _note(spread: Spread | None, currency: str, sampled: str) -> None:
    """The two intervals of a figure, apart."""
    if spread is not None and spread.width > 0:
        st.caption(f"ranges of the inputs: {safe(sums(spread.low.value, spread.high.value, currency))}")
    if sampled:
        st.caption(f"sampling: {safe(sampled)}")


def _curve(assessment: Assessment, report: LossReport, key: str = "exceedance") -> None:
    year, tails, currency = report.losses.year, report.tails, assessment.compiled.system.currency
    if year is None:
        return
    st.subheader("Chance to lose more in a year", anchor=False)
    if not year.round_losses():
        st.info("Nothing was lost in any year that was played.")
        return
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.altair_chart(_chart(report, currency), width="stretch")
        st.caption(
            "Both axes are logarithmic. The band is where nine tenths of the draws of the inputs lie; it does not "
            "shrink when more is played."
        )
    with right:
        rows = []
        for loss in year.round_losses():
            found, spread = year.exceedance(loss), tails.exceedance[loss] if tails else None
            rows.append(
                {
                    "More than": amount(loss, currency),
                    "Chance": chance(found.value),
                    "Sampling": between(found.low, found.high),
                    "Inputs": between(spread.low.value, spread.high.value) if spread else "–",
                }
            )
        narrow = {one: st.column_config.TextColumn(width=108) for one in ("Sampling", "Inputs")}
        plain_table(rows, key, **narrow)


def _chart(report: LossReport, currency: str) -> alt.LayerChart | alt.FacetChart:
    lines = [
        {"View": VIEW_WORDS[view], "Loss": loss, "Chance": chance.value}
        for view, losses in report.all_losses.items()
        if losses.year is not None
        for loss, chance in losses.year.curve(_POINTS)
        if chance.value >= _LEAST
    ]
    band = []
    if report.tails is not None:
        for loss, one in report.tails.exceedance.items():
            if loss > 0 and one.high.value >= _LEAST:
                band.append({"Loss": loss, "Low": max(_LEAST, one.low.value), "High": one.high.value})
    x = alt.X("Loss:Q", scale=alt.Scale(type="log"), title=f"Loss in a year, {currency}", axis=alt.Axis(format="~s"))
    scale = alt.Scale(type="log", domain=[_LEAST, 1], clamp=True)
    words = [VIEW_WORDS[view] for view in View]
    legend = alt.Legend(orient="bottom", title=None, symbolType="stroke")
    area = alt.Chart(alt.InlineData(values=band)).mark_area(opacity=0.22, color=VIEW_COLOURS[report.view])
    line = alt.Chart(alt.InlineData(values=lines)).mark_line(strokeWidth=2)
    return alt.layer(
        area.encode(x=x, y=alt.Y("Low:Q", scale=scale), y2="High:Q"),
        line.encode(
            x=x,
            y=alt.Y("Chance:Q", scale=scale, title="Chance to lose more", axis=alt.Axis(format="~%")),
            color=alt.Color(
                "View:N", scale=alt.Scale(domain=words, range=[VIEW_COLOURS[view] for view in View]), legend=legend
            ),
            strokeDash=alt.StrokeDash(
                "View:N", scale=alt.Scale(domain=words, range=[VIEW_DASHES[view] for view in View]), legend=legend
            ),
            tooltip=["View:N", alt.Tooltip("Loss:Q", format=",.3s"), alt.Tooltip("Chance:Q", format=".2%")],
        ),
    ).properties(height=360)


def _why_wide(assessment: Assessment, report: LossReport) -> None:
    found = report.uncertainty
    if found is None:
        return
    st.subheader("Why the interval is wide", anchor=False)
    if not found.drivers:
        st.info("No input is a range that the expected loss depends on, so there is nothing to be unsure about.")
        return
    period = "a year" if found.yearly is not None else "of a campaign"
    st.caption(
        f"What the expected loss {period} becomes when one input moves from its 5 % to its 95 % point and all others "
        "stay at their means. Better knowledge of the first inputs narrows the interval most."
    )
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.altair_chart(_tornado(assessment, found), width="stretch")
    with right:
        plain_table(driver_rows(assessment, found), "drivers")


def driver_rows(assessment: Assessment, found: Uncertainty) -> list[dict[str, str | Number]]:
    """One row for each input that moves the expected loss."""
    currency = assessment.compiled.system.currency
    return [
        {
            "Input": input_name(assessment.compiled, one.input),
            "Lowest": amount(min(one.low, one.high), currency),
            "Highest": amount(max(one.low, one.high), currency),
            "Of the spread": chance(one.share),
            "Stated (low / most likely / high)": one.input.stated,
        }
        for one in found.drivers
    ]


def _tornado(assessment: Assessment, found: Uncertainty) -> alt.LayerChart | alt.FacetChart:
    currency = assessment.compiled.system.currency
    rows = [
        {
            "Input": input_name(assessment.compiled, one.input),
            "Low": min(one.low, one.high),
            "High": max(one.low, one.high),
        }
        for one in found.drivers
    ]
    # Two inputs may bear the same name, so rows are told apart by their order.
    order = [f"{number}. {row['Input']}" for number, row in enumerate(rows, start=1)]
    values = [{**row, "Input": label} for row, label in zip(rows, order, strict=True)]
    base = alt.Chart(alt.InlineData(values=values))
    y = alt.Y("Input:N", sort=order, title=None, axis=alt.Axis(labelLimit=220, labelOverlap=False))
    bars = base.mark_bar(color=VIEW_COLOURS[found.view], height=12).encode(
        x=alt.X("Low:Q", title=f"Expected loss, {currency}", axis=alt.Axis(format="~s")),
        x2="High:Q",
        y=y,
        tooltip=["Input:N", alt.Tooltip("Low:Q", format=",.3s"), alt.Tooltip("High:Q", format=",.3s")],
    )
    middle = alt.Chart(alt.InlineData(values=[{"At": found.headline.value}]))
    return alt.layer(bars, middle.mark_rule(strokeDash=[4, 3], color="#8492a3").encode(x="At:Q")).properties(
        height=max(120, 26 * len(rows))
    )


def _parts(assessment: Assessment, report: LossReport) -> None:
    found, currency = report.contributions, assessment.compiled.system.currency
    st.subheader("Where it comes from", anchor=False)
    st.caption(f"Parts of the expected loss a {found.period}. Assets add up to the whole, and so do actors.")
    left, right = st.columns(2, gap="large")
    for column, title, parts in ((left, "Asset", found.assets), (right, "Actor", found.actors)):
        with column:
            _part_table(assessment, title, parts)
    rows = [
        {
            "Share": one.share.value,
            "Of the loss": chance(one.share),
            "Amount": amount(one.amount, currency),
            "To": few([fact_name(assessment, fact) for fact in one.targets], 2),
            "By": name(assessment, one.actor),
            "Path": " → ".join(name(assessment, asset) for asset in one.route),
            "Chance": chance(one.path.chance),
        }
        for one in found.paths
    ]
    row = table(rows, "loss-paths", Share=bar_column())
    if row is not None:
        one = found.paths[row]
        target = one.targets[0]
        go("paths", f"Follow it to {safe(fact_name(assessment, target))}", ROUTE, target=target, actor=one.actor)
    st.caption(
        "Sorted by what is lost in campaigns in which the whole path succeeds. Paths overlap and do not add up. "
        "Select one to follow it."
    )


def _part_table(assessment: Assessment, title: str, parts: tuple[Part, ...]) -> None:
    currency = assessment.compiled.system.currency
    rows = [
        {
            title: name(assessment, one.id),
            "Share": one.share.value,
            "Of the loss": chance(one.share),
            "Amount": amount(one.amount, currency),
        }
        for one in parts
    ]
    plain_table(rows, f"parts-{title}", Share=bar_column())


def _campaigns(assessment: Assessment, report: LossReport) -> None:
    currency = assessment.compiled.system.currency
    st.subheader("One campaign", anchor=False)
    rows = [
        {
            "Of": name(assessment, one.actor),
            "Campaigns a year": plain(one.rate, ""),
            "Expected loss": amount(one.expected, currency),
            "Any loss": chance(one.campaign.exceedance(0.0)),
            **{f"{share(level)} cost less than": amount(one.campaign.quantile(level), currency) for level in LEVELS},
        }
        for one in sorted(report.losses.campaigns, key=lambda one: (-one.expected.value, one.actor))
    ]
    plain_table(rows, "campaign-losses")


show()
