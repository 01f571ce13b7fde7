"""Ctrl-C: before worlds are played it ends the program, while they are it ends the playing."""

from __future__ import annotations

import signal
import sys
import threading
import time
from types import ModuleType

import click
import pytest

from graphmodel.cli.progress import Patience, Watch
from tests.engine.test_worlds import needs_numba


def test_worlds_that_are_played_on_another_thread_can_be_ended() -> None:
    before = signal.getsignal(signal.SIGINT)
    with click.Context(click.Command("assess")):
        watch = Watch()
        heard: list[bool] = []
        playing = threading.Thread(target=lambda: heard.append(watch(0, 100)))
        playing.start()
        playing.join()
        signal.raise_signal(signal.SIGINT)
        assert [*heard, watch(50, 100)] == [True, False]
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_before_any_world_is_played_the_program_ends() -> None:
    with click.Context(click.Command("assess")):
        watch = Watch()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert watch(0, 100)


def test_who_ignores_interrupts_keeps_ignoring_them() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with click.Context(click.Command("assess")):
            Watch()
            signal.raise_signal(signal.SIGINT)
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_seconds_end_simulations_and_after_half_of_them_nothing_is_tried_exactly() -> None:
    with click.Context(click.Command("assess")):
        patient, late = Watch(), Watch(seconds=3600.0)
        assert not patient.hurried()
        assert not late.hurried()
        assert late(0, 100)
        late.began -= 1900.0
        assert late.hurried()
        assert late(0, 100)
        late.began -= 1800.0
        assert not late(50, 100)
        late.begin()
        assert late(50, 100)
        assert not late.hurried()
        patient.began -= 1e9
        assert patient(0, 100)
        assert not patient.hurried()


@needs_numba
def test_who_waits_for_a_kernel_to_be_compiled_is_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    from graphmodel.engine.worlds.compiler import compiling, numba

    patience = Patience(pause=0.01)
    patience.begin()
    try:
        assert numba.njit(_total)(4) == 6
        assert not compiling()
    finally:
        patience.end()
    assert "still compiling what computes, once on this machine" in capsys.readouterr().err


def _total(number):  # type: ignore[no-untyped-def]
    total = 0
    for one in range(number):
        total += one
    return total


def test_what_compiles_may_be_half_loaded(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "graphmodel.engine.worlds.compiler", ModuleType("half"))
    patience = Patience(pause=0.01)
    patience.begin()
    for _ in range(500):
        said = capsys.readouterr().err
        if said:
            break
        time.sleep(0.01)
    patience.end()
    assert said.startswith("still at work")
