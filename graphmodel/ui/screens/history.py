"""History: how loss and maturity moved from snapshot to snapshot, and because of what between any two."""

from __future__ import annotations

from pathlib import Path

import altair as alt
import streamlit as st

from graphmodel.assessment.results import Assessment
from graphmodel.knowledge.vocabulary import View
from graphmodel.outputs.difference import AGAIN, cause_text, change_text, loss_shares, total_shares
from graphmodel.outputs.wording import few
from graphmodel.posture.comparison import Comparison, IncomparableError
from graphmodel.posture.history import History, histories
from graphmodel.posture.snapshot import MAX_NOTE
from graphmodel.reading.problems import UnreadableError
from graphmodel.ui import address, state
from graphmodel.ui.comparing import changes_of, comparison, gone
from graphmodel.ui.differing import in_the_paths, on_the_map
from graphmodel.ui.links import MAP, ROUTE, go
from graphmodel.ui.pieces import VIEW_WORDS, assessed, fact_name, head, problem_table, safe
from graphmodel.ui.records import snapshots
from graphmodel.ui.tables import amount, chance, plain, plain_table, table

_COLOURS = {View.INHERENT: "#74808d", View.RESIDUAL: "#3b82d4", View.TARGET: "#1f9d6b"}
_DAYS = alt.Axis(labelOverlap="greedy", labelLimit=140)  # of many, as many as can be read
_LEAD = "Are we better off than last time, and because of what?"
_NOTE = "history-note"
_NOTES, _LEAST = 8, 1e-9  # moves that are told, and the least share of a loss that is one


def show() -> None:
    """Draw the page."""
    place = head("History", _LEAD)
    folder = state.snapshots_folder()
    if folder is None:
        st.info("Snapshots are kept in a folder beside your file; an example and an upload have none.")
        return
    _take(folder)
    found, problems = snapshots(folder)
    if problems:
        problem_table(problems, "history-problems")
    system = state.current().standing.system.id
    mine = [one for one in histories([(path.name, one) for path, one in found]) if one.system == system]
    if not mine:
        st.info("There is no snapshot of this system yet. Take one, and again when something has changed.")
        return
    (history,) = mine
    moves = _moves(history)
    _curves(history, moves)
    told = st.container()
    _moments(history)
    with told:  # opens many snapshots, so what was recorded comes before it
        _told(folder, history, moves)
    assessment = assessed(place, _LEAD)  # not before: what was recorded needs none
    if len(history.moments) > 1:
        _between(assessment, folder, history)


def _take(folder: Path) -> None:
    with st.form("history-take", border=False):
        left, right = st.columns([4, 1], vertical_alignment="bottom")
        note = left.text_input("What it is taken for", key=_NOTE, max_chars=MAX_NOTE, placeholder="after the review")
        pressed = right.form_submit_button("Take a snapshot", icon=":material/photo_camera:", width="stretch")
    if pressed:
        try:
            path = state.take_snapshot(folder, note)
        except UnreadableError as error:
            st.error(safe(str(error.problem)))
        except OSError as error:
            st.error(f"The snapshot cannot be written ({safe(str(error.strerror))}).")
        else:
            st.success(f"Kept as {safe(path.name)}.")
    if state.work().unsaved:
        st.caption("It holds what the pages show, with your edits that are not saved.")


def _moves(history: History) -> list[int]:
    """The numbers of the moments at which the loss moved most, in the order of their dates."""
    loss = [one.loss[View.RESIDUAL].value for one in history.moments]
    by = {number: abs(loss[number] - loss[number - 1]) for number in range(1, len(loss))}
    least = _LEAST * max(loss, default=0.0)
    most = sorted((one for one in by if by[one] > least), key=lambda one: (-by[one], one))[:_NOTES]
    return sorted(most)


