"""The questionnaire on the command line: listed, given out as workbooks, taken back, and never settled silently."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from graphmodel.knowledge.framework import load_framework
from graphmodel.reading.files import write_bytes_atomically
from tests.cli.calls import ASSISTANT, CHEAPEST, printed, run
from tests.workbooks.made import enter

FRAMEWORK = load_framework()
FIRST, SECOND = list(FRAMEWORK.item_by_id)[:2]
REQUIREMENT = next(iter(FRAMEWORK.control_by_id))

SAID = f"""# ours
graphmodel-answers: 1
framework: {FRAMEWORK.id}
name: Inspection
answers:
  {FIRST}: # the first
    status: met
    owner: Ana
    comment: =HYPERLINK("http://x.example")
"""


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A system with answers beside it, and a workbook with all of them."""
    folder = tmp_path_factory.mktemp("given")
    shutil.copy(CHEAPEST, folder / "line.yaml")
    (folder / "line.assessment.yaml").write_text(SAID)
    result = run("questionnaire", str(folder / "line.yaml"), "--to-excel", str(folder / "all.xlsx"))
    assert result.exit_code == 0, result.output
    assert f"for everybody: {len(FRAMEWORK.item_by_id)} items" in result.stdout
    return folder


@pytest.fixture
def folder(given: Path, tmp_path: Path) -> Path:
    for one in given.iterdir():
        if one.is_file():
            shutil.copy(one, tmp_path)
    return tmp_path


def back(folder: Path, name: str, about: str, **entries: Any) -> str:
    data = enter((folder / "all.xlsx").read_bytes(), about, **entries)
    (folder / name).write_bytes(data)
    return str(folder / name)


def take(folder: Path, *arguments: str) -> Any:
    return run("questionnaire", str(folder / "line.yaml"), "--from-excel", *arguments)


def test_it_is_listed_with_what_the_graph_says(given: Path) -> None:
    file = str(given / "line.yaml")
    found = printed("questionnaire", file)
    assert found["answers"] == str(given / "line.assessment.yaml")
    assert found["progress"]["all"]["items"] == len(FRAMEWORK.item_by_id)
    assert found["progress"]["all"]["answered"] == 1
    items = {one["id"]: one for area in found["areas"] for part in area["requirements"] for one in part["items"]}
    assert list(items) == list(FRAMEWORK.item_by_id)
    assert items[FIRST]["answer"]["status"] == "met"
    assert items[FIRST]["owner"] == "Ana"
    assert any(one["graph"] for one in items.values())
    role = FRAMEWORK.item_by_id[SECOND].roles[0]
    text = run("questionnaire", file, "--role", role, "--open").stdout
    assert SECOND in text
    assert f"\n{FIRST} " not in text
    assert "Progress by owner" in text
    assert (
        "nothing belongs to an owner “Anna”. Did you mean Ana?" in run("questionnaire", file, "--owner", "Anna").stderr
    )


def test_one_item_is_shown_whole(given: Path) -> None:
    requirement = FRAMEWORK.control_by_id[FRAMEWORK.item_by_id[FIRST].requirement]
    text = run("questionnaire", str(given / "line.yaml"), "--item", FIRST).stdout
    for one in (requirement.objective, requirement.threat, requirement.impact, *requirement.maturity, "Answer: met"):
        assert one in text
    assert "line.assessment.yaml, answers." in text
    found = printed("questionnaire", str(given / "line.yaml"), "--item", FIRST)
    assert found["item"]["evidence"] == list(FRAMEWORK.item_by_id[FIRST].evidence)
    assert found["requirement"]["maturity"] == list(requirement.maturity)
    assert "there is no item “MS-9”" in run("questionnaire", str(given / "line.yaml"), "--item", "MS-9").stderr


def test_a_first_document_is_written_once(tmp_path: Path) -> None:
    file = tmp_path / "line.yaml"
    shutil.copy(CHEAPEST, file)
    assert run("questionnaire", str(file), "--start").exit_code == 0
    assert f"framework: {FRAMEWORK.id}" in (tmp_path / "line.assessment.yaml").read_text()
    again = run("questionnaire", str(file), "--start")
    assert (again.exit_code, "never written over" in again.stderr) == (2, True)
    elsewhere = tmp_path / "other.yaml"
    assert run("questionnaire", str(file), "--start", "--answers", str(elsewhere)).exit_code == 0
    assert elsewhere.is_file()


def test_workbooks_go_to_everybody_and_are_not_written_over(folder: Path) -> None:
    file, out = str(folder / "line.yaml"), folder / "out"
    found = printed("questionnaire", file, "--to-excel", str(out), "--by", "owner")
    assert [Path(one["file"]).name for one in found["written"]] == ["ana.xlsx", "nobody.xlsx"]
    assert sum(one["items"] for one in found["written"]) == len(FRAMEWORK.item_by_id)
    again = run("questionnaire", file, "--to-excel", str(out), "--by", "owner")
    assert (again.exit_code, "may have been filled in" in again.stderr) == (2, True)
    before = (out / "ana.xlsx").read_bytes()
    assert run("questionnaire", file, "--to-excel", str(out), "--by", "owner", "--force").exit_code == 0
    assert (out / "ana.xlsx").read_bytes() == before
    cell = load_workbook(io.BytesIO(before))["Answers"].cell(2, 15)
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


