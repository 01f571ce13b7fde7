"""Long work of a page in the background: with progress, and a button that ends it with what is there.

The work runs in a thread of its own and is kept by a key, so that a page that is drawn again while it
runs, because somebody pressed something, finds it where it was. Work that no page has looked at for a
while, because its page was left, ends soon, and begins anew when asked for again.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, TimeoutError, wait
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

Result = TypeVar("Result")
_QUIET = 0.6  # seconds before anything is shown
_PAUSE = 0.25
LEFT = 5.0  # seconds after which work that nobody looks at is taken as left


class LeftError(Exception):
    """Nobody waits for this work any more."""


_here: ContextVar[_Job | None] = ContextVar("the job that this work is part of", default=None)


@dataclass
class Watch:
    """How far a simulation or a search is; given to it as its progress, and shared by all work on one model."""

    done: int = 0
    most: int = 0
    what: str = "worlds"
    stopped: bool = False
    stops: int = 0

    def __call__(self, done: int, worlds: int) -> bool:
        self.awaited()
        job = _here.get()
        if job is not None and job.searching:
            # What a search compares must have been played in the same worlds.
            return True
        self.done, self.most, self.what = done, worlds, "worlds"
        return not self.stopped

    def awaited(self) -> None:
        """Raises ``LeftError`` in work that nobody waits for any more."""
        job = _here.get()
        if job is not None:
            job.check()

    def stop(self) -> None:
        """End simulations after their next chunk, and searches with what they found."""
        self.stops += 1
        self.stopped = True

    def mark(self) -> object:
        """None while work is being ended; otherwise how often any was, so that two marks tell what was ended between
        them. All work on a model shares the watch, and ``stopped`` is over when any of it has ended."""
        return None if self.stopped else self.stops


class SearchTime:
    """Ends a search after so many seconds, or when somebody asks for that; its progress."""

    def __init__(self, watch: Watch, seconds: float) -> None:
        self.watch, self.seconds, self._until = watch, seconds, math.inf

    def begin(self) -> None:
        """The search for another question begins, with all the time."""
        self._until = time.monotonic() + self.seconds
        job = _here.get()
        if job is not None:
            job.searching = True

    def __call__(self, done: int, most: int) -> bool:
        self.watch.awaited()
        self.watch.done, self.watch.most, self.watch.what = done, most, "sets of measures"
        return not self.watch.stopped and time.monotonic() < self._until


@dataclass
class _Job:
    watch: Watch
    future: Future[Any] = field(default_factory=Future)
    seen: float = field(default_factory=time.monotonic)
    searching: bool = False

    def check(self) -> None:
        """Raises ``LeftError`` where no page has looked at this job for some time."""
        if time.monotonic() - self.seen > LEFT:
            # A computation may have kept everything else from running: pages get the time to look.
            time.sleep(4 * _PAUSE)
            if time.monotonic() - self.seen > LEFT:
                raise LeftError

    def run(self, work: Callable[[], Any]) -> None:
        self.watch.done = self.watch.most = 0
        _here.set(self)
        try:
            result = work()
        except BaseException as error:  # handed to the page, which raises it
            self.future.set_exception(error)
        else:
            self.future.set_result(result)
        finally:
            self.watch.stopped = False


@st.cache_resource(max_entries=32, show_spinner=False)
def _job(key: tuple[str, ...], _watch: Watch, _work: Callable[[], Any]) -> _Job:
    job = _Job(_watch)
    threading.Thread(target=job.run, args=(_work,), name=" ".join(key), daemon=True).start()
    return job


@st.cache_resource(max_entries=16, show_spinner=False)
def watch_of(key: str) -> Watch:
    """The watch of all work on one model."""
    return Watch()


def start(label: str, key: tuple[str, ...], watch: Watch, work: Callable[[], Any]) -> None:
    """Begin work that ``done`` will be asked for, and that is left like any other if nobody does."""
    _job(key, watch, work)


def ready(key: tuple[str, ...], watch: Watch, work: Callable[[], Result]) -> Result | None:
    """The result of work that goes on beside a page, or None as long as it lasts; the page asks again meanwhile.

    Raises what the work raises.
    """
    job = _job(key, watch, work)
    job.seen = time.monotonic()
    if not job.future.done():
        return None
    try:
        result: Result = job.future.result()
        return result
    except LeftError:
        _job.clear(key)
        return None


def is_quick(key: tuple[str, ...], watch: Watch, work: Callable[[], Any]) -> bool:
    """Begin work, and say whether it is done before a page need show anything in its place.

    What it raises is raised by ``done``, which is to be asked for its result.
    """
    job = _job(key, watch, work)
    job.seen = time.monotonic()
    wait([job.future], _QUIET)
    return job.future.done()


def done(label: str, key: tuple[str, ...], watch: Watch, work: Callable[[], Result]) -> Result:
    """The result of work that is done once for its key; while it lasts its progress is shown under a label.

    Raises what the work raises.
    """
    # Always there, so that what comes after keeps its place on the page whether this took long or not.
    place = st.empty()
    while True:
        job = _job(key, watch, work)
        job.seen = time.monotonic()
        try:
            result: Result = _waited(label, key, job, place)
            return result
        except LeftError:  # it was left before this page asked
            _job.clear(key)


def _waited(label: str, key: tuple[str, ...], job: _Job, place: DeltaGenerator) -> Any:
    watch = job.watch
    began = time.monotonic()
    try:
        return job.future.result(_QUIET)
    except TimeoutError:
        if job.future.done():
            raise
    with place.container():
        bar = st.progress(0.0, label)
        button = st.empty()
        offered = False
        while not job.future.done():
            job.seen = time.monotonic()
            known = 0 < watch.done < watch.most
            seconds = time.monotonic() - began
            limit = "at most " if job.searching else ""
            text = (
                f"{label}: {watch.done:,} of {limit}{watch.most:,} {watch.what}"
                if known
                else f"{label} … {seconds:.0f} s"
            )
            bar.progress(min(1.0, watch.done / watch.most) if known else 0.0, text)
            if known and not offered:
                offered = True
                button.button(
                    "End with what is there",
                    key=f"stop {' '.join(key)}",
                    on_click=watch.stop,
                    help="The best found so far is then shown, with how much better another may be."
                    if job.searching
                    else "The intervals are then those of the worlds that were played, so they are wider.",
                )
            time.sleep(_PAUSE)
    place.empty()
    return job.future.result()
