"""``graphmodel precompile``: compiles what computes, so that the first question need not wait for it."""

from __future__ import annotations

import time

import click

from graphmodel.cli.progress import doing
from graphmodel.cli.terminal import say


@click.command()
def precompile() -> None:
    """Compile what computes, once on a machine; without it the first commands do, and take longer."""
    from importlib.util import find_spec

    if find_spec("numba") is None:
        say("Nothing to compile: numba is not installed here, and all that it compiles runs more slowly without it.")
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    from graphmodel.engine.parallel import processors
    from graphmodel.engine.precompiling import PARTS
    from graphmodel.engine.precompiling import precompile as compiled

    doing("compiling what computes, once on this machine")
    began = time.monotonic()
    with ProcessPoolExecutor(min(processors(), len(PARTS)), get_context("spawn")) as pool:
        count = sum(pool.map(compiled, PARTS))
    if count:
        say(f"{count} kernels compiled in {time.monotonic() - began:.0f} s; later commands load them.")
    else:
        say("All kernels were compiled already.")
