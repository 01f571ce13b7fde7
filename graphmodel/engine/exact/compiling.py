"""Kernels are compiled where numba is, and run as they are, some hundred times slower, where it has no wheels."""

from __future__ import annotations

from typing import Any

try:
    from graphmodel.engine.worlds.compiler import kernel

    compiled: Any = kernel
except ImportError:

    def compiled(function):  # type: ignore[no-untyped-def]
        """The function as it is."""
        return function
