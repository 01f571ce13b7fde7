"""Opens files of any kind that the program reads; the one place where the core meets the disk."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphmodel.binding.patterns import unbindable
from graphmodel.binding.relations import Reach
from graphmodel.companions import Beside, among, in_directory, named_files
from graphmodel.knowledge.ontology import catalogue_findings, load_catalogue, shipped_catalogue
from graphmodel.knowledge.settings import Settings, load_settings
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.model.checks import check_system
from graphmodel.model.document import companions, is_document, read_document
from graphmodel.model.system import Imported, System
from graphmodel.posture.snapshot import Snapshot, is_snapshot, snapshot_from
from graphmodel.reading.files import read_bytes, write_atomically
from graphmodel.reading.limits import MAX_PROBLEMS
from graphmodel.reading.locks import only_writer
from graphmodel.reading.printable import printable
from graphmodel.reading.problems import MissingError, Problem, UnreadableError, by_line, has_errors, nearest
from graphmodel.reading.values import brief, dotted
from importers.source import Source

if TYPE_CHECKING:
    from graphmodel.answering import Answered
    from graphmodel.assessment.results import Assessment
    from graphmodel.binding.compiled import Compiled
    from graphmodel.engine.likelihood import Options
    from graphmodel.model.accounts import Account
    from graphmodel.posture.standing import Standing
    from importers.importer import Importer


@dataclass(frozen=True)
class Model:
    """A file as opened: the system in it, the catalogue and settings that it uses, and its problems.

    ``system`` is None when the file has errors. ``format`` is ``graphmodel``, ``snapshot`` or the id of an importer.
    Of a ``snapshot`` the system is that of the document in it, with the settings that were in force.
    ``directory`` is where the file was read; None for what was not read from a disk, or could not be.
    ``account`` says of a foreign file what became of its elements. ``beside`` are the catalogue files of its own, then
    the settings file if there is one, each with its content.
    """

    name: str
    format: str
    data: bytes
    system: System | None
    catalogue: Catalogue
    settings: Settings
    problems: tuple[Problem, ...]
    directory: Path | None = None
    beside: tuple[tuple[str, bytes], ...] = ()
    answered: Answered | None = None
    snapshot: Snapshot | None = None
    account: Account | None = None

    @property
    def usable(self) -> bool:
        return self.system is not None and not has_errors(self.problems)

    @cached_property
    def standing(self) -> Standing:
        """The system with what its answers stand for; raises ``ValueError`` where either has errors."""
        from graphmodel.posture.standing import Standing, with_answers  # noqa: PLC0415 - few files have answers

        if self.system is None or (self.answered is not None and self.answered.answers is None):
            raise ValueError(f"{self.name} has errors and cannot be assessed")
        if self.answered is None:
            return Standing(self.system, {}, ())
        given, framework = self.answered.given, self.answered.framework
        return with_answers(self.system, given, framework, self.catalogue, self.settings)

    def with_answers_of(self, path: Path) -> Model:
        """The same with the answers of this file in place of those that lie beside it."""
        from graphmodel.answering import open_answers  # noqa: PLC0415 - the same

        return self.with_answers(open_answers(path, self.catalogue))

    def with_answers(self, found: Answered) -> Model:
        """The same with these answers in place of those that it has."""
        before = self.answered.problems if self.answered is not None else ()
        kept = tuple(one for one in self.problems if one not in before)
        return replace(self, answered=found, problems=(*kept, *found.problems))

    @cached_property
    def digest(self) -> str:
        """Names this content together with the files that it draws in."""
        said = self.answered.answers if self.answered is not None else None
        whole = repr((self.name, self.system, self.catalogue, self.settings, said))
        return hashlib.sha256(whole.encode()).hexdigest()[:32]

    @cached_property
    def assessed_digest(self) -> str:
        """Names what an assessment of this content depends on: an answer that puts no control anywhere, or only moves
        the lines of the others, leaves it as it is. Raises ``ValueError`` when the file has errors."""
        made, system = self.standing.made, self.standing.system
        controls = tuple(replace(one, source=None) if one.id in made else one for one in system.controls)
        whole = repr((self.name, replace(system, controls=controls), self.catalogue, self.settings))
        return hashlib.sha256(whole.encode()).hexdigest()[:32]

    def compile(self, reach: Reach = Reach.DATA, today: str = "") -> Compiled:
        """Compile the system with what its answers stand for; raises ``ValueError`` when the file has errors."""
        from graphmodel.binding.compiled import compile_system  # noqa: PLC0415 - who only opens a file needs no graph

        return compile_system(self.standing.system, self.catalogue, self.settings, reach, today)

    def assess(self, reach: Reach = Reach.DATA, options: Options | None = None, today: str = "") -> Assessment:
        """Compile and solve; raises ``ValueError`` when the file has errors."""
        from graphmodel.assessment.assess import assess  # noqa: PLC0415 - nor the engine, which is slow to import

        return assess(self.compile(reach, today), options)


def open_model(path: Path, bound: bool = True) -> Model:
    """Open a file. A file that cannot be read at all is a model with one error.

    The name of the model is that of the file, on one line and free of what drives a terminal. ``bound`` is as in
    ``model_from_bytes``.
    """
    name = printable(str(path))
    try:
        data = read_bytes(path)
    except UnreadableError as error:
        return unreadable(name, b"", (error.problem,))
    return model_from_bytes(data, name, path.parent, bound=bound)


def model_from_bytes(
    data: bytes,
    name: str,
    directory: Path | None = None,
    beside: Beside | None = None,
    file: str = "",
    bound: bool = True,
) -> Model:
    """Read a model; its own catalogue and settings files come from ``beside`` or, without it, from ``directory`` and
    below, as do the answers to the questionnaire that go with it. ``file`` is what the file is called where ``name``
    says more. Without ``bound`` nobody looks whether each pattern can be bound to it, which takes longest of all; that
    is for whoever joins it with others and asks then.

    Never raises for what a file holds. Problems come by file, and in the order of their lines.
    """
    given, beside = beside, beside or in_directory(directory)
    if data.startswith(b"PK"):
        from graphmodel.workbooks.systems import is_workbook, table_of  # noqa: PLC0415 - hardly any model is one

        try:
            data = table_of(data, name) if is_workbook(data) else data
        except UnreadableError as error:
            return unreadable(name, data, (error.problem,), directory)
    source = Source(data, name, beside)
    try:
        text = source.text
    except UnreadableError:
        return _foreign(source, directory, given, file, bound)
    if is_snapshot(text.value) or not is_document(text.value):
        return _foreign(source, directory, given, file, bound)
    files, settings_file = companions(text.value)
    extra, problems = named_files(files, "catalogue", beside)
    catalogue, wrong = load_catalogue(extra) if extra else shipped_catalogue()
    if extra and not has_errors(wrong):
        wrong = (*wrong, *catalogue_findings(extra))
    settings_data, more = named_files([settings_file] if settings_file else [], "settings", beside)
    settings, odd = load_settings(settings_data[0][1], settings_data[0][0]) if settings_data else load_settings()
    read = read_document(text, catalogue)
    everything = (*problems, *wrong, *more, *odd, *_costs(settings, catalogue, settings_file), *read.problems)
    system = None if has_errors(everything) else read.system
    refused_patterns = tuple(_unbindable(system, catalogue)) if bound else ()
    if refused_patterns:
        system, everything = None, (*everything, *refused_patterns)
    found = (*extra, *settings_data)
    model = Model(name, "graphmodel", data, system, catalogue, settings, by_line(everything), directory, found)
    return _answered(model, given, file)


def _foreign(source: Source, directory: Path | None, given: Beside | None, file: str, bound: bool) -> Model:
    """What is no System document: a file of another tool, a snapshot, or nothing that is read."""
    from importers.registry import importer_of, refused  # noqa: PLC0415 - forty formats, and most files are our own

    importer = importer_of(source)
    if importer is not None:
        return _imported(importer, source, directory, given, file, bound)
    if is_snapshot(source.value):
        return _of_snapshot(source.value, source.data, source.name, directory)
    return unreadable(source.name, source.data, (refused(source),), directory)


def _imported(
    importer: Importer, source: Source, directory: Path | None, given: Beside | None, file: str, bound: bool
) -> Model:
    from graphmodel.knowledge.typing_table import load_typing  # noqa: PLC0415 - the same

    catalogue, problems = shipped_catalogue()
    settings, more = load_settings()
    read = importer.read(source, catalogue, load_typing(catalogue)[0])
    found = _checked(read, catalogue)
    refused_patterns = tuple(_unbindable(found.system, catalogue)) if bound else ()
    everything = by_line((*problems, *more, *found.problems, *refused_patterns))
    system = None if refused_patterns else found.system
    model = Model(
        source.name, importer.id, source.data, system, catalogue, settings, everything, directory, account=read.account
    )
    return _answered(model, given, file)


def _answered(model: Model, beside: Beside | None, file: str) -> Model:
    """The model with the answers that go with its file: in its directory, or where ``beside`` has its other files."""
    if not model.name or (model.directory is None and beside is None):
        return model
    from graphmodel.answering import (  # noqa: PLC0415 - few files have answers
        answers_beside,
        answers_from,
        names_for,
        unreadable_answers,
    )

    if beside is None:
        found = answers_beside(Path(model.directory or "") / Path(model.name).name)
        return model if found is None else model.with_answers_of(found)
    for name in names_for(Path(file or model.name)):
        try:
            data = beside(name)
        except MissingError:
            continue
        except UnreadableError as error:
            return model.with_answers(unreadable_answers(Path(name), error.problem))
        return model.with_answers(answers_from(data, name, model.catalogue, beside))
    return model


def _of_snapshot(value: Any, data: bytes, name: str, directory: Path | None) -> Model:
    """The model in a snapshot, with the settings of then and the shipped catalogue of today."""
    try:
        snapshot = snapshot_from(value, name)
    except UnreadableError as error:
        return unreadable(name, data, (error.problem,), directory)
    files = {one.name: one.data for one in snapshot.beside}
    if snapshot.answers is not None:
        files[snapshot.answers.name] = snapshot.answers.data

    beside = among(files, name, "Take it anew from the document.")
    inner = model_from_bytes(snapshot.document.data, snapshot.document.name, beside=beside)
    if inner.snapshot is not None:
        message = "this is a snapshot of a snapshot."
        return unreadable(name, data, (Problem("error", message, "Open the one inside.", file=name),), directory)
    settings, odd = load_settings(json.dumps(snapshot.settings).encode(), f"{name} settings")
    return replace(
        inner,
        name=name,
        format="snapshot",
        data=data,
        settings=settings,
        problems=by_line((*inner.problems, *odd)),
        directory=directory,
        snapshot=snapshot,
    )


def _checked(imported: Imported, catalogue: Catalogue) -> Imported:
    if imported.system is None:
        return imported
    problems = list(imported.problems)
    for finding in check_system(imported.system, catalogue):
        problems.append(Problem(finding.level, finding.message, finding.fix, dotted(finding.place)))
    return Imported(None if has_errors(problems) else imported.system, tuple(problems))


def _unbindable(system: System | None, catalogue: Catalogue) -> Iterator[Problem]:
    wrong = unbindable(system, catalogue) if system is not None else None
    if wrong is not None:
        yield Problem("error", wrong.message, wrong.fix, wrong.pattern.id)


def _costs(settings: Settings, catalogue: Catalogue, name: str | None) -> Iterator[Problem]:
    for control in sorted(set(settings.control_costs) - set(catalogue.controls))[:MAX_PROBLEMS]:
        message, fix = f"there is no control “{brief(control)}”.", nearest(control, catalogue.controls)
        yield Problem("error", message, fix, f"control_costs.{control}", file=name or "settings.yaml")


def unreadable(name: str, data: bytes, problems: tuple[Problem, ...], directory: Path | None = None) -> Model:
    """What is there of a file that cannot be read: its problems."""
    catalogue, _ = shipped_catalogue()
    settings, _ = load_settings()
    return Model(name, "", data, None, catalogue, settings, problems, directory)


class ChangedOnDiskError(Exception):
    """A file was changed by somebody else since its content was last looked at."""


def on_disk(path: Path) -> bytes | None:
    """The content of a file now; None where it is gone or cannot be read."""
    try:
        return read_bytes(path)
    except UnreadableError:
        return None


def save_text(path: Path, text: str, known: bytes | None) -> None:
    """Write a document to the file that it was opened from, whole or not at all.

    ``known`` is the content that the user has seen (None: no file). Raises ``ChangedOnDiskError`` when
    another one is there by now, so that nobody's work is written over unseen, and ``OSError``.
    """
    # Otherwise two who look at the same moment would both see what they know, and the later one would win.
    with writing(path):
        save_alone(path, text, known)


def writing(path: Path) -> AbstractContextManager[None]:
    """Keeps other writers of a document waiting until the end of the block; raises ``OSError`` where one goes on."""
    return only_writer(Path(os.path.realpath(path)).parent)


def save_alone(path: Path, text: str, known: bytes | None) -> None:
    """``save_text`` for who is ``writing``."""
    now = on_disk(path)
    if now != known or (now is None and path.exists()):
        raise ChangedOnDiskError(str(path))
    write_atomically(path, text)


def examples_directory() -> Path:
    """Where the example systems lie: inside the installed package, or beside it in a checkout."""
    installed = Path(__file__).parent / "_examples"
    return installed if installed.is_dir() else Path(__file__).parent.parent / "examples"
