"""Answers that come back from several hands, merged three ways against what each of them was given.

What nobody changed stays as it is now; what one hand changed, and nobody else since, is taken; what was changed to
different values is a conflict, told with all sides and never settled here.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from graphmodel.knowledge.framework import Framework
from graphmodel.posture.answers import Answer, Answers, AnswerStatus, Level, Proof
from graphmodel.reading.problems import Problem

EVIDENCE = "evidence"
ITEM_FIELDS = ("status", "reason", "owner", EVIDENCE, "due", "comment")
LEVEL_FIELDS = ("level", "target", "owner", "due", "comment")
USE, YES, NO = "use", "yes", "no"
"""The one field of a fact about the use, and what it holds where the fact was stated."""
NOTHING = {EVIDENCE: ("", "", "")}
"""What a field holds where nothing was said; all others hold one empty text."""

Key = tuple[str, str]
Value = tuple[str, ...]

_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # what XML cannot hold


@dataclass(frozen=True, slots=True)
class Entered:
    """A field as somebody handed it back. ``key`` is the id of an item, requirement or fact about the use and the
    field, ``value`` what it holds now and ``base`` what it held when it was given out; ``cells`` say where, ``file`` in
    which file.

    Evidence is one field of three texts (reference, date, until), since a date of one piece says nothing of another.
    """

    key: Key
    value: Value
    base: Value
    file: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A field that is to be taken over, and from whom."""

    key: Key
    before: Value
    after: Value
    by: tuple[Entered, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that was changed to different values: what the answers hold now, and all who changed it.

    ``place`` is where the answers hold it, empty where nobody has answered. ``changed`` says that the answers
    themselves were changed since; else those who changed it contradict each other.
    """

    key: Key
    now: Value
    place: str
    changed: bool
    by: tuple[Entered, ...]


@dataclass(frozen=True)
class Merged:
    """What comes of a merge. ``withheld`` are changes that make no sense without a field that is in conflict;
    ``answers`` and ``levels`` are whole entries, to be written as they are, and ``use`` has facts, None where one is
    taken out. With problems nothing is to be written."""

    changes: tuple[Change, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    withheld: tuple[Change, ...] = ()
    problems: tuple[Problem, ...] = ()
    answers: tuple[Answer, ...] = ()
    levels: tuple[Level, ...] = ()
    use: Mapping[str, bool | None] = field(default_factory=dict)


def normal(text: str) -> str:
    """A text as a cell keeps it: line ends as one, nothing around it, and what XML cannot hold as its escape."""
    one_end = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNSEEN.sub(lambda one: f"\\x{ord(one[0]):02x}", one_end).strip()


def values(answers: Answers, framework: Framework) -> Mapping[Key, Value]:
    """Every field of every item, requirement and fact of the framework, as it can be given out."""
    found: dict[Key, Value] = {}
    for item in framework.item_by_id:
        found.update(_of_answer(answers.answers.get(item, Answer(item))))
    for requirement in framework.control_by_id:
        found.update(_of_level(answers.levels.get(requirement, Level(requirement))))
    found.update({(one.id, USE): (_stated(answers.use.get(one.id)),) for one in framework.facts})
    return {key: tuple(map(normal, value)) for key, value in found.items()}


def _stated(holds: bool | None) -> str:
    return "" if holds is None else YES if holds else NO


def digest(answers: Answers, framework: Framework) -> str:
    """Names all that can be given out of these answers."""
    return hashlib.sha256(repr(sorted(values(answers, framework).items())).encode()).hexdigest()[:16]


def _of_answer(one: Answer) -> dict[Key, Value]:
    proof = one.evidence[0] if one.evidence else Proof("")
    held: dict[str, Value] = {
        "status": (str(one.status) if one.status is not None else "",),
        "reason": (one.reason,),
        "owner": (one.owner,),
        EVIDENCE: (proof.reference, proof.date, proof.until),
        "due": (one.due,),
        "comment": (one.comment,),
    }
    return {(one.item, name): held[name] for name in ITEM_FIELDS}


def _of_level(one: Level) -> dict[Key, Value]:
    held: dict[str, Value] = {
        "level": ("" if one.level is None else str(one.level),),
        "target": ("" if one.target is None else str(one.target),),
        "owner": (one.owner,),
        "due": (one.due,),
        "comment": (one.comment,),
    }
    return {(one.requirement, name): held[name] for name in LEVEL_FIELDS}


def merge(answers: Answers, framework: Framework, entered: Iterable[Entered]) -> Merged:
    """Merge what came back, whose values must be valid each by itself, with the answers of now."""
    now = values(answers, framework)
    touched: defaultdict[Key, list[Entered]] = defaultdict(list)
    for one in entered:
        if one.value != one.base:
            touched[one.key].append(one)
    changes: list[Change] = []
    conflicts: list[Conflict] = []
    for key in sorted(touched, key=list(now).index):
        held, by = now[key], tuple(touched[key])
        sides = {one.value for one in by}
        if sides == {held}:
            continue
        if len(sides) == 1 and any(one.base == held for one in by):
            changes.append(Change(key, held, by[0].value, by))
        else:
            changed = all(one.base != held for one in by)
            conflicts.append(Conflict(key, held, _place(answers, key[0]), changed, by))
    return _applied(answers, framework, changes, conflicts)


def _place(answers: Answers, about: str) -> str:
    one: Answer | Level | None = answers.answers.get(about) or answers.levels.get(about)
    if one is None and about in answers.use:
        return f"use, {about}"
    return f"{one.source.file}, {one.source.place}" if one is not None and one.source is not None else ""


@dataclass
class _Work:
    """What is found while changes are applied."""

    changes: list[Change] = field(default_factory=list)
    withheld: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    levels: list[Level] = field(default_factory=list)
    use: dict[str, bool | None] = field(default_factory=dict)


def _applied(
    answers: Answers, framework: Framework, changes: Sequence[Change], conflicts: Sequence[Conflict]
) -> Merged:
    disputed = {one.key for one in conflicts}
    by_id: defaultdict[str, list[Change]] = defaultdict(list)
    for one in changes:
        by_id[one.key[0]].append(one)
    work = _Work()
    for about, mine in by_id.items():
        if about in framework.item_by_id:
            _apply_answer(work, answers, about, mine, disputed)
        elif about in framework.control_by_id:
            level = _level(answers.levels.get(about, Level(about)), mine)
            if answers.extends and replace(level, source=None) == Level(about):
                work.problems.append(_emptied(mine))
            work.levels.append(level)
            work.changes += mine
        else:
            said = mine[0].after[0]
            if answers.extends and not said:
                work.problems.append(_emptied(mine))
            work.use[about] = said == YES if said else None
            work.changes += mine
    return Merged(
        tuple(work.changes),
        tuple(conflicts),
        tuple(work.withheld),
        tuple(work.problems),
        tuple(work.answers),
        tuple(work.levels),
        work.use,
    )


def _apply_answer(work: _Work, answers: Answers, item: str, mine: list[Change], disputed: set[Key]) -> None:
    answer = _answer(answers.answers.get(item, Answer(item)), mine)
    if answer.status is AnswerStatus.NOT_APPLICABLE and not answer.reason:
        if {(item, "status"), (item, "reason")} & disputed:
            work.withheld += mine
            return
        found = next((one for one in mine if one.key[1] in ("status", "reason")), mine[0])
        work.problems.append(_problem(found, "“not applicable” needs its reason.", "Write it beside the answer."))
    for one in mine:
        if one.key[1] == EVIDENCE and any(one.after) and not one.after[0]:
            said = "there is a date of evidence, and not what the evidence is."
            work.problems.append(_problem(one, said, "Say where it is found, or take the date out."))
    if answers.extends and replace(answer, source=None) == Answer(item):
        work.problems.append(_emptied(mine))
    work.answers.append(answer)
    work.changes += mine


def _emptied(mine: Sequence[Change]) -> Problem:
    said = f"everything that was said of {mine[0].key[0]} is taken out, but these answers extend others."
    return _problem(mine[0], said, "Answer it otherwise here, or take it out of the document itself.")


def _problem(change: Change, message: str, fix: str) -> Problem:
    one = change.by[0]
    return Problem("error", message, fix, one.cells[0] if one.cells else "", file=one.file)


def _answer(before: Answer, changes: Iterable[Change]) -> Answer:
    after = before
    for one in changes:
        name, said = one.key[1], one.after[0]
        value: Any = said
        if name == EVIDENCE:
            value = (*((Proof(*one.after),) if any(one.after) else ()), *before.evidence[1:])
        elif name == "status":
            value = AnswerStatus(said) if said else None
        after = replace(after, **{name: value})
    return after


def _level(before: Level, changes: Iterable[Change]) -> Level:
    after = before
    for one in changes:
        name, said = one.key[1], one.after[0]
        value: Any = said
        if name in ("level", "target"):
            value = int(said) if said else None
        after = replace(after, **{name: value})
    return after
