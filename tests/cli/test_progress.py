"""Ctrl-C: before worlds are played it ends the program, while they are it ends the playing."""

from __future__ import annotations

import signal
import threading

import click
import pytest

from graphmodel.cli.progress import Watch


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
