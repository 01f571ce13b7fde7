"""What an engine answers, made plain: JSON values of bounded size."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from neo4j.graph import Node, Path, Relationship

MAX_TEXT = 10_000
"""Characters of one text in an answer."""
MAX_ITEMS = 1_000
"""Values in one cell, counted through all lists and maps."""
MAX_DEPTH = 12
MAX_TABLE = 5_000_000
"""Characters of one whole answer, about."""
CUT = "…"
"""Stands where something was left out."""


@dataclass(slots=True)
class Budget:
    """How much of a cell is left, how much the table holds already, and whether anything was cut."""

    items: int = MAX_ITEMS
    characters: int = 0
    cut: bool = False


def plain(value: Any, budget: Budget, depth: int = 0) -> Any:
    """A JSON value for one cell: nodes, relationships and paths become maps with a ``kind``."""
    budget.items -= 1
    budget.characters += 8
    if budget.items < 0 or depth > MAX_DEPTH:
        budget.cut = True
        return CUT
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, str):
        return _text(value, budget)
    if isinstance(value, Node):
        return _node(value, budget, depth)
    if isinstance(value, Relationship):
        return _relationship(value, budget, depth)
    if isinstance(value, Path):
        return {
            "kind": "path",
            "nodes": _list(value.nodes, budget, depth),
            "relationships": _list(value.relationships, budget, depth),
        }
    if isinstance(value, bytes | bytearray):
        return f"{len(value)} bytes"
    if isinstance(value, Mapping):
        return _map(value, budget, depth)
    if isinstance(value, list | tuple | set | frozenset) and not hasattr(value, "iso_format"):
        return _list(value, budget, depth)
    return _text(value.iso_format() if hasattr(value, "iso_format") else str(value), budget)


def _text(value: str, budget: Budget) -> str:
    if len(value) > MAX_TEXT:
        budget.cut = True
        value = value[:MAX_TEXT] + CUT
    budget.characters += len(value)
    return value


def _list(values: Any, budget: Budget, depth: int) -> list[Any]:
    found = []
    for value in values:
        if budget.items <= 0:
            budget.cut = True
            found.append(CUT)
            break
        found.append(plain(value, budget, depth + 1))
    return found


def _map(values: Mapping[Any, Any], budget: Budget, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        if budget.items <= 0:
            budget.cut = True
            found[CUT] = CUT
            break
        found[_text(str(name), budget)] = plain(value, budget, depth + 1)
    return found


def _node(node: Node, budget: Budget, depth: int) -> dict[str, Any]:
    return {
        "kind": "node",
        "id": node.element_id,
        "labels": sorted(node.labels),
        "properties": _map(dict(node.items()), budget, depth),
    }


def _relationship(relationship: Relationship, budget: Budget, depth: int) -> dict[str, Any]:
    start, end = relationship.nodes
    return {
        "kind": "relationship",
        "id": relationship.element_id,
        "type": relationship.type,
        "source": start.element_id if start is not None else None,
        "target": end.element_id if end is not None else None,
        "properties": _map(dict(relationship.items()), budget, depth),
    }
