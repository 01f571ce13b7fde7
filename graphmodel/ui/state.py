"""Session state: the open model, and the results computed for it."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from graphmodel.answering import Answered, open_answers
from graphmodel.assessment.gaps import Gaps, find_gaps
from graphmodel.assessment.importance import Importance, find_importance
from graphmodel.assessment.measures import Measure, fix_first
from graphmodel.assessment.results import Assessment
from graphmodel.binding.patterns import Binding
from graphmodel.binding.relations import Reach
from graphmodel.engine.likelihood import Options
from graphmodel.keeping.opening import memory
from graphmodel.knowledge.vocabulary import View
from graphmodel.losses.report import LossReport, loss_report
from graphmodel.losses.uncertainty import Uncertainty, is_exact, uncertainty
from graphmodel.planning.breaking import BreakPlan, break_plan
from graphmodel.planning.options import Ask, PlanError
from graphmodel.planning.plan import Plan, Planner
from graphmodel.posture.attacks import AttackRow, attack_matrix
from graphmodel.posture.derived import Observed, observed_controls, observed_items
from graphmodel.posture.findings import Finding, find_findings
from graphmodel.posture.maturity import AreaState
from graphmodel.posture.posture import Stand, find_stand, targets_of
from graphmodel.posture.roadmap import Phase, Roadmap
from graphmodel.posture.roadmap import roadmap as laid_out
from graphmodel.posture.worth import Worth, worth_of
from graphmodel.snapshots import FOLDER, keep, take
from graphmodel.ui.drafts import Draft
from graphmodel.ui.jobs import SearchTime, Watch, done, is_quick, ready, start, watch_of
from graphmodel.ui.planning import Planning
from graphmodel.ui.work import Work, opened, reopened
from graphmodel.workspace import Model, examples_directory, open_model

if TYPE_CHECKING:
    from graphmodel.stores.session import Store

Result = TypeVar("Result")
FIRST_EXAMPLE = "support-assistant.yaml"
_COMPARING = "Comparing sets of measures"
_MODEL, _WORK, _OFFER = "model", "work", "offer"


class _Server:
    """What all sessions of this process begin with: the file it was started on, or the one opened last."""

    file: Path | None = None
    last: Model | None = None


def start_with(file: Path | None) -> None:
    """Set the file that sessions open first; the first example without one."""
    _Server.file, _Server.last = file, None


def prepare() -> None:
    """Begin the work that the first page will wait for, before anybody has opened it."""
    model = open_model(_Server.file or examples_directory() / FIRST_EXAMPLE)
    if model.usable:
        start(*_assessing(model, Reach.DATA))


def current() -> Model:
    """The model that the pages are about. It may have errors; then there is nothing to assess."""
    return work().model


def work() -> Work:
    """What is open; at first the file that was opened last, that of the command line, or the first example."""
    found: Work | None = st.session_state.get(_WORK)
    model: Model | None = st.session_state.get(_MODEL)
    if found is not None and (model is None or model is found.model):
        return found
    if model is None:
        last = _Server.last
        path = Path(last.name) if last is not None and last.directory is not None else _Server.file
        model = last if last is not None and last.directory is None else None
        model = model or open_model(path or examples_directory() / FIRST_EXAMPLE)
    return _begin(*opened(model))


def open_file(model: Model) -> None:
    """Open a file in place of the one that is open, whatever is wrong with it."""
    _Server.last = model
    _begin(*opened(model))


def take_up(key: str, draft: Draft) -> None:
    """Go on with a draft of some other file."""
    found, offer = reopened(key, draft)
    _Server.last = found.opened
    _begin(found, offer)


def put(changed: Work) -> None:
    """Go on with what somebody did to the open file."""
    st.session_state[_WORK] = changed
    st.session_state[_MODEL] = changed.model


def offer() -> Draft | None:
    """A draft of the open file that began from another content of it."""
    found: Draft | None = st.session_state.get(_OFFER)
    return found


def decline() -> None:
    """Offer no draft any more."""
    st.session_state.pop(_OFFER, None)


def _begin(found: Work, offered: Draft | None) -> Work:
    before: Work | None = st.session_state.get(_WORK)
    found = replace(found, version=before.version + 1 if before is not None else 0)
    put(found)
    decline()
    if offered is not None:
        st.session_state[_OFFER] = offered
    return found


def reach() -> Reach:
    """The chosen reach policy."""
    return Reach(st.session_state.get("reach", Reach.DATA))


def _key() -> tuple[str, str]:
    return current().assessed_digest, str(reach())


def _done(label: str, what: str, work: Callable[[Assessment], Result], *more: str) -> Result:
    """The result of some work on the assessment, done once for the open model and the chosen policy."""
    return done(label, *_asked(what, work, *more))


def _asked(
    what: str, work: Callable[[Assessment], Result], *more: str
) -> tuple[tuple[str, ...], Watch, Callable[[], Result]]:
    found = assessment()
    return (what, *_key(), *more), watch_of(" ".join(_key())), lambda: work(found)


def assessment() -> Assessment:
    """The assessment of the open model, computed once for its content and the chosen policy."""
    return assessed(current())


def assessed(model: Model) -> Assessment:
    """The assessment of a model, open or not, computed once for its content and the chosen policy."""
    return done(*_assessing(model, reach()))


def _assessing(model: Model, policy: Reach) -> tuple[str, tuple[str, ...], Watch, Callable[[], Assessment]]:
    key = model.assessed_digest, str(policy)
    today = datetime.datetime.now().astimezone().date().isoformat()
    watch = watch_of(" ".join(key))
    options = Options(progress=watch, awaited=watch.awaited, memory=memory(watch.mark))
    return "Computing likelihoods", ("assess", *key, today), watch, lambda: model.assess(policy, options, today)


def bindings() -> tuple[Binding, ...]:
    """The steps that the catalogue knows of on the open model."""
    model, policy = current(), reach()
    key, watch = _key(), watch_of(" ".join(_key()))
    return done("Finding steps", ("bindings", *key), watch, lambda: model.compile(policy).bindings)


def measures() -> tuple[Measure, ...]:
    """What to fix first in the open model."""
    return _done("Comparing measures", "measures", fix_first)


def spread() -> Uncertainty | None:
    """What the ranges of the inputs do to the results; None where that would take long to say."""
    return _done("Drawing inputs", "spread", lambda one: uncertainty(one) if is_exact(one) else None)


def losses(view: View) -> LossReport:
    """The losses of the open model in a view; raises TooManyCampaignsError where years cannot be played."""
    return done("Drawing inputs", *_losses(view))


def losses_are_quick(view: View) -> bool:
    """Whether the losses in a view are known already, or at once."""
    return is_quick(*_losses(view))


def played_losses(view: View) -> LossReport:
    """The same without what the ranges of the inputs do to them, which takes longer."""
    return _done("Playing years", "played", lambda one: loss_report(one, view, draws=0, beside=tuple(View)), str(view))


def _losses(view: View) -> tuple[tuple[str, ...], Watch, Callable[[], LossReport]]:
    return _asked("losses", lambda one: loss_report(one, view, beside=tuple(View)), str(view))


def gaps() -> Gaps:
    """What is missing in the open model."""
    return _done("Looking for gaps", "gaps", find_gaps)


def importance() -> Importance:
    """How much hangs on each part of the open model."""
    return _done("Comparing what each part is worth", "importance", find_importance)


def importance_is_quick() -> bool:
    """Whether the importance of all parts is known already, or at once."""
    return is_quick(*_asked("importance", find_importance))


def plan(reconsider: bool, only_model: bool, seconds: float, budget: float | None = None) -> Plan:
    """The best measures for a budget, or of all, found in so many seconds of search.

    Raises ``PlanError`` where what is decided cannot be.
    """
    planning, asked = _planning(reconsider, only_model, seconds)
    return _done(_COMPARING, "plan", lambda _: planning.plan(budget), *asked, str(budget))


def plan_is_quick(reconsider: bool, only_model: bool, seconds: float) -> bool:
    """Whether the plan without a budget is known already, or at once."""
    asked = _asked_planner(reconsider, only_model, seconds)
    if not is_quick(*asked):
        return False
    try:
        planning = done(_COMPARING, *asked)
    except PlanError:  # told by whoever asks for the plan
        return True
    more = (str(reconsider), str(only_model), str(seconds), str(None))
    return is_quick(*_asked("plan", lambda _: planning.plan(None), *more))


def _planning(reconsider: bool, only_model: bool, seconds: float) -> tuple[Planning, tuple[str, ...]]:
    asked = (str(reconsider), str(only_model), str(seconds))
    return done(_COMPARING, *_asked_planner(reconsider, only_model, seconds)), asked


def _asked_planner(
    reconsider: bool, only_model: bool, seconds: float
) -> tuple[tuple[str, ...], Watch, Callable[[], Planning]]:
    def begin(one: Assessment) -> Planning:
        limit = SearchTime(watch_of(" ".join(_key())), seconds)
        limit.begin()  # what prepares a search cannot be ended with what is there
        return Planning(Planner(one, Ask(reconsider=reconsider, only_model=only_model), limit), limit)

    return _asked("planner", begin, str(reconsider), str(only_model), str(seconds))


def roadmap(reconsider: bool, only_model: bool, seconds: float, plan: Plan, phases: tuple[Phase, ...]) -> Roadmap:
    """The measures of a plan that was just made with the same choices, in phases."""
    planning, asked = _planning(reconsider, only_model, seconds)
    given = answered()

    def lay_out(one: Assessment) -> Roadmap:
        targets = targets_of(given.framework, given.given)
        return laid_out(planning.planner, plan, phases, one, given.framework, given.given, targets)

    key = (*asked, str(plan.budget), repr(phases), current().digest)
    return _done("Laying out the phases", "roadmap", lay_out, *key)


def breaking(target: str, reconsider: bool, only_model: bool) -> BreakPlan:
    """The cheapest measures that leave no path to a fact of the open model."""
    ask = Ask(reconsider=reconsider, only_model=only_model)
    return _done(
        "Looking for measures that leave no path",
        "breaking",
        lambda one: break_plan(one, (target,), ask),
        target,
        str(reconsider),
        str(only_model),
    )


def answered() -> Answered:
    """The answers to the questionnaire that go with the open model."""
    model = current()
    return model.answered or open_answers(None, model.catalogue)


def take_answers(found: Answered) -> None:
    """Go on with these answers in place of those of the open file."""
    now = work()
    opened = now.opened.with_answers(found)
    model = opened if now.model is now.opened else now.model.with_answers(found)
    if _Server.last is now.opened:
        _Server.last = opened
    put(replace(now, opened=opened, model=model))


def observed() -> Mapping[str, Observed]:
    """What the graph of the open model says of the items of the questionnaire."""
    framework = answered().framework
    label = "Comparing items with the graph"
    return _done(label, "observed", lambda one: observed_items(framework, observed_controls(one)))


def stand() -> Stand:
    """What the answers and the graph of the open model say together."""
    found = answered()
    return find_stand(found.framework, found.given, observed())


def attacks() -> tuple[AttackRow, ...]:
    """The framework's attacks on the open model."""
    framework = answered().framework
    return _done("Rating attacks", "attacks", lambda one: attack_matrix(one, framework))


