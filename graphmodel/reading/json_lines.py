"""The line of each place of a JSON document: only what stands around the places that are asked for is read again."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping

from graphmodel.reading.values import Place

_BLANK = re.compile(r"[ \t\n\r]*")
_WORK = 12  # times the length of the document that is looked through at most; beyond that the line around is told


class JsonLines(Mapping[Place, int]):
    """Lines by place, of a document that is known to be sound JSON; those of a container are found together."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._text = ""
        self._breaks: list[int] = []
        self._spots: dict[Place, dict[str | int, tuple[int, int]]] = {}
        self._left = 0
        self._decode = json.JSONDecoder(parse_int=len, parse_float=len, strict=False).raw_decode

    def __getitem__(self, place: Place) -> int:
        if not self._text:
            self._begin()
        start = value = self._past(0)
        for depth, step in enumerate(place):
            inside = self._inside(place[:depth], value)
            if step not in inside:
                raise KeyError(place)
            start, value = inside[step]
        return bisect_right(self._breaks, start) + 1

    def __iter__(self) -> Iterator[Place]:
        return iter(())  # places are asked for; nobody lists them

    def __len__(self) -> int:
        return 0

    def _begin(self) -> None:
        self._text = self._data.decode(json.detect_encoding(self._data), "surrogatepass").removeprefix("\ufeff")
        self._breaks = [one.start() for one in re.finditer("\n", self._text)]
        self._left = max(1_000_000, _WORK * len(self._text))

    def _past(self, at: int) -> int:
        """Where the next thing begins that is no blank."""
        found = _BLANK.match(self._text, at)
        return found.end() if found else at

    def _inside(self, place: Place, at: int) -> dict[str | int, tuple[int, int]]:
        """Where each entry of the container at an offset begins, and its value."""
        known = self._spots.get(place)
        if known is None:
            known = self._spots[place] = self._scanned(at) if self._left > 0 else {}
        return known

    def _scanned(self, at: int) -> dict[str | int, tuple[int, int]]:
        found: dict[str | int, tuple[int, int]] = {}
        text, past, decode = self._text, self._past, self._decode
        opening = text[at : at + 1]
        if opening not in ("{", "["):
            return found
        spot = past(at + 1)
        while text[spot] not in "}]":
            start, key = spot, len(found)
            named: str | int = key
            if opening == "{":
                named, spot = decode(text, spot)
                spot = past(past(spot) + 1)
            _, end = decode(text, spot)
            found.setdefault(named, (start, spot))
            spot = past(end)
            if text[spot] == ",":
                spot = past(spot + 1)
        self._left -= spot - at
        return found
