"""Joins systems that were read from several files, by the ids of their elements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from graphmodel.model.system import System
from graphmodel.reading.problems import Problem


def merge(systems: Sequence[System]) -> tuple[System, tuple[Problem, ...]]:
    """One system of all: the first file wins where two say different things of one id.

    Every element that two files share is reported, and so is every difference between them. Raises
    ``ValueError`` when there is nothing to merge.
    """
    if not systems:
        raise ValueError("there is no system to merge")
    first, problems = systems[0], []
    kinds: tuple[tuple[str, Callable[[Any], str]], ...] = (
        ("zones", lambda one: str(one.id)),
        ("assets", lambda one: str(one.id)),
        ("flows", lambda one: str(one.id)),
        ("dependencies", lambda one: str(one.id)),
        ("actors", lambda one: str(one.id)),
        ("controls", lambda one: str(one.id)),
        ("losses", lambda one: f"{one.held} {one.impact}"),
        ("overrides", lambda one: f"{one.threat} {one.asset}"),
        ("stated", lambda one: str(one.id)),
        ("evidence", lambda one: str(one.id)),
    )
    joined: dict[str, Any] = {}
    for kind, key in kinds:
        kept: dict[str, Any] = {key(one): one for one in getattr(first, kind)}
        for other in systems[1:]:
            for one in getattr(other, kind):
                known = kept.setdefault(key(one), one)
                if known is not one:
                    problems.append(_report(kind, key(one), known, one, other))
        joined[kind] = tuple(kept.values())
    files = tuple(dict.fromkeys(name for one in systems for name in one.catalogue_files))
    return replace(first, **joined, catalogue_files=files), tuple(problems)


def _report(kind: str, key: str, known: Any, one: Any, other: System) -> Problem:
    different = replace(one, source=None) != replace(known, source=None) if hasattr(one, "source") else one != known
    if different:
        message = f"“{key}” is in more than one file, and “{other.id}” says something else of it; the first is kept."
        return Problem("warning", message, "Compare the two, and correct the result by hand.", f"{kind}.{key}")
    return Problem("note", f"“{key}” is in more than one file and was joined.", "", f"{kind}.{key}")
