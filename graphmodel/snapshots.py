"""Snapshots on the disk: taken of an open model, kept so that none is lost, and opened again, as are git revisions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphmodel.answering import Answered, answers_from, names_for, open_answers
from graphmodel.knowledge.ontology import shipped_digest
from graphmodel.posture.snapshot import Embedded, Snapshot, read_snapshot
from graphmodel.reading.files import create_file, read_bytes, usual_mode
from graphmodel.reading.printable import printable
from graphmodel.reading.problems import Problem, UnreadableError, refusal
from graphmodel.reading.values import Text
from graphmodel.reading.yaml_text import read_yaml
from graphmodel.revisions import Revision, names_revision, revision_of
from graphmodel.workspace import Model, model_from_bytes, open_model
from importers.source import Source

if TYPE_CHECKING:
    from graphmodel.assessment.results import Assessment

FOLDER = "snapshots"
_BEGINNING = ".snapshot."
MOST = 500
"""Snapshots of one folder that are read."""


def take(model: Model, assessment: Assessment, date: str, note: str = "") -> Snapshot:
    """The record of a model with its answers and its assessment, which was made for this date."""
    from graphmodel.posture.knowledge import entries_value, settings_value  # noqa: PLC0415 - who opens takes none
    from graphmodel.posture.record import posture_value, results_value  # noqa: PLC0415

    system, options, answered = assessment.compiled.system, assessment.options, model.answered
    given = answered or open_answers(None, model.catalogue)
    # Under the name by which they are found again beside the document, wherever they lay.
    name = names_for(Path(model.name))[0]
    return Snapshot(
        date=date,
        note=note,
        system={"id": system.id, "name": system.name, "currency": system.currency},
        format=model.format,
        document=Embedded(Path(model.name).name, model.data),
        beside=tuple(Embedded(*one) for one in (*model.beside, *given.beside)),
        answers=Embedded(name, given.data) if given.path is not None else None,
        catalogue={"digest": shipped_digest(), **entries_value(assessment.compiled.catalogue)},
        settings=settings_value(assessment.compiled.settings),
        method={
            "reach": str(assessment.compiled.reach),
            "seed": options.seed,
            "worlds": options.worlds,
            "confidence": options.confidence,
            "precision": options.precision,
        },
        results={
            **results_value(assessment),
            "posture": posture_value(assessment, given.framework, given.given, model.standing),
        },
    )


def keep(snapshot: Snapshot, directory: Path) -> tuple[Path, bool]:
    """Write a snapshot to a directory, which is made where there is none; its file, and whether that is new.

    Nothing that is there is ever replaced. A killed writer leaves no file or a whole one, and two writers of one
    content come to one file. Raises ``UnreadableError`` where another content has this name or it could not
    be read again, as one that is too large, and ``OSError``.
    """
    directory.mkdir(parents=True, exist_ok=True)
    path, data = directory / snapshot.name, snapshot.to_text().encode("utf-8")
    read_snapshot(data, snapshot.name)
    if create_file(path, data, usual_mode(), _BEGINNING):
        return path, True
    if read_bytes(path) != data:
        message = "there is a file of this name that is not this snapshot: it is damaged, or was changed."
        raise refusal(str(path), message, "Move it away, and take the snapshot again.")
    return path, False


def read_kept(path: Path) -> Snapshot:
    """The snapshot in a file; raises ``UnreadableError``."""
    return read_snapshot(read_bytes(path), printable(path.name))


def kept(
    directory: Path, read: Callable[[Path], Snapshot] = read_kept
) -> tuple[tuple[tuple[Path, Snapshot], ...], tuple[Problem, ...]]:
    """The snapshots in a folder, the oldest first, and what is wrong with files there that are none or damaged.

    Of many files the last by name are read, which is by date. Of those of one day the one that was written later comes
    later; where nobody knows when, as in a fresh clone, their names decide. ``read`` reads one, as ``read_kept`` does.
    """
    found, problems = [], []
    files = sorted(one for one in directory.glob("*.json") if one.is_file()) if directory.is_dir() else []
    if len(files) > MOST:
        message = f"there are {len(files):,} files here; the last {MOST:,} are read."
        problems.append(Problem("note", message, "Move older ones to another folder.", file=printable(str(directory))))
    for path in files[-MOST:]:
        try:
            found.append((path, read(path)))
        except UnreadableError as error:
            problems.append(error.problem)
    return tuple(sorted(found, key=lambda one: (one[1].date, _written(one[0]), one[0].name))), tuple(problems)


def is_later(one: Opened, other: Opened) -> bool:
    """Whether one snapshot of a system was taken after another, by their dates and then by when they were written."""
    if one.snapshot is None or other.snapshot is None or one.snapshot.system["id"] != other.snapshot.system["id"]:
        return False
    return (one.date, _written(one.path)) > (other.date, _written(other.path))


def _written(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:  # it was taken away since it was read
        return 0


@dataclass(frozen=True)
class Opened:
    """One side of a difference as opened: the model, the date that it is of, and its record if it is a snapshot.

    ``date`` is an ISO date: that of the snapshot or of the commit; empty for a file that is in use now. ``path`` is
    where the file lies, or lay.
    """

    model: Model
    date: str
    snapshot: Snapshot | None
    path: Path


def open_version(text: str) -> Opened:
    """Open a snapshot, a file that is read as a model, or ``FILE@GITREV``; raises ``UnreadableError``.

    A file that there is comes before a revision. Problems of a document are in the model.
    """
    path = Path(text)
    if names_revision(text):
        return _revision(revision_of(text))
    model = open_model(path)
    return _opened(model, path)


def _opened(model: Model, path: Path, date: str = "") -> Opened:
    snapshot = model.snapshot
    if snapshot is None:
        return Opened(model, date, None, path)
    return Opened(model, snapshot.date, snapshot, path)


def document_of(opened: Opened) -> tuple[str, Text]:
    """Where the document of a version lies, as code hosts name it, and what it says with its lines.

    A path is relative to the working directory where it lies below that. The document of a snapshot is looked for
    where it lay when the snapshot was taken: above the folder of snapshots.
    """
    if opened.snapshot is None:
        path, data = opened.path, opened.model.data
    else:
        name, data = opened.snapshot.document.name, opened.snapshot.document.data
        above = opened.path.parent.parent / name
        path = above if above.is_file() else Path(name)
    try:
        shown = path.resolve().relative_to(Path.cwd().resolve()).as_posix()
    except ValueError:
        shown = path.resolve().as_uri()
    return shown, Source(data, path.name).text


def _revision(revision: Revision) -> Opened:
    data = revision.content(revision.name)
    model = model_from_bytes(data, revision.label, beside=revision.beside, file=revision.name)
    return _opened(model, revision.directory / revision.name, revision.date)


def with_answers(model: Model, text: str) -> Model:
    """A model with the answers of a file, or of ``FILE@GITREV``; raises ``UnreadableError`` where git has no such."""
    if not names_revision(text):
        return model.with_answers(open_answers(Path(text), model.catalogue))
    revision = revision_of(text)
    data = revision.content(revision.name)
    return model.with_answers(answers_from(data, revision.label, model.catalogue, revision.beside))


def answer_entries(answered: Answered | None) -> dict[str, Any] | None:
    """What a file of answers says, each entry as it is written: of items, of maturity and of the use."""
    if answered is None or answered.path is None:
        return None
    value = read_yaml(answered.data, str(answered.path)).value
    sections = {"answers": "", "maturity": "maturity ", "use": "use "}
    return {
        f"{said}{key}": one for section, said in sections.items() for key, one in (value.get(section) or {}).items()
    }
