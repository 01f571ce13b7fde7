"""What an importer is: how its format is told by content, and how a file of it becomes a System."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from graphmodel.knowledge.typing_table import TypingTable
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.model.system import Imported, System
from graphmodel.reading.lasting import many_lasting_objects
from graphmodel.reading.problems import Problem, UnreadableError
from importers.building import build
from importers.elements import Found
from importers.provenance import Reader
from importers.source import Source


@dataclass(frozen=True)
class Importer:
    """One format: ``sniff`` tells whether a file is in it, ``read`` makes a System of one that is.

    Neither raises for what a file holds. ``files`` are names that such files usually have, as patterns; they find
    candidates in a folder and decide nothing.
    """

    id: str
    label: str
    sniff: Callable[[Source], bool]
    read: Callable[[Source, Catalogue, TypingTable], Imported]
    files: tuple[str, ...] = ()


Gather = Callable[[Source], tuple[Found, Reader]]
"""The first stage of an importer: the neutral elements of a file, and the reader that knows its places and problems.
Raises ``UnreadableError`` where there is nothing to be had."""


Finish = Callable[[System, Reader, Catalogue], System]
"""What follows in a format from the types of its elements; added to the system, each with its note."""


def two_stage(
    id: str,
    label: str,
    sniff: Callable[[Source], bool],
    gather: Gather,
    files: tuple[str, ...] = (),
    finish: Finish | None = None,
) -> Importer:
    """An importer that gathers neutral elements, which are then typed by the table."""

    def read(source: Source, catalogue: Catalogue, table: TypingTable) -> Imported:
        if not sniff(source):
            message = f"this is not in the format “{label}”."
            fix = "Leave the format out, and it is told from the content."
            return Imported(None, (Problem("error", message, fix, file=source.name),))
        try:
            with many_lasting_objects(len(source.data)):
                found, reader = gather(source)
                return build(found, reader, catalogue, table, finish)
        except UnreadableError as error:
            return Imported(None, (replace(error.problem, file=error.problem.file or source.name),))

    return Importer(id, label, sniff, read, files)
