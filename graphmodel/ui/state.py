"""What a session has open, and the results computed for it."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

import streamlit as st

from graphmodel.assessment import Assessment
from graphmodel.breaking import BreakPlan, break_plan
from graphmodel.compile import Reach
from graphmodel.gaps import Gaps, find_gaps
from graphmodel.influence import Influence
from graphmodel.influence import influence as find_influence
from graphmodel.likelihood import Options
from graphmodel.loss_report import LossReport, loss_report
from graphmodel.measures import Measure, fix_first
from graphmodel.options import Ask
from graphmodel.plan import Planner
from graphmodel.stores.opening import open_store
from graphmodel.stores.projection import project
from graphmodel.stores.session import Store
from graphmodel.uncertainty import Uncertainty, is_exact, uncertainty
from graphmodel.vocabulary import View
from graphmodel.workspace import Model, examples_directory, open_model

FIRST_EXAMPLE = "support-assistant.yaml"
_MODEL, _REFUSED = "model", "refused"


def current() -> Model:
    """The open model; on first use the file of the command line, or the first example."""
    if _MODEL not in st.session_state:
        example = open_model(examples_directory() / FIRST_EXAMPLE)
        st.session_state[_MODEL] = example
        if len(sys.argv) > 1:
            use(open_model(Path(sys.argv[1])))
    model: Model = st.session_state[_MODEL]
    return model


def use(model: Model) -> bool:
    """Open a model in place of the one that is open, if it is usable; otherwise keep it for its problems."""
    if model.usable:
        st.session_state[_MODEL] = model
        st.session_state.pop(_REFUSED, None)
        return True
    st.session_state[_REFUSED] = model
    return False


def refused() -> Model | None:
    """The file that could not be opened last, until another one is."""
    model: Model | None = st.session_state.get(_REFUSED)
    return model


def reach() -> Reach:
    """The chosen reach policy."""
    return Reach(st.session_state.get("reach", Reach.DATA))


def assessment() -> Assessment:
    """The assessment of the open model, computed once for its content and the chosen policy."""
    model = current()
    today = datetime.datetime.now().astimezone().date().isoformat()
    return _assess(model.digest, str(reach()), today, model)


@st.cache_resource(max_entries=8, show_spinner="Computing likelihoods …")
def _assess(digest: str, policy: str, today: str, _model: Model) -> Assessment:
    return _model.assess(Reach(policy), Options(), today)


def measures() -> tuple[Measure, ...]:
    """What to fix first in the open model."""
    return _measures(current().digest, str(reach()), assessment())


@st.cache_resource(max_entries=8, show_spinner="Comparing measures …")
def _measures(digest: str, policy: str, _assessment: Assessment) -> tuple[Measure, ...]:
    return fix_first(_assessment)


def spread() -> Uncertainty | None:
    """What the ranges of the inputs do to the results; None where that would take long to say."""
    return _spread(current().digest, str(reach()), assessment())


@st.cache_resource(max_entries=8, show_spinner="Drawing inputs …")
def _spread(digest: str, policy: str, _assessment: Assessment) -> Uncertainty | None:
    return uncertainty(_assessment) if is_exact(_assessment) else None


def losses(view: View) -> LossReport:
    """The losses of the open model in a view; raises TooManyCampaignsError where years cannot be played."""
    return _losses(current().digest, str(reach()), str(view), assessment())


@st.cache_resource(max_entries=8, show_spinner="Playing years …")
def _losses(digest: str, policy: str, view: str, _assessment: Assessment) -> LossReport:
    return loss_report(_assessment, View(view), beside=tuple(View))


def gaps() -> Gaps:
    """What is missing in the open model."""
    return _gaps(current().digest, str(reach()), assessment())


@st.cache_resource(max_entries=8, show_spinner="Looking for gaps …")
def _gaps(digest: str, policy: str, _assessment: Assessment) -> Gaps:
    return find_gaps(_assessment)


def influence() -> Influence:
    """How much hangs on each part of the open model."""
    return _influence(current().digest, str(reach()), assessment())


@st.cache_resource(max_entries=8, show_spinner="Comparing what each part is worth …")
def _influence(digest: str, policy: str, _assessment: Assessment) -> Influence:
    return find_influence(_assessment)


def planner(reconsider: bool, only_model: bool) -> Planner:
    """What plans of the open model are made with; raises ``PlanError`` where what is decided cannot be."""
    return _planner(current().digest, str(reach()), reconsider, only_model, assessment())


@st.cache_resource(max_entries=8, show_spinner="Comparing sets of measures …")
def _planner(digest: str, policy: str, reconsider: bool, only_model: bool, _assessment: Assessment) -> Planner:
    found = Planner(_assessment, Ask(reconsider=reconsider, only_model=only_model))
    found.plan()
    return found


def breaking(target: str, reconsider: bool, only_model: bool) -> BreakPlan:
    """The cheapest measures that leave no path to a fact of the open model."""
    return _breaking(current().digest, str(reach()), target, reconsider, only_model, assessment())


@st.cache_resource(max_entries=32, show_spinner="Looking for measures that leave no path …")
def _breaking(
    digest: str, policy: str, target: str, reconsider: bool, only_model: bool, _assessment: Assessment
) -> BreakPlan:
    return break_plan(_assessment, (target,), Ask(reconsider=reconsider, only_model=only_model))


def store() -> Store:
    """The store with the open model and its results in it; the engine starts with the first query."""
    return _store(current().digest, str(reach()), assessment())


@st.cache_resource(max_entries=1, show_spinner=False, on_release=lambda one: one.close())
def _store(digest: str, policy: str, _assessment: Assessment) -> Store:
    opened = open_store()
    opened.load(project(_assessment))
    return opened
