"""A problem of a system at a place of its document, whoever read that."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from graphmodel.reading.problems import nearest
from graphmodel.reading.values import Place


class Finding(NamedTuple):
    """A problem at a place of the System document."""

    level: str
    place: Place
    message: str
    fix: str


def missing(place: Place, what: str, id_: str, known: Collection[str]) -> Finding:
    """That something is named which nobody has declared."""
    return Finding("error", place, f"there is no {what} “{id_}”.", nearest(id_, known) or f"Declare the {what} first.")
