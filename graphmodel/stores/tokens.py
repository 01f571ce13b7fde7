"""The words, texts and signs of a Cypher query, told apart as every engine tells them apart, or refused.

Where engines differ, or one reads more into a text than it shows, the query is refused; so whatever
is decided about these tokens is decided about what the engine will see.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from graphmodel.stores.errors import QueryError


class Kind(Enum):
    """What a token is; a ``NAME`` is quoted in backticks, a ``TEXT`` is a string."""

    WORD = auto()
    NAME = auto()
    TEXT = auto()
    NUMBER = auto()
    PARAMETER = auto()
    SIGN = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A token and its place, from ``start`` up to ``end``.

    ``value`` is what it says: a word in lower case, a name or a parameter without its quotes.
    """

    kind: Kind
    value: str
    start: int
    end: int

    def is_word(self, *words: str) -> bool:
        return self.kind is Kind.WORD and self.value in words

    def is_one_of(self, words: frozenset[str]) -> bool:
        return self.kind is Kind.WORD and self.value in words

    def is_sign(self, *signs: str) -> bool:
        return self.kind is Kind.SIGN and self.value in signs


_TOKENS = re.compile(
    r"""(?P<skip>\s+|//[^\n\r]*|/\*.*?\*/)
      | (?P<text>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")
      | (?P<name>`(?:[^`]|``)*`)
      | (?P<word>[^\W\d]\w*)
      | (?P<number>(?:0[xX][0-9a-fA-F]+|0o[0-7]+
                     |[0-9][0-9_]*(?:\.[0-9][0-9_]*)?(?:[eE][+-]?[0-9]+)?[fFdD]?)(?!\w))
      | (?P<open>/\*|['"`])
      | (?P<sign>[][(){}.,:;|&!%<>=+\-*/^~$])
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
# Neo4j 5 replaces these before it reads the text, quotation marks included.
_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*(\\[uU]+[0-9a-fA-F]{4})")
_KINDS = {"text": Kind.TEXT, "name": Kind.NAME, "word": Kind.WORD, "number": Kind.NUMBER, "sign": Kind.SIGN}


def read(text: str) -> tuple[list[Token], str]:
    """The tokens, and the text to send: comments are blanked and every place stays where it was.

    Raises ``QueryError`` with the place of what is not closed, or what engines could read differently.
    """
    tokens: list[Token] = []
    sent: list[str] = []
    for match in _TOKENS.finditer(text):
        group, piece = match.lastgroup or "", match.group()
        sent.append(piece if group != "skip" else "".join(one if one in "\n\r" else " " for one in piece))
        if group == "skip":
            continue
        _check(text, group, piece, match.start())
        value = piece
        if group == "word":
            value = plain(piece)
        elif group == "name":
            value = piece[1:-1].replace("``", "`")
        token = Token(_KINDS[group], value, match.start(), match.end())
        if tokens and tokens[-1].is_sign("$") and token.kind in (Kind.WORD, Kind.NAME, Kind.NUMBER):
            name = piece if group == "word" else value
            token = Token(Kind.PARAMETER, name, tokens.pop().start, match.end())
        tokens.append(token)
    return tokens, "".join(sent)


def plain(word: str) -> str:
    """A word in lower case, unless it has other letters than engines compare without regard to case."""
    return word.lower() if word.isascii() else word


def place(text: str, position: int) -> tuple[int, int]:
    """Line and column of a position, from 1."""
    before = text[:position]
    return before.count("\n") + 1, position - before.rfind("\n")


def refusal(message: str, hint: str, text: str, position: int) -> QueryError:
    """The error that names the place."""
    line, column = place(text, position)
    return QueryError(f"{message} (line {line}, column {column})", hint, line, column)


def _check(text: str, group: str, piece: str, start: int) -> None:
    if group == "open":
        what = "comment" if piece == "/*" else "quotation"
        raise refusal(f"A {what} is not closed.", "", text, start)
    if group == "other" or (group == "word" and not piece.isidentifier()):
        hint = "Outside of texts and names in backticks there are only letters, digits and the signs of Cypher."
        if piece.isascii() and piece.isdigit():
            raise refusal("A number runs into a word.", "Put a space between them.", text, start)
        shown = piece if piece.isprintable() else f"U+{ord(piece[0]):04X}"
        raise refusal(f"“{shown}” is no part of a query.", hint, text, start)
    if group in ("text", "name"):
        for escape in _ESCAPE.finditer(piece):
            if group == "name" or not _is_harmless(escape[1]):
                hint = "Write the character itself, or give the text as a parameter."
                raise refusal(f"The escape {escape[1]} is not available here.", hint, text, start + escape.start(1))


def _is_harmless(escape: str) -> bool:
    """Whether a text stays the same text, read with the escape or with its character in place."""
    character = chr(int(escape[2:], 16)) if escape[:3].lower() != "\\uu" else ""
    return character.isprintable() and character not in ("", "'", '"', "\\", "`")
