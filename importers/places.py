"""What joining several files needs: ids that nothing has yet, and where an element is from that many speak of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from graphmodel.model.system import Provenance


class Ids:
    """Ids that are taken; also of a hundred thousand that would be alike each is found at once."""

    def __init__(self) -> None:
        self.taken: set[str] = set()
        self._next: dict[str, int] = {}

    def free(self, wanted: str) -> str:
        """The id itself where nothing has it, otherwise with the first number that makes it new; it is taken then."""
        found, number = wanted, self._next.get(wanted, 2)
        while found in self.taken:
            found, number = f"{wanted}-{number}", number + 1
        self._next[wanted] = number
        self.taken.add(found)
        return found


def together(sources: Iterable[Provenance | None]) -> Provenance | None:
    """Where an element is from that several places speak of: the first of them, and the others with it."""
    told = [one for one in sources if one is not None]
    if len(told) < 2:
        return told[0] if told else None
    also = dict.fromkeys(told[0].also)
    for one in told[1:]:
        also.update(dict.fromkeys((replace(one, also=()), *one.also)))
    also.pop(replace(told[0], also=()), None)
    return replace(told[0], also=tuple(also))


def place_of(source: Provenance | None) -> str:
    """File and place in words, for what is told of differences."""
    return " ".join(part for part in (source.file, source.place) if part) if source is not None else "a document"
