"""Long work in the app: its progress is seen, it can be ended, and it is done once."""

from __future__ import annotations

import threading
import time

import pytest
from streamlit.testing.v1 import AppTest

pytestmark = pytest.mark.slow  # real processes, or many files: .ci/run has the time


def page() -> None:
    import time

    import streamlit as st

    from graphmodel.ui.jobs import done, watch_of

    watch = watch_of("model")

    def work() -> int:
        st_done = 0
        for number in range(1, 101):
            time.sleep(0.05)
            st_done = number
            if not watch(number, 100):
                break
        return st_done

    st.text(f"played {done('Playing', ('slow',), watch, work)}")


def quick() -> None:
    import streamlit as st

    from graphmodel.ui.jobs import done, watch_of

    calls = st.session_state.setdefault("calls", [])
    st.text(f"found {done('Quickly', ('quick', 'once'), watch_of('other'), lambda: calls.append(1) or len(calls))}")


def failing() -> None:
    from graphmodel.ui.jobs import done, watch_of

    done("Failing", ("failing",), watch_of("third"), lambda: {}["nothing"])


def test_quick_work_is_done_once_and_shows_nothing() -> None:
    test = AppTest.from_function(quick, default_timeout=30).run()
    test.run()
    assert [one.value for one in test.text] == ["found 1"]
    assert not test.button


def test_long_work_is_waited_for() -> None:
    started = time.monotonic()
    test = AppTest.from_function(page, default_timeout=60).run()
    assert [one.value for one in test.text] == ["played 100"]
    assert time.monotonic() - started > 2
    assert not test.button  # the offer to end it is gone with it


def test_a_stop_ends_work_with_what_is_there() -> None:
    from graphmodel.ui.jobs import Watch

    watch = Watch()
    assert watch(5, 100)
    watch.stop()
    assert not watch(6, 100)
    assert (watch.done, watch.most) == (6, 100)


def test_what_work_raises_is_raised_on_the_page() -> None:
    test = AppTest.from_function(failing, default_timeout=30).run()
    assert "nothing" in test.exception[0].message


def test_work_that_nobody_looks_at_any_more_stops_and_begins_anew_when_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from graphmodel.ui import jobs

    monkeypatch.setattr(jobs, "LEFT", 0.3)
    watch, steps = jobs.Watch(), []

    def work() -> str:
        for number in range(200):
            time.sleep(0.02)
            steps.append(number)
            watch(number, 200)
        return "ended"

    job = jobs._Job(watch)
    thread = threading.Thread(target=job.run, args=(work,))
    thread.start()
    thread.join(10)
    assert isinstance(job.future.exception(), jobs.LeftError)
    assert len(steps) < 150

    job = jobs._Job(watch)
    thread = threading.Thread(target=job.run, args=(work,))
    thread.start()
    while thread.is_alive():
        job.seen = time.monotonic()
        time.sleep(0.02)
    assert job.future.result() == "ended"


def test_work_that_was_left_is_done_when_somebody_asks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from graphmodel.ui import jobs

    monkeypatch.setattr(jobs, "LEFT", 0.0)
    watch, calls = jobs.Watch(), []

    def work() -> int:
        calls.append(1)
        if len(calls) == 1:
            time.sleep(0.1)
            watch(1, 2)
        return len(calls)

    left = jobs._job(("left", "once"), watch, work)
    assert isinstance(left.future.exception(20), jobs.LeftError)
    assert jobs.done("Again", ("left", "once"), watch, work) == 2


def test_a_search_ends_when_its_time_is_over_or_somebody_asks_and_simulations_in_it_do_not() -> None:
    from graphmodel.ui import jobs

    watch = jobs.Watch()
    limit = jobs.SearchTime(watch, 0.1)
    went_on: list[bool] = []

    def work() -> None:
        limit.begin()
        went_on.append(limit(128, 6000))
        time.sleep(0.15)
        went_on.append(limit(256, 6000))
        limit.begin()
        watch.stop()
        went_on.append(watch(1, 2))
        went_on.append(limit(384, 6000))

    jobs._Job(watch).run(work)
    assert went_on == [True, False, True, False]
    assert (watch.done, watch.most, watch.what) == (384, 6000, "sets of measures")


def test_exact_work_that_was_left_stops_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from graphmodel.assessment.importance import find_importance
    from graphmodel.engine.likelihood import Options
    from graphmodel.ui import jobs
    from graphmodel.workspace import model_from_bytes
    from tests.model.test_document import SMALL

    watch = jobs.Watch()
    model = model_from_bytes(SMALL.encode(), "small.yaml")
    assessment = model.assess(options=Options(awaited=watch.awaited))
    assert assessment.worlds == 0, "all of it is exact"
    job = jobs._Job(watch)
    monkeypatch.setattr(jobs, "LEFT", -2.0)
    monkeypatch.setattr(jobs, "_PAUSE", 0.0)
    job.run(lambda: find_importance(assessment))
    assert isinstance(job.future.exception(), jobs.LeftError)


def test_what_was_ended_between_two_marks_is_told_by_them() -> None:
    from graphmodel.ui.jobs import Watch

    watch = Watch()
    before = watch.mark()
    assert before is not None
    assert watch.mark() == before
    watch.stop()
    assert watch.mark() is None
    watch.stopped = False  # other work on the same model has ended
    assert watch.mark() != before
