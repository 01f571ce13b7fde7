"""Names in a threat model that refer to another element of it: as they are written, or as they must be meant."""

from __future__ import annotations

from collections.abc import Collection

from graphmodel.reading.values import Place
from importers.provenance import Reader


def meant(reader: Reader, wanted: str, known: Collection[str], place: Place, what: str) -> str:
    """The known name that is meant, a misspelt one with a warning; the wanted one itself where there is none."""
    if not wanted or wanted in known:
        return wanted
    near = reader.near(wanted, known)
    if near is None:
        return wanted
    message = f"there is no {what} “{wanted[:60]}”; “{near[:60]}” was taken for it."
    reader.report("warning", place, message, "Correct the name.")
    return near
