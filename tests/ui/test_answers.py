"""Answers saved one at a time, beside others who write the same document."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from graphmodel.answering import open_answers
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.posture.answers import Answer, AnswerStatus, Level, Proof
from graphmodel.ui.answers import Change, Conflict, Refused, Saved, reread, save
from graphmodel.ui.work import opened
from graphmodel.workspace import examples_directory, model_from_bytes, open_model
from tests.posture.systems import ANSWERS, SYSTEM, answered

FIRST, SECOND = "MS-5.4.1.g1", "MS-5.4.1.g2"


def met(item: str, **more: str) -> Change:
    return Change(answer=Answer(item, AnswerStatus.MET, **more))


def test_the_first_answer_begins_a_document_and_the_next_keeps_what_is_in_it(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    path = tmp_path / "desk.assessment.yaml"
    first = save(open_answers(None, catalogue), path, met(FIRST, owner="Ada"), catalogue, "Help desk")
    assert isinstance(first, Saved) and not first.merged
    path.write_text(path.read_text() + "# kept\n")
    for change in (
        Change(answer=Answer(SECOND, AnswerStatus.PARTLY, evidence=(Proof("minutes", "2026-01-02"),))),
        Change(level=Level("MS-5.4.1", 2)),
        Change(fact=("open-data", True)),
        Change(profile="agents"),
    ):
        found = save(open_answers(path, catalogue), path, change, catalogue)
        assert isinstance(found, Saved), found
    text, given = path.read_text(), open_answers(path, catalogue).given
    assert "# kept" in text and "name: Help desk" in text
    assert given.answers[FIRST].owner == "Ada"
    assert given.answers[SECOND].evidence == (Proof("minutes", "2026-01-02"),)
    assert (given.levels["MS-5.4.1"].level, given.use, given.profile) == (2, {"open-data": True}, "agents")


def test_two_writers_of_different_answers_both_keep_theirs(tmp_path: Path, catalogue: Catalogue) -> None:
    _, mine = answered(tmp_path)
    path = tmp_path / "desk.assessment.yaml"
    assert isinstance(save(mine, path, met(FIRST, owner="Ada"), catalogue), Saved)
    found = save(mine, path, met(SECOND, owner="Bo"), catalogue)
    assert isinstance(found, Saved) and found.merged
    given = open_answers(path, catalogue).given.answers
    assert (given[FIRST].owner, given[SECOND].owner) == ("Ada", "Bo")
    again = reread(mine, path, catalogue)
    assert again is not None and set(again.given.answers) == {FIRST, SECOND}
    assert reread(again, path, catalogue) is None


def test_two_writers_of_one_answer_never_write_over_each_other_unseen(tmp_path: Path, catalogue: Catalogue) -> None:
    _, mine = answered(tmp_path)
    path = tmp_path / "desk.assessment.yaml"
    assert isinstance(save(mine, path, met(FIRST, owner="Ada"), catalogue), Saved)
    before = path.read_bytes()
    found = save(mine, path, met(FIRST, owner="Bo"), catalogue)
    assert isinstance(found, Conflict)
    assert path.read_bytes() == before
    theirs = found.change.before(found.answered.own)
    assert isinstance(theirs, Answer) and theirs.owner == "Ada"
    assert isinstance(save(found.answered, path, found.change, catalogue), Saved)
    assert open_answers(path, catalogue).given.answers[FIRST].owner == "Bo"


def test_a_file_that_is_gone_is_begun_anew_only_for_what_was_not_in_it(tmp_path: Path, catalogue: Catalogue) -> None:
    _, mine = answered(tmp_path, ANSWERS + f"answers: {{{FIRST}: {{status: met}}}}\n")
    path = tmp_path / "desk.assessment.yaml"
    path.unlink()
    assert isinstance(save(mine, path, met(FIRST, owner="Bo"), catalogue), Conflict)
    assert not path.exists()
    assert isinstance(save(mine, path, met(SECOND), catalogue), Saved)
    assert set(open_answers(path, catalogue).given.answers) == {SECOND}


@pytest.mark.parametrize("wrong", [Answer(FIRST, AnswerStatus.NOT_APPLICABLE), Answer(FIRST, owner="x" * 400)])
def test_what_could_not_be_read_again_is_not_written(tmp_path: Path, catalogue: Catalogue, wrong: Answer) -> None:
    _, mine = answered(tmp_path)
    path = tmp_path / "desk.assessment.yaml"
    before = path.read_bytes()
    found = save(mine, path, Change(answer=wrong), catalogue)
    assert isinstance(found, Refused) and found.message
    assert path.read_bytes() == before


def test_a_document_that_others_broke_is_left_as_it_is(tmp_path: Path, catalogue: Catalogue) -> None:
    _, mine = answered(tmp_path)
    path = tmp_path / "desk.assessment.yaml"
    path.write_text("graphmodel-answers: 7\n")
    found = save(mine, path, met(FIRST), catalogue)
    assert isinstance(found, Refused) and "errors" in found.message
    assert path.read_text() == "graphmodel-answers: 7\n"


def test_the_ends_of_lines_stay_those_of_the_file(tmp_path: Path, catalogue: Catalogue) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(ANSWERS.replace("\n", "\r\n").encode())
    assert isinstance(save(open_answers(path, catalogue), path, met(FIRST, reason="a\nb"), catalogue), Saved)
    data = path.read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n") > 4


def test_answers_go_beside_a_users_file_and_nowhere_else(tmp_path: Path) -> None:
    model, found = answered(tmp_path)
    assert opened(model)[0].answers_target == found.path == tmp_path / "desk.assessment.yaml"
    (tmp_path / "desk.assessment.yaml").rename(tmp_path / "assessment.yaml")
    assert opened(open_model(tmp_path / "desk.yaml"))[0].answers_target == tmp_path / "assessment.yaml"
    (tmp_path / "assessment.yaml").unlink()
    assert opened(open_model(tmp_path / "desk.yaml"))[0].answers_target == tmp_path / "desk.assessment.yaml"
    for example in examples_directory().glob("*.yaml"):
        assert opened(open_model(example))[0].answers_target is None, example
    assert opened(model_from_bytes(SYSTEM.encode(), "desk.yaml"))[0].answers_target is None


def test_only_an_answer_that_puts_a_control_somewhere_asks_for_another_assessment(tmp_path: Path) -> None:
    claim = "controls: [{control: input-guardrail, on: [bot]}]"
    first, found = answered(tmp_path, f"{ANSWERS}answers:\n  GEN-1.g1: {{status: met, {claim}}}\n")
    said = replace(found.given, answers={**found.given.answers, FIRST: Answer(FIRST, AnswerStatus.MET)})
    more = first.with_answers(replace(found, own=said, answers=said))
    assert more.digest != first.digest
    assert more.assessed_digest == first.assessed_digest
    moved, _ = answered(tmp_path, f"{ANSWERS}# a line\nanswers:\n  GEN-1.g1: {{status: met, {claim}}}\n")
    assert moved.assessed_digest == first.assessed_digest
    partly, _ = answered(tmp_path, f"{ANSWERS}answers:\n  GEN-1.g1: {{status: partly, {claim}}}\n")
    assert partly.assessed_digest != first.assessed_digest
