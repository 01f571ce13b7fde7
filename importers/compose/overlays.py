"""How one Compose file lies over another: the rules of Compose for overrides, includes and services that extend others.

No library is used: none that merges Compose files without calling the docker program is kept.
"""

from __future__ import annotations

from typing import Any

from graphmodel.reading.problems import UnreadableError
from graphmodel.reading.values import Place, Text
from graphmodel.reading.yaml_text import read_yaml
from importers.source import Source

RESET, OVERRIDE = "!reset", "!override"
_KEYED = frozenset({"environment", "labels", "extra_hosts", "sysctls", "annotations", "args"})
_REPLACED = frozenset({"command", "entrypoint", "test"})
_MAPS = frozenset({"depends_on", "networks"})
MAX_LEVELS = 60


def tagged(tag: str, value: Any) -> Any:
    """What a value under a tag of Compose stands for, until it is laid over another."""
    return {tag: value} if tag in (RESET, OVERRIDE) else value


def compose_text(source: Source) -> Text | None:
    """The document of a Compose file, in which ``!reset`` and ``!override`` are kept as keys; None where it is none."""
    if source.single is not None or (b"!reset" not in source.data and b"!override" not in source.data):
        return source.single
    try:
        return read_yaml(source.data, source.name, tagged)
    except UnreadableError:
        return None


def overlaid(base: Any, override: Any, key: str = "", level: int = 0) -> Any:
    """What two Compose files (or two parts of them under one key) say together; neither is changed.

    Maps are joined key by key, lists appended without what is there already; environment, labels and the like are
    joined by name in either form; commands and single values are replaced; volumes by their place in the container.
    """
    if level > MAX_LEVELS:
        return override
    if isinstance(override, dict) and len(override) == 1:
        if RESET in override:
            return None
        if OVERRIDE in override:
            return override[OVERRIDE]
    if override is None:
        return base
    if base is None or key in _REPLACED:
        return plain(override)
    if key in _KEYED or (key in _MAPS and isinstance(base, list) != isinstance(override, list)):
        base, override = as_map(base), as_map(override)
    if isinstance(base, dict) and isinstance(override, dict):
        return {
            one: overlaid(base.get(one), override[one], str(one), level + 1) if one in override else base[one]
            for one in dict.fromkeys((*base, *override))
        }
    if isinstance(base, list) and isinstance(override, list):
        if key == "volumes":
            taken = {_target(one) for one in override}
            return [one for one in base if _target(one) not in taken] + override
        seen = {repr(one) for one in base}
        return base + [one for one in override if repr(one) not in seen]
    return plain(override)


def plain(value: Any, level: int = 0) -> Any:
    """A value without the tags of Compose: what is reset is nothing, what overrides stands alone."""
    if level > MAX_LEVELS:
        return value
    if isinstance(value, dict):
        if len(value) == 1:
            if RESET in value:
                return None
            if OVERRIDE in value:
                return plain(value[OVERRIDE], level + 1)
        return {key: plain(one, level + 1) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one, level + 1) for one in value]
    return value


def as_map(value: Any) -> Any:
    """A list of ``NAME=value`` or of names as the map that it stands for; anything else unchanged."""
    if not isinstance(value, list):
        return value
    found: dict[str, Any] = {}
    for one in value:
        if isinstance(one, str | int | float):
            name, equals, said = str(one).partition("=")
            found[name] = said if equals else None
    return found


def _target(volume: Any) -> str:
    if isinstance(volume, dict):
        return str(volume.get("target"))
    parts = str(volume).split(":")
    return parts[1] if len(parts) > 1 else parts[0]


def entries_of(value: Any, place: Place) -> list[tuple[Place, str, Any]]:
    """The names and values of a map, or of a list of ``NAME=value``, with their places."""
    if isinstance(value, dict):
        return [((*place, key), str(key), one) for key, one in value.items()]
    if isinstance(value, list):
        found = []
        for number, one in enumerate(value):
            if isinstance(one, str | int | float) and not isinstance(one, bool):
                name, equals, said = str(one).partition("=")
                found.append(((*place, number), name.strip(), said if equals else None))
        return found
    return []
