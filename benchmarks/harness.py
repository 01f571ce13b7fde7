"""Measuring: repeats with medians, and children with limits, so that one peer cannot spoil the run."""

from __future__ import annotations

import multiprocessing
import os
import signal
import statistics
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, cast

MEGABYTE = 1_000_000
_LOOK = 0.05  # seconds between looks at a child's memory


@dataclass(frozen=True)
class Timing:
    """Seconds of each repeat: on the clock, and of all processors together."""

    wall: tuple[float, ...]
    cpu: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.wall)

    @property
    def cpu_median(self) -> float:
        return statistics.median(self.cpu)

    @classmethod
    def of(cls, timings: Sequence[Timing]) -> Timing:
        """All repeats of several timings, such as those of two engines in turns."""
        return cls(tuple(one for it in timings for one in it.wall), tuple(one for it in timings for one in it.cpu))

    def times(self, factor: float) -> Timing:
        """The same for a multiple of the work."""
        return Timing(tuple(one * factor for one in self.wall), tuple(one * factor for one in self.cpu))

    def __str__(self) -> str:
        """The median, and where it differs the least and the most."""
        low, middle, high = seconds(min(self.wall)), seconds(self.median), seconds(max(self.wall))
        return middle if low == high else f"{middle} ({low}..{high})"


@dataclass(frozen=True)
class Outcome:
    """What a child came to: its value, or why it failed; and its peak resident memory in bytes."""

    value: Any
    failure: str
    peak: int


def repeat(function: Callable[[], Any], times: int = 3, at_most: float = 15.0) -> tuple[Timing, Any]:
    """Call a function so many times, or until so many seconds have passed, at least once; its last value too."""
    wall: list[float] = []
    cpu: list[float] = []
    value: Any = None
    while not wall or (len(wall) < times and sum(wall) < at_most):
        clock, processor = time.perf_counter(), time.process_time()
        value = function()
        wall.append(time.perf_counter() - clock)
        cpu.append(time.process_time() - processor)
    return Timing(tuple(wall), tuple(cpu)), value


def child(
    function: Callable[..., Any], *arguments: Any, limit: float = 60.0, megabytes: int = 4_000, quiet: bool = True
) -> Outcome:
    """Call a function of a module in a process of its own, ended beyond a limit of seconds or of memory.

    What the peer prints is dropped unless it is not ``quiet``; what it raises is the reason of its failure.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(theirs, function, arguments, quiet), daemon=True)
    process.start()
    theirs.close()
    start, peak = time.perf_counter(), 0
    try:
        while not ours.poll(_LOOK):
            peak = max(peak, resident(process.pid or 0))
            if peak > megabytes * MEGABYTE:
                return Outcome(None, f"more than {megabytes / 1000:g} GB", peak)
            if time.perf_counter() - start > limit:
                return Outcome(None, f"more than {limit:g} s", peak)
        value, failure, reached = ours.recv()
        return Outcome(value, failure, reached or peak)
    except EOFError:
        process.join()
        return Outcome(None, f"ended by itself with status {process.exitcode}", peak)
    finally:
        # With what it started itself, such as a compiler of ProbLog, which would slow down all that comes after.
        with suppress(ProcessLookupError):
            os.killpg(cast(int, process.pid), signal.SIGKILL)
        process.kill()
        process.join()
        ours.close()


def _run(pipe: Connection, function: Callable[..., Any], arguments: tuple[Any, ...], quiet: bool) -> None:
    os.setsid()
    if quiet:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    try:
        value, failure = function(*arguments), ""
    except MemoryError:
        value, failure = None, "out of memory"
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        said = " ".join(str(error).split())[:120]
        value, failure = None, f"{type(error).__name__} in {Path(where.filename).name}: {said}"
    pipe.send((value, failure, peak_memory()))
    pipe.close()


def resident(process: int) -> int:
    """The resident memory of a process in bytes; 0 where the system does not say."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def peak_memory() -> int:
    """The most resident memory that this process ever had, in bytes; 0 where the system does not say.

    Not from ``getrusage``: there a process inherits the peak of the one that started it.
    """
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)


def seconds(value: float) -> str:
    """A duration with two digits and a unit."""
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if value * factor >= 0.995 or unit == "µs":
            return f"{two(value * factor)} {unit}"
    raise AssertionError


def two(value: float) -> str:
    """A number with two significant digits, or all before the point."""
    if value == 0:
        return "0"
    if value >= 100:
        return f"{value:,.0f}" if value < 1000 else f"{float(f'{value:.2g}'):,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2g}"


def size(value: int) -> str:
    """Memory in MB or GB; “not known” where the system does not say."""
    if not value:
        return "not known"
    return f"{value / 1e9:.2f} GB" if value >= 1e9 else f"{value / 1e6:.0f} MB"
