"""What runs, as a deployment describes it: an image, settings, arguments, and the names under which others call it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from graphmodel.reading.values import Place
from importers.deployment.variables import MAX_VALUE
from importers.elements import Sign

_TOKEN = re.compile(r"\"[^\"]*\"|'[^']*'|[^\s;&|]+")
_ASSIGNED = re.compile(r"^([A-Za-z_]\w*)=(.*)$", re.DOTALL)
MAX_TOKENS = 500


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable or an option; ``value`` is None where whoever starts it gives it. ``key`` is empty for a bare word of
    a command, and ``option`` tells options of the command from variables."""

    place: Place
    key: str
    value: str | None
    option: bool = False


@dataclass(frozen=True, slots=True)
class Workload:
    """Something that runs. ``hosts`` are the names by which others of the same ``scope`` call it."""

    key: str
    name: str
    place: Place
    kind: str
    image: str = ""
    image_place: Place = ()
    hosts: tuple[str, ...] = ()
    scope: str = ""
    settings: tuple[Setting, ...] = ()
    boundary: str = ""
    host: str = ""
    signs: tuple[Sign, ...] = ()
    type: str = ""
    tags: tuple[str, ...] = ()
    note: str = ""
    identifiers: tuple[str, ...] = ()


def options(arguments: Iterable[tuple[Place, str]]) -> Iterator[Setting]:
    """The options and words of a command: ``--model x``, ``--model=x``, ``NAME=x`` and bare words."""
    tokens: list[tuple[Place, str]] = []
    for place, text in arguments:
        whole = any(one.isspace() for one in text)
        for found in _TOKEN.findall(text[:MAX_VALUE]) if whole else [text[:MAX_VALUE]]:
            tokens.append((place, found.strip("\"'")))
        if len(tokens) > MAX_TOKENS:
            break
    number = 0
    while number < len(tokens):
        place, token = tokens[number]
        number += 1
        if token.startswith("-"):
            key, equals, value = token.lstrip("-").partition("=")
            if not equals and number < len(tokens) and not tokens[number][1].startswith("-"):
                value = tokens[number][1]
                number += 1
            yield Setting(place, key, value, option=True)
        elif assigned := _ASSIGNED.match(token):
            yield Setting(place, assigned[1], assigned[2], option=True)
        else:
            yield Setting(place, "", token, option=True)