def test_what_came_back_is_shown_and_only_written_when_asked(folder: Path) -> None:
    ana = back(folder, "ana.xlsx", SECOND, Answer="partly", Due="2027-01-31")
    shown = take(folder, ana)
    assert (shown.exit_code, (folder / "line.assessment.yaml").read_text()) == (0, SAID)
    assert "nothing is written yet; --write" in shown.stdout
    assert take(folder, ana, "--write").exit_code == 0
    text = (folder / "line.assessment.yaml").read_text()
    assert text.startswith("# ours\n")
    assert f"  {FIRST}: # the first\n" in text
    assert f"  {SECOND}:\n    status: partly\n    due: '2027-01-31'\n" in text
    again = json.loads(take(folder, ana, "--json", "--write").stdout)
    assert (again["changes"], again["conflicts"], again["written"]) == ([], [], False)
    assert (folder / "line.assessment.yaml").read_text() == text


def test_conflicts_are_told_with_both_sides_and_never_taken(folder: Path) -> None:
    ana = back(folder, "ana.xlsx", FIRST, Answer="partly")
    ben = back(folder, "ben.xlsx", FIRST, Answer="not met", Comment="no")
    found = take(folder, ana, ben, "--write")
    assert found.exit_code == 1
    for one in (
        f"{FIRST}, status",
        "line.assessment.yaml, answers.",
        f"{ana} Answers!H2: partly",
        f"{ben} Answers!H2:",
    ):
        assert one in found.stdout
    text = (folder / "line.assessment.yaml").read_text()
    assert "status: met" in text
    assert "comment: no\n" in text or "comment: 'no'\n" in text
    assert "without the 1 in conflict" in found.stdout
    later = json.loads(take(folder, ana, "--json").stdout)
    assert later["changes"][0]["after"] == "partly"  # the answers still hold what this workbook was given out with


def test_an_entry_that_is_wrong_takes_nothing(folder: Path) -> None:
    bad = back(folder, "bad.xlsx", SECOND, Answer="perhaps", Owner="Ben")
    good = back(folder, "good.xlsx", REQUIREMENT, Level=2)
    found = take(folder, bad, good, "--write")
    assert found.exit_code == 2
    assert f"{bad} Answers!H3: error: “perhaps” is no answer." in found.stderr
    assert (folder / "line.assessment.yaml").read_text() == SAID
    assert take(folder, good, str(folder / "line.yaml")).exit_code == 2
    assert take(folder, str(folder / "none.xlsx")).exit_code == 2


def test_without_a_document_one_is_made(folder: Path) -> None:
    (folder / "line.assessment.yaml").unlink()
    level = back(folder, "level.xlsx", REQUIREMENT, Level=2)
    result = take(folder, level, "--write")
    assert result.exit_code == 0, result.output
    assert f"  {REQUIREMENT}:\n    level: 2\n" in (folder / "line.assessment.yaml").read_text()


def test_an_answer_of_the_organisation_is_overridden_as_a_whole(folder: Path) -> None:
    (folder / "shared.yaml").write_text(SAID)
    own = f"graphmodel-answers: 1\nframework: {FRAMEWORK.id}\nextends: shared.yaml\n"
    (folder / "line.assessment.yaml").write_text(own)
    emptied = take(folder, back(folder, "none.xlsx", FIRST, Answer=None, Owner=None, Comment=None), "--write")
    assert (emptied.exit_code, "these answers extend others" in emptied.stderr) == (2, True)
    assert (folder / "line.assessment.yaml").read_text() == own
    assert take(folder, back(folder, "ana.xlsx", FIRST, Answer="partly"), "--write").exit_code == 0
    text = (folder / "line.assessment.yaml").read_text()
    assert f"  {FIRST}:\n    status: partly\n    owner: Ana\n" in text
    assert (folder / "shared.yaml").read_text() == SAID


def test_a_workbook_of_another_system_is_told(folder: Path) -> None:
    found = run("questionnaire", ASSISTANT, "--from-excel", back(folder, "a.xlsx", SECOND, Answer="met"))
    assert found.exit_code == 0
    assert "warning: it was made for" in found.stderr


def test_what_was_saved_meanwhile_is_not_written_over(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from graphmodel import workspace

    ana = back(folder, "ana.xlsx", SECOND, Answer="partly")
    real = workspace.on_disk

    def meanwhile(path: Path) -> bytes | None:
        write_bytes_atomically(path, SAID.encode() + b"# somebody else\n")
        return real(path)

    monkeypatch.setattr(workspace, "on_disk", meanwhile)
    found = take(folder, ana, "--write")
    assert (found.exit_code, "was changed meanwhile" in found.stderr) == (2, True)
    assert (folder / "line.assessment.yaml").read_text().endswith("# somebody else\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--write"], "--write belongs to --from-excel"),
        (["--by", "role"], "--by belongs to --to-excel"),
        (["--start", "--item", FIRST], "different things"),
        (["more.xlsx"], "one file too many"),
        (["--role", "ai-enginer"], "Did you mean ai-engineer?"),
        (["--to-excel", "out"], "does not end in .xlsx"),
        (["--answers", "none.yaml"], "no such file"),
    ],
)
def test_calls_that_cannot_be_meant(arguments: list[str], said: str) -> None:
    found = run("questionnaire", CHEAPEST, *arguments)
    assert (found.exit_code, said in found.stderr) == (2, True), found.output


def test_the_schema_of_answers_is_printed() -> None:
    result = run("schema", "--answers")
    assert "graphmodel-answers" in json.loads(result.stdout)["properties"]
