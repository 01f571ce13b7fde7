"""The files that a model names: its own catalogue and settings, from a directory, a snapshot or a git revision."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from graphmodel.knowledge.ontology import MAX_CATALOGUE_BYTES
from graphmodel.reading.files import read_bytes
from graphmodel.reading.problems import MissingError, Problem, UnreadableError, refusal
from graphmodel.reading.values import brief

ENDINGS = (".ttl", ".yaml", ".yml")  # of the files of a folder that are taken for a catalogue
MAX_FILES = 200  # of a folder

Beside = Callable[[str], bytes]
"""Gives the content of a file that a model names; raises ``MissingError`` where there is none, and another
``UnreadableError`` where it cannot be had. The content of a folder, whose name ends in a slash, is the names of the
files in it, a line each."""


def named_files(
    names: Sequence[str], field: str, beside: Beside
) -> tuple[list[tuple[str, bytes]], tuple[Problem, ...]]:
    """The files that a model names, those of folders in the order of their names; one that cannot be had is a problem
    of the field that names it."""
    found: dict[str, bytes] = {}
    problems: list[Problem] = []
    for name in names:
        try:
            for one in _files(name, beside):
                found.setdefault(one, beside(one))
        except UnreadableError as error:
            problems.append(replace(error.problem, path=field))
    return list(found.items()), tuple(problems)


def _files(name: str, beside: Beside) -> Iterator[str]:
    if not name.endswith("/"):
        yield name
        return
    inside = [one for one in beside(name).decode("utf-8", "surrogateescape").split("\n") if one.endswith(ENDINGS)]
    if not inside:
        fix = f"Put files there whose names end in {', '.join(ENDINGS)}, or leave the folder out."
        raise refusal(name, "there is no catalogue file in this folder.", fix)
    if len(inside) > MAX_FILES:
        raise refusal(name, f"there are {len(inside):,} files in this folder.", f"At most {MAX_FILES} are read.")
    yield from (f"{name}{one}" for one in sorted(inside))


def in_directory(directory: Path | None) -> Beside:
    """Gives the files that lie in the directory of the model or below it, and no others."""

    def content(name: str) -> bytes:
        if directory is None:
            message = f"“{brief(name)}” cannot be found: the model was not opened from a directory."
            raise refusal("", message, "Save the model beside it and open it from there.")
        try:
            path = Path(os.path.realpath(directory / name))
        except (OSError, ValueError) as error:  # a name with a NUL in it, or one that leads round in a circle
            raise refusal("", f"no file can be called “{brief(name)}”.", "Correct the name.") from error
        if not path.is_relative_to(os.path.realpath(directory)):
            message = f"“{brief(name)}” lies outside the directory of the model."
            raise refusal("", message, "Put the file beside the model.")
        if name.endswith("/"):
            return _listing(path, name)
        try:
            return read_bytes(path, MAX_CATALOGUE_BYTES)
        except UnreadableError as error:
            raise UnreadableError(replace(error.problem, file=name)) from error

    return content


def _listing(path: Path, name: str) -> bytes:
    try:
        with os.scandir(path) as entries:
            return b"\n".join(os.fsencode(one.name) for one in entries if one.is_file())
    except OSError as error:
        message = f"this folder cannot be read: {error.strerror}."
        raise refusal(name, message, "Check the name; a folder's ends in a slash.") from error


def among(files: Mapping[str, bytes], file: str, fix: str) -> Beside:
    """Gives these files, which ``file`` holds, and no others."""

    def content(name: str) -> bytes:
        if name.endswith("/"):
            return "\n".join(one[len(name) :] for one in files if one.startswith(name)).encode()
        if name not in files:
            raise MissingError(Problem("error", f"“{brief(name)}” is not in it.", fix, file=file))
        return files[name]

    return content
