"""Independent work side by side in threads: what is compiled runs on all cores meanwhile."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

Result = TypeVar("Result")


def processors() -> int:
    """How many threads can run at once."""
    return os.cpu_count() or 1


def in_parallel(works: Sequence[Callable[[], Result]]) -> list[Result]:
    """The result of each work, in their order; every one sees the context variables of the caller.

    Raises what the first of them that fails raises, after those that had begun have ended.
    """
    threads = min(processors(), len(works))
    if threads <= 1:
        return [work() for work in works]
    with ThreadPoolExecutor(threads) as pool:
        waiting = [pool.submit(copy_context().run, work) for work in works]
        try:
            return [one.result() for one in waiting]
        finally:
            for one in waiting:
                one.cancel()
