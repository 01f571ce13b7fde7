"""numba, which compiles the kernels, without what a file in the current directory would have it do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
from numba.core import config
from numba.core.caching import FunctionCache
from numba.core.runtime.nrt import rtsys

# numba takes its settings from a .numba_config.yaml wherever the program is started, and one of them is a
# directory of compiled code, which is loaded without a question. That directory may be anybody's.
config._config_fname = ""
config.reload_config()  # type: ignore[no-untyped-call]


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
    return made


__all__ = ["kernel", "numba"]
