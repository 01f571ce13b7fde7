"""Mutates fixtures of importers: nothing that stands in a file makes one raise, and what it gives is a document."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Mapping
from typing import Any

from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.typing_table import load_typing
from graphmodel.model.document import read_document
from graphmodel.model.system import Imported, System
from graphmodel.model.writing import write_document
from graphmodel.reading.yaml_text import read_yaml
from importers.registry import importer_of
from importers.registry import read as read_source
from importers.source import Source

CATALOGUE = load_catalogue()[0]
TABLE = load_typing(CATALOGUE)[0]
JUNK: tuple[Any, ...] = (
    None, 7, -1.5, "", "x", "a b:c", True, [], {}, [[]], {"a": {"b": []}}, ["*", 3, None], "é" * 200, "x" * 400,
    "line\nline\t\u0000\u2028", {"id": {"id": 1}}, "https://[::1", "{{ $json.x }}", "sk-0123456789abcdefghijkl",
)  # fmt: skip


def read(
    value: Any, name: str = "x.json", format: str | None = None, files: Mapping[str, bytes] | None = None
) -> Imported:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    beside = (lambda path: files[path]) if files else None
    return read_source(Source(data, name, beside), CATALOGUE, TABLE, format)


def told(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    found = importer_of(Source(data, "x"))
    return found.id if found else ""


def taken(value: Any, name: str = "x.json") -> System:
    found = read(value, name)
    assert found.system is not None, found.problems
    return found.system


def types(system: System) -> dict[str, str]:
    return {one.id: one.type for one in system.assets}


def flows(system: System) -> set[str]:
    return {f"{one.origin} {'<' if one.two_way else ''}-> {one.target}" for one in system.flows}


def dependencies(system: System) -> set[str]:
    return {one.id for one in system.dependencies}


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        found += _places(inner, (*path, key))
    return found


def holds_under_mutation(fixture: Any, format: str, tries: int, seed: int = 1) -> None:
    """Put junk at random places of a fixture, ``tries`` times; each time it is read, or told to be unreadable."""
    rng = random.Random(seed)
    spots = _places(fixture)[1:]
    for _ in range(tries):
        value = copy.deepcopy(fixture)
        for path in rng.sample(spots, min(len(spots), rng.randint(1, 3))):
            inner = value
            try:
                for key in path[:-1]:
                    inner = inner[key]
                inner[path[-1]] = copy.deepcopy(rng.choice(JUNK))
            except (KeyError, IndexError, TypeError):
                continue  # what stood there is gone
        found = read(value, format=format)
        assert found.system is not None or any(one.level == "error" for one in found.problems), value
        if found.system is not None:
            again = read_document(read_yaml(write_document(found.system).encode(), "x.yaml"), CATALOGUE)
            assert again.system == found.system, (value, again.problems)
