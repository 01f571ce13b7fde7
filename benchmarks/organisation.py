"""A folder as an organisation has it after some years: many systems, one questionnaire, a snapshot for every week."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

from benchmarks.systems import ai_system
from graphmodel.binding.relations import Reach
from graphmodel.engine.likelihood import Options
from graphmodel.keeping.opening import memory
from graphmodel.knowledge.framework import load_framework
from graphmodel.model.writing import write_document
from graphmodel.posture.answers import Answer, AnswerStatus, Level, Proof
from graphmodel.posture.answers_writing import first_document, with_changes
from graphmodel.snapshots import FOLDER, keep, take
from graphmodel.workspace import examples_directory, model_from_bytes

FILE = "support-assistant.yaml"
_ANSWERS = "assessment.yaml"
_FIRST, _LAST = datetime.date(2023, 1, 2), datetime.date(2026, 11, 23)
_STATUSES = (AnswerStatus.MET, AnswerStatus.PARTLY, AnswerStatus.NOT_MET, None, AnswerStatus.NOT_APPLICABLE)
_STATES = 8  # of the system that the snapshots are of


def organisation(folder: Path, systems: int = 50, snapshots: int = 200) -> Path:
    """Write the examples and systems of 10 to 60 assets, ``systems`` in all, with answers and snapshots of the first
    example into an empty folder; that example's file."""
    examples = sorted(examples_directory().glob("*.yaml"))
    for one in examples:
        (folder / one.name).write_bytes(one.read_bytes())
    for number in range(max(0, systems - len(examples))):
        built = ai_system(10 + number * 50 // max(1, systems - len(examples) - 1))
        named = replace(built, id=f"assistant-{number + 1}", name=f"Assistant of team {number + 1}")
        (folder / f"{named.id}.yaml").write_text(write_document(named), encoding="utf-8")
    (folder / _ANSWERS).write_text(answers(4), encoding="utf-8")
    _snapshots(folder / FILE, snapshots)
    return folder / FILE


def answers(stage: int) -> str:
    """A document of answers to every item of the framework but each fifth; ``stage`` moves some of them on."""
    framework = load_framework()
    items = []
    for number, item in enumerate(framework.item_by_id):
        status = _STATUSES[(number * 7 + stage) % len(_STATUSES)]
        if status is None:
            continue
        proofs = (Proof(f"review {number}", "2026-03-01", "2027-03-01"),) if status is AnswerStatus.MET else ()
        reason = "There is nothing of the kind." if status is AnswerStatus.NOT_APPLICABLE else ""
        items.append(Answer(item, status, reason, f"Owner {number % 9}", "2027-01-31", evidence=proofs))
    levels = [
        Level(one, (number + stage) % 5, 3 + number % 2, f"Owner {number % 9}")
        for number, one in enumerate(framework.control_by_id)
    ]
    return with_changes(first_document(framework, "Benchmark organisation"), framework, items, levels)


def _snapshots(file: Path, count: int) -> None:
    """Snapshots of a system whose guardrail and answers change a few times, evenly over some years."""
    text = file.read_text(encoding="utf-8")
    for number in range(count):
        stage = number * _STATES // count
        date = (_FIRST + (_LAST - _FIRST) * number / max(1, count - 1)).isoformat()
        changed = text.replace("strength: [0.3, 0.5, 0.7]", f"strength: {0.3 + 0.05 * stage:.2f}")
        if changed == text:
            raise ValueError(f"{FILE} has no strength to change any more: name another one here")
        given = file.parent / _ANSWERS
        given.write_text(answers(stage), encoding="utf-8")
        model = model_from_bytes(changed.encode("utf-8"), str(file), file.parent).with_answers_of(given)
        found = model.assess(Reach.DATA, Options(memory=memory(lambda: 0)), date)
        keep(take(model, found, date, f"Week {number + 1}"), file.parent / FOLDER)
    (file.parent / _ANSWERS).write_text(answers(4), encoding="utf-8")
