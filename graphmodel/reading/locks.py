"""One writer at a time: what is looked at before it is written stays as it was looked at until it is written."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_PATIENCE = 10.0  # seconds that another writer may take
_PAUSE = 0.01


@contextmanager
def only_writer(directory: Path) -> Iterator[None]:
    """Keeps all others that ask for this directory, in this program or another, waiting until the end of the block.

    The lock is on the directory itself: it leaves no file behind, and ends with whoever holds it, killed or not. Where
    a system or a file system has no such lock (Windows, some network drives), nobody waits. Raises ``OSError`` where
    another holds it for ten seconds.
    """
    descriptor = _opened(directory)
    if descriptor is None:
        yield
        return
    try:
        _wait(descriptor)
        yield
    finally:
        os.close(descriptor)


def _opened(directory: Path) -> int | None:
    if fcntl is None:
        return None
    try:
        return os.open(directory, os.O_RDONLY)
    except OSError:  # a directory that may be written to and not listed, or none: writing says which
        return None


def _wait(descriptor: int) -> None:
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise
            time.sleep(_PAUSE)
        except OSError:  # no locks on this file system
            return
        else:
            return
