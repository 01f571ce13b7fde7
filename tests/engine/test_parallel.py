"""Work side by side: order, context and failures."""

from __future__ import annotations

import os
import signal
import threading
from contextvars import ContextVar

import pytest

from graphmodel.engine import parallel
from graphmodel.engine.parallel import in_parallel

_who = ContextVar("who", default="nobody")


def test_results_stand_in_the_order_of_the_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "processors", lambda: 2)
    first_may_end = threading.Event()

    def first() -> str:
        assert first_may_end.wait(10)
        return "first"

    def second() -> str:
        first_may_end.set()
        return "second"

    assert in_parallel([first, second]) == ["first", "second"]


@pytest.mark.parametrize("count", [1, 3])
def test_works_see_the_context_of_who_asks(count: int) -> None:
    token = _who.set("me")
    try:
        assert in_parallel([_who.get] * count) == ["me"] * count
    finally:
        _who.reset(token)


@pytest.mark.parametrize("count", [1, 3])
def test_what_fails_is_raised(count: int) -> None:
    def fails() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        in_parallel([fails] * count)


def test_who_is_interrupted_does_not_wait_for_work_that_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "processors", lambda: 2)
    begun, go, ended = threading.Event(), threading.Event(), threading.Event()

    def long() -> None:
        begun.set()
        go.wait(30)
        ended.set()

    def interrupt() -> None:
        begun.wait(30)
        os.kill(os.getpid(), signal.SIGINT)

    try:
        with pytest.raises(KeyboardInterrupt):
            in_parallel([long, interrupt, long])
        assert not ended.is_set()
    finally:
        go.set()
