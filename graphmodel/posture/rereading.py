"""Reads changed files again into a System that people have worked on: theirs stays, the files' part follows the files.

What an element was when it was last read is kept as a digest. An element that is still as it was read is the file's;
one that differs, or that no file ever gave, is a person's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphmodel.model.system import System
from graphmodel.posture.changes import SECTIONS, elements

Key = tuple[str, str]


@dataclass(frozen=True)
class Reread:
    """The system with what the files say now, and what happened to each element: ``added``, ``updated``, ``removed``;
    ``kept`` are those of people that the files say differently or no more.
    """

    system: System
    added: tuple[Key, ...]
    updated: tuple[Key, ...]
    removed: tuple[Key, ...]
    kept: tuple[Key, ...]
    gone: tuple[Key, ...]


def digests(system: System) -> dict[str, str]:
    """A digest of each element as it was read, by ``kind id``; where it was read from is no part of it."""
    return {" ".join(key): _digest(one) for key, one in elements(system).items()}


def _digest(one: Any) -> str:
    bare = replace(one, source=None) if hasattr(one, "source") else one
    return hashlib.sha256(repr(bare).encode()).hexdigest()[:16]


def reread(mine: System, read: System, before: Mapping[str, str]) -> Reread:
    """A person's system brought up to what files say now. ``before`` are the digests of what they said last time.

    An element that both changed stays as the person has it, and is told as ``kept``. One that a person took away stays
    away. One that vanished from the files goes only where nobody touched it; otherwise it is told as ``gone``.
    """
    own, new = elements(mine), elements(read)
    result: dict[Key, Any] = dict(own)
    added, updated, removed, kept, gone = [], [], [], [], []
    for key, one in new.items():
        last, said = before.get(" ".join(key)), _digest(one)
        if key not in own:
            if last is None:
                result[key] = one
                added.append(key)
            continue
        untouched = _digest(own[key]) == last
        if said == last:
            result[key] = replace(own[key], source=one.source) if untouched and hasattr(one, "source") else own[key]
        elif untouched:
            result[key] = one
            updated.append(key)
        elif said != _digest(own[key]):
            kept.append(key)
    for key, one in own.items():
        last = before.get(" ".join(key))
        if key in new or last is None:
            continue
        if _digest(one) == last:
            del result[key]
            removed.append(key)
        else:
            gone.append(key)
    for key in _needed(result, own, removed):
        result[key] = own[key]
        removed.remove(key)
        gone.append(key)
    parts: dict[str, Any] = {
        section: tuple(one for key, one in result.items() if key[0] == kind) for kind, section in SECTIONS.items()
    }
    system = replace(mine, **parts)
    return Reread(system, tuple(added), tuple(updated), tuple(removed), tuple(kept), tuple(gone))


def _needed(result: Mapping[Key, Any], own: Mapping[Key, Any], removed: list[Key]) -> list[Key]:
    """The elements on their way out that something which stays still names."""
    leaving = {key[1]: key for key in removed}
    found: dict[Key, None] = {}
    agenda = list(result.values())
    while agenda:
        for id_ in _names(agenda.pop()):
            key = leaving.get(id_)
            if key is not None and key not in found:
                found[key] = None
                agenda.append(own[key])
    return list(found)


def _names(one: Any) -> list[str]:
    """The ids that an element names."""
    named: list[str] = []
    for field in ("origin", "target", "zone", "parent", "asset", "opened_by"):
        value = getattr(one, field, None)
        if isinstance(value, str):
            named.append(value)
    held = getattr(one, "held", None)
    if held is not None:
        named.append(held.asset)
    for field in (
        "protects",
        "carries",
        "returns",
        "mediated_by",
        "on",
        "answered_by",
        "requires",
        "excludes",
        "starts",
    ):
        value = getattr(one, field, ())
        values = (value,) if isinstance(value, str) else value or ()
        named.extend(each if isinstance(each, str) else each.asset for each in values)
    return named
