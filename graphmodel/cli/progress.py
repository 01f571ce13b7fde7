"""Progress on standard error: whatever takes long says what it is doing."""

from __future__ import annotations

import signal
import sys
import threading
import time
from types import FrameType

import click

from graphmodel.cli.terminal import say

_EXACT = 0.5  # of the time that an answer may take, for what may be exact


class Patience:
    """Says now and then what is being done, while nothing else says anything.

    The first time is after ``pause`` seconds of silence; each next one takes twice as long, up to a minute.
    """

    def __init__(self, pause: float = 4.0) -> None:
        self.pause = pause
        self.work = "at work"
        self.began = self.said = time.monotonic()
        self._ended = threading.Event()

    def begin(self) -> None:
        """Watch for silence, until ``end``."""
        threading.Thread(target=self._listen, name="patience", daemon=True).start()

    def end(self) -> None:
        self._ended.set()

    def say(self, text: str) -> None:
        """Progress of any kind."""
        self.said = time.monotonic()
        say(text, err=True)

    def _listen(self) -> None:
        pause = self.pause
        while not self._ended.wait(max(0.01, self.said + pause - time.monotonic())):
            now = time.monotonic()
            if now - self.said >= pause:
                work = "compiling what computes, once on this machine" if _compiling() else self.work
                self.say(f"still {work}, {now - self.began:.0f} s")
                pause = min(2 * pause, max(60.0, self.pause))


def _compiling() -> bool:
    """Whether a kernel is compiled now; what compiles them is slow to import, and may not be loaded, or not wholly."""
    asked = getattr(sys.modules.get("graphmodel.engine.worlds.compiler"), "compiling", None)
    return asked is not None and bool(asked())


def patience() -> Patience:
    """That of the running command."""
    context = click.get_current_context(silent=True)
    return (context and context.find_object(Patience)) or Patience()


def doing(work: str) -> None:
    """Name what takes its time from here on, such as ``reading model.yaml``."""
    patience().work = work


class Watch:
    """Says how far a long simulation is; the first Ctrl-C ends it with what is there, and so does the end of
    the ``seconds`` that an answer may take.

    It listens from the beginning, as only the main thread may say so and worlds may be played on others.
    """

    def __init__(self, pause: float = 2.0, seconds: float | None = None) -> None:
        self.pause = pause
        self.seconds = seconds
        self.began = time.monotonic()
        self.patience = patience()
        self.said = time.monotonic()
        self.begun = False
        self.stopped = False
        self._before = signal.getsignal(signal.SIGINT)
        if callable(self._before) and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, self._interrupt)
            context = click.get_current_context(silent=True)
            if context is not None:
                context.call_on_close(self._leave)

    def __call__(self, done: int, worlds: int) -> bool:
        self.begun = True
        if done < worlds and time.monotonic() - self.said >= self.pause:
            self.said = time.monotonic()
            self.patience.say(f"simulated {done:,} of {worlds:,} worlds; Ctrl-C ends with what is there")
        return not self.stopped and not self._spent(1.0)

    def begin(self) -> None:
        """Count the seconds from here on; what had to be loaded and read before is not the answer."""
        self.began = time.monotonic()

    def hurried(self) -> bool:
        """Whether so much of the time is gone that the rest is for simulation."""
        return self._spent(_EXACT)

    def _spent(self, share: float) -> bool:
        return self.seconds is not None and time.monotonic() - self.began >= share * self.seconds

    def _leave(self) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        """End all simulations after their next chunk; another Ctrl-C, or one before them, ends the program."""
        self._leave()
        if self.begun:
            self.stopped = True
            self.patience.say("ending early; the intervals are those of the worlds that were played")
        elif callable(self._before):
            self._before(number, frame)
