"""The other systems of an organisation: a row for every System document beside the open file."""

from __future__ import annotations

import datetime
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from graphmodel.binding.relations import Reach
from graphmodel.engine.likelihood import Options
from graphmodel.engine.worlds.simulation import Progress
from graphmodel.gathering import says_document
from graphmodel.keeping.opening import memory
from graphmodel.portfolios import UnusableError, row_of
from graphmodel.posture.portfolio import SystemRow, worst_first
from graphmodel.reading.files import read_bytes
from graphmodel.reading.problems import UnreadableError
from graphmodel.ui import state
from graphmodel.ui.jobs import Watch, done, watch_of

MOST = 200  # systems that are shown
_LARGEST = 2_000_000  # bytes of a file that is looked into
_ENDINGS = (".yaml", ".yml", ".json")


@dataclass(frozen=True)
class Systems:
    """The systems in a folder, the gravest use first; the files that cannot be used; how many were left out."""

    rows: tuple[SystemRow, ...]
    unusable: tuple[str, ...]
    more: int


def folder() -> Path | None:
    """Where the open file lies; None for an upload."""
    return state.work().opened.directory


def systems(place: Path) -> Systems:
    """All systems in a folder, as their files are now; worked out again only where one of them has changed."""
    stamps = _stamps(place)
    today = datetime.datetime.now().astimezone().date().isoformat()
    policy, watch = state.reach(), watch_of(f"systems {place}")
    key = ("systems", str(place), str(policy), today, repr(stamps))

    def work() -> Systems:
        options = Options(progress=_going_on(watch), awaited=watch.awaited, memory=memory(watch.mark))
        return _found([place / one for one, _, _ in stamps], policy, options, today, watch)

    return done("Assessing the systems in this folder", key, watch, work)


def _stamps(place: Path) -> list[tuple[str, int, int]]:
    """The files that could be systems or answers, by name, size and time: those of a folder itself, and no links."""
    found = []
    with os.scandir(place) as entries:
        for entry in entries:
            if entry.name.lower().endswith(_ENDINGS):
                known = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(known.st_mode) and known.st_size <= _LARGEST:
                    found.append((entry.name, known.st_size, known.st_mtime_ns))
    return sorted(found)


def _found(files: list[Path], policy: Reach, options: Options, today: str, watch: Watch) -> Systems:
    named = [one for one in files if _is_system(one)]
    rows: list[SystemRow] = []
    unusable: list[str] = []
    for number, path in enumerate(named[:MOST]):
        watch.awaited()
        watch.done, watch.most, watch.what = number, min(MOST, len(named)), "systems"
        try:
            rows.append(row_of(path, path.name, policy, options, today))
        except UnusableError:
            unusable.append(path.name)
    return Systems(worst_first(rows), tuple(unusable), max(0, len(named) - MOST))


def _going_on(watch: Watch) -> Progress:
    """The progress of a simulation among many: it may be stopped, and what is told is how many systems are done."""

    def heard(_done: int, _worlds: int) -> bool:
        watch.awaited()
        return not watch.stopped

    return heard


def _is_system(path: Path) -> bool:
    try:
        return says_document(read_bytes(path, _LARGEST))
    except UnreadableError:  # gone or closed since the folder was listed
        return False
