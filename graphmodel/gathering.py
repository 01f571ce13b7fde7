"""Finds what can be read in folders and zip files; like ``workspace``, an edge to the disk.

Nothing outside of what was given is opened: links are not followed, and a file that names another finds it within the
same folder only.
"""

from __future__ import annotations

import os
import posixpath
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from graphmodel.reading.files import read_bytes
from graphmodel.reading.limits import MAX_BYTES
from graphmodel.reading.printable import printable
from graphmodel.reading.problems import Problem, UnreadableError, refusal
from graphmodel.workbooks.systems import is_workbook, table_of
from importers.source import Source

MOST_SEEN = 50_000  # files of a folder
MOST_READ = 2_000  # of those that could be in a format
MOST_TOGETHER = 200_000_000  # bytes of them
MOST_LEVELS = 24
_RATIO = 200  # of a file in a zip archive to what it takes there
_UNREADABLE = 0x1 | 0x20 | 0x40  # encrypted, patched, strongly encrypted
# What zipfile raises of damaged archives, each seen among thousands of them: BadZipFile of two places that differ,
# zlib.error and EOFError of packed bytes, NotImplementedError of a version or a packing that it does not know, and
# ValueError of a name that is no UTF-8 and of a place before the beginning. Each is told as a damaged file.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError)
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_SKIPPED = frozenset(
    {
        ".git", ".hg", ".svn", "node_modules", ".venv", "venv", "env", "__pycache__", ".tox", ".nox", ".mypy_cache",
        ".pytest_cache", ".ruff_cache", "site-packages", "dist", "build", ".next", "target", ".terraform", ".idea",
    }
)  # fmt: skip
_ENDINGS = frozenset(
    {
        ".json", ".jsonc", ".yaml", ".yml", ".otm", ".tm7", ".drawio", ".dio", ".xml", ".mmd", ".mermaid",
        ".excalidraw",
        ".cdx", ".spdx", ".csv", ".xlsx", ".prompt", ".rail", ".tf", ".bicep",
    }
)  # fmt: skip
_NAMES = frozenset(
    {"MLmodel", "dvc.yaml", "README.md", "threatmodel.py", "tm.py", "pyproject.toml", "requirements.txt"}
)
_ELSEWHERE = {
    "Chart.yaml": ("Helm charts are not read ({}): they are templates.", "Give what “helm template” prints of them."),
}
_BEGINNING = re.compile(rb"""^(?:graphmodel|'graphmodel'|[\s{]*"graphmodel")\s*:""", re.MULTILINE)
_USUAL = 2_000_000  # bytes of a file that is read on the chance that it is in some format


@dataclass(frozen=True)
class Gathered:
    """What a folder or archive holds that may be in a format: sources by their path in it, and what was left aside."""

    sources: tuple[Source, ...]
    problems: tuple[Problem, ...]
    seen: int


def gather_folder(folder: Path) -> Gathered:
    """The candidates of a folder, in the order of their paths. Raises ``UnreadableError`` where it cannot be listed."""
    if not folder.is_dir():
        raise refusal(printable(str(folder)), "this is no folder.", "Name a folder or a file.")
    problems: list[Problem] = []
    names, seen, elsewhere = [], 0, Counter[str]()
    for relative in _walk(folder, problems):
        seen += 1
        if seen > MOST_SEEN:
            problems.append(_told(printable(str(folder)), f"only the first {MOST_SEEN:,} files are looked at."))
            break
        elsewhere.update(_elsewhere(relative))
        if _candidate(relative):
            names.append(relative)
    read = _reading(lambda name: _content(folder, name))
    sources = _sources(sorted(names), read, problems, str(folder))
    return Gathered(sources, (*problems, *_advice(elsewhere, str(folder))), seen)


def _elsewhere(name: str) -> tuple[str, ...]:
    """What a file is in that is described elsewhere, in another form."""
    base = posixpath.basename(name)
    return tuple(one for one in (base, posixpath.splitext(base)[1].lower()) if one in _ELSEWHERE)


def _advice(elsewhere: Counter[str], where: str) -> list[Problem]:
    return [
        _told(where, message.format(elsewhere[kind]), fix)
        for kind, (message, fix) in _ELSEWHERE.items()
        if elsewhere[kind]
    ]


def says_document(data: bytes) -> bool:
    """Whether a file is meant as a System document, also where it is broken: it has the key that begins one."""
    return _BEGINNING.search(data) is not None


def _walk(folder: Path, problems: list[Problem]) -> Iterator[str]:
    agenda: list[tuple[str, int]] = [("", 0)]
    while agenda:
        inside, level = agenda.pop()
        try:
            entries = sorted(os.scandir(folder / inside), key=lambda one: one.name)
        except OSError as error:
            problems.append(_told(inside or str(folder), f"it cannot be listed ({error.strerror})."))
            continue
        for entry in entries:
            name = f"{inside}/{entry.name}" if inside else entry.name
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in _SKIPPED and level < MOST_LEVELS:
                    agenda.append((name, level + 1))
            elif entry.is_file(follow_symlinks=False):
                yield name


def _candidate(name: str) -> bool:
    base = posixpath.basename(name)
    return posixpath.splitext(base)[1].lower() in _ENDINGS or base in _NAMES


