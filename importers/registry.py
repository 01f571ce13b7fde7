"""The formats that are read, and how each is told from the others: by content, not by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.model.system import Imported
from graphmodel.reading.json_text import read_json
from graphmodel.reading.limits import MAX_BYTES, check_size
from graphmodel.reading.problems import Problem, UnreadableError
from graphmodel.reading.values import Text
from graphmodel.reading.yaml_text import read_yaml
from importers import threagile, tmbom
from importers.recognise import recognise


@dataclass(frozen=True)
class Importer:
    """One format: ``sniff`` tells from a parsed value whether it is this format, ``read`` reads bytes."""

    id: str
    label: str
    sniff: Callable[[Any], bool]
    read: Callable[[bytes, str, Catalogue], Imported]


IMPORTERS: tuple[Importer, ...] = (
    Importer(threagile.ID, "Threagile (YAML)", threagile.sniff, threagile.read),
    Importer(
        tmbom.ID,
        "OWASP Threat Model Library, TM-BOM (JSON)",
        lambda value: tmbom.sniff(value) or tmbom.cyclonedx(value),
        tmbom.read,
    ),
)


def parsed(data: bytes, name: str) -> Text:
    """What a file in JSON or YAML says; raises ``UnreadableError`` where it is neither, or is refused.

    What begins like JSON is read as JSON, and as YAML, which may begin so too, where it is no valid JSON.
    """
    check_size(data, name)
    if data.lstrip()[:1] not in (b"{", b"["):
        return read_yaml(data, name)
    try:
        return read_json(data, name)
    except UnreadableError as error:
        try:
            return read_yaml(data, name)
        except UnreadableError:
            raise error from None


def importer_of(value: Any) -> Importer | None:
    """The importer whose format a value has; None for a System document and for anything else."""
    if isinstance(value, dict) and "graphmodel" in value:
        return None
    return next((one for one in IMPORTERS if one.sniff(value)), None)


def detect(data: bytes, name: str) -> Importer | None:
    """The importer whose format the content has; None for a System document and for anything else."""
    try:
        return importer_of(parsed(data, name).value)
    except UnreadableError:
        return None


def read(data: bytes, name: str, catalogue: Catalogue, format: str | None = None) -> Imported:
    """Read a file in the format that it has, or in the one that is named.

    Never raises for what a file holds: what cannot be read is one error that says what to do.
    """
    if format is not None:
        chosen = next((one for one in IMPORTERS if one.id == format), None)
        if chosen is None:
            known = ", ".join(one.id for one in IMPORTERS)
            return Imported(None, (Problem("error", f"there is no format “{format}”.", f"Known: {known}.", file=name),))
        return chosen.read(data, name, catalogue)
    try:
        value = parsed(data, name).value
    except UnreadableError as error:
        return Imported(None, (refused(data, name, error),))
    found = importer_of(value)
    return found.read(data, name, catalogue) if found else Imported(None, (unknown(data, name, value),))


def refused(data: bytes, name: str, error: UnreadableError) -> Problem:
    """Why a file is not read that cannot be parsed: what it is, where that is known, otherwise the error."""
    label = recognise(data) if len(data) <= MAX_BYTES else None
    return _unread(name, label) if label else error.problem


def unknown(data: bytes, name: str, value: Any) -> Problem:
    """That a file is in no format that is read, and in which it is where that is known."""
    return _unread(name, recognise(data, value))


def _unread(name: str, label: str | None) -> Problem:
    labels = ", ".join(one.label for one in IMPORTERS)
    fix = f"Files that are read: a System document (YAML that begins with “graphmodel: 1”), {labels}."
    message = f"this is {label}, which is not read." if label else "this file is in no format that is read."
    return Problem("error", message, fix, file=name)
