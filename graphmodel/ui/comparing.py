"""Two snapshots beside each other: what changed between them, each worked out once, as snapshots never change."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from graphmodel.binding.relations import Reach
from graphmodel.engine.likelihood import Options
from graphmodel.keeping.opening import memory
from graphmodel.outputs.moves import move_texts
from graphmodel.posture.comparison import Comparison, NewPath, Version, compare, gone_paths
from graphmodel.reading.problems import UnreadableError, refusal
from graphmodel.snapshots import Opened, answer_entries, open_version
from graphmodel.ui.jobs import Watch, done, watch_of


def comparison(old: Path, new: Path) -> Comparison:
    """What changed between two snapshots, and which risks moved because of what.

    Raises ``IncomparableError`` and, where one of them can no longer be opened, ``UnreadableError``.
    """
    watch = watch_of("comparison")

    def work() -> Comparison:
        return compare(_version(old, watch), _version(new, watch))

    return done("Working out which change moved what", ("comparison", str(old), str(new)), watch, work)


def gone(old: Path, new: Path) -> tuple[NewPath, ...]:
    """The ways to a loss that there were before the newer of two snapshots, and are none any more."""
    found = comparison(old, new)
    watch = watch_of("comparison")
    return done("Looking for paths that are gone", ("gone", str(old), str(new)), watch, lambda: gone_paths(found))


def changes_of(pairs: Sequence[tuple[Path, Path]]) -> tuple[tuple[str, ...], ...]:
    """What changed between the two snapshots of each pair and could move a number, in words; where one of them cannot
    be read, why not."""
    watch = watch_of("comparison")

    def work() -> tuple[tuple[str, ...], ...]:
        found = []
        for number, (old, new) in enumerate(pairs):
            watch.awaited()
            watch.done, watch.most, watch.what = number, len(pairs), "moves"
            try:
                found.append(_changed_between(str(old), str(new)))
            except UnreadableError as error:
                found.append((error.problem.message,))
        return tuple(found)

    return done("Looking for what changed at each move", ("changes", repr(pairs)), watch, work)


@st.cache_resource(max_entries=2_000, show_spinner=False)
def _changed_between(old: str, new: str) -> tuple[str, ...]:
    """What changed between two snapshots, which never change themselves, and could move a number; in words."""
    before, after = _kept_version(old), _kept_version(new)
    if before.snapshot is None or after.snapshot is None or not (before.model.usable and after.model.usable):
        return ("one of the two can no longer be opened",)
    systems = before.model.standing.system, after.model.standing.system
    return tuple(move_texts(before.snapshot, after.snapshot, *systems))


@st.cache_resource(max_entries=64, show_spinner=False)
def _kept_version(path: str) -> Opened:
    """A snapshot as it was opened, which never changes: of moves one after the other each is asked for twice."""
    return open_version(path)


def _version(path: Path, watch: Watch) -> Version:
    opened = _kept_version(str(path))
    if opened.snapshot is None or not opened.model.usable:
        raise refusal(path.name, "this snapshot cannot be opened as a model.", "Take it anew.")
    method = opened.snapshot.method
    options = Options(
        seed=method["seed"],
        worlds=method["worlds"],
        progress=watch,
        awaited=watch.awaited,
        memory=memory(watch.mark),
    )
    solved = opened.model.assess(Reach(method["reach"]), options, opened.date)
    return Version(path.name, solved, opened.snapshot, answer_entries(opened.model.answered))
