"""What became of each element of a foreign file: the account that an importer gives of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

MOST_MOVED = 10.0
"""What an answer is said to move at most, in times of what may be lost; also where that was nothing before it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of element of a file: how many there are, what became of them, and why not of the rest.

    ``found`` is ``taken`` plus ``joined`` (one with an element that was there before) plus ``omitted``.
    """

    kind: str
    found: int
    taken: int
    joined: int
    omitted: int
    reasons: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Untyped:
    """An asset of which no row of the typing table says what it is: what it shows, and the types that it may be."""

    asset: str
    signs: tuple[tuple[str, str], ...]
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that can be tried: that an asset is of a type, that a zone is trusted so far, that one asset is the
    same as another. ``kind`` is ``type``, ``trust`` or ``same``, ``about`` the id, ``value`` the type, trust or id.
    """

    kind: str
    about: str
    value: str


@dataclass(frozen=True, slots=True)
class Question:
    """What only a person can say: about which element (its id, or empty for the system), and the question.

    ``answers`` are some that can be tried; ``first`` are those without which there are no numbers at all.
    """

    about: str
    question: str
    answers: tuple[Answer, ...] = ()
    first: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """What one file gave: its elements by kind, the assets of unknown type, and what to ask a person."""

    file: str
    importer: str
    rows: tuple[Row, ...] = ()
    untyped: tuple[Untyped, ...] = ()
    questions: tuple[Question, ...] = ()


@dataclass
class Tally:
    """Counts what becomes of the elements of a file, kind by kind."""

    taken: Counter[str] = field(default_factory=Counter)
    joined: Counter[str] = field(default_factory=Counter)
    omitted: dict[str, Counter[str]] = field(default_factory=dict)

    def omit(self, kind: str, reason: str) -> None:
        """Count one that was left out for a reason."""
        self.omitted.setdefault(kind, Counter())[reason] += 1

    def rows(self) -> tuple[Row, ...]:
        """The account, by kind in the order of the alphabet."""
        kinds = sorted({*self.taken, *self.joined, *self.omitted})
        rows = []
        for kind in kinds:
            reasons = self.omitted.get(kind, Counter())
            taken, joined, left = self.taken[kind], self.joined[kind], reasons.total()
            rows.append(Row(kind, taken + joined + left, taken, joined, left, tuple(sorted(reasons.items()))))
        return tuple(rows)
