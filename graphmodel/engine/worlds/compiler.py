"""numba, which compiles the kernels, without what a file in the current directory would have it do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
from numba.core import config, event
from numba.core.caching import FunctionCache
from numba.core.runtime.nrt import rtsys

# numba takes its settings from a .numba_config.yaml wherever the program is started, and one of them is a
# directory of compiled code, which is loaded without a question. That directory may be anybody's.
config._config_fname = ""
config.reload_config()  # type: ignore[no-untyped-call]


kernels: list[Any] = []
"""All that were made in this process."""


class _Compiling(event.Listener):
    """Counts what is begun and not yet compiled; what is loaded does not come by here."""

    def __init__(self) -> None:
        self.open = 0

    def on_start(self, event: Any) -> None:
        self.open += 1

    def on_end(self, event: Any) -> None:
        self.open -= 1


_compiling = _Compiling()
event.register("numba:compile", _compiling)  # type: ignore[no-untyped-call]


def compiling() -> bool:
    """Whether a kernel is being compiled now, which takes seconds, once on a machine."""
    return _compiling.open > 0


# Numba's own and private; of a release that has them no more, code is loaded as that release does it.
_KNOWN = all(hasattr(FunctionCache, one) for one in ("_load_overload", "_guard_against_spurious_io_errors"))


class _Compiled(FunctionCache):
    """Compiled code as numba keeps it, loaded without all that only compiling needs: twice as fast to begin with."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        rtsys.initialize(target_context)
        with self._guard_against_spurious_io_errors():
            return self._load_overload(sig, target_context)  # type: ignore[no-untyped-call]


def kernel(function: Callable[..., Any]) -> Any:
    """The function compiled for the types that it is called with, once for all runs."""
    made: Any = numba.njit(nogil=True, cache=not _KNOWN)(function)
    if _KNOWN and hasattr(made, "_cache"):  # which it has not where somebody has switched compiling off
        made._cache = _Compiled(function)  # type: ignore[no-untyped-call]
        kernels.append(made)
    return made


def part(function: Callable[..., Any]) -> Any:
    """The function compiled as it stands for the kernels that call it, which need not compile it at each place."""
    return numba.njit(function)


__all__ = ["compiling", "kernel", "kernels", "numba", "part"]
