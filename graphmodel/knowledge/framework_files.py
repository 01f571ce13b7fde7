"""Reads the files of the assessment framework strictly: nothing unknown, nothing left out, and no id twice."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import yaml

_Word = TypeVar("_Word", bound=StrEnum)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # PyYAML may be built without the one in C


class Entry:
    """A map of values in a file; each reader raises ``ValueError`` with the file and the id of the entry.

    ``close`` refuses what no reader asked for, so that a misspelt field is never passed over. ``seen`` has the file of
    each id that was met so far: an id stands once in all files.
    """

    def __init__(self, file: str, value: object, seen: dict[str, str], inside: str = "") -> None:
        self.file, self.id, self._seen, self._read = file, inside, seen, set[str]()
        if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
            raise self.wrong("has something that is not a map of fields and values")
        self.values: dict[str, Any] = value
        if "id" in value:
            self.id = self.text("id")
            if self.id in seen:
                raise self.wrong(f"stands twice, here and in {seen[self.id]}")
            seen[self.id] = file

    def wrong(self, message: str) -> ValueError:
        """The error to raise: ``message`` about this entry, with its place."""
        return ValueError(f"{self.file}: {f'{self.id} ' if self.id else ''}{message}")

    def take(self, field: str, kind: type) -> Any:
        """The value of a field that must be there and of this kind."""
        self._read.add(field)
        value = self.values.get(field)
        if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
            raise self.wrong(f"needs “{field}”, as {_KINDS[kind]}")
        return value

    def text(self, field: str, default: str | None = None) -> str:
        """A text that is not empty, on one line; ``default`` where there is no such field."""
        self._read.add(field)
        if default is not None and field not in self.values:
            return default
        said = " ".join(self.take(field, str).split())
        if not said:
            raise self.wrong(f"has an empty “{field}”")
        return said

    def texts(self, field: str, least: int = 0) -> tuple[str, ...]:
        """A list of texts, each once; none where there is no such field and ``least`` is 0."""
        self._read.add(field)
        if not least and field not in self.values:
            return ()
        found = self.take(field, list)
        if not all(isinstance(one, str) and one.strip() for one in found):
            raise self.wrong(f"has something other than texts in “{field}”")
        said = tuple(" ".join(one.split()) for one in found)
        if len(said) < least:
            raise self.wrong(f"needs {least} or more texts in “{field}”")
        if len({*said}) < len(said):
            raise self.wrong(f"says the same twice in “{field}”")
        return said

    def among(self, field: str, known: Collection[str], least: int = 0) -> tuple[str, ...]:
        """A list of texts that are all known."""
        found = self.texts(field, least)
        for one in found:
            if one not in known:
                raise self.wrong(f"names “{one}” in “{field}”, which is not known")
        return found

    def word(self, field: str, words: type[_Word]) -> _Word:
        """One of the words of an enumeration."""
        said = self.text(field)
        if said not in {*words}:
            raise self.wrong(f"has “{said}” as “{field}”; it is one of {', '.join(words)}")
        return words(said)

    def flag(self, field: str) -> bool:
        """Yes or no."""
        return bool(self.take(field, bool))

    def entries(self, field: str) -> tuple[Entry, ...]:
        """A list of entries, each with an id, at least one."""
        found = tuple(Entry(self.file, one, self._seen, self.id) for one in self.take(field, list))
        if not found:
            raise self.wrong(f"has nothing in “{field}”")
        for one in found:
            one.text("id")
        return found

    def inner(self, field: str) -> Entry:
        """A map inside this entry."""
        return Entry(self.file, self.take(field, dict), self._seen, self.id)

    def close(self) -> None:
        """Refuse fields that nothing has read."""
        unknown = sorted({*self.values} - self._read)
        if unknown:
            raise self.wrong(f"has the unknown field “{unknown[0]}”")


_KINDS: dict[type, str] = {str: "a text", list: "a list", dict: "a map", bool: "true or false"}


def read_entry(path: Path, seen: dict[str, str]) -> Entry:
    """What a file holds; ``ValueError`` where it is no YAML or no map."""
    try:
        value = yaml.load(path.read_bytes(), Loader=_LOADER)  # noqa: S506 (a safe loader, both of them)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name}: this is no YAML: {error}") from error
    return Entry(path.name, value, seen)
