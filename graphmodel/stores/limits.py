"""How much one query may take."""

TIMEOUT = 10.0
"""Seconds that a query may take, and the most that can be asked for."""
GRACE = 1.0
"""Seconds after which a query that its engine did not stop is stopped from here."""
MAX_ROWS = 1000
"""Rows of an answer, unless the caller asks for more or fewer."""
MAX_ROWS_LIMIT = 100_000
"""The most rows that a caller can ask for."""
SLOTS = 4
"""Queries at the same time; a query that nobody waits for any more still counts."""
