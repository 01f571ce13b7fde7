"""A fence in front of every engine: an ad hoc query is read before it is sent, and only reading passes.

The engine's own fence is its read-only user or session. That stops writes and no more: a query that
reads files, addresses or settings, or ends what others do, is a reading one to a Neo4j server. So
this fence allows instead of forbidding. Between two operands of Cypher stands a sign or a word that
joins them, and every command begins with a word; a word that is not in ``dialect`` is therefore no
command as long as it stands where only a name can stand.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from graphmodel.stores import dialect
from graphmodel.stores.errors import QueryError
from graphmodel.stores.tokens import Kind, Token, plain, read, refusal

MAX_TEXT = 20_000
MAX_PARAMETERS = 1_000_000
MAX_NESTING = 100
"""Depth of brackets; parsers work by recursion, and a deep text makes them run out of stack."""
READ_ONLY = "Ad hoc queries may only read the model. Change the system's document instead and open it again."
CHANGED = "The query tried to change something, or to look where it may not."
_READING = "Ad hoc queries may only read the model; docs/queries.md says what they may use."
_ADMIN = "Transactions, users and settings are not for ad hoc queries."


def check(text: str, parameters: Mapping[str, Any], *, algorithms: bool = False) -> str:
    """The text to send for a query that only reads: the same, with its comments blanked.

    ``algorithms`` allows the procedures of the embedded engine. Raises ``QueryError`` for a text
    that no store shall run, whatever its user may do.
    """
    if not text.strip():
        raise QueryError("The query is empty.")
    if len(text) > MAX_TEXT:
        raise QueryError(f"The query is longer than {MAX_TEXT:,} characters.", "Pass long values as parameters.")
    _check_parameters(parameters)
    tokens, sent = read(text)
    _Reading(text, tokens, algorithms).check(parameters)
    return sent


def _check_parameters(parameters: Mapping[str, Any]) -> None:
    try:
        size = len(json.dumps(dict(parameters), allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise QueryError(
            "A parameter is neither text, number, truth value, list nor map.", "Parameters are JSON values."
        ) from error
    if size > MAX_PARAMETERS:
        raise QueryError(f"The parameters are larger than {MAX_PARAMETERS:,} characters.")
    if any(not isinstance(name, str) or not name.isidentifier() for name in parameters):
        raise QueryError("A parameter's name is a word of letters, digits and underscores.")
    for number in _whole_numbers(parameters):
        if not -(2**63) <= number < 2**63:
            raise QueryError("A whole number in the parameters does not fit into 64 bits.")


def _whole_numbers(value: Any) -> list[int]:
    if isinstance(value, Mapping):
        return [number for one in value.values() for number in _whole_numbers(one)]
    if isinstance(value, list | tuple):
        return [number for one in value for number in _whole_numbers(one)]
    return [value] if isinstance(value, int) else []


class _Reading:
    """One query and where we are in it."""

    def __init__(self, text: str, tokens: Sequence[Token], algorithms: bool) -> None:
        self._text, self._tokens, self._algorithms = text, tokens, algorithms

    def check(self, parameters: Mapping[str, Any]) -> None:
        start = self._check_start()
        depth = 0
        operand = start > 0  # whether the token before ends an operand
        for index, token in enumerate(self._tokens[start:], start):
            depth += token.is_sign("(", "[", "{") - token.is_sign(")", "]", "}")
            if depth > MAX_NESTING:
                raise self._refusal(token, f"Brackets are nested deeper than {MAX_NESTING}.", "")
            if token.is_sign(";") and not all(one.is_sign(";") for one in self._tokens[index:]):
                raise self._refusal(token, "There is more than one statement.", "Run one query at a time.")
            if token.kind is Kind.PARAMETER and token.value not in parameters:
                self._check_dynamic(index)
            if token.is_word("call"):
                self._check_call(index)
            if token.kind in (Kind.WORD, Kind.NAME):
                self._check_function(index)
            operand = self._check_order(index, token, operand)

    def _check_start(self) -> int:
        """Check the first words; where the rest begins."""
        first = self._tokens[0] if self._tokens else None
        if first is None:
            raise QueryError("The query is empty.")
        if first.is_word("explain", "profile"):
            # The embedded engine hides errors under PROFILE, and does not apply its time limit.
            raise self._refusal(first, f"{first.value.upper()} is not available here.", "Run the query itself.")
        if first.is_word("show"):
            place = 1
            while self._at(place).is_one_of(dialect.SHOWN_KINDS):
                place += 1
            if not self._at(place).is_one_of(dialect.SHOWN):
                raise self._refusal(first, _ADMIN, _READING)
            return place + 1
        if not first.is_one_of(dialect.STARTS):
            raise self._unknown(first)
        return 0

    def _check_order(self, index: int, token: Token, operand: bool) -> bool:
        """Refuse two operands side by side; whether the token ends an operand."""
        before = self._at(index - 1)
        named = before.is_sign(".") or (before.is_word("as") and not self._at(index - 2).is_sign("."))
        if token.kind is Kind.SIGN:
            if token.value == "*" and before.is_word("with", "return", "yield", "distinct"):
                return not self._at(index - 2).is_sign(":", "|")  # everything, and no number of hops
            return token.value in ")]}"
        if self._is_keyword(index) and not named:
            if token.value == "in" and before.is_sign("}") and self._at(index + 1).is_word("transactions"):
                raise self._refusal(token, "A query cannot open transactions of its own.", _READING)
            return token.value in dialect.ENDINGS
        if operand:
            raise self._unknown(token)
        return True

    def _is_keyword(self, index: int) -> bool:
        token, place = self._at(index), index + 1
        if not token.is_word("union", "next"):
            return token.is_one_of(dialect.KEYWORDS)
        if token.value == "union" and self._at(place).is_word("all", "distinct"):
            place += 1
        return self._at(place).is_one_of(dialect.STARTS)

    def _check_dynamic(self, index: int) -> None:
        """Refuse a parameter without a value, unless it is none: ``$any(...)`` computes a label."""
        token = self._at(index)
        if token.value.lower() not in ("any", "all") or not self._at(index + 1).is_sign("("):
            raise self._refusal(token, f"${token.value} has no value.", "Give every $parameter of the query a value.")

    def _check_call(self, index: int) -> None:
        """Allow a subquery, a procedure that is known to only read, and anything of the name "call"."""
        name, place = self._dotted(index + 1)
        if "." not in name and (not self._at(place).is_sign("(") or not name):
            return
        if "." not in name and self._at(index + 1).is_one_of(dialect.KEYWORDS):
            return
        if name in dialect.PROCEDURES or (self._algorithms and name.startswith(dialect.ALGORITHMS)):
            return
        raise self._refusal(self._at(index + 1), f"The procedure {name[:80]} is not available here.", _READING)

    def _check_function(self, index: int) -> None:
        token, before = self._at(index), self._at(index - 1)
        name, place = self._dotted(index)
        if not self._at(place).is_sign("(") or before.is_word("call"):
            return
        if before.is_sign(".") and self._at(index - 2).kind in (Kind.WORD, Kind.NAME):
            return  # looked at with its first part
        first, *others = name.split(".")
        if not others and before.is_sign(":") and self._at(index - 3).is_word("index", "seek", "scan"):
            return  # the label of a hint
        if not others and (first in dialect.FUNCTIONS or token.is_one_of(dialect.KEYWORDS)):
            return
        if others and (first in dialect.NAMESPACES or (first == "apoc" and others[0] in dialect.APOC)):
            return
        if token.is_one_of(dialect.WRITES):
            raise self._unknown(token)
        hint = "Neo4j's own functions work on every store, and of APOC's those that only compute."
        raise self._refusal(token, f"The function {name[:80]} is not available here.", hint)

    def _dotted(self, index: int) -> tuple[str, int]:
        """The name that begins there, in lower case and with its namespaces, and the place after it."""
        if self._at(index).kind not in (Kind.WORD, Kind.NAME):
            return "", index
        name, place = plain(self._at(index).value), index + 1
        while self._at(place).is_sign(".") and self._at(place + 1).kind in (Kind.WORD, Kind.NAME):
            name += "." + plain(self._at(place + 1).value)
            place += 2
        return name, place

    def _at(self, index: int) -> Token:
        return self._tokens[index] if 0 <= index < len(self._tokens) else Token(Kind.SIGN, "", 0, 0)

    def _refusal(self, token: Token, message: str, hint: str) -> QueryError:
        return refusal(message, hint, self._text, token.start)

    def _unknown(self, token: Token) -> QueryError:
        """The refusal of a token that stands where only words of reading queries can."""
        if token.is_one_of(dialect.WRITES):
            return self._refusal(token, CHANGED, READ_ONLY)
        if token.is_word("load", "csv"):
            return self._refusal(token, "A query must not read files or addresses.", _READING)
        if token.is_word("show", "terminate"):
            return self._refusal(token, _ADMIN, _READING)
        shown = self._text[token.start : token.end][:40]
        return self._refusal(token, f"“{shown}” cannot stand here in a query that reads.", _READING)
