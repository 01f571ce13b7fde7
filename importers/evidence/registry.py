"""The tools whose results are read, and how each is told from the others: by content, not by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from graphmodel.reading.json_text import read_json
from graphmodel.reading.limits import check_size
from graphmodel.reading.problems import Problem, UnreadableError
from graphmodel.reading.values import Text
from graphmodel.reading.yaml_text import read_yaml
from importers.evidence import garak, modelscan, promptfoo, pyrit, sarif, trivy
from importers.evidence.lines import is_lines, lines_of
from importers.evidence.model import Notes, Results
from importers.recognise import recognise
from importers.registry import importer_of
from importers.source import Source

MAX_RESULTS = 100_000_000  # bytes of JSON lines, of which one is in memory at a time
_LOOKED_AT = 50  # lines that tell what a file is


@dataclass(frozen=True)
class Reader:
    """One kind of document: ``sniff`` tells it by its value, ``read`` reads it."""

    id: str
    label: str
    sniff: Callable[[Any], bool]
    read: Callable[[Text], Results]


READERS: tuple[Reader, ...] = (
    Reader("promptfoo", "results of promptfoo (JSON)", promptfoo.sniff, promptfoo.read),
    Reader("sarif", "SARIF (JSON)", sarif.sniff, sarif.read),
    Reader("trivy", "a report of Trivy (JSON)", trivy.sniff, trivy.read),
    Reader("modelscan", "a report of ModelScan (JSON)", modelscan.sniff, modelscan.read),
    Reader("pyrit", "conversations of PyRIT (JSON)", pyrit.sniff, pyrit.read),
)
LABELS = ("a report of garak (JSON lines)", *(one.label for one in READERS))


def read_results(data: bytes, file: str) -> Results:
    """What a file of results says. Never raises for what a file holds: what cannot be read is one error."""
    try:
        if is_lines(data):
            check_size(data, file, MAX_RESULTS)
            return _of_lines(data, file)
        text = read_json(data, file)
    except UnreadableError as error:
        return Results(problems=(_refused(data, file) or error.problem,))
    for one in READERS:
        if one.sniff(text.value):
            found = one.read(text)
            return replace(found, problems=(*text.problems, *found.problems))
    if isinstance(text.value, dict) and garak.sniff(text.value):
        return garak.read(data, file)
    return Results(problems=(_unknown(file, _described(data, file, text.value)),))


def _of_lines(data: bytes, file: str) -> Results:
    head = [value for _, value in islice(lines_of(data), _LOOKED_AT)]
    if any(map(garak.sniff, head)):
        return garak.read(data, file)
    if any(map(promptfoo.sniff_line, head)):
        notes = Notes(file)
        return promptfoo.read_rows(lines_of(data, notes), notes)
    return Results(problems=(_unknown(file, recognise(data)),))


def _refused(data: bytes, file: str) -> Problem | None:
    """What a file is that is no JSON; None where nobody knows."""
    try:
        value = read_yaml(data, file).value
    except UnreadableError:
        value = None
    if isinstance(value, dict) and "graphmodel" in value:
        return _unknown(file, "a System document")
    label = _described(data, file, value)
    return _unknown(file, label) if label else None


def _described(data: bytes, file: str, value: Any) -> str | None:
    """What a file is that holds no results, where that is known."""
    importer = importer_of(Source(data, file))
    return f"a description of a system: {importer.label}" if importer else recognise(data, value)


def _unknown(file: str, label: str | None) -> Problem:
    fix = f"Results that are read: {', '.join(LABELS)}."
    message = f"this is {label}, which holds no results." if label else "this file is in no format that is read."
    return Problem("error", message, fix, file=file)