def _content(folder: Path, name: str) -> bytes:
    way = PurePosixPath(name)
    for part in (way, *way.parents[:-1]):  # a file that includes another may name a folder that is a link
        if (folder / part).is_symlink():
            message = f"“{printable(str(part))[:120]}” is a link, which is not followed."
            raise refusal(printable(name), message, "Give the file itself.")
    return read_bytes(folder / way)


Read = Callable[[str], bytes]


def _reading(read: Read) -> Read:
    """The same reader with a memory, so that a file that others include is read once, and what it holds is limited."""
    known: dict[str, bytes] = {}
    together = 0

    def remembered(name: str) -> bytes:
        nonlocal together
        if name not in known:
            if together > MOST_TOGETHER:
                raise refusal(printable(name), "too much was read before it.", "Name a smaller folder.")
            known[name] = read(name)
            together += len(known[name])
        return known[name]

    return remembered


def _sources(names: list[str], read: Read, problems: list[Problem], where: str) -> tuple[Source, ...]:
    found: list[Source] = []
    together = 0
    for name in names:
        if len(found) >= MOST_READ or together > MOST_TOGETHER:
            problems.append(_told(where, f"only the first {len(found):,} files are read.", "Name a smaller folder."))
            break
        try:
            data = read(name)
        except UnreadableError as error:
            problems.append(error.problem)
            continue
        together += len(data)
        if is_workbook(data):
            try:
                data = table_of(data, printable(name))
            except UnreadableError as error:
                problems.append(replace(error.problem, level="note"))
                continue
        found.append(Source(data, printable(name), beside_within(name, read)))
    return tuple(found)


def beside_within(name: str, read: Read) -> Callable[[str], bytes]:
    """Opens what a file names, from where it lies and within the folder; raises ``UnreadableError`` otherwise."""

    def beside(wanted: str) -> bytes:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(name), wanted.replace("\\", "/")))
        if path.startswith(("/", "../")) or path == ".." or ":" in path or "\x00" in path:
            message = f"“{printable(wanted)[:120]}” lies outside of the folder, and is not read."
            raise refusal(printable(name), message, "Copy it into the folder.")
        return read(path)

    return beside


# ------------------------------------------------------------ archives
def is_archive(data: bytes) -> bool:
    """Whether bytes begin as a zip archive does."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def _unread(name: str, error: OSError) -> UnreadableError:
    return refusal(name, f"it cannot be read ({error.strerror}).", "Check the file and its permissions.")


def gather_archive(path_or_file: Path | BinaryIO, name: str) -> Gathered:
    """The candidates of a zip archive; raises ``UnreadableError`` where it is none.

    Files that are far larger than what they take in the archive, that are encrypted, or whose names lead out of it are
    left aside; archives in it are not opened.
    """
    problems: list[Problem] = []
    try:
        archive = zipfile.ZipFile(path_or_file)
    except _DAMAGED as error:
        raise refusal(name, "this is no zip archive that can be read.", "Pack it again.") from error
    except OSError as error:
        raise _unread(name, error) from error
    with archive:
        entries: dict[str, zipfile.ZipInfo] = {}
        seen = 0
        elsewhere = Counter[str]()
        for entry in archive.infolist():
            seen += 1
            if seen > MOST_SEEN:
                problems.append(_told(name, f"only the first {MOST_SEEN:,} files are looked at."))
                break
            inside = posixpath.normpath(entry.filename.replace("\\", "/"))
            if entry.filename.endswith("/") or set(inside.split("/")) & _SKIPPED:
                continue
            elsewhere.update(_elsewhere(inside))
            if not _candidate(inside):
                continue
            if inside.startswith(("/", "../")) or ":" in inside:
                problems.append(_told(inside, "its name leads out of the archive."))
                continue
            if entry.flag_bits & _UNREADABLE or entry.compress_type not in _PACKED:
                problems.append(_told(inside, "it is encrypted, or packed in a way that is not read.", "Pack it anew."))
                continue
            entries[inside] = entry

        def content(wanted: str) -> bytes:
            entry = entries.get(wanted)
            if entry is None:
                raise refusal(printable(wanted), "there is no such file in the archive.", "Add it.")
            if entry.file_size > MAX_BYTES or entry.file_size > _RATIO * max(1, entry.compress_size):
                raise refusal(printable(wanted), "it is too large, or packed too tightly to be genuine.", "Unpack it.")
            try:
                with archive.open(entry) as stream:
                    data = stream.read(MAX_BYTES + 1)
            except _DAMAGED as error:
                raise refusal(printable(wanted), "it is damaged.", "Pack it again.") from error
            except OSError as error:
                raise _unread(printable(wanted), error) from error
            if len(data) > MAX_BYTES:
                raise refusal(printable(wanted), f"it is larger than {MAX_BYTES // 1_000_000} MB.", "Split it.")
            return data

        read = _reading(content)
        for inside in entries:  # all is read while the archive is open
            try:
                read(inside)
            except UnreadableError:
                continue  # told below, where it is asked for
        sources = _sources(sorted(entries), read, problems, name)
        return Gathered(sources, (*problems, *_advice(elsewhere, name)), seen)


def _told(where: str, message: str, fix: str = "") -> Problem:
    return Problem("warning", message, fix, file=printable(where))
