"""Finds an element of a system by its id or by the name that people see."""

from __future__ import annotations

from collections.abc import Iterable

from graphmodel.model.system import Actor, Asset
from graphmodel.reading.problems import nearest


def by_id_or_name(word: str, known: Iterable[Asset | Actor], what: str) -> str:
    """The id of the one element that has this id or, whatever its case, this name.

    Raises ``KeyError`` with a message where there is none, or where several have the name.
    """
    elements = tuple(known)
    if any(one.id == word for one in elements):
        return word
    named = [one.id for one in elements if one.name.casefold() == word.casefold()]
    if len(named) == 1:
        return named[0]
    if named:
        raise KeyError(f"several {what}s have the name “{word}”: {', '.join(sorted(named))}; write the id of one.")
    names = {one.id for one in elements} | {one.name for one in elements}
    raise KeyError(f"there is no {what} “{word}”. {nearest(word, names) or 'The model has none.'}")
