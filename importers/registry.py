"""The formats that are read, and how each is told from the others: by content, not by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.model.system import Imported
from graphmodel.reading.json_text import read_json
from graphmodel.reading.limits import check_size
from graphmodel.reading.problems import Problem, UnreadableError
from graphmodel.reading.yaml_text import read_yaml
from importers import threagile, tmbom


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


def detect(data: bytes, name: str) -> Importer | None:
    """The importer whose format the content has; None for a System document and for anything else."""
    value = _value(data, name)
    if isinstance(value, dict) and "graphmodel" in value:
        return None
    return next((one for one in IMPORTERS if one.sniff(value)), None)


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
        check_size(data, name)
    except UnreadableError as error:
        return Imported(None, (error.problem,))
    found = detect(data, name)
    if found is not None:
        return found.read(data, name, catalogue)
    labels = ", ".join(one.label for one in IMPORTERS)
    fix = f"Files that are read: a System document (YAML that begins with “graphmodel: 1”), {labels}."
    return Imported(None, (Problem("error", "this file is in no format that is read.", fix, file=name),))


def _value(data: bytes, name: str) -> Any:
    """What the file holds, for a look at its keys; None where it cannot be parsed."""
    readers = (read_json, read_yaml) if data.lstrip()[:1] in (b"{", b"[") else (read_yaml,)
    for reader in readers:
        try:
            return reader(data, name).value
        except UnreadableError:
            continue
    return None
