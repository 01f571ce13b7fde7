"""How much one query may take."""

from __future__ import annotations

import os
from pathlib import Path

TIMEOUT = 10.0
"""Seconds that a query may take, and the most that can be asked for."""
GRACE = 1.0
"""Seconds after which a query that its engine did not stop is stopped from here."""
MAX_GROWTH = 2**30
"""Bytes by which this process may grow while it waits for an answer; the embedded engine's are cut long before."""
MAX_ROWS = 1000
"""Rows of an answer, unless the caller asks for more or fewer."""
MAX_ROWS_LIMIT = 100_000
"""The most rows that a caller can ask for."""
SLOTS = 4
"""Queries at the same time; a query that nobody waits for any more still counts."""

_STATUS = Path("/proc/self/statm")


def memory() -> int:
    """Bytes of this process in memory; 0 where the system does not say, as outside of Linux."""
    try:
        return int(_STATUS.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
