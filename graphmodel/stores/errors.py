"""What can go wrong with a store, in words for the person who asked."""

from __future__ import annotations


class StoreError(Exception):
    """The store cannot be used: ``message`` says what happened, ``hint`` what to do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.message = message
        self.hint = hint


class QueryError(StoreError):
    """One query was refused or stopped; the store still answers others.

    ``line`` and ``column`` count from 1 and say where in the text; 0 is unknown.
    """

    def __init__(self, message: str, hint: str = "", line: int = 0, column: int = 0) -> None:
        super().__init__(message, hint)
        self.line = line
        self.column = column
