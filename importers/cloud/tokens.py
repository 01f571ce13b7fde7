"""Languages of blocks, as HCL and Bicep are, in tokens: what is between quotes is one, with the gaps in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple


class Token(NamedTuple):
    """A piece of a text with its line."""

    kind: str  # name, number, string, newline, mark
    text: str
    line: int


@dataclass(frozen=True)
class Lexis:
    """How a language is written.

    ``token`` has the groups ``space``, ``newline``, ``name``, ``number``, ``quote``, at which a text begins, and
    ``mark``, which takes any character; ``heredoc`` or ``long`` where it has texts of more lines. ``piece`` are pieces
    of a text between quotes, any character too; ``gaps`` begin an expression in it.
    """

    token: re.Pattern[str]
    piece: re.Pattern[str]
    quote: str
    gaps: tuple[str, ...]

    def tokens(self, words: str) -> Iterator[Token]:
        """All tokens but blanks and comments."""
        at, line = 0, 1
        while match := self.token.match(words, at):
            kind, text, end = str(match.lastgroup), match[0], match.end()
            if kind == "quote":
                text, end = self._text(words, end)
                yield Token("string", text, line)
            elif kind == "heredoc":
                text, end = _heredoc(words, end, match["heredoc"])
                yield Token("string", text, line)
            elif kind == "long":
                yield Token("string", match["long"], line)
            elif kind != "space":
                yield Token(kind, text, line)
            line += words.count("\n", at, end)
            at = end

    def _text(self, words: str, at: int) -> tuple[str, int]:
        """A text from after its first quote, with what is in gaps; one that is not closed ends with its line."""
        start, inside = at, [False]  # for each level whether it is a gap
        while match := self.piece.match(words, at):
            said, at = match[0], match.end()
            if said == self.quote:
                if inside[-1]:
                    inside.append(False)
                else:
                    inside.pop()
                    if not inside:
                        return words[start : at - 1], at
            elif said in self.gaps or (said == "{" and inside[-1]):
                inside.append(True)
            elif said == "}" and inside[-1]:
                inside.pop()
            elif said == "\n" and not inside[-1]:
                return words[start : at - 1], at - 1
        return words[start:], at


def _heredoc(words: str, at: int, mark: str) -> tuple[str, int]:
    start = at
    while at < len(words):
        end = words.find("\n", at)
        end = len(words) if end < 0 else end
        if words[at:end].strip() == mark:
            return words[start:at], end
        at = end + 1
    return words[start:], len(words)