def worth() -> Mapping[str, Worth]:
    """What meeting each requirement is worth in the open model."""
    return done(*_worthing())


def worth_so_far() -> tuple[Mapping[str, Worth] | None, Watch]:
    """The same without waiting: None as long as it is worked out, with how far that is."""
    _, key, watch, asked = _worthing()
    return ready(key, watch, asked), watch


def _worthing() -> tuple[str, tuple[str, ...], Watch, Callable[[], Mapping[str, Worth]]]:
    framework, found = answered().framework, assessment()
    key = ("worth", *_key())
    return "Working out what closing gaps saves", key, watch_of(" ".join(_key())), lambda: worth_of(found, framework)


def findings(areas: tuple[AreaState, ...]) -> tuple[Finding, ...]:
    """Where the answers contradict the graph or the calendar."""
    return find_findings(assessment(), answered().given, current().standing, areas)


def snapshots_folder() -> Path | None:
    """Where snapshots of the open file are kept; None for an upload and an example."""
    path = work().path
    return None if path is None else path.parent / FOLDER


def take_snapshot(folder: Path, note: str) -> Path:
    """Keep a snapshot of the open model with its answers; raises ``UnreadableError`` and ``OSError``."""
    found = assessment()
    return keep(take(current(), found, found.compiled.today, note), folder)[0]


def store() -> Store:
    """The store with the open model and its results in it; the engine starts with the first query."""
    return _store(*_key(), assessment())


@st.cache_resource(max_entries=1, show_spinner=False, on_release=lambda one: one.close())
def _store(digest: str, policy: str, _assessment: Assessment) -> Store:
    # Drivers are slow to import, and most pages ask no query.
    from graphmodel.stores.opening import open_store
    from graphmodel.stores.projection import project

    opened = open_store()
    opened.load(project(_assessment))
    return opened
