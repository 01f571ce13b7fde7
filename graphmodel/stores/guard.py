"""A second fence in front of every engine; the first is the engine's own read-only user.

Some of what must not run is not a write: reading files or addresses, procedures that wait or load,
several statements at once. The text is read word by word, so that a string, a comment or a quoted
name never counts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from graphmodel.stores.errors import QueryError

MAX_TEXT = 20_000
MAX_PARAMETERS = 1_000_000
MAX_NESTING = 100
"""Depth of brackets; parsers work by recursion, and a deep text makes them run out of stack."""

PROCEDURES = ("db.labels", "db.relationshiptypes", "db.propertykeys", "db.schema.visualization", "dbms.components")
"""Procedures that only describe the data."""
ALGORITHMS = "algo."
"""Prefix of the embedded engine's graph algorithms, which only read."""

_TOKENS = re.compile(
    r"""(?P<skip>\s+|//[^\n\r]*|/\*.*?\*/)
      | (?P<string>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")
      | (?P<name>`(?:[^`]|``)*`)
      | (?P<word>[^\W\d]\w*)
      | (?P<open>/\*|['"`])
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\u+([0-9a-fA-F]{4})")
# Functions that run a text as another query would walk around this fence.
_APOC = frozenset({"cypher", "load", "import", "export", "periodic", "custom", "trigger", "systemdb"})
_SHOWN = frozenset({"index", "indexes", "constraint", "constraints"})
_HINT = "Ad hoc queries may only read the model."


def check(text: str, parameters: Mapping[str, Any]) -> None:
    """Raise ``QueryError`` for a text that no store shall run, whatever its user may do."""
    if not text.strip():
        raise QueryError("The query is empty.")
    if len(text) > MAX_TEXT:
        raise QueryError(f"The query is longer than {MAX_TEXT:,} characters.", "Pass long values as parameters.")
    _check_parameters(parameters)
    # Neo4j replaces \u escapes before it reads the text, strings included; so does this fence.
    for variant in {text, _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)}:
        _check_words(_words(variant))


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


def _words(text: str) -> list[str]:
    """Words in lower case, quoted names without their quotes, other characters one by one."""
    found: list[str] = []
    for match in _TOKENS.finditer(text):
        kind, piece = match.lastgroup, match.group()
        if kind == "open":
            raise QueryError(f"A {'comment' if piece == '/*' else 'quotation'} is not closed.", *_place(text, match))
        if kind == "string":
            found.append("''")
        elif kind == "name":
            found.append(piece[1:-1].lower())
        elif kind == "word":
            found.append(piece.lower())
        elif kind == "other" and piece.isascii() and piece.isprintable():
            # Engines skip invisible characters between words, so they must not hide two words from us.
            found.append(piece)
    return found


def _place(text: str, match: re.Match[str]) -> tuple[str, int, int]:
    before = text[: match.start()]
    return "", before.count("\n") + 1, match.start() - before.rfind("\n")


def _check_words(words: list[str]) -> None:
    _check_statement(words)
    depth = 0
    for index, word in enumerate(words):
        depth += (word in ("(", "[", "{")) - (word in (")", "]", "}"))
        if depth > MAX_NESTING:
            raise QueryError(f"Brackets are nested deeper than {MAX_NESTING}.")
        after = words[index + 1 :]
        if word == ";" and any(one != ";" for one in after):
            raise QueryError("There is more than one statement.", "Run one query at a time.")
        if word == "load" and after[:1] == ["csv"]:
            raise QueryError("A query must not read files or addresses.", _HINT)
        if word == "apoc" and after[:1] == ["."] and set(after[1:2]) & _APOC:
            raise QueryError(f"The function apoc.{after[1]} is not available here.", _HINT)
        if word == "call" and (index == 0 or words[index - 1] not in (".", ":", "$")):
            _check_call(after)


def _check_statement(words: list[str]) -> None:
    first = words[0] if words else ""
    if first in ("explain", "profile"):
        # The embedded engine hides errors under PROFILE, and does not apply its time limit.
        raise QueryError(f"{first.upper()} is not available here.", "Run the query itself.")
    if first == "terminate" or (first == "show" and not _SHOWN & set(words[1:4])):
        raise QueryError("Transactions, users and settings are not for ad hoc queries.", _HINT)


def _check_call(after: list[str]) -> None:
    """Allow a subquery, or a procedure that is known to only read."""
    if not after or (len(after[0]) == 1 and not after[0].isalnum() and after[0] != "_"):
        return
    name, position = after[0], 1
    while after[position : position + 1] == ["."] and position + 1 < len(after):
        name += "." + after[position + 1]
        position += 2
    if "." not in name and after[position : position + 1] != ["("]:
        return  # a variable or property called "call"; the engine has the last word
    if name not in PROCEDURES and not name.startswith(ALGORITHMS):
        raise QueryError(f"The procedure {name[:80]} is not available here.", f"{_HINT} See docs/queries.md.")
