"""The libraries that a program needs, as pyproject.toml, requirements files and package.json list them."""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from importers.source import Source

MOST = 2_000  # libraries of a file
_LARGEST = 1_000_000
_LARGEST_TOML, _LONGEST = 200_000, 2_000  # bytes, and characters of a line: keys with many dots are slow
_REQUIREMENT = re.compile(r"^([A-Za-z0-9][\w.-]*)\s*(?:\[[\w\s,.-]*\])?\s*((?:[=<>!~^]=?|===|@|\().*)?$")
_OTHER_LINE = re.compile(r"^(?:-[a-zA-Z]|--[a-z]|https?://|git\+|\./)")


@dataclass(frozen=True, slots=True)
class Library:
    """A library as its registry calls it; ``exact`` is the version where only one fits, ``line`` where it stands."""

    registry: str
    name: str
    exact: str
    line: int

    @property
    def purl(self) -> str:
        """Its purl, with the version where it is exact."""
        name = self.name.replace("@", "%40", 1)
        return f"pkg:{self.registry}/{name}" + (f"@{self.exact}" if self.exact else "")


@dataclass(frozen=True)
class Manifest:
    """What a program is called, and what it needs when it runs."""

    name: str
    libraries: tuple[Library, ...]


def manifest_of(source: Source) -> Manifest | None:
    """The list of libraries that a file is; None where it is none."""
    if len(source.data) > _LARGEST:
        return None
    head = source.data.lstrip()[:1]
    folder = posixpath.basename(posixpath.dirname(source.name))
    if head == b"{":
        return _npm(source, folder)
    if not source.words:
        return None
    return _pyproject(source, folder) if re.search(r"^\[(?:project|tool\.poetry)", source.words, re.MULTILINE) else (
        _requirements(source, folder)
    )  # fmt: skip


def _npm(source: Source, folder: str) -> Manifest | None:
    value = source.value
    if not isinstance(value, dict) or "lockfileVersion" in value or not isinstance(value.get("dependencies"), dict):
        return None
    if not {"name", "scripts", "version", "private"} & set(value):
        return None
    lines = _lines(source.words)
    found = []
    for name, version in list(value["dependencies"].items())[:MOST]:
        if isinstance(version, str):
            exact = version if re.match(r"^\d+\.\d+\.\d+[\w.+-]*$", version) else ""
            found.append(Library("npm", str(name).lower()[:200], exact, lines.get(str(name).lower(), 1)))
    own = value.get("name")
    return Manifest(own[:150] if isinstance(own, str) and own.strip() else folder, tuple(found))


def _pyproject(source: Source, folder: str) -> Manifest | None:
    if len(source.data) > _LARGEST_TOML or max(map(len, source.words.splitlines()), default=0) > _LONGEST:
        return None
    try:
        value = tomllib.loads(source.words)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    project, tool = _map(value.get("project")), _map(_map(value.get("tool")).get("poetry"))
    said: list[str] = [one for one in _list(project.get("dependencies")) if isinstance(one, str)]
    for name, version in _map(tool.get("dependencies")).items():
        exact = f"=={version}" if isinstance(version, str) and version[:1].isdigit() else ""
        said += [f"{name}{exact}"] if name != "python" else []
    if not said:
        return None
    lines = _lines(source.words)
    found = [one for text in said[:MOST] if (one := _library(text, lines, 1))]
    own = project.get("name", tool.get("name"))
    return Manifest(own[:150] if isinstance(own, str) and own.strip() else folder, tuple(found))


def _requirements(source: Source, folder: str) -> Manifest | None:
    found: list[Library] = []
    for number, line in enumerate(source.words.splitlines(), 1):
        text = line.partition(" #")[0].strip()
        if not text or text.startswith("#") or _OTHER_LINE.match(text):
            continue
        one = _library(text, {}, number)
        if one is None or len(found) >= MOST:
            return None
        found.append(one)
    return Manifest(folder, tuple(found)) if found else None


def _library(text: str, lines: dict[str, int], line: int) -> Library | None:
    bare = text.partition(";")[0].strip().rstrip("\\").strip()
    match = _REQUIREMENT.match(bare) if len(bare) < 500 else None
    if match is None:
        return None
    exact = re.match(r"^===?\s*([\w.+!-]+)$", (match[2] or "").strip())
    name = re.sub(r"[-_.]+", "-", match[1]).lower()[:200]
    return Library("pypi", name, exact[1] if exact else "", lines.get(match[1].lower(), line))


def _lines(words: str) -> dict[str, int]:
    """The line on which each name first begins one."""
    found: dict[str, int] = {}
    for number, line in enumerate(words.splitlines(), 1):
        for name in _names(line):
            found.setdefault(name, number)
    return found


def _names(line: str) -> Iterator[str]:
    match = re.match(r"^[\s\"'\[{,]*([A-Za-z0-9@][\w./@-]*)", line[:500])
    if match:
        yield match[1].lower()


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
