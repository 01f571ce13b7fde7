"""Independent work side by side in threads: what is compiled runs on all cores meanwhile."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextvars import copy_context
from typing import TypeVar

Result = TypeVar("Result")


def processors() -> int:
    """How many threads can run at once."""
    return os.cpu_count() or 1


def in_parallel(works: Sequence[Callable[[], Result]]) -> list[Result]:
    """The result of each work, in their order; every one sees the context variables of the caller.

    Raises what the first of them in that order raises, and an interrupt of the caller, at once: no further
    work begins then, and what had begun is left alone, on threads that do not keep the program from ending.
    """
    threads = min(processors(), len(works))
    if threads <= 1:
        return [work() for work in works]
    results: list[Future[Result]] = [Future() for _ in works]
    waiting = iter(list(zip([copy_context() for _ in works], works, results, strict=True)))
    taking = threading.Lock()

    def run() -> None:
        while True:
            with taking:
                context, work, result = next(waiting, (None, None, None))
            if context is None or work is None or result is None or not result.set_running_or_notify_cancel():
                return
            try:
                result.set_result(context.run(work))
            except BaseException as error:
                result.set_exception(error)

    for number in range(threads):
        threading.Thread(target=run, name=f"parallel-{number}", daemon=True).start()
    try:
        return [one.result() for one in results]
    finally:
        for one in results:
            one.cancel()
