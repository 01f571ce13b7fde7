"""Assess: answers to the questionnaire, maturity against its target, and what the gaps are worth on the graph."""

from __future__ import annotations

from typing import Any

import streamlit as st

from graphmodel.assessment.results import Assessment
from graphmodel.outputs.text.posture import severity_said
from graphmodel.outputs.wording import estimated
from graphmodel.posture.posture import Stand, find_gaps
from graphmodel.posture.severity import UseRating
from graphmodel.ui import address, state
from graphmodel.ui.answering import look_again
from graphmodel.ui.links import go
from graphmodel.ui.pieces import page, safe
from graphmodel.ui.postures.attacks import attacks_tab
from graphmodel.ui.postures.findings import findings_tab
from graphmodel.ui.postures.gaps import gaps_tab
from graphmodel.ui.postures.maturity import maturity_tab
from graphmodel.ui.postures.systems import systems_tab
from graphmodel.ui.questionnaire import USE, questionnaire

_TABS = {
    "questionnaire": "Questionnaire",
    "maturity": "Maturity",
    "gaps": "Gaps",
    "attacks": "Attacks",
    "contradictions": "Contradictions",
    "systems": "All systems",
}
ANSWER = ":material/edit:"


def show() -> None:
    """Draw the page."""
    look_again()
    assessment = page(
        "Assess",
        "How far has the organisation come with the security of this system, and which gap is worth closing first?",
    )
    head = _Head(assessment)
    _kept()
    questions, maturity, gaps, attacks, contradictions, systems = address.tabs(_TABS, "assess-tab")
    if not questions.open:
        head(state.stand())
    with questions:
        if questions.open:
            questionnaire(assessment, state.observed(), state.current().assessed_digest, head)
    with maturity:
        if maturity.open:
            maturity_tab(state.stand())
    with gaps:
        if gaps.open:
            gaps_tab(assessment, state.stand())
    with attacks:
        if attacks.open:
            attacks_tab(assessment)
    with contradictions:
        if contradictions.open:
            findings_tab(assessment, state.stand())
    with systems:
        if systems.open:
            systems_tab()


class _Head:
    """What stands above the tabs, each in a place of its own, so that an answer can change it."""

    def __init__(self, assessment: Assessment) -> None:
        self.assessment = assessment
        severity, progress, gap = st.columns([2, 2, 2], gap="large")
        with severity:
            st.markdown("**Severity of the use**")
            self.severity = st.empty()
            go("assess", "Say more about the use", ANSWER, area=USE)
        with progress:
            st.markdown("**Progress**")
            self.progress = st.empty()
        with gap:
            st.markdown("**Most valuable gap**")
            _first_gap(assessment)

    def __call__(self, stand: Stand) -> None:
        self.severity.markdown(_severity(stand.severity), help=safe(severity_said(stand.severity)))
        items = list(stand.items())
        open_ = sum(one.status is None for one in items)
        graph = sum(one.from_graph for one in items)
        text = (
            f"{len(items) - open_ - graph} answered, {graph} known from the graph, {open_} open, of {len(items)} items"
        )
        self.progress.progress((len(items) - open_) / max(1, len(items)), text)


def _severity(rating: UseRating) -> str:
    """How severe a compromise is, which criteria say so, and what could still change it."""
    said = f"**{rating.severity}**, as:" if rating.severity is not None else "**Not known yet.**"
    said += "".join(f"\n- {safe(one.text.removesuffix('.'))} ({safe(one.fact)})" for one in rating.fired)
    if not rating.settled and rating.could is not None and rating.unsaid:
        number = len(rating.unsaid)
        open_ = "1 question is" if number == 1 else f"{number} questions are"
        said += f"\n\nIt could be {rating.could}: {open_} open about the use."
    return said


def _first_gap(assessment: Assessment) -> None:
    """The gap whose closing saves most; as long as that is worked out nothing else waits for it."""
    found, _ = state.worth_so_far()
    if found is None:
        _awaited()
        return
    risks = [one for one in find_gaps(state.stand().areas, found) if one.is_risk and one.state.gap != 0]
    if not risks or risks[0].worth is None:
        st.markdown("No gap that is left would save anything.")
        return
    first = risks[0]
    asked, currency = first.state.requirement, assessment.compiled.system.currency
    saves = estimated(first.worth.saves, currency) if first.worth is not None else ""
    st.markdown(f"{safe(asked.id)} {safe(asked.title)}: closing it saves {safe(saves)} per {assessment.period}.")
    go("assess", "Answer it", ANSWER, area=asked.area, requirement=asked.id)


@st.fragment(run_every=1.5)
def _awaited() -> None:
    found, watch = state.worth_so_far()
    if found is not None:
        st.rerun()
    known = f", {watch.done:,} of {watch.most:,} {watch.what}" if 0 < watch.done < watch.most else ""
    st.caption(f"Being worked out{known} …")


def _kept() -> None:
    """Where answers go, and how to get them where there is no file for them."""
    work, answered = state.work(), state.answered()
    target = work.answers_target
    if target is not None:
        new = "" if answered.path is not None else ", which the first one begins"
        st.caption(f"Every answer is saved at once, in {safe(target.name)}{new}.")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        why = "an example stays as it is" if work.is_example else "it was opened in the browser"
        st.caption(f"Answers are kept for this session only, as {why}: download them to keep them.", width="content")
        if answered.data:
            _download(work.answers_name, answered.data)


def _download(name: str, data: bytes) -> None:
    options: dict[str, Any] = {"on_click": "ignore", "type": "tertiary", "icon": ":material/download:"}
    st.download_button(f"Download {safe(name)}", data, name, "application/yaml", **options)


show()
