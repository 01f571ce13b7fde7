"""Entries of a catalogue as somebody wrote them, and their fields read one by one with what is wrong in each.

A record is one subject of a Turtle file, or one entry of a YAML catalogue, as plain values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar

from graphmodel.knowledge.vocabulary import AssetType, Range
from graphmodel.reading.limits import MAX_PROBLEMS
from graphmodel.reading.problems import Advice, Errors, UnreadableError, an, nearest, refusal
from graphmodel.reading.values import brief

KINDS = ("type", "relation", "threat", "rule", "control", "technique")

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True)
class Record:
    """One entry as written: ``values`` maps a field to everything said of it, in order.

    What a field holds is a word, a number, a truth value, a list of these, or, for the parts and relations of
    a pattern, a map from their own fields to lists of these. One that ``overrides`` says what is otherwise in the
    entry of this kind and id that is there already.
    """

    kind: str
    id: str
    values: Mapping[str, Sequence[Any]]
    file: str = ""
    line: int = 0
    overrides: bool = False


_BODY = "on except gains needs via other otherNeeds part where unless by defendedOn".split()  # noqa: SIM905
_RULE = (*_BODY, *"chance trial trialOf basis source".split())  # noqa: SIM905
PART_FIELDS = frozenset("named is except needs trustBelow otherThan any".split())  # noqa: SIM905
LINK_FIELDS = frozenset({"from", "via", "to"})
ABSENCE_FIELDS = frozenset({"from", "via", "to", "is"})
_STRENGTH = "strength againstNovice againstExpert basis source".split()  # noqa: SIM905

_SAID = "label comment synonyms".split()  # noqa: SIM905
FIELDS: Mapping[str, frozenset[str]] = {
    "type": frozenset({*_SAID, "parents", "abstract"}),
    "relation": frozenset({*_SAID, "domain", "range", "parents", "inverse", "derived"}),
    "threat": frozenset(
        {*_SAID, *_RULE, "area", "attack", "maturity", "maturityBasis", "prevalence", "technique", "withoutControl"}
    ),
    "rule": frozenset({*_SAID, *_RULE}),
    "control": frozenset(
        {*_SAID, *_STRENGTH, "area", "function", "appliesTo", "mitigates", "limits", "against", "technique"}
    ),
    "against": frozenset({*_STRENGTH, "threat", "appliesTo"}),
    "technique": frozenset({"label", "notation", "edition", "maturity"}),
}


@dataclass
class Fields:
    """Reads the fields of records; what is wrong with one becomes a problem with its place."""

    errors: Errors = field(default_factory=lambda: Errors(MAX_PROBLEMS))

    def error(self, record: Record, place: str, message: str, fix: Advice) -> None:
        path = f"{record.id}.{place}" if place else record.id
        self.errors.add(message, fix, path, record.line, record.file)

    def unknown(self, record: Record) -> None:
        """Tell of fields that entries of this kind do not have."""
        for name in sorted(set(record.values) - FIELDS[record.kind]):
            said = f"{an(record.kind)} has no field “{brief(name)}”."
            self.error(record, name, said, partial(nearest, name, FIELDS[record.kind]))

    def text(self, record: Record, name: str, default: str = "") -> str:
        values = record.values.get(name, ())
        return str(values[0]) if values else default

    def texts(self, record: Record, name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(str(one) for one in record.values.get(name, ())))

    def word(self, record: Record, name: str, words: type[Word]) -> Word | None:
        found = self.words(record, name, words)
        if len(found) > 1:
            self.error(record, name, f"“{name}” takes one value, not {len(found)}.", "Keep one.")
        return found[0] if found else None

    def words(self, record: Record, name: str, words: type[Word]) -> list[Word]:
        known = {str(one): one for one in words}
        found = []
        for value in record.values.get(name, ()):
            if str(value) in known:
                found.append(known[str(value)])
            else:
                said = f"“{brief(str(value))}” is not {an(_said(words))}."
                self.error(record, name, said, partial(nearest, str(value), known))
        return found

    def names(self, record: Record, name: str, known: Mapping[str, object], what: str) -> tuple[str, ...]:
        found = []
        for value in record.values.get(name, ()):
            if str(value) in known:
                found.append(str(value))
            else:
                said = f"there is no {what} “{brief(str(value))}”."
                self.error(record, name, said, partial(nearest, str(value), known))
        return tuple(sorted(set(found)))

    def number_range(self, record: Record, name: str) -> Range | None:
        values = record.values.get(name, ())
        if not values:
            return None
        value = values[0]
        numbers = value if isinstance(value, list | tuple) else [value]
        if len(numbers) == 1:
            numbers = [numbers[0]] * 3
        good = len(numbers) == 3 and all(isinstance(one, int | float) and not isinstance(one, bool) for one in numbers)
        if not good or not 0 <= numbers[0] <= numbers[1] <= numbers[2] <= 1:
            fix = "Write three numbers from 0 to 1 in rising order: low, most likely, high."
            self.error(record, name, f"“{name}” is not a range of chances.", fix)
            return None
        return Range(float(numbers[0]), float(numbers[1]), float(numbers[2]))


def _said(words: type[StrEnum]) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", words.__name__).lower()


def also(types: Mapping[str, AssetType], of: Iterable[str]) -> frozenset[str]:
    """What an asset of one of these types can be as well: the types themselves, and all around and in them."""
    first = set(of)
    return frozenset(one for known in types.values() if first & known.ancestors for one in known.ancestors)


def unreadable(file: str, message: str, line: int = 0) -> UnreadableError:
    """That a catalogue file cannot be read, to be raised."""
    return refusal(file, message, "Check the file; docs/catalogue.md shows both forms.", line)
