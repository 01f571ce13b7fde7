"""The questionnaire, one item of it, and what came back, as text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from graphmodel.outputs.text.figures import folded, table
from graphmodel.posture.answers import Answer
from graphmodel.posture.maturity import ItemState, RequirementState
from graphmodel.posture.merging import Change, Conflict, Entered, Merged, Value
from graphmodel.posture.questionnaire import (
    Part,
    Progress,
    Questionnaire,
    also_on_record,
    graph_says,
    owner_of,
    progress_by_area,
    progress_by_owner,
    progress_by_role,
    progress_of_all,
)
from graphmodel.reading.printable import printable

_SHOWN = 200  # characters of a text that is compared


def questionnaire_text(found: Questionnaire) -> str:
    """The output of ``graphmodel questionnaire``."""
    whole = progress_of_all(found.areas)
    none = "none yet; `graphmodel questionnaire FILE --start` writes a file for them"
    lines = [
        f"{found.framework.title} {found.framework.edition} of {printable(found.system)}",
        f"Answers: {printable(found.file) or none}",
        f"{whole.answered} of {whole.items} items answered; of {whole.observed} others the graph says something.",
    ]
    for area, parts in groupby(found.parts, key=lambda one: one.area):
        lines += ["", f"{area.id} {area.title}", _area(list(parts))]
    if found.facts:
        lines += ["", "The use of the system, from which its severity follows", _use(found)]
    if not found.parts and not found.facts:
        lines += ["", "Nothing of the questionnaire is left with these options."]
    lines += ["", "Progress by area", _progress(progress_by_area(found.areas), "area")]
    lines += ["", "Progress by owner", _progress(progress_by_owner(found.areas), "owner")]
    lines += ["", "Progress by role", _progress(progress_by_role(found.areas), "role")]
    return folded("\n".join(lines))


def _area(parts: Sequence[Part]) -> str:
    rows: list[list[str]] = []
    for part in parts:
        one = part.state
        rows.append([one.requirement.id, _level(one), "", one.owner or "-", one.due or "-", one.requirement.title])
        for item in part.items:
            answer = item.answer
            rows.append(
                [
                    item.item.id,
                    _status(answer),
                    str(item.observed.status) if item.observed is not None else "-",
                    owner_of(one, item) or "-",
                    (answer.due if answer is not None else "") or "-",
                    item.item.ask,
                ]
            )
    return table(rows, ["id", "answer", "graph", "owner", "due", "question"])


def _use(found: Questionnaire) -> str:
    words = {True: "yes", False: "no", None: "-"}
    rows = [[one.id, words[found.answers.use.get(one.id)], one.ask] for one in found.facts]
    return table(rows, ["fact", "holds", "question"])


def _level(one: RequirementState) -> str:
    return f"level {'-' if one.level is None else one.level} of {one.target}"


def _status(answer: Answer | None, none: str = "-") -> str:
    return str(answer.status) if answer is not None and answer.status is not None else none


def _progress(found: Sequence[Progress], what: str) -> str:
    rows = [[one.key or "(nobody)", one.items, one.answered, one.items - one.answered, one.observed] for one in found]
    return table(rows, [what, "items", "answered", "open", "of these on the graph"])


def item_text(found: Questionnaire, state: RequirementState, item: ItemState) -> str:
    """The output of ``graphmodel questionnaire --item``: one item whole."""
    one, asked = state.requirement, item.item
    level = "not chosen" if state.level is None else state.level
    indicated = "" if state.indicated is None else f"; its items indicate {_range(state.indicated)}"
    lines = [
        f"{asked.id}: {asked.ask}",
        "",
        f"Requirement: {one.id} {one.title}. {one.asks}",
        f"Objective: {one.objective}",
        f"Threat: {one.threat}",
        f"Business impact: {one.impact}",
        f"Guidance: {asked.text}",
        "Evidence that would show it:",
        *(f"- {evidence}" for evidence in asked.evidence),
        f"Controls of the catalogue that answer it: {', '.join(asked.controls) or 'none'}",
        f"Asked of: {', '.join(asked.roles)}",
        "",
        f"Answer: {_status(item.answer, 'none yet')}",
        *_said(item.answer),
        f"The graph says: {graph_says(item.observed)}",
        "",
        f"Maturity of {one.id}: {level}{indicated}; target {state.target}",
        *(f"{number}. {text}" for number, text in enumerate(one.maturity)),
        "",
        "Counterparts",
        *(f"- {edition}: {', '.join(ids)}" for edition, ids in one.counterparts.items()),
    ]
    if one.notes:
        lines += ["", f"Note: {one.notes}"]
    return folded("\n".join(lines))


def _range(ends: tuple[int, int]) -> str:
    return str(ends[0]) if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def _said(answer: Answer | None) -> list[str]:
    if answer is None:
        return []
    lines = [("reason", answer.reason), ("owner", answer.owner), ("due", answer.due), ("comment", answer.comment)]
    for proof in answer.evidence:
        dates = [f"of {proof.date}" if proof.date else "", f"until {proof.until}" if proof.until else ""]
        lines.append(("evidence", ", ".join(one for one in (proof.reference, *dates) if one)))
    lines.append(("also on record", also_on_record(answer)))
    if answer.source is not None:
        lines.append(("said in", f"{answer.source.file}, {answer.source.place}"))
    return [f"  {name}: {' '.join(text.split())}" for name, text in lines if text]


def merged_text(merged: Merged, file: str, written: bool) -> str:
    """The output of ``graphmodel questionnaire --from-excel``."""
    parts = []
    if merged.conflicts:
        parts += [f"Conflicts ({len(merged.conflicts)}); nothing of these cells is taken"]
        for one in merged.conflicts:
            parts += _conflict(one, file)
        parts += ["Settle each of them in the answers themselves, or in a workbook that is taken out anew.", ""]
    if merged.withheld:
        parts += [f"Not taken, as the reason is in conflict ({len(merged.withheld)})", _changes(merged.withheld), ""]
    parts += [f"Changes ({len(merged.changes)})"]
    if merged.changes:
        parts += [_changes(merged.changes)]
    parts += ["", _end(merged, file, written)]
    return folded("\n".join(parts))


def _end(merged: Merged, file: str, written: bool) -> str:
    beside = f", without the {len(merged.conflicts)} in conflict" if merged.conflicts else ""
    if written:
        return f"wrote {file}{beside}"
    if not merged.changes:
        return f"nothing to write to {file}"
    return f"nothing is written yet; --write takes the changes over into {file}{beside}"


def _changes(changes: Sequence[Change]) -> str:
    rows = [
        [one.key[0], one.key[1], _value(one.before), _value(one.after), ", ".join(_where(side) for side in one.by)]
        for one in changes
    ]
    return table(rows, ["id", "field", "now", "becomes", "from"])


def _conflict(one: Conflict, file: str) -> list[str]:
    now = f"  now: {_value(one.now)} ({one.place or f'{file}, not in it'})"
    given = {side.base for side in one.by}
    was = [f"  was, when given out: {_value(base)}" for base in sorted(given)] if one.changed else []
    sides = [f"  {_where(side)}: {_value(side.value)}" for side in one.by]
    since = "changed in the answers as well since" if one.changed else "changed to different values"
    return [f"- {one.key[0]}, {one.key[1]}: {since}", now, *was, *sides]


def _where(side: Entered) -> str:
    return f"{side.file} {', '.join(side.cells)}"


def _value(value: Value) -> str:
    text = ", ".join(one for one in value if one)
    return (text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…") or "(empty)"
