"""Rows of many systems by their files: what was worked out of files that are as they were is not worked out again.

A row is kept with every file that it rests on, and holds as long as each of them is the same. Systems with catalogue or
settings files of their own are worked out each time, as those may be folders.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from graphmodel.answering import names_for, open_answers
from graphmodel.binding.relations import Reach
from graphmodel.engine.likelihood import Options
from graphmodel.engine.memory import FORGETFUL
from graphmodel.knowledge.ontology import ontology_directory
from graphmodel.posture.portfolio import SystemRow, system_row
from graphmodel.reading.files import read_bytes
from graphmodel.reading.printable import printable
from graphmodel.reading.problems import UnreadableError
from graphmodel.workspace import Model, model_from_bytes, open_model

_GONE = ""


class UnusableError(Exception):
    """A system with errors, which are those of its ``model``."""

    def __init__(self, model: Model) -> None:
        super().__init__(model.name)
        self.model = model


@dataclass(frozen=True)
class _Kept:
    """A row with the files besides the document that it rests on: their digests, empty for one that was not there."""

    row: SystemRow
    files: tuple[tuple[str, str], ...]
    whole: bool  # whether there are no others


def row_of(
    path: Path, called: str, reach: Reach, options: Options, today: str, answers: Path | None = None
) -> SystemRow:
    """The row of the system in a file, which is named ``called``, with the answers beside it or those of ``answers``.

    ``today`` is an ISO date. Raises ``UnusableError`` where it has errors.
    """

    def work(model: Model) -> _Kept:
        model = model if answers is None else model.with_answers_of(answers)
        row = row_of_model(model, called, reach, options, today)
        return _Kept(row, _rests_on(path, model), model.format == "graphmodel" and not model.beside)

    try:
        data = read_bytes(path)
    except UnreadableError:
        return work(open_model(path)).row
    if options.memory is FORGETFUL:
        return work(open_model(path)).row
    content = hashlib.sha256(data).hexdigest()
    asked = ("row of a system", str(path.absolute()), str(answers or ""), content, knowledge_digest(), reach, today)
    name = printable(str(path))
    kept = options.memory.recall(
        (*asked, options), _Kept, lambda: work(model_from_bytes(data, name, path.parent)), _holds
    )
    return replace(kept.row, file=called)


def row_of_model(model: Model, called: str, reach: Reach, options: Options, today: str) -> SystemRow:
    """The row of an open system, worked out; raises ``UnusableError`` where it has errors."""
    if not model.usable:
        raise UnusableError(model)
    assessment = model.assess(reach, options, today)
    found = model.answered or open_answers(None, model.catalogue)
    return system_row(called, assessment, found.framework, found.given, model.standing)


def _rests_on(path: Path, model: Model) -> tuple[tuple[str, str], ...]:
    found = model.answered
    files: dict[Path, str] = {}
    for name in names_for(path):
        beside = path.with_name(name).absolute()
        if found is not None and found.path is not None and found.path.absolute() == beside:
            break
        files[beside] = _GONE if not beside.is_file() else _digest(beside)
    if found is not None and found.path is not None:
        files[found.path.absolute()] = hashlib.sha256(found.data).hexdigest()
        for name, data in found.beside:
            files[found.path.absolute().parent / name] = hashlib.sha256(data).hexdigest()
    return tuple((str(one), digest) for one, digest in files.items())


def _holds(kept: _Kept) -> bool:
    return kept.whole and all(_digest(Path(name)) == digest for name, digest in kept.files)


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(read_bytes(path)).hexdigest()
    except UnreadableError:
        return _GONE


@cache
def knowledge_digest() -> str:
    """Names everything that ships with the program and that answers rest on, by its content."""
    whole = hashlib.sha256()
    for path in sorted(ontology_directory().rglob("*")):
        if path.is_file():
            whole.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()
