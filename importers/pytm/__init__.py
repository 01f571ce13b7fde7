"""pytm models: the JSON that it dumps, JSON written by hand, and its Python by its syntax tree, which is never run.

Read with the readers of JSON and of Python's own grammar; pytm itself does not read what it dumps.
"""

from __future__ import annotations

import re

from importers.elements import Found
from importers.importer import two_stage
from importers.provenance import Reader, lined_reader
from importers.pytm.model import Model
from importers.pytm.program import value_of
from importers.source import Source

ID = "pytm"
_IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+pytm\b|import[ \t]+pytm\b)", re.MULTILINE)
_MODEL = re.compile(r"\b(?:TM|Server|Process|Datastore|Actor|ExternalEntity|Lambda|Dataflow)[ \t]*\(")


def _is_program(source: Source) -> bool:
    """Whether it imports pytm and makes something of it, and is no text about pytm with a program in it."""
    if b"pytm" not in source.data:
        return False
    found = _IMPORT.search(source.words)
    if found is None or re.search(r"^```", source.words[: found.start()], re.MULTILINE):
        return False
    return _MODEL.search(source.words) is not None


def sniff(source: Source) -> bool:
    """Whether a file is a dump of a model, or a program that makes one."""
    value = source.value
    if isinstance(value, dict):
        return all(isinstance(value.get(key), list) for key in ("elements", "flows", "boundaries"))
    return _is_program(source)


def gather(source: Source) -> tuple[Found, Reader]:
    """The elements, boundaries, data and flows; raises ``UnreadableError`` for a program with an error in it."""
    if isinstance(source.value, dict):
        reader = Reader(source.text, importer=ID)
        return Model(reader, reader.mapping(source.text.value, ())).gather(), reader
    reader, lines = lined_reader(source.name, ID)
    value, left_out = value_of(source, lines)
    found = Model(reader, value).gather()
    for line, reason in left_out:
        lines[("line", line)] = line
        found.omit("statement", ("line", line), reason)
    return found, reader


IMPORTER = two_stage(ID, "pytm model (JSON, Python)", sniff, gather, ("tm.py", "*.pytm.json", "*threat*model*.py"))
