"""The questionnaire and what came back of it as JSON; keys are documented in ``docs/cli.md``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from graphmodel.outputs.problems import problems_json
from graphmodel.posture.answers import Answer, Claim
from graphmodel.posture.derived import Observed
from graphmodel.posture.maturity import ItemState, RequirementState
from graphmodel.posture.merging import EVIDENCE, Change, Conflict, Entered, Key, Merged, Value
from graphmodel.posture.questionnaire import (
    Part,
    Progress,
    Questionnaire,
    owner_of,
    progress_by_area,
    progress_by_owner,
    progress_by_role,
    progress_of_all,
)
from graphmodel.reading.problems import Problem


def questionnaire_json(found: Questionnaire) -> dict[str, Any]:
    """The output of ``graphmodel questionnaire``."""
    areas: dict[str, dict[str, Any]] = {}
    for part in found.parts:
        area = areas.setdefault(
            part.area.id, {"id": part.area.id, "title": part.area.title, "ours": part.area.ours, "requirements": []}
        )
        area["requirements"].append(_requirement(part))
    return {
        **_head(found),
        "progress": {
            "all": _progress(progress_of_all(found.areas)),
            "areas": [_progress(one) for one in progress_by_area(found.areas)],
            "owners": [_progress(one) for one in progress_by_owner(found.areas)],
            "roles": [_progress(one) for one in progress_by_role(found.areas)],
        },
        "areas": list(areas.values()),
        "use": [{"id": one.id, "ask": one.ask, "holds": found.answers.use.get(one.id)} for one in found.facts],
    }


def item_json(found: Questionnaire, state: RequirementState, item: ItemState) -> dict[str, Any]:
    """The output of ``graphmodel questionnaire --item``."""
    one = state.requirement
    return {
        **_head(found),
        "item": {
            **_item(state, item),
            "guidance": item.item.text,
            "evidence": list(item.item.evidence),
            "controls": list(item.item.controls),
        },
        "requirement": {
            **_level(state),
            "area": one.area,
            "asks": one.asks,
            "objective": one.objective,
            "threat": one.threat,
            "impact": one.impact,
            "threats": list(one.threats),
            "attacks": list(one.attacks),
            "roles": list(one.roles),
            "maturity": list(one.maturity),
            "counterparts": {edition: list(ids) for edition, ids in one.counterparts.items()},
            "notes": one.notes,
        },
    }


def merged_json(merged: Merged, problems: Sequence[Problem], file: str, written: bool) -> dict[str, Any]:
    """The output of ``graphmodel questionnaire --from-excel``."""
    return {
        "file": file,
        "written": written,
        "changes": [_change(one) for one in merged.changes],
        "conflicts": [_conflict(one) for one in merged.conflicts],
        "withheld": [_change(one) for one in merged.withheld],
        "problems": problems_json(problems),
    }


def _head(found: Questionnaire) -> dict[str, Any]:
    framework = found.framework
    return {
        "system": found.system,
        "framework": {"id": framework.id, "title": framework.title, "edition": framework.edition},
        "answers": found.file or None,
    }


def _progress(one: Progress) -> dict[str, Any]:
    return asdict(one)


def _requirement(part: Part) -> dict[str, Any]:
    return {**_level(part.state), "items": [_item(part.state, one) for one in part.items]}


def _level(state: RequirementState) -> dict[str, Any]:
    return {
        "id": state.requirement.id,
        "title": state.requirement.title,
        "level": state.level,
        "indicated": list(state.indicated) if state.indicated is not None else None,
        "today": state.today,
        "target": state.target,
        "own_target": state.own_target,
        "owner": state.owner,
        "due": state.due,
        "comment": state.comment,
    }


def _item(state: RequirementState, one: ItemState) -> dict[str, Any]:
    return {
        "id": one.item.id,
        "ask": one.item.ask,
        "roles": list(one.item.roles),
        "owner": owner_of(state, one),
        "answer": _answer(one.answer) if one.answer is not None else None,
        "graph": _observed(one.observed) if one.observed is not None else None,
    }


def _answer(one: Answer) -> dict[str, Any]:
    return {
        "status": str(one.status) if one.status is not None else None,
        "reason": one.reason,
        "owner": one.owner,
        "due": one.due,
        "comment": one.comment,
        "evidence": [asdict(proof) for proof in one.evidence],
        "controls": [_claim(claim) for claim in one.controls],
        "accepted": asdict(one.accepted) if one.accepted is not None else None,
        "place": f"{one.source.file}, {one.source.place}" if one.source is not None else None,
    }


def _claim(one: Claim) -> dict[str, Any]:
    return {
        "control": one.control,
        "on": list(one.on),
        "coverage": one.coverage,
        "strength": [one.strength.low, one.strength.mode, one.strength.high] if one.strength is not None else None,
        "evidence": str(one.evidence),
    }


def _observed(one: Observed) -> dict[str, Any]:
    return {"status": str(one.status), "by": list(one.by), "open": list(one.open)}


def _change(one: Change) -> dict[str, Any]:
    return {
        **_key(one.key),
        "before": _value(one.key, one.before),
        "after": _value(one.key, one.after),
        "by": [_entered(side) for side in one.by],
    }


def _conflict(one: Conflict) -> dict[str, Any]:
    return {
        **_key(one.key),
        "now": _value(one.key, one.now),
        "place": one.place or None,
        "changed_since": one.changed,
        "by": [_entered(side) for side in one.by],
    }


def _key(key: Key) -> dict[str, Any]:
    return {"id": key[0], "field": key[1]}


def _entered(one: Entered) -> dict[str, Any]:
    return {
        "file": one.file,
        "cells": list(one.cells),
        "value": _value(one.key, one.value),
        "base": _value(one.key, one.base),
    }


def _value(key: Key, value: Value) -> Any:
    """A text, None where it is empty; of evidence a map with the three."""
    texts = [one or None for one in value]
    return dict(zip(("reference", "date", "until"), texts, strict=True)) if key[1] == EVIDENCE else texts[0]
