"""Answers survive: writers that are killed, two at once, damaged files, and other editions of the framework."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from graphmodel import workspace
from graphmodel.answering import open_answers
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.posture.answers import Answer, AnswerStatus, Level
from graphmodel.reading import locks
from graphmodel.reading.locks import only_writer
from graphmodel.ui.answers import Change, Refused, Saved, save
from graphmodel.workspace import ChangedOnDiskError, open_model, save_text
from tests.cli.calls import run
from tests.conftest import ROOT
from tests.posture.systems import ANSWERS, SYSTEM, answered
from tests.thorough import cases, tries_more

FIRST = "MS-5.4.1.g1"
MET = Change(answer=Answer(FIRST, AnswerStatus.MET, owner="Ada"))


@tries_more
@pytest.mark.skipif(sys.platform == "win32", reason="writers are forked")
def test_no_answer_that_was_saved_is_lost_however_often_writers_are_killed(tmp_path: Path) -> None:
    path, kills = tmp_path / "desk.assessment.yaml", cases(100, 1_000)
    done = subprocess.run(
        [sys.executable, "-m", "tests.ui.killed", str(path), str(kills), "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{kills} kills, ")
    assert int(done.stdout.split()[2]) > kills // 10  # and they were at work when they were killed


def test_who_looks_at_a_file_before_writing_is_not_overtaken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, second_done, outcomes = tmp_path / "a.yaml", threading.Event(), []
    path.write_text("old")
    write = workspace.write_atomically

    def slowly(target: Path, text: str) -> None:
        # The second writer has all the time to come between, if it may.
        if text == "first":
            other.start()
            second_done.wait(0.2)
        write(target, text)

    def second() -> None:
        try:
            save_text(path, "second", b"old")
        except ChangedOnDiskError:
            outcomes.append("told")
        second_done.set()

    other = threading.Thread(target=second)
    monkeypatch.setattr(workspace, "write_atomically", slowly)
    save_text(path, "first", b"old")
    other.join()
    assert (path.read_text(), outcomes) == ("first", ["told"])


def test_who_never_stops_writing_is_told_and_not_waited_for(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "_PATIENCE", 0.05)
    _, mine = answered(tmp_path)
    path = tmp_path / "desk.assessment.yaml"
    with only_writer(tmp_path):
        found = save(mine, path, MET, catalogue)
    assert isinstance(found, Refused) and "cannot be written" in found.message
    assert path.read_text() == ANSWERS
    assert isinstance(save(mine, path, MET, catalogue), Saved)


DAMAGED = {
    "half of it": (ANSWERS + "answers: {MS-5.4.1.g1: {sta").encode(),
    "nothing": b"",
    "zeros": b"\0" * 400,
    "no text": b"\xff\xfe\x00bad",
    "another document": SYSTEM.encode(),
    "a newer format": b"graphmodel-answers: 2\nnew: {}\n",
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_told_and_never_written_over(data: bytes, tmp_path: Path, catalogue: Catalogue) -> None:
    _, mine = answered(tmp_path)
    system, path = str(tmp_path / "desk.yaml"), tmp_path / "desk.assessment.yaml"
    path.write_bytes(data)
    said = run("questionnaire", system)
    assert said.exit_code == 2
    assert "desk.assessment.yaml" in said.stderr and "cannot be used" in said.stderr
    assert run("questionnaire", system, "--start").exit_code == 2
    assert run("posture", system).exit_code == 2
    assert not open_model(tmp_path / "desk.yaml").with_answers_of(path).answered.usable  # type: ignore[union-attr]
    found = save(mine, path, MET, catalogue)
    assert isinstance(found, Refused) and "has errors now" in found.message
    assert path.read_bytes() == data
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


def test_a_newer_format_says_what_to_install(tmp_path: Path, catalogue: Catalogue) -> None:
    answered(tmp_path)
    path = tmp_path / "desk.assessment.yaml"
    path.write_bytes(DAMAGED["a newer format"])
    (wrong,) = open_answers(path, catalogue).problems
    assert "of a newer graphmodel" in wrong.message and "Install a newer" in wrong.fix


@pytest.mark.parametrize("edition", ["microsoft-ai-security-risk-assessment-2019", "an-edition-of-2031"])
def test_answers_of_another_edition_are_kept_told_and_lost_by_no_save(
    edition: str, tmp_path: Path, catalogue: Catalogue
) -> None:
    text = f"""\
graphmodel-answers: 1
framework: {edition}
use: {{flies: true}}
maturity:
  MS-9.9: {{level: 3, owner: Bo}}  # of that edition
answers:
  MS-9.9.g1: {{status: met, comment: "kept as it is", evidence: [{{reference: WIKI-1}}]}}
  {FIRST}: {{status: partly}}
"""
    _, mine = answered(tmp_path, text)
    path = tmp_path / "desk.assessment.yaml"
    assert {one.path for one in mine.problems} == {"framework", "maturity.MS-9.9", "answers.MS-9.9.g1", "use.flies"}
    assert {one.level for one in mine.problems} == {"note", "warning"}
    for change in (MET, Change(level=Level("MS-5.4.1", 2)), Change(fact=("open-data", True))):
        found = save(open_answers(path, catalogue), path, change, catalogue)
        assert isinstance(found, Saved), found
    now = open_answers(path, catalogue).given
    assert (now.framework, now.use) == (edition, {"flies": True, "open-data": True})
    assert now.answers["MS-9.9.g1"].comment == "kept as it is"
    assert now.answers["MS-9.9.g1"].evidence[0].reference == "WIKI-1"
    assert (now.levels["MS-9.9"].level, now.levels["MS-9.9"].owner, now.levels["MS-5.4.1"].level) == (3, "Bo", 2)
    assert now.answers[FIRST].owner == "Ada"
    assert "# of that edition" in path.read_text()
    said = run("questionnaire", str(tmp_path / "desk.yaml"))
    assert said.exit_code == 0
