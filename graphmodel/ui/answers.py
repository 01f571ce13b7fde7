"""Answers saved one at a time, into a document that others may write at the same time.

What is written replaces the answer to one item only. Where the document changed since it was read, it is read again;
when the same answer changed there, neither is written over the other: both are given back, to be chosen from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from graphmodel.answering import Answered, answers_from_bytes, open_answers
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.posture.answers import Answer, Answers, Level
from graphmodel.posture.answers_writing import first_document, with_changes
from graphmodel.ui.texts import FileText, clean, file_text
from graphmodel.workspace import ChangedOnDiskError, save_alone, writing

_TRIES = 5
_NEW = "answers.yaml"  # what an answers document is called that lies nowhere


@dataclass(frozen=True)
class Change:
    """One answer: to an item, the level of a requirement, a fact about the use, or the target profile."""

    answer: Answer | None = None
    level: Level | None = None
    fact: tuple[str, bool | None] | None = None
    profile: str | None = None

    def before(self, answers: Answers | None) -> Answer | Level | bool | str | None:
        """What a document says of the same thing, wherever in it; None where it says nothing."""
        if answers is None:
            return None
        if self.answer is not None:
            answer = answers.answers.get(self.answer.item)
            return replace(answer, source=None) if answer is not None else None
        if self.level is not None:
            level = answers.levels.get(self.level.requirement)
            return replace(level, source=None) if level is not None else None
        if self.fact is not None:
            return answers.use.get(self.fact[0])
        return answers.profile

    def of(self) -> str:
        """The id of what it is about."""
        if self.answer is not None:
            return self.answer.item
        if self.level is not None:
            return self.level.requirement
        return self.fact[0] if self.fact is not None else "profile"


@dataclass(frozen=True)
class Saved:
    """The answers with the change in them; ``merged`` where somebody else had changed others of them."""

    answered: Answered
    merged: bool = False


@dataclass(frozen=True)
class Conflict:
    """The same was answered by somebody else: ``answered`` is what the file has now."""

    answered: Answered
    change: Change


@dataclass(frozen=True)
class Refused:
    """Why nothing was written, and what to do."""

    message: str


def save(
    answered: Answered, target: Path | None, change: Change, catalogue: Catalogue, name: str = ""
) -> Saved | Conflict | Refused:
    """Put one change into the answers and, unless ``target`` is None, into that file.

    ``answered`` are the answers as they were last read; ``name`` goes into a document that is begun. Others who save
    into the same directory wait meanwhile.
    """
    if target is None:
        return _saved(answered, None, change, catalogue, name)
    try:
        with writing(target):
            return _saved(answered, target, change, catalogue, name)
    except OSError as error:
        return Refused(f"{target.name} cannot be written: {error.strerror or error}. Free the way, and answer again.")


def _saved(
    answered: Answered, target: Path | None, change: Change, catalogue: Catalogue, name: str
) -> Saved | Conflict | Refused:
    base, merged = answered, False
    for _ in range(_TRIES):
        text = _written(base, change, name)
        found = answers_from_bytes(text.encode("utf-8"), target or answered.path or Path(_NEW), catalogue)
        if not found.usable:
            wrong = next(one for one in found.problems if one.level == "error")
            return Refused(f"{wrong.message} {wrong.fix}".strip())
        if target is None:
            return Saved(found, merged)
        try:
            save_alone(target, text, base.data if base.path is not None else None)
        except ChangedOnDiskError:
            now = open_answers(target if target.exists() else None, catalogue)
            if not now.usable:
                return Refused(f"{target.name} was changed by somebody else and has errors now. Correct them first.")
            if change.before(now.own) != change.before(answered.own):
                return Conflict(now, change)
            base, merged = now, True
            continue
        return Saved(found, merged)
    return Refused(f"{target} changes all the time. Answer again when that is over." if target else "")


def reread(answered: Answered, target: Path | None, catalogue: Catalogue) -> Answered | None:
    """The answers as their file has them by now; None where they are still the same, or cannot be used."""
    if target is None:
        return None
    now = open_answers(target if target.exists() else None, catalogue)
    return now if now.usable and (now.path, now.data) != (answered.path, answered.data) else None


def _written(answered: Answered, change: Change, name: str) -> str:
    file = (
        file_text(answered.data) if answered.data else FileText(first_document(answered.framework, clean(name)[:300]))
    )
    use: Mapping[str, bool | None] | None = dict([change.fact]) if change.fact is not None else None
    return file.as_file(
        with_changes(
            file.text,
            answered.framework,
            [change.answer] if change.answer is not None else [],
            [change.level] if change.level is not None else [],
            use,
            change.profile,
        )
    )
