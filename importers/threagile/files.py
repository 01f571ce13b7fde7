"""A Threagile model with the files that it includes, each entry with its place in the file where it stands."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphmodel.reading.problems import UnreadableError
from graphmodel.reading.values import Place
from importers.elements import Found
from importers.provenance import Reader
from importers.source import Source

MAX_FILES = 50
MAPS = ("data_assets", "technical_assets", "trust_boundaries", "shared_runtimes", "risk_tracking")

Entry = tuple[Place, Mapping[str, Any]]


@dataclass
class Model:
    """What the files of one model say together: the entries of each section, and every top of a file with its place."""

    tops: list[Entry] = field(default_factory=list)
    sections: dict[str, dict[str, Entry]] = field(default_factory=dict)

    def entries(self, section: str) -> list[Entry]:
        """The entries of a section in the order of the files; what two files say of one title is one entry."""
        return list(self.sections.get(section, {}).values())

    def first(self, field_: str) -> tuple[Place, Any]:
        """What the first file that has a field says."""
        for place, top in self.tops:
            if top.get(field_) not in (None, "", {}, []):
                return (*place, field_), top[field_]
        return (), None


def read_model(source: Source, found: Found, reader: Reader) -> Model:
    """The model of a file with those that it includes; what cannot be had of these is left out and told.

    A file is looked for beside the one that includes it, and never outside of the folder that was given.
    """
    model = Model()
    top = reader.mapping(source.text.value, ())
    _add(model, (), top, found, reader)
    agenda: list[tuple[Entry, str]] = [(((), top), "")]
    seen = {posixpath.basename(source.name)}
    while agenda:
        (at, value), folder = agenda.pop(0)
        for number, name in enumerate(reader.words(value.get("includes"), (*at, "includes"))):
            place: Place = (*at, "includes", number)
            path = posixpath.normpath(posixpath.join(folder, name))
            if path in seen:
                found.joined.append("include")
                continue
            seen.add(path)
            if len(seen) > MAX_FILES:
                found.omit("include", place, f"only {MAX_FILES} files are read")
                continue
            inner = _included(source, path, place, found, reader)
            if inner is not None:
                _add(model, inner[0], inner[1], found, reader)
                agenda.append((inner, posixpath.dirname(path)))
    return model


def _included(source: Source, path: str, place: Place, found: Found, reader: Reader) -> Entry | None:
    if source.beside is None:
        found.omit("include", place, "the files beside this one are not at hand: give the folder or a zip file of it")
        return None
    try:
        text = Source(source.beside(path), path).text
    except UnreadableError as error:
        found.omit("include", place, error.problem.message.rstrip("."))
        return None
    key = f"file:{path}"
    reader.beside[key] = text
    if not isinstance(text.value, dict):
        found.omit("include", place, "it is no part of a model")
        return None
    return (key,), text.value


def _add(model: Model, at: Place, value: Mapping[str, Any], found: Found, reader: Reader) -> None:
    model.tops.append((at, value))
    for section in MAPS:
        known = model.sections.setdefault(section, {})
        for place, one in reader.entries(value.get(section), (*at, section)):
            title = str(place[-1]) if isinstance(place[-1], str) else f"{section} {len(known)}"
            if title not in known:
                known[title] = (place, one)
                continue
            found.joined.append(section.replace("_", " "))
            known[title] = (known[title][0], _together(known[title][1], one))


def _together(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Two entries of one title: lists and maps are joined, of other fields the first is kept."""
    made = {**second, **first}
    for key in set(first) & set(second):
        one, other = first[key], second[key]
        if isinstance(one, dict) and isinstance(other, dict):
            made[key] = {**other, **one}
        elif isinstance(one, list) and isinstance(other, list):
            told = set(map(repr, one))
            made[key] = [*one, *(each for each in other if repr(each) not in told)]
    return made