def _told(folder: Path, history: History, moves: list[int]) -> None:
    """What lies behind each numbered move."""
    if not moves:
        return
    rows = []
    pairs = [(folder / history.moments[one - 1].name, folder / history.moments[one].name) for one in moves]
    for note, (number, texts) in enumerate(zip(moves, changes_of(pairs), strict=True), 1):
        before, after = history.moments[number - 1], history.moments[number]
        moved = after.loss[View.RESIDUAL].value - before.loss[View.RESIDUAL].value
        rows.append(
            {
                "Note": note,
                "When": _when(history, number),
                "Loss moved by": amount(moved, after.currency),
                "What changed since the one before": few(texts, 4) if texts else "nothing that is recorded",
            }
        )
    plain_table(
        rows, "history-moves", **{"What changed since the one before": st.column_config.TextColumn(width="large")}
    )
    st.caption(
        f"The numbers in the curve: up to {_NOTES} of the largest moves, with all that changed at that time and could "
        "have moved the loss. How much each of several changes had in a move is worked out below, for any two."
    )


def _curves(history: History, moves: list[int]) -> None:
    currencies = {one.currency for one in history.moments}
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(f"Expected loss per {history.per}", anchor=False)
        if len(currencies) > 1:
            st.info("The snapshots are in different currencies.")
        else:
            _losses(history, currencies.pop(), moves)
    with right:
        st.subheader("Maturity, the mean of all areas", anchor=False)
        rows = [
            {"When": _when(history, number), "Level": sum(one.levels.values()) / len(one.levels)}
            for number, one in enumerate(history.moments)
            if one.levels
        ]
        if not rows:
            st.info("Nothing was assessed.")
            return
        level = alt.Y("Level:Q", title="Level, 0 to 5", scale=alt.Scale(domain=[0, 5]))
        chart = alt.Chart(alt.InlineData(values=rows)).mark_line(point=True, color=_COLOURS[View.RESIDUAL])
        when = alt.X("When:N", title=None, axis=_DAYS, sort=[str(row["When"]) for row in rows])
        st.altair_chart(chart.encode(x=when, y=level), width="stretch")


def _losses(history: History, currency: str, moves: list[int]) -> None:
    rows = [
        {
            "When": _when(history, number),
            "Controls": VIEW_WORDS[view],
            "Loss": loss.value,
            "Low": loss.low,
            "High": loss.high,
        }
        for number, one in enumerate(history.moments)
        for view, loss in one.loss.items()
    ]
    views = [view for view in View if any(view in one.loss for one in history.moments)]
    colour = alt.Scale(domain=[VIEW_WORDS[one] for one in views], range=[_COLOURS[one] for one in views])
    when = alt.X("When:N", title=None, axis=_DAYS, sort=list(dict.fromkeys(str(row["When"]) for row in rows)))
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=when, color=alt.Color("Controls:N", scale=colour, title=None, legend=alt.Legend(orient="bottom", columns=2))
    )
    line = base.mark_line(point=True).encode(y=alt.Y("Loss:Q", title=currency, axis=alt.Axis(format="~s")))
    spread = base.mark_rule(opacity=0.5).encode(y="Low:Q", y2="High:Q")
    notes = [
        {
            "When": _when(history, number),
            "Loss": history.moments[number].loss[View.RESIDUAL].value,
            "Note": str(note),
        }
        for note, number in enumerate(moves, 1)
    ]
    said = alt.Chart(alt.InlineData(values=notes)).encode(x=when, y="Loss:Q")
    ground = said.mark_point(filled=True, size=260, color=_COLOURS[View.RESIDUAL], opacity=1.0)
    words = said.mark_text(color="#ffffff", fontWeight="bold", fontSize=11).encode(text="Note:N")
    st.altair_chart(alt.layer(line, spread, *([ground, words] if notes else [])), width="stretch")


def _when(history: History, number: int) -> str:
    """The date of a moment, with its number where the day has several."""
    one = history.moments[number]
    same = [other for other in history.moments if other.date == one.date]
    return one.date if len(same) == 1 else f"{one.date} #{same.index(one) + 1}"


