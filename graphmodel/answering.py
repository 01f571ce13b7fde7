"""Opens the answers that lie beside a system's file; like ``workspace``, the edge to the disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from graphmodel.knowledge.framework import Framework, load_framework
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.posture.answers import Answers
from graphmodel.posture.answers_document import read_answers
from graphmodel.reading.files import read_bytes
from graphmodel.reading.printable import printable
from graphmodel.reading.problems import Problem, UnreadableError, by_line, has_errors, refusal
from graphmodel.reading.yaml_text import read_yaml

ENDING = ".assessment.yaml"
SHARED = "assessment.yaml"


@dataclass(frozen=True)
class Answered:
    """Answers as opened: ``own`` are those of the file alone, ``answers`` with those that it extends.

    ``answers`` is None when the file has errors; ``path`` None when there is no file yet, and ``data`` its content.
    ``beside`` has the file that it extends, by the name that it gives it.
    """

    framework: Framework
    path: Path | None
    data: bytes
    own: Answers | None
    answers: Answers | None
    problems: tuple[Problem, ...]
    beside: tuple[tuple[str, bytes], ...] = ()

    @property
    def usable(self) -> bool:
        return self.answers is not None

    @property
    def given(self) -> Answers:
        """The answers; raises ``ValueError`` where they have errors."""
        if self.answers is None:
            raise ValueError(f"{self.path} has errors")
        return self.answers


def names_for(file: Path) -> tuple[str, str]:
    """What the answers of a system's file are called: ``NAME.assessment.yaml``, or else ``assessment.yaml``."""
    return f"{file.stem}{ENDING}", SHARED


def answers_beside(file: Path) -> Path | None:
    """The answers that lie beside a system's file."""
    for name in names_for(file):
        if file.with_name(name).is_file():
            return file.with_name(name)
    return None


def open_answers(path: Path | None, catalogue: Catalogue) -> Answered:
    """Open answers; None is a system about which nobody has answered anything. Never raises for what a file holds."""
    if path is None:
        framework = load_framework()
        nothing = Answers(framework.id)
        return Answered(framework, None, b"", nothing, nothing, ())
    try:
        data = read_bytes(path)
    except UnreadableError as error:
        return unreadable_answers(path, error.problem)
    return answers_from_bytes(data, path, catalogue)


def unreadable_answers(path: Path, problem: Problem) -> Answered:
    """What is there of answers that cannot be read: the problem."""
    return Answered(load_framework(), path, b"", None, None, (problem,))


def answers_from_bytes(data: bytes, path: Path, catalogue: Catalogue) -> Answered:
    """Answers as if a file of this path held these bytes. Never raises for what they hold."""

    def beside(wanted: str) -> bytes:
        return read_bytes(_confined(path, wanted))

    return replace(answers_from(data, printable(str(path)), catalogue, beside), path=path)


def answers_from(data: bytes, name: str, catalogue: Catalogue, beside: Callable[[str], bytes]) -> Answered:
    """The answers in a file; those that it extends come from ``beside``, which raises ``UnreadableError``."""
    framework = load_framework()
    try:
        own, problems = read_answers(read_yaml(data, name), framework, catalogue)
    except UnreadableError as error:
        return Answered(framework, Path(name), data, None, None, (error.problem,))
    if own is None or not own.extends:
        return Answered(framework, Path(name), data, own, own, by_line(problems))
    extends = own.extends
    try:
        shared_data = beside(extends)
        shared, more = read_answers(read_yaml(shared_data, printable(extends)), framework, catalogue)
    except UnreadableError as error:
        wrong = replace(error.problem, path="extends", file=error.problem.file or name)
        return Answered(framework, Path(name), data, own, None, by_line((*problems, wrong)))
    if shared is not None and shared.extends:
        message = "answers that others extend cannot extend others themselves."
        fix = "Put all shared answers in one file."
        more = (*more, Problem("error", message, fix, "extends", file=printable(extends)))
    everything = by_line((*problems, *more))
    answers = own.over(shared) if shared is not None and not has_errors(everything) else None
    return Answered(framework, Path(name), data, own, answers, everything, ((extends, shared_data),))


def _confined(path: Path, name: str) -> Path:
    """A file beside another or below; raises ``UnreadableError`` for one elsewhere."""
    try:
        found = Path(os.path.realpath(path.parent / name))
    except (OSError, ValueError) as error:
        raise refusal(printable(str(path)), "no file can be called so.", "Correct the name.") from error
    if not found.is_relative_to(os.path.realpath(path.parent)):
        message = "the answers that these extend lie outside their directory."
        raise refusal(printable(str(path)), message, "Put that file beside this one, or below.")
    return found
