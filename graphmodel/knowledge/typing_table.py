"""The typing table: what an image, a package, a node type or a word of a title says about the type of an asset.

Rows are data (``ontology/typing/*.yaml``, and users' own files, which come first). A row looks at one kind of sign and
holds patterns of whole values, in which ``*`` stands for anything; of ``name`` signs it holds whole words.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from graphmodel.knowledge.ontology import ontology_directory
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.reading.problems import Problem, UnreadableError, nearest
from graphmodel.reading.values import Place, Text
from graphmodel.reading.yaml_text import read_yaml

WORDS = "name"
"""The kind of sign that is matched by whole words."""

ASKED = 0.5
"""A row of less confidence than this only suggests: the asset stays untyped, and a person is asked."""


@dataclass(frozen=True, slots=True)
class TypingRow:
    """What a sign says: the kind of sign, its patterns, the asset type, and how sure that is (0 to 1)."""

    sign: str
    match: tuple[str, ...]
    type: str
    confidence: float
    file: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the table says of a part: its type and the row that decided, or None and the types that it may be."""

    type: str | None
    confidence: float = 0.0
    reason: str = ""
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True)
class TypingTable:
    """Rows in the order in which they count: a user's own before those that are shipped."""

    own: tuple[TypingRow, ...]
    shipped: tuple[TypingRow, ...]

    def verdict(self, signs: Sequence[tuple[str, str]], catalogue: Catalogue) -> Verdict:
        """The type that the first sign with a fitting row gives; of several rows the one of the longest pattern.

        Own rows are asked with every sign before any that is shipped. Where equally long patterns say types of which
        none is a kind of the other, and where the row is not sure, nothing is decided and all are suggested.
        """
        suggestions: dict[str, None] = {}
        for rows in (self._own_index, self._index):
            for kind, value in signs:
                hits = rows.get(kind, _NOTHING).hits(value)
                if not hits:
                    continue
                longest = max(length for length, _ in hits)
                best = [row for length, row in hits if length == longest]
                types = _most_special([row.type for row in best], catalogue)
                chosen = max((row for row in best if row.type == types[0]), key=lambda row: row.confidence)
                if len(types) == 1 and chosen.confidence >= ASKED:
                    return Verdict(chosen.type, chosen.confidence, f"{kind} “{value[:80]}”")
                suggestions.update(dict.fromkeys(types))
        return Verdict(None, suggestions=tuple(suggestions))

    @cached_property
    def _own_index(self) -> Mapping[str, _Rows]:
        return _indexed(self.own)

    @cached_property
    def _index(self) -> Mapping[str, _Rows]:
        return _indexed(self.shipped)


class _Rows:
    """The rows for one kind of sign: plain values by look-up, patterns and words one after the other."""

    def __init__(self, kind: str, rows: Iterable[TypingRow]) -> None:
        self.plain: dict[str, list[tuple[int, TypingRow]]] = {}
        self.patterns: list[tuple[int, re.Pattern[str], TypingRow]] = []
        for row in rows:
            for match in row.match:
                wanted, length = match.casefold(), len(match.replace("*", ""))
                if kind == WORDS:
                    self.patterns.append((length, re.compile(rf"(?<![^\W_]){re.escape(wanted)}(?![^\W_])"), row))
                elif "*" in wanted:
                    self.patterns.append((length, re.compile(fnmatch.translate(wanted)), row))
                else:
                    self.plain.setdefault(wanted, []).append((length, row))
        self.words = kind == WORDS

    def hits(self, value: str) -> list[tuple[int, TypingRow]]:
        said = value.casefold()[:_LONGEST]
        found = list(self.plain.get(said, ()))
        for length, pattern, row in self.patterns:
            if pattern.search(said) if self.words else pattern.match(said):
                found.append((length, row))
        return found


_LONGEST = 300  # of a value that is looked at
_NOTHING = _Rows("", ())


def _indexed(rows: Iterable[TypingRow]) -> Mapping[str, _Rows]:
    kinds: dict[str, list[TypingRow]] = {}
    for row in rows:
        kinds.setdefault(row.sign, []).append(row)
    return {kind: _Rows(kind, found) for kind, found in kinds.items()}


def _most_special(types: Iterable[str], catalogue: Catalogue) -> list[str]:
    """The types of which no other one is a kind."""
    found = list(dict.fromkeys(types))
    return [one for one in found if not any(other != one and catalogue.is_a(other, one) for other in found)]


def load_typing(
    catalogue: Catalogue, extra: Sequence[tuple[str, bytes]] = ()
) -> tuple[TypingTable, tuple[Problem, ...]]:
    """The shipped table with users' own files (name, content) before it; raises nothing for what those hold."""
    problems: list[Problem] = []
    own: list[TypingRow] = []
    for name, data in extra:
        try:
            text = read_yaml(data, name)
        except UnreadableError as error:
            problems.append(error.problem)
            continue
        own.extend(read_rows(text, catalogue, problems))
    return TypingTable(tuple(own), _shipped(catalogue)), tuple(problems)


@cache
def _texts() -> tuple[Text, ...]:
    paths = sorted((ontology_directory() / "typing").glob("*.yaml"))
    return tuple(read_yaml(path.read_bytes(), path.name) for path in paths)


def _shipped(catalogue: Catalogue) -> tuple[TypingRow, ...]:
    problems: list[Problem] = []
    rows = tuple(row for text in _texts() for row in read_rows(text, catalogue, problems))
    if problems:
        raise ValueError(f"the shipped typing table is wrong: {problems[0]}")
    return rows


def read_rows(text: Text, catalogue: Catalogue, problems: list[Problem]) -> list[TypingRow]:
    """The rows of one file: maps from a type to maps from a kind of sign to patterns; ``confidence`` is for all of a
    block. What is wrong is added to the problems, and left out.
    """
    rows: list[TypingRow] = []
    blocks = text.value.get("rows") if isinstance(text.value, dict) else None
    if not isinstance(blocks, list):
        problems.append(text.problem("error", (), "a typing table has a list “rows”.", "See docs/importers.md."))
        return rows
    for number, block in enumerate(blocks):
        rows.extend(_block(text, ("rows", number), block, catalogue, problems))
    return rows


def _block(
    text: Text, place: Place, block: object, catalogue: Catalogue, problems: list[Problem]
) -> Iterable[TypingRow]:
    def wrong(where: Place, message: str, fix: str) -> None:
        problems.append(text.problem("error", where, message, fix))

    if not isinstance(block, dict):
        wrong(place, "a row is a map with “type”, “confidence” and signs.", "See docs/importers.md.")
        return
    type_, confidence, note = block.get("type"), block.get("confidence", 1.0), block.get("note", "")
    known = {name for name, one in catalogue.types.items() if not one.abstract}
    if type_ not in known:
        wrong((*place, "type"), f"there is no asset type “{str(type_)[:60]}”.", nearest(str(type_), known))
        return
    if isinstance(confidence, bool) or not isinstance(confidence, int | float) or not 0 < confidence <= 1:
        wrong((*place, "confidence"), "a confidence is a number above 0 and up to 1.", "Write 0.9.")
        return
    for sign, match in block.items():
        if sign in ("type", "confidence", "note"):
            continue
        values = match if isinstance(match, list) else [match]
        if not values or not all(isinstance(one, str | int | float) and str(one).strip("* ") for one in values):
            wrong((*place, sign), "patterns are texts with more than “*” in them.", "Write a list of texts.")
            continue
        texts = tuple(str(one).strip() for one in values)
        yield TypingRow(str(sign), texts, type_, float(confidence), text.file, str(note))