def _moments(history: History) -> None:
    plain_table(
        [
            {
                "When": _when(history, number),
                "Note": one.note,
                "Loss": amount(one.loss[View.RESIDUAL], one.currency),
                "Below target": plain(one.below, ""),
                "Items open": plain(one.open_items, ""),
                "Overdue": plain(one.overdue, ""),
                "Evidence expired": plain(one.expired, ""),
                "Contradictions": plain(one.contradictions, ""),
                "Program": one.program,
            }
            for number, one in enumerate(history.moments)
        ],
        "history-moments",
    )
    st.caption("All figures are those that were recorded, as things stood then.")


def _between(assessment: Assessment, folder: Path, history: History) -> None:
    st.subheader("What changed between two", anchor=False)
    names = [one.name for one in history.moments]
    said = {one.name: f"{_when(history, number)} {one.note}" for number, one in enumerate(history.moments)}
    left, right = st.columns(2)
    with left:
        old = address.one_of(
            st.selectbox, "From", names, "from", "history-from", names[-2], format_func=said.__getitem__
        )
    with right:
        new = address.one_of(st.selectbox, "To", names, "to", "history-to", names[-1], format_func=said.__getitem__)
    if old == new:
        st.info("Choose two different snapshots.")
        return
    try:
        found = comparison(folder / old, folder / new)
    except IncomparableError as error:
        st.error(safe(str(error)))
        return
    except UnreadableError as error:
        st.error(safe(str(error.problem)))
        return
    _causes(found)
    _risks(assessment, found)
    drawing, paths = address.tabs({"map": "On the map", "paths": "In the paths"}, "history-tab")
    with drawing:
        if drawing.open:
            on_the_map(found)
    with paths:
        if paths.open:
            in_the_paths(assessment, found, gone(folder / old, folder / new))


def _causes(found: Comparison) -> None:
    currency, shares = found.new.assessment.compiled.system.currency, total_shares(found, 4)
    rows = [
        {
            "What changed": cause_text(found, number),
            "Moved the loss by": amount(part.estimate, currency),
        }
        for number, part in enumerate(found.attribution.total)
    ]
    if found.again(lambda one: one.total).value:
        rows.append({"What changed": AGAIN, "Moved the loss by": amount(shares.decimal(shares.again), currency)})
    before, after = (f"{shares.decimal(one):,.0f}" for one in (shares.old, shares.new))
    if rows:
        st.markdown(
            f"Expected loss per {found.period}: **{before} → {after} {safe(currency)}**, "
            f"{shares.decimal(shares.difference):+,.0f}. The parts are the mean over all orders in which the changes "
            "could have come, and add up."
        )
    else:
        st.info(f"The expected loss per {found.period} did not move: {after} {safe(currency)}.")
    if rows:
        plain_table(rows, "history-causes")
    changes = [*found.system, *found.settings, *(found.answers or ())]
    if changes:
        with st.expander(f"All changes ({len(changes)})"):
            for one in changes[:100]:
                st.markdown(f"- {safe(change_text(one))}")


def _risks(assessment: Assessment, found: Comparison) -> None:
    before, after = found.figures
    old = {one: (before.likelihood[one], before.loss[one]) for one in found.facts}
    facts = [one for one in found.facts if old[one] != (after.likelihood[one], after.loss[one])]
    if not facts:
        return
    currency = found.new.assessment.compiled.system.currency
    rows = []
    for fact in facts:
        shares = loss_shares(found, fact, 4)
        causes = [one.name for one, part in zip(found.attribution.causes, shares.parts, strict=True) if part]
        rows.append(
            {
                "Risk": fact_name(assessment, fact),
                "Likelihood then": chance(before.likelihood[fact]),
                "Likelihood after": chance(after.likelihood[fact]),
                "Loss moved by": amount(shares.decimal(shares.difference), currency),
                "Because of": few(causes, 3),
            }
        )
    st.markdown("**Risks that moved**")
    row = table(rows, "history-risks")
    if row is not None:
        asset = facts[row].rpartition(":")[0]
        if asset in assessment.compiled.system.asset_by_id:
            with st.container(horizontal=True):
                go("map", f"{safe(asset)} on the map", MAP, node=asset)
                go("paths", f"Paths to {safe(facts[row])}", ROUTE, target=facts[row])


show()
