"""Builds many values that stay, without looking for garbage among them meanwhile."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_MANY = 100_000


@contextmanager
def many_lasting_objects(count: int) -> Iterator[None]:
    """Where ``count``, of objects or of the bytes that they come from, is large, without searches for cyclic garbage:
    they take as long again and find none."""
    pause = count > _MANY and gc.isenabled()
    if pause:
        gc.disable()
    try:
        yield
    finally:
        if pause:
            gc.enable()
