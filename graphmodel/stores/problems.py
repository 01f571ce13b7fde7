"""An engine's errors, in plain words and without its jargon."""

from __future__ import annotations

import re

from neo4j.exceptions import (
    AuthError,
    BrokenRecordError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
)

from graphmodel.stores.errors import QueryError, StoreError
from graphmodel.stores.guard import CHANGED, READ_ONLY

MAX_MESSAGE = 300
_PLACE_NEO4J = re.compile(r" \(line (\d+), column (\d+)(?: \(offset: \d+\))?\)")
_PLACE_EMBEDDED = re.compile(r" at line (\d+)(?::|, column )(\d+)( -|:)?")
"""The embedded engine counts columns from 0."""
# The engine advises its administrator to raise its limits.
_ADVICE = re.compile(r"[.:;]? (You can set|use a smaller|This protects|raise ').*")
_NEVER = "couldn't connect to"
_CONNECTED = ("defunct", "failed to read", "failed to write", "closed connection", "driver closed", "no data")


def overrun(timeout: float) -> QueryError:
    """What is said of a query that its engine would not end and that was ended from here."""
    return QueryError(
        f"The query was stopped after its time limit of {timeout:g} seconds.",
        "Ask for less: fewer hops, a named start, or a LIMIT before the costly part.",
    )


def swollen() -> QueryError:
    """What is said of a query whose answer is more than this process takes in."""
    return QueryError("The query was stopped: its answer was too large.", "Return fewer or smaller values.")


def is_lost(error: Exception) -> bool:
    """Whether the connection broke in the middle of an answer, rather than never coming about."""
    if isinstance(error, SessionExpired):
        return True
    said = str(error).lower()
    if _NEVER in said:  # a handshake that breaks off is told in the words of an answer that does
        return False
    return isinstance(error, DriverError | OSError) and any(word in said for word in _CONNECTED)


def is_unreachable(error: Exception) -> bool:
    """Whether no connection came about at all."""
    return isinstance(error, ServiceUnavailable) and not is_lost(error)


def translate(error: Exception, timeout: float, before: int = 0) -> StoreError:
    """The error to show.

    ``timeout`` is the limit in seconds that the query ran under; ``before`` counts the characters
    that were put before its text.
    """
    if isinstance(error, AuthError):
        return StoreError("The store does not accept the user or the password.", "Check NEO4J_USER and NEO4J_PASSWORD.")
    if is_lost(error):
        return QueryError(
            "The store dropped the query: it needed too much memory, or its answer was too large.",
            "Return fewer or smaller values; a later query works as before.",
        )
    if isinstance(error, Neo4jError):
        return _refused(error.code or "", error.message or "", timeout, before)
    if isinstance(error, BrokenRecordError):
        return QueryError(
            "A value of the answer cannot be shown: it is a time or a duration too far from now.",
            "Return it as text, with toString().",
        )
    if isinstance(error, ServiceUnavailable | DriverError | OSError):
        return StoreError(
            "The store cannot be reached.", f"Is it running, and is its address right? {_short(str(error))}"
        )
    if isinstance(error, RecursionError | MemoryError):
        return QueryError("The answer was too large.", "Return fewer or smaller values.")
    return QueryError(f"The query could not be answered: {_short(str(error))}")


def _refused(code: str, message: str, timeout: float, before: int) -> StoreError:
    said, line, column = _place(message, before)
    text = _short(said)
    if "Security.Forbidden" in code or code.endswith("AccessMode") or "read access mode" in message.lower():
        return QueryError(CHANGED, READ_ONLY)
    if "TimedOut" in code or code.endswith("Transaction.Terminated"):
        return overrun(timeout)
    if "OutOfMemory" in code or "OutOfMemory" in message:
        return QueryError("The query needed too much memory.", "Return fewer or smaller values.")
    if line:
        text = f"{text.rstrip('.')} (line {line}, column {column})"
    if text and text[-1] not in ".!?…":
        text += "."
    if "unknown function" in message.lower():
        return QueryError(text, "Neo4j's own functions work on every store; APOC's do not.", line, column)
    if "procedure" in message.lower() and ("unknown" in message.lower() or "no procedure" in message.lower()):
        return QueryError(text, "docs/queries.md names the procedures that work.")
    if code.endswith("ParameterMissing"):
        return QueryError(text, "Give every $parameter of the query a value.")
    if code.endswith("SyntaxError"):
        return QueryError(text or "The query is not Cypher.", "docs/queries.md has working examples.", line, column)
    if code.startswith("Neo.ClientError.Statement"):
        return QueryError(text or "The query cannot be answered.", "", line, column)
    if "DatabaseNotFound" in code:
        return StoreError(text, "Name an existing database at the end of the address.")
    return QueryError(f"The query could not be answered: {text or code}")


def _place(message: str, before: int) -> tuple[str, int, int]:
    """The message without its place; line and column from 1, or 0 where none is said."""
    if match := _PLACE_NEO4J.search(message):
        line, column = int(match[1]), int(match[2])
        return message[: match.start()] + message[match.end() :], line, column - before if line == 1 else column
    if match := _PLACE_EMBEDDED.search(message):
        # This engine takes EXPLAIN away before it counts.
        rest = message[match.end() :]
        return message[: match.start()] + (":" if match[3] else "") + rest, int(match[1]), int(match[2]) + 1
    return message, 0, 0


def _short(message: str) -> str:
    first = _ADVICE.sub(".", message.strip().split("\n", 1)[0])
    return first if len(first) <= MAX_MESSAGE else first[:MAX_MESSAGE] + "…"
