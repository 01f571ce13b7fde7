"""Reads a foreign file, and says of each element that is taken from it where it came from."""

from __future__ import annotations

from dataclasses import dataclass

from graphmodel.model.system import Provenance
from graphmodel.reading import tolerant
from graphmodel.reading.printable import printable
from graphmodel.reading.values import Place, Text, dotted


@dataclass
class Reader(tolerant.Reader):
    """A foreign file being read by an importer, whose id is ``importer``."""

    importer: str = ""

    def source(self, place: Place, confidence: float = 1.0, note: str = "") -> Provenance:
        """Where an element came from, and how sure its reader is of it."""
        file = printable(self.text.file)
        return Provenance(file, dotted(place), self.importer, confidence, note)


def lined_reader(file: str, importer: str) -> tuple[Reader, dict[Place, int]]:
    """A reader of a file that is neither JSON nor YAML, and the lines of its places, to be filled by who parses it."""
    lines: dict[Place, int] = {}
    return Reader(Text(None, file, lines), importer=importer), lines
