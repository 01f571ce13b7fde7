"""What people write of passwords and tokens into names, addresses and notes, left out before it becomes a System."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from functools import cache
from typing import Any, TypeVar

from importers.elements import Found, Links, Part, Sign
from importers.secrets import without_secrets

_TEXTS = frozenset({"name", "description", "note", "owner", "reason", "question", "identifiers", "tags"})
_E = TypeVar("_E")


def cleared(found: Found) -> Found:
    """The same elements with ``without_secrets`` of all that they are called, and of all that is said of them."""
    return replace(
        found,
        title=without_secrets(found.title),
        description=without_secrets(found.description),
        parts=_all(found.parts),
        boundaries=_all(found.boundaries),
        links=Links(_all(found.links)),
        attackers=_all(found.attackers),
        measures=_all(found.measures),
        harms=_all(found.harms),
        claims=_all(found.claims),
        omitted=_all(found.omitted),
        questions=_all(found.questions),
    )


def _all(elements: Iterable[_E]) -> list[_E]:
    return [_bare(one) for one in elements]


@cache
def _texts(kind: type) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind) if one.name in _TEXTS)


def _bare(one: Any) -> Any:
    changed: dict[str, object] = {}
    for name in _texts(type(one)):  # type: ignore[arg-type]
        said = getattr(one, name)
        if not said:
            continue
        bare = tuple(map(without_secrets, said)) if isinstance(said, tuple) else without_secrets(said)
        if bare != said:
            changed[name] = bare
    if isinstance(one, Part):
        signs = tuple(Sign(sign.kind, without_secrets(sign.value)) for sign in one.signs)
        if signs != one.signs:
            changed["signs"] = signs
    return replace(one, **changed) if changed else one
