"""The snapshots beside the open file as they are on the disk, each read once: none ever changes."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from graphmodel.posture.snapshot import Snapshot
from graphmodel.reading.problems import Problem
from graphmodel.snapshots import kept, read_kept


def snapshots(folder: Path) -> tuple[tuple[tuple[Path, Snapshot], ...], tuple[Problem, ...]]:
    """The snapshots in a folder, the oldest first, and what is wrong with files there; listed again only when the
    folder has changed."""
    stamps = sorted((one.name, one.stat().st_size, one.stat().st_mtime_ns) for one in folder.glob("*.json"))
    return _listed(str(folder), tuple(stamps))


@st.cache_resource(max_entries=4, show_spinner="Reading snapshots")
def _listed(
    folder: str, stamps: tuple[tuple[str, int, int], ...]
) -> tuple[tuple[tuple[Path, Snapshot], ...], tuple[Problem, ...]]:
    """``stamps`` tell one state of the folder from another."""
    return kept(Path(folder), _read)


def _read(path: Path) -> Snapshot:
    try:
        found = path.stat()
    except OSError:  # it was taken away since it was listed; reading it says so
        return read_kept(path)
    return _as_written(str(path), found.st_size, found.st_mtime_ns)


@st.cache_resource(max_entries=1_000, show_spinner=False)
def _as_written(path: str, size: int, time: int) -> Snapshot:
    """``size`` and ``time`` tell one state of the file from another."""
    return read_kept(Path(path))
