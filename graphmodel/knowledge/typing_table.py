"""The typing table: what an image, a package, a node type or a word of a title says about the type of an asset.

Rows are data (``ontology/typing/*.yaml``, and users' own files, which come first). A row looks at one kind of sign and
holds patterns of whole values, in which ``*`` stands for anything; of ``name`` and ``data`` signs it holds whole words,
with a ``*`` before them where they only count at the end of what a title is about.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from graphmodel.knowledge.ontology import ontology_directory
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.reading.limits import MAX_PATTERNS
from graphmodel.reading.problems import Problem, UnreadableError, nearest
from graphmodel.reading.values import Place, Text
from graphmodel.reading.yaml_text import read_yaml

WORDS = ("name", "data")
"""The kinds of signs that are matched by whole words: of a title, and of the title of what is known to be data."""

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
    """What the table says of a part: its type and the row that decided, or None and the types that it may be.

    ``word`` is given where one word of a longer title decided.
    """

    type: str | None
    confidence: float = 0.0
    reason: str = ""
    suggestions: tuple[str, ...] = ()
    word: str = ""


@dataclass(frozen=True)
class TypingTable:
    """Rows in the order in which they count: a user's own before those that are shipped."""

    own: tuple[TypingRow, ...]
    shipped: tuple[TypingRow, ...]

    def verdict(self, signs: Sequence[tuple[str, str]], catalogue: Catalogue, within: Sequence[str] = ()) -> Verdict:
        """The type that the first sign with a fitting row gives; of several rows the one of the longest pattern, and of
        words in a title those that stand last in what it is about: a “customer portal (login)” is a portal.

        Own rows are asked with every sign before any that is shipped. Where patterns of equal rank say types of which
        none is a kind of the other, and where the row is not sure, nothing is decided and all are suggested. Rows of
        types that are no kind of any in ``within`` are not looked at.
        """
        suggestions: dict[str, None] = {}
        for rows in (self._own_index, self._index):
            for kind, value in signs:
                hits = rows.get(kind, _NOTHING).hits(value)
                if within:
                    hits = [hit for hit in hits if any(catalogue.is_a(hit[1].type, one) for one in within)]
                if not hits:
                    continue
                highest = max(rank for rank, _ in hits)
                best = [row for rank, row in hits if rank == highest]
                types = _most_special([row.type for row in best], catalogue)
                chosen = max((row for row in best if row.type == types[0]), key=lambda row: row.confidence)
                if len(types) == 1 and chosen.confidence >= ASKED:
                    word = _one_word(value, highest) if kind in WORDS else ""
                    return Verdict(chosen.type, chosen.confidence, f"{kind} “{value[:80]}”", word=word)
                suggestions.update(dict.fromkeys(types))
        return Verdict(None, suggestions=tuple(suggestions))

    @cached_property
    def _own_index(self) -> Mapping[str, _Rows]:
        return _indexed(self.own)

    @cached_property
    def _index(self) -> Mapping[str, _Rows]:
        return _indexed(self.shipped)


Rank = tuple[int, ...]


class _Rows:
    """The rows for one kind of sign: plain values by look-up, patterns and words one after the other."""

    def __init__(self, kind: str, rows: Iterable[TypingRow]) -> None:
        self.plain: dict[str, list[tuple[Rank, TypingRow]]] = {}
        self.patterns: list[tuple[int, re.Pattern[str], TypingRow]] = []
        self.words: dict[tuple[str, ...], list[tuple[bool, TypingRow]]] = {}
        self.by_words = kind in WORDS
        for row in rows:
            for match in row.match:
                wanted = match.casefold()
                if self.by_words:
                    split = tuple(_WORD.findall(wanted))
                    self.words.setdefault(split, []).append((wanted.startswith("*"), row))
                elif "*" in wanted:
                    length = len(match.replace("*", ""))
                    self.patterns.append((length, re.compile(fnmatch.translate(wanted)), row))
                else:
                    self.plain.setdefault(wanted, []).append(((len(match),), row))
        self.most = max(map(len, self.words), default=0)
        self.known: dict[str, list[tuple[Rank, TypingRow]]] = {}

    def hits(self, value: str) -> list[tuple[Rank, TypingRow]]:
        said = value.casefold()[:_LONGEST]
        if self.by_words:
            return self.of_words(said)
        found = self.known.get(said)
        if found is None:
            found = list(self.plain.get(said, ()))
            found.extend(((length,), row) for length, pattern, row in self.patterns if pattern.match(said))
            if len(self.known) < _KNOWN:
                self.known[said] = found
        return found

    def of_words(self, said: str) -> list[tuple[Rank, TypingRow]]:
        """Rows whose words stand in a title; the surer rank first, then what stands last in its head, then length."""
        head = len(_WORD.findall(_AFTER_HEAD.split(said.strip(), maxsplit=1)[0]))
        words = _WORD.findall(said)
        found: list[tuple[Rank, TypingRow]] = []
        for start in range(len(words)):
            for end in range(start + 1, min(start + self.most, len(words)) + 1):
                for last, row in self.words.get(tuple(words[start:end]), ()):
                    if not last or end in (head, len(words)):
                        inside = end <= head
                        rank = (row.confidence >= ASKED, inside, end if inside else -start, end - start)
                        found.append((rank, row))
        return found


def _one_word(value: str, rank: Rank) -> str:
    """The word that decided of a longer title; empty where several did, or where the title is no longer."""
    words = _WORD.findall(value.casefold()[:_LONGEST])
    _, inside, at, length = rank
    return words[at - 1 if inside else -at] if length == 1 and len(words) > 1 else ""


_WORD = re.compile(r"[^\W_]+(?:[.+#][^\W_]+)*")
_AFTER_HEAD = re.compile(
    r"[(\[,:;|]|\s[-\u2013\u2014]+\s|\b(?:for|of|in|with|to|from|via|on|by|using|at|per|running|that|which)\b"
)
_LONGEST = 300  # of a value that is looked at
_KNOWN = 1_000  # values of each kind of sign that need not be looked for again: thousands of shapes have a few stencils
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
        own.extend(_own_rows(text, catalogue, problems))
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


def _own_rows(text: Text, catalogue: Catalogue, problems: list[Problem]) -> list[TypingRow]:
    """``read_rows`` of a stranger's file, as a checkout may hold one; none where there are too many."""
    blocks = text.value.get("rows") if isinstance(text.value, dict) else None
    rows = blocks if isinstance(blocks, list) else []
    lists = (found for one in rows if isinstance(one, dict) for found in one.values() if isinstance(found, list))
    if len(rows) + sum(map(len, lists)) > MAX_PATTERNS:
        message = f"there are more than {MAX_PATTERNS:,} rows and patterns in this table."
        problems.append(text.problem("error", ("rows",), message, "Leave out what this system does not need."))
        return []
    return read_rows(text, catalogue, problems)


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
