"""How far a sample may lie from the truth.

Comparisons with a true value are z-tests at the level ``LIMIT``: with some sixty of them in these tests,
correct code would fail one in one of about 1,600 choices of the seeds, which are fixed.
"""

from __future__ import annotations

LIMIT = 4.42  # two-sided, a false alarm in 100,000


def z(found: float, truth: float, error: float) -> float:
    return abs(found - truth) / error
