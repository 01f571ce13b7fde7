"""Opens the answers that lie beside a system's file; like ``workspace``, the edge to the disk."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from graphmodel.knowledge.framework import Framework, load_framework
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.posture.answers import Answers
from graphmodel.posture.answers_document import read_answers
from graphmodel.reading.files import read_bytes
from graphmodel.reading.printable import printable
from graphmodel.reading.problems import Problem, UnreadableError, by_line, has_errors
from graphmodel.reading.yaml_text import read_yaml

ENDING = ".assessment.yaml"
SHARED = "assessment.yaml"


@dataclass(frozen=True)
class Answered:
    """Answers as opened: ``own`` are those of the file alone, ``answers`` with those that it extends.

    ``answers`` is None when the file has errors; ``path`` None when there is no file yet, and ``data`` its content.
    """

    framework: Framework
    path: Path | None
    data: bytes
    own: Answers | None
    answers: Answers | None
    problems: tuple[Problem, ...]

    @property
    def usable(self) -> bool:
        return self.answers is not None

    @property
    def given(self) -> Answers:
        """The answers; raises ``ValueError`` where they have errors."""
        if self.answers is None:
            raise ValueError(f"{self.path} has errors")
        return self.answers


def answers_beside(file: Path) -> Path | None:
    """The answers that go with a system's file: ``NAME.assessment.yaml``, or else ``assessment.yaml`` beside it."""
    for found in (file.with_name(f"{file.stem}{ENDING}"), file.with_name(SHARED)):
        if found.is_file():
            return found
    return None


def open_answers(path: Path | None, catalogue: Catalogue) -> Answered:
    """Open answers; None is a system about which nobody has answered anything. Never raises for what a file holds."""
    framework = load_framework()
    if path is None:
        nothing = Answers(framework.id)
        return Answered(framework, None, b"", nothing, nothing, ())
    try:
        data = read_bytes(path)
    except UnreadableError as error:
        return Answered(framework, path, b"", None, None, (error.problem,))
    return answers_from_bytes(data, path, catalogue)


def answers_from_bytes(data: bytes, path: Path, catalogue: Catalogue) -> Answered:
    """Answers as if a file of this path held these bytes. Never raises for what they hold."""
    framework = load_framework()
    try:
        own, problems = read_answers(read_yaml(data, printable(str(path))), framework, catalogue)
    except UnreadableError as error:
        return Answered(framework, path, data, None, None, (error.problem,))
    if own is None or not own.extends:
        return Answered(framework, path, data, own, own, by_line(problems))
    shared, more = _shared(path, own.extends, framework, catalogue)
    everything = by_line((*problems, *more))
    answers = own.over(shared) if shared is not None and not has_errors(everything) else None
    return Answered(framework, path, data, own, answers, everything)


def _shared(
    path: Path, name: str, framework: Framework, catalogue: Catalogue
) -> tuple[Answers | None, tuple[Problem, ...]]:
    """The answers that a file extends: beside it or below, and not extending others in turn."""
    place, file = "extends", printable(str(path))
    try:
        found = Path(os.path.realpath(path.parent / name))
    except (OSError, ValueError):
        return None, (Problem("error", "no file can be called so.", "Correct the name.", place, file=file),)
    if not found.is_relative_to(os.path.realpath(path.parent)):
        message = "the answers that these extend lie outside their directory."
        return None, (Problem("error", message, "Put that file beside this one, or below.", place, file=file),)
    try:
        answers, problems = read_answers(read_yaml(read_bytes(found), printable(name)), framework, catalogue)
    except UnreadableError as error:
        return None, (replace(error.problem, path=place),)
    if answers is not None and answers.extends:
        message = "answers that others extend cannot extend others themselves."
        return None, (*problems, Problem("error", message, "Put all shared answers in one file.", file=printable(name)))
    return answers, problems
