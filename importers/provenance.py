"""Reads a foreign file, and says of each element that is taken from it where it came from."""

from __future__ import annotations

from dataclasses import dataclass, field

from graphmodel.model.system import Provenance
from graphmodel.reading import tolerant
from graphmodel.reading.printable import printable
from graphmodel.reading.problems import Problem
from graphmodel.reading.values import Place, Text, dotted


@dataclass
class Reader(tolerant.Reader):
    """A foreign file being read by an importer, whose id is ``importer``.

    ``beside`` are further files that belong to it: a place in one of them begins with its key here.
    """

    importer: str = ""
    beside: dict[str, Text] = field(default_factory=dict)

    def source(self, place: Place, confidence: float = 1.0, note: str = "", ground: str = "") -> Provenance:
        """Where an element came from, and how sure its reader is of it."""
        text, place = self.stands(place)
        return Provenance(printable(text.file), dotted(place), self.importer, confidence, note, ground)

    def problem(self, level: str, place: Place, message: str, fix: str = "") -> Problem:
        """A problem at its place, in the file where that is."""
        text, place = self.stands(place)
        return text.problem(level, place, message, fix)

    def stands(self, place: Place) -> tuple[Text, Place]:
        """The file that a place is in, and the place there."""
        other = self.beside.get(str(place[0])) if place and self.beside else None
        return (self.text, place) if other is None else (other, place[1:])


def lined_reader(file: str, importer: str) -> tuple[Reader, dict[Place, int]]:
    """A reader of a file that is neither JSON nor YAML, and the lines of its places, to be filled by who parses it."""
    lines: dict[Place, int] = {}
    return Reader(Text(None, file, lines), importer=importer), lines
