"""Kernels are compiled where numba is, and run as they are, some hundred times slower, where it has no wheels."""

from __future__ import annotations

try:
    from graphmodel.engine.worlds.compiler import numba

    compiled = numba.njit(nogil=True, cache=True)
except ImportError:

    def compiled(function):  # type: ignore[no-untyped-def]
        """The function as it is."""
        return function
