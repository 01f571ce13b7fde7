"""How much the tests try: as much as ``make test`` and ``.ci/run`` have the time for, or all there is.

``GRAPHMODEL_TESTS=full`` asks for all. A test that then tries more cases counts as slow then, and not without it:
so ``-m slow`` runs, in full, whatever ``make test`` runs in part or not at all.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import pytest

Test = TypeVar("Test", bound=Callable[..., None])
VARIABLE = "GRAPHMODEL_TESTS"
QUICK, ALL = "quick", "full"

_ASKED = os.environ.get(VARIABLE, QUICK)
if _ASKED not in (QUICK, ALL):
    raise ValueError(f"{VARIABLE} is “{_ASKED}”; it may be {QUICK} or {ALL}")
FULL = _ASKED == ALL


def cases(quick: int, full: int) -> int:
    """How many cases to try; for tests that are marked with ``tries_more``."""
    return full if FULL else quick


def tries_more(test: Test) -> Test:
    """Marks a test that tries more cases in full."""
    return pytest.mark.slow(test) if FULL else test


def quick_first(count: int, values: Iterable[Any]) -> list[Any]:
    """Parameters of which those after the first few are for the slow tests."""
    return [
        value if number < count else pytest.param(value, marks=pytest.mark.slow) for number, value in enumerate(values)
    ]
