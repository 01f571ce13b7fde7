"""Takes what is there from values that nobody has checked: wrong shapes become problems, never exceptions."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphmodel.reading.limits import MAX_ENTRIES, MAX_PROBLEMS
from graphmodel.reading.problems import Problem, alike
from graphmodel.reading.values import Place, Text

MAX_ELEMENTS = MAX_ENTRIES
MAX_GUESSES = 300  # names that are compared with all others of a file
MAX_TEXT = 20_000
MAX_NAME = 200  # a document takes 300: there is room for what an importer adds, such as “Intruder at”
_UNSOUND = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass
class Reader:
    """A file being read: its text, what was odd so far, and the ids that are taken."""

    text: Text
    problems: list[Problem] = field(default_factory=list)
    taken: dict[str, str] = field(default_factory=dict)
    guesses: int = 0
    _numbers: dict[tuple[int, str], int] = field(default_factory=dict, init=False, repr=False)

    def report(self, level: str, place: Place, message: str, fix: str = "") -> None:
        """Add a problem at a place of the file; of a multitude of warnings and notes only the first are kept."""
        if len(self.problems) < MAX_PROBLEMS or level == "error":
            self.problems.append(self.problem(level, place, message, fix))
        elif len(self.problems) == MAX_PROBLEMS:
            fix = "Correct these, and read the file again."
            self.problems.append(self.text.problem("warning", (), "there are further problems, not listed.", fix))

    def problem(self, level: str, place: Place, message: str, fix: str = "") -> Problem:
        """A problem at its place."""
        return self.text.problem(level, place, message, fix)

    def mapping(self, value: Any, place: Place) -> Mapping[str, Any]:
        """A map; empty, and reported, where something else stands. None is an empty map."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.report("warning", place, "a map is expected here; it was left out.", "Correct the file.")
            return {}
        return value

    def entries(self, value: Any, place: Place) -> list[tuple[Place, Mapping[str, Any]]]:
        """The maps of a list or of a map of maps, each with its place; what is no map is reported."""
        if value is None:
            return []
        if isinstance(value, dict):
            items: list[tuple[Place, Any]] = [((*place, key), one) for key, one in value.items()]
        elif isinstance(value, list):
            items = [((*place, number), one) for number, one in enumerate(value)]
        else:
            self.report("warning", place, "a list is expected here; it was left out.", "Correct the file.")
            return []
        found: list[tuple[Place, Mapping[str, Any]]] = []
        if len(items) > MAX_ELEMENTS:
            self.report("warning", place, f"only the first {MAX_ELEMENTS:,} entries are read.", "Split the file.")
        for where, one in items[:MAX_ELEMENTS]:
            if isinstance(one, dict):
                found.append((where, one))
            else:
                self.report("warning", where, "a map is expected here; it was left out.", "Correct the file.")
        return found

    def words(self, value: Any, place: Place) -> list[str]:
        """The texts of a list; a single text is a list of one; what is no text is reported."""
        if value is None:
            return []
        items = value if isinstance(value, list) else [value]
        found = []
        for number, one in enumerate(items[:MAX_ELEMENTS]):
            if isinstance(one, str | int | float) and not isinstance(one, bool):
                found.append(self.name(one, (*place, number)))
            else:
                self.report("warning", (*place, number), "text is expected here; it was left out.", "Correct the file.")
        return found

    def word(self, value: Any, place: Place, default: str = "") -> str:
        """A text; numbers are taken as they are written, anything else is reported."""
        if value is None:
            return default
        if isinstance(value, bool | dict | list):
            self.report("warning", place, "text is expected here; it was left out.", "Correct the file.")
            return default
        return str(value)[:MAX_TEXT].strip()

    def name(self, value: Any, place: Place, default: str = "") -> str:
        """A text that is short enough to be a name; what is beyond that is cut and reported."""
        found = self.word(value, place, default)
        if len(found) > MAX_NAME:
            self.report("warning", place, f"this is longer than {MAX_NAME} characters and was cut.", "Shorten it.")
        return found[:MAX_NAME]

    def truth(self, value: Any, place: Place) -> bool | None:
        """True or false; None where nothing stands, or something else, which is reported."""
        if value is None or isinstance(value, bool):
            return value
        self.report("warning", place, "true or false is expected here; it counts as not known.", "Correct the file.")
        return None

    def claim(self, wanted: str, place: Place, what: str, taken: dict[str, str] | None = None) -> str:
        """A sound id that nothing else has, as close to the wanted one as can be.

        Ids of their own realm, as those of controls are, come with what is taken there.
        """
        taken = self.taken if taken is None else taken
        sound = _UNSOUND.sub("-", wanted).strip("-._")[:100]
        base = sound if sound and sound[0].isalnum() else f"{what}-{sound}".strip("-")
        if base != wanted:
            self.report("note", place, f"“{wanted[:60]}” is no sound id; it became “{base}”.")
        found = self.free(base, taken)
        if found != base:
            self.report(
                "warning",
                place,
                f"the id “{base}” is taken by another element; this one became “{found}”.",
                "Give it an id of its own.",
            )
        taken[found] = what
        return found

    def free(self, base: str, taken: Mapping[str, str]) -> str:
        """The id itself where nothing has it, otherwise with the first number that makes it new."""
        found, number = base, self._numbers.get((id(taken), base), 2)
        while found in taken:
            found = f"{base}-{number}"
            number += 1
        self._numbers[id(taken), base] = number
        return found

    def near(self, wanted: str, known: Iterable[str]) -> str | None:
        """The one known name that the wanted one must be a misspelling of, if there is just one.

        Of a file with more than ``MAX_GUESSES`` unknown names the first are looked for.
        """
        self.guesses += 1
        close = alike(wanted, sorted(set(known)), 2, 0.85) if self.guesses <= MAX_GUESSES else []
        if len(close) == 1:
            return close[0]
        if len(close) == 2:
            best, second = (difflib.SequenceMatcher(None, wanted, one).ratio() for one in close)
            return close[0] if best - second > 0.05 else None
        return None

    def unread(self, value: Mapping[str, Any], known: Iterable[str], place: Place, what: str) -> None:
        """Say once which fields of a map were not used."""
        left = sorted(key for key in value if key not in set(known) and value[key] not in (None, [], {}, ""))
        if left:
            shown = ", ".join(left[:12]) + (", …" if len(left) > 12 else "")
            self.report("note", place, f"not read from {what}: {shown}.")
