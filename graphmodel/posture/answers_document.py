"""From an answers document, as read from YAML, to the ``Answers`` in it, with all their problems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from graphmodel.knowledge.framework import Framework
from graphmodel.knowledge.search import suggestion
from graphmodel.knowledge.vocabulary import Catalogue, Evidence, Range
from graphmodel.model.mending import mended
from graphmodel.model.system import Provenance
from graphmodel.model.validation import schema_errors
from graphmodel.posture.answers import Acceptance, Answer, Answers, AnswerStatus, Claim, Level, Proof
from graphmodel.posture.answers_schema import VERSION, answers_schema
from graphmodel.posture.profiles import PROFILES
from graphmodel.reading.limits import MAX_PROBLEMS
from graphmodel.reading.problems import Problem, has_errors, nearest
from graphmodel.reading.values import Place, Text, brief, dotted, is_day

KEY = "graphmodel-answers"


def is_answers(value: Any) -> bool:
    """Whether a value read from YAML is meant as an answers document."""
    return isinstance(value, dict) and KEY in value


def read_answers(text: Text, framework: Framework, catalogue: Catalogue) -> tuple[Answers | None, tuple[Problem, ...]]:
    """The answers of a document, and everything that is wrong or odd in it; None where it has errors.

    An answer to an item that this edition of the framework does not have is kept, and told.
    """
    problems = list(text.problems)
    if not is_answers(text.value):
        fix = f"Begin it with “{KEY}: 1”; `graphmodel questionnaire FILE --start` writes one to start from."
        return None, (*problems, text.problem("error", (), "these are no answers to the questionnaire.", fix))
    version = text.value[KEY]
    if isinstance(version, int) and not isinstance(version, bool) and version > VERSION:
        said = f"these answers are in version {version} of the format, of a newer graphmodel; this one reads {VERSION}."
        return None, (*problems, text.problem("error", (KEY,), said, "Install a newer graphmodel, and try again."))
    errors, complete = schema_errors(text.value, answers_schema(catalogue))
    for error in errors:
        found = mended(error, tuple(error.absolute_path), lambda word, kind: suggestion(word, catalogue, kind))
        problems += [text.problem("error", where, said, fix) for where, said, fix in islice(found, MAX_PROBLEMS)]
    if not complete or len(problems) > MAX_PROBLEMS:
        more = text.problem("error", (), "there are further problems, which are not listed.", "Correct these first.")
        problems = [*problems[:MAX_PROBLEMS], more]
    if has_errors(problems):
        return None, tuple(problems)
    answers = _answers(text)
    problems += [text.problem(*one) for one in _odd(answers, framework)]
    return None if has_errors(problems) else answers, tuple(problems)


def _odd(answers: Answers, framework: Framework) -> Iterator[tuple[str, Place, str, str]]:
    """Level, place, message and what to do, of whatever the schema cannot see."""
    facts = [one.id for one in framework.facts]
    other = answers.framework and answers.framework != framework.id
    for item, answer in answers.answers.items():
        place: Place = ("answers", item)
        if item not in framework.item_by_id:
            said = f"there is no item “{brief(item)}” in {framework.title} {framework.edition}; the answer is kept."
            fix = "It may be one of another edition." if other else nearest(item, framework.item_by_id)
            yield "warning", place, said, fix
        if answer.status is AnswerStatus.NOT_APPLICABLE and not answer.reason.strip():
            yield "error", place, "“not applicable” needs its reason.", "Add “reason:”."
        if answer.controls and answer.status not in (AnswerStatus.MET, AnswerStatus.PARTLY):
            said = "controls are named here, but the item is not answered as met or partly met."
            yield "warning", (*place, "controls"), f"{said} They count for nothing.", "Answer it, or leave them out."
        dates: list[tuple[Place, str]] = [(("due",), answer.due)]
        for number, proof in enumerate(answer.evidence):
            dates += [(("evidence", number, "date"), proof.date), (("evidence", number, "until"), proof.until)]
        if answer.accepted is not None:
            dates.append((("accepted", "until"), answer.accepted.until))
        yield from (_no_day((*place, *field), date) for field, date in dates if date and not is_day(date))
    for requirement, level in answers.levels.items():
        if level.due and not is_day(level.due):
            yield _no_day(("maturity", requirement, "due"), level.due)
        if requirement not in framework.control_by_id:
            said = f"there is no requirement “{brief(requirement)}” in {framework.title} {framework.edition}."
            yield "warning", ("maturity", requirement), said, nearest(requirement, framework.control_by_id)
    for fact in answers.use:
        if fact not in facts:
            said = f"“{brief(fact)}” is no fact that severity depends on."
            yield "warning", ("use", fact), said, nearest(fact, facts)
    if answers.profile and answers.profile not in PROFILES:
        said = f"there is no target profile “{brief(answers.profile)}”."
        yield "error", ("profile",), said, nearest(answers.profile, PROFILES)
    if other:
        said = f"these are answers to “{brief(answers.framework)}”; the program has “{framework.id}”."
        yield "note", ("framework",), said, "Answers whose items it still has count; the others are kept."


def _no_day(place: Place, date: str) -> tuple[str, Place, str, str]:
    return "error", place, f"there is no day “{brief(date)}”.", "Write year, month and day, such as 2027-01-31."


def _answers(text: Text) -> Answers:
    value: Mapping[str, Any] = text.value

    def source(*place: str | int) -> Provenance:
        line = text.line_of(place)
        return Provenance(text.file, dotted(place) + (f", line {line}" if line else ""))

    return Answers(
        framework=value.get("framework", ""),
        name=value.get("name", ""),
        profile=value.get("profile", ""),
        extends=value.get("extends", ""),
        use=dict(value.get("use") or {}),
        answers={key: _answer(key, one, source("answers", key)) for key, one in (value.get("answers") or {}).items()},
        levels={key: _level(key, one, source("maturity", key)) for key, one in (value.get("maturity") or {}).items()},
    )


def _answer(item: str, one: Mapping[str, Any], source: Provenance) -> Answer:
    accepted = one.get("accepted")
    return Answer(
        item=item,
        status=AnswerStatus(one["status"]) if "status" in one else None,
        reason=one.get("reason", ""),
        owner=one.get("owner", ""),
        due=one.get("due", ""),
        comment=one.get("comment", ""),
        evidence=tuple(Proof(**proof) for proof in one.get("evidence", ())),
        controls=tuple(_claim(claim) for claim in one.get("controls", ())),
        accepted=Acceptance(**accepted) if accepted else None,
        source=source,
    )


def _claim(one: Mapping[str, Any]) -> Claim:
    strength, coverage = one.get("strength"), one.get("coverage")
    return Claim(
        control=one["control"],
        on=tuple(one["on"]),
        coverage=None if coverage is None else float(coverage),
        strength=None
        if strength is None
        else Range(*map(float, strength))
        if isinstance(strength, list)
        else Range.point(float(strength)),
        evidence=Evidence(one.get("evidence", Evidence.DECLARED)),
    )


def _level(requirement: str, one: Any, source: Provenance) -> Level:
    if isinstance(one, int):
        return Level(requirement, one, source=source)
    return Level(requirement, **one, source=source)
