"""Answers as a document: what is wrong in one, what it keeps, what it shares, and how it is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmodel.answering import answers_beside, open_answers
from graphmodel.knowledge.framework import load_framework
from graphmodel.knowledge.vocabulary import Catalogue, Evidence, Range
from graphmodel.posture.answers import Acceptance, Answer, AnswerStatus, Claim, Level, Proof
from graphmodel.posture.answers_document import read_answers
from graphmodel.posture.answers_writing import first_document, with_changes
from graphmodel.reading.yaml_text import read_yaml
from tests.posture.systems import ANSWERS, answered

ITEM, OTHER = "MS-5.2.1.g1", "MS-5.2.3.g2"


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("answers: {MS-5.2.1.g1: {status: yes}}", "“yes” is not an answer"),
        ("answers: {MS-5.2.1.g1: {status: not applicable}}", "needs its reason"),
        ("answers: {MS-5.2.1.g1: {status: met, due: soon}}", "not a date"),
        ("answers: {MS-5.2.1.g1: {status: met, controls: [{control: nosuch, on: [bot]}]}}", "catalogue control"),
        ("answers: {MS-5.2.1.g1: {status: met, controls: [{control: input-guardrail, on: []}]}}", "too short"),
        ("answers: {MS-5.2.1.g1: {status: met, evidense: []}}", "there is no field “evidense”"),
        (
            "answers: {GEN-1.g4: {controls: [{control: input-guardrail, on: [bot], strength: [0.9, 0.5, 0.1]}]}}",
            "rising order",
        ),
        ("maturity: {MS-5.2.1: 6}", "a level"),
        ("use: {sensitive-data: perhaps}", "not true or false"),
        ("graphmodel-answers: 2", "version"),
        ("profile: strict", "no target profile “strict”"),
        ("maturity: {MS-5.2.1: {due: 2027-02-30}}", "no day “2027-02-30”"),
        ("answers: {MS-5.2.1.g1: {status: met, due: 2027-13-01}}", "no day “2027-13-01”"),
        ("answers: {MS-5.2.1.g1: {status: met, evidence: [{reference: a, until: 2027-06-31}]}}", "no day"),
        ("answers: {MS-5.2.1.g1: {accepted: {by: a, reason: b, until: 2027-00-10}}}", "no day"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, entry: str, says: str) -> None:
    text = entry if entry.startswith("graphmodel") else ANSWERS + entry
    _, found = answered(tmp_path, text)
    assert not found.usable
    errors = [one for one in found.problems if one.level == "error"]
    assert any(says in f"{one.message} {one.fix}" for one in errors), errors
    assert all(one.line for one in errors)


def test_answers_to_another_edition_are_kept_and_told(tmp_path: Path) -> None:
    text = (
        ANSWERS.replace("microsoft-ai-security-risk-assessment", "older")
        + "answers: {MS-9.9.9.g1: {status: met}, MS-5.2.1.g1: {status: met}}\n"
    )
    _, found = answered(tmp_path, text)
    assert found.usable
    assert "MS-9.9.9.g1" in found.given.answers
    assert any("the answer is kept" in one.message for one in found.problems if one.level == "warning")
    again = with_changes(text, found.framework, [Answer(OTHER, AnswerStatus.PARTLY)])
    assert "MS-9.9.9.g1" in again and OTHER in again


def test_a_system_overrides_what_its_organisation_answers(tmp_path: Path) -> None:
    shared = ANSWERS + (
        "profile: baseline\nuse: {sensitive-data: true, business-facing: true}\n"
        "answers: {MS-5.2.1.g1: {status: met, owner: Ada}, MS-5.2.1.g2: {status: met}}\nmaturity: {MS-5.2.1: 2}\n"
    )
    (tmp_path / "house.yaml").write_text(shared)
    own = "extends: house.yaml\nuse: {business-facing: false}\nanswers: {MS-5.2.1.g1: {status: not met}}\n"
    _, found = answered(tmp_path, ANSWERS + own)
    given_ = found.given
    assert given_.answers["MS-5.2.1.g1"].status is AnswerStatus.NOT_MET
    assert given_.answers["MS-5.2.1.g1"].owner == ""
    assert given_.answers["MS-5.2.1.g2"].status is AnswerStatus.MET
    assert given_.use == {"sensitive-data": True, "business-facing": False}
    assert given_.profile == "baseline"
    assert given_.levels["MS-5.2.1"].level == 2
    assert found.own is not None and set(found.own.answers) == {"MS-5.2.1.g1"}


@pytest.mark.parametrize("name", ["../house.yaml", "/etc/passwd", "nowhere.yaml", "a\0b", "desk.assessment.yaml"])
def test_what_is_extended_lies_beside_and_extends_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "house.yaml").write_text(ANSWERS)
    quoted = name.replace("\0", "\\0")
    _, found = answered(tmp_path / "inner", ANSWERS + f'extends: "{quoted}"\n')
    assert not found.usable


def test_answers_are_found_beside_the_system(tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    assert answers_beside(file) is None
    (tmp_path / "assessment.yaml").write_text(ANSWERS)
    assert answers_beside(file) == tmp_path / "assessment.yaml"
    (tmp_path / "desk.assessment.yaml").write_text(ANSWERS)
    assert answers_beside(file) == tmp_path / "desk.assessment.yaml"


def test_without_a_file_nothing_is_answered(tmp_path: Path) -> None:
    model, _ = answered(tmp_path)
    found = open_answers(None, model.catalogue)
    assert found.usable and not found.given.answers


def test_comments_and_order_stay_when_an_answer_is_written(catalogue: Catalogue) -> None:
    framework = load_framework()
    text = (
        "# ours\ngraphmodel-answers: 1\nframework: microsoft-ai-security-risk-assessment   # of 2021\nanswers:\n"
        "  MS-5.2.3.g2: # asked Bob\n    status: met\n    comment: 'said: yes'\n"
        "  # the last\n  MS-5.2.5.g1: {status: partly}\n"
    )
    changed = with_changes(text, framework, [Answer(ITEM, AnswerStatus.MET, owner="Ada", due="2027-01-31")])
    for kept in ("# ours", "# of 2021", "# asked Bob", "comment: 'said: yes'", "# the last", "{status: partly}"):
        assert kept in changed
    assert changed.index(ITEM) < changed.index("MS-5.2.3.g2")
    found, problems = read_answers(read_yaml(changed.encode(), "a.yaml"), framework, catalogue)
    assert found is not None and not problems
    assert found.answers[ITEM].due == "2027-01-31"
    assert ITEM not in with_changes(changed, framework, [Answer(ITEM)])


_WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).map(str.strip)
_DATES = st.sampled_from(["", "2027-01-31", "2026-02-28"])
_ANSWERS = st.builds(
    Answer,
    item=st.sampled_from([ITEM, OTHER, "MS-5.2.5.g1"]),
    status=st.sampled_from([AnswerStatus.MET, AnswerStatus.PARTLY, AnswerStatus.NOT_MET]),
    owner=_WORDS,
    comment=_WORDS,
    due=_DATES,
    evidence=st.lists(st.builds(Proof, _WORDS.filter(bool), _DATES, _DATES), max_size=2).map(tuple),
    controls=st.lists(
        st.builds(
            Claim,
            control=st.sampled_from(["input-guardrail", "rate-limiting"]),
            on=st.lists(st.sampled_from(["bot", "*", "Agent"]), min_size=1, max_size=2).map(tuple),
            coverage=st.sampled_from([None, 0.25, 1.0]),
            strength=st.sampled_from([None, Range.point(0.5), Range(0.1, 0.2, 0.3)]),
            evidence=st.sampled_from(list(Evidence)),
        ),
        max_size=1,
    ).map(tuple),
    accepted=st.one_of(st.none(), st.builds(Acceptance, _WORDS.filter(bool), _WORDS.filter(bool), _DATES)),
)


@settings(deadline=None)
@given(answers=st.lists(_ANSWERS, max_size=3, unique_by=lambda one: one.item), level=st.integers(0, 5))
def test_what_is_written_is_read_again(catalogue: Catalogue, answers: list[Answer], level: int) -> None:
    framework = load_framework()
    text = with_changes(
        first_document(framework, "Ours: “all” #1"),
        framework,
        answers,
        [Level("MS-5.2.1", level, 5)],
        {"open-data": True},
    )
    found, problems = read_answers(read_yaml(text.encode(), "a.yaml"), framework, catalogue)
    assert found is not None, problems
    plain = {
        key: (one.status, one.owner, one.comment, one.due, one.evidence, one.controls, one.accepted)
        for key, one in found.answers.items()
    }
    assert plain == {
        one.item: (one.status, one.owner, one.comment, one.due, one.evidence, one.controls, one.accepted)
        for one in answers
    }
    assert (found.levels["MS-5.2.1"].level, found.levels["MS-5.2.1"].target) == (level, 5)
    assert found.use == {"open-data": True}
    assert with_changes(text, framework) == text
